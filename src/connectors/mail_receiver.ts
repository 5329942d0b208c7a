/** The port of a mailbox that is read. Types only. */

/** A place in a folder, as IMAP counts (RFC 3501 section 2.3.1.1): UIDs hold for one `uid_validity` only. */
export type MailCursor = { uid_validity: number; last_uid: number };

/** A message as it lies in a folder. Nothing in it is trusted, not even its headers. */
export type ReceivedMail = {
  folder: MailFolder;
  uid_validity: number;
  uid: number;
  /** When the server took it in, by the server's clock; null where it says nothing that can be read. */
  internal_date: Date | null;
  /** As the server says. */
  size_bytes: number;
  /** The source, byte by byte. With `too_big` the beginning of the header only, with `unreadable` nothing. */
  raw: Buffer;
  /**
   * `too_big`: over 25 MiB. `unreadable`: the server lists it and refused three times to hand it over; a person
   * should look at it in the mailbox.
   */
  fault: 'too_big' | 'unreadable' | null;
};

/** `junk` is the folder that the server, or its name, says is for spam: replies land there too. */
export type MailFolder = 'inbox' | 'junk';

/**
 * How a mailbox is entered. `access_token` is an OAuth 2.0 token, shown by OAUTHBEARER (RFC 7628) or XOAUTH2,
 * whichever the server has.
 */
export type MailCredentials = { user: string; password: string } | { user: string; access_token: string };

/** `refused`: the server did not take the access token that was given just now, so another one is wanted. */
export type AskedCredentials = { refused: boolean; refused_token: string | null };

export type ReceiveOptions = {
  folder: MailFolder;
  /**
   * Where to begin, asked at every opening of a session: the cursor as it is stored now, or null at the very
   * first time. `since` counts for that first time and for a folder whose UIDVALIDITY is another one than the
   * cursor's: then all that the server took in since that day, or the day before, is handed on, again if need be.
   */
  position(): Promise<{ cursor: MailCursor | null; since: Date }>;
  /**
   * Takes one message. Once it resolves, the message is the caller's: store it and the cursor
   * `{ uid_validity, last_uid: uid }` in one transaction. The next one comes after that, with a higher UID.
   */
  onMessage(message: ReceivedMail): Promise<void>;
  /**
   * All up to here was handed on and stored, without a message of its own to say so: after a beginning by
   * `since`. Store it as the cursor.
   */
  onCursor(cursor: MailCursor): Promise<void>;
  /** Told what goes on, for whoever watches over mailboxes. Must not throw. */
  onState?(state: ReceiverState): void;
  /** Ends it: after the message under way, without waiting for anything else. */
  signal: AbortSignal;
};

/**
 * - `watching`: read up to the end; `by` says whether the server tells of new messages (`idle`, RFC 2177) or is
 *   asked at intervals (`poll`).
 * - `lost`: no session for now; it is tried again in `wait_ms`. `attempts` counts those that failed in a row.
 */
export type ReceiverState =
  | { kind: 'watching'; by: 'idle' | 'poll' }
  | { kind: 'lost'; why: string; attempts: number; wait_ms: number };

/**
 * Why it ended. `refused` and `no_folder` do not pass by themselves: a person has to look, and until then it
 * must not be begun again.
 */
export type ReceiveEnd =
  | { kind: 'stopped' }
  | { kind: 'refused'; response: string }
  | { kind: 'no_folder'; response: string };

export type MailReceiver = {
  /**
   * Hands on every message that arrives in the folder, at least once and in the order of UIDs, until `signal`
   * or until a person has to look. Lost sessions are opened again, with growing waits, and go on behind the stored cursor;
   * so what `onMessage` has stored comes once more only where its cursor was not stored with it, or where the
   * server gave the folder a new UIDVALIDITY. The caller knows those by their bytes.
   *
   * Reads only: nothing is marked as seen, moved or deleted. Throws what `position`, `onMessage` or `onCursor`
   * threw, once the session is closed.
   */
  receive(options: ReceiveOptions): Promise<ReceiveEnd>;
  /**
   * Logs in, opens the folder and leaves. Throws an `AppError`: `mailbox_refused` if the server said no,
   * `mail_folder_missing` if it has no such folder, `mailbox_unreachable` for everything that may pass.
   */
  verify(folder?: MailFolder): Promise<void>;
};
