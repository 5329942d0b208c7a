/** The port for reading a mailbox. Types only. */

/** A place in a folder, as IMAP counts (RFC 3501 section 2.3.1.1): UIDs hold for one `uid_validity` only. */
export type MailCursor = { uid_validity: number; last_uid: number };

/** A message as stored in a folder. Nothing in it is trusted, not even its headers. */
export type ReceivedMail = {
  folder: MailFolder;
  uid_validity: number;
  uid: number;
  /** When the server received it, by the server's clock; null if unreadable. */
  internal_date: Date | null;
  /** As reported by the server. */
  size_bytes: number;
  /** The source bytes. With `too_big` only the start of the header; with `unreadable` nothing. */
  raw: Buffer;
  /**
   * `too_big`: over 25 MiB. `unreadable`: the server lists it but refused three times to return it; a person should look at
   * the mailbox.
   */
  fault: 'too_big' | 'unreadable' | null;
};

/** `junk` is the spam folder, by its attribute or name: replies land there too. */
export type MailFolder = 'inbox' | 'junk';

/** `refused`: the server did not accept the last access token, so a new one is needed. */
export type AskedCredentials = { refused: boolean; refused_token: string | null };

export type ReceiveOptions = {
  folder: MailFolder;
  /**
   * The starting point, requested whenever a session opens: the stored cursor, or null the first time. `since` applies then
   * and whenever the folder's UIDVALIDITY differs from the cursor's: all messages received since that day, or the day
   * before, are delivered, repeatedly if necessary.
   */
  position(): Promise<{ cursor: MailCursor | null; since: Date }>;
  /**
   * Takes one message. Once it resolves, the caller owns the message: store it and the cursor `{ uid_validity, last_uid:
   * uid }` in one transaction. The next message follows after that, with a higher UID.
   */
  onMessage(message: ReceivedMail): Promise<void>;
  /** Everything up to here has been delivered and stored, after a start by `since`. Store it as the cursor. */
  onCursor(cursor: MailCursor): Promise<void>;
  /** Reports the state to monitoring. Must not throw. */
  onState?(state: ReceiverState): void;
  /** Ends it after the current message, without waiting for anything else. */
  signal: AbortSignal;
};

/**
 * - `watching`: read to the end; `by` says whether the server reports new messages (`idle`, RFC 2177) or is polled
 *   (`poll`).
 * - `lost`: no session; the next attempt is in `wait_ms`. `attempts` counts failures in a row.
 */
export type ReceiverState =
  | { kind: 'watching'; by: 'idle' | 'poll' }
  | { kind: 'lost'; why: string; attempts: number; wait_ms: number };

/** Why it ended. `refused` and `no_folder` require a person; do not restart before. */
export type ReceiveEnd =
  | { kind: 'stopped' }
  | { kind: 'refused'; response: string }
  | { kind: 'no_folder'; response: string };

export type MailReceiver = {
  /**
   * Delivers every message of the folder at least once, in the order of UIDs, until `signal` or until a person must look.
   * Lost sessions reopen with growing waits and continue after the stored cursor; a stored message repeats only if its
   * cursor was not stored with it, or if the server changed the folder's UIDVALIDITY. The caller recognizes repeats by
   * their bytes.
   *
   * Read-only: nothing is marked as seen, moved, or deleted. Throws what `position`, `onMessage`, or `onCursor` threw, once
   * the session is closed.
   */
  receive(options: ReceiveOptions): Promise<ReceiveEnd>;
  /**
   * Logs in, opens the folder, and disconnects. Throws an `AppError`: `mailbox_refused` if the server refused,
   * `mail_folder_missing` if it has no such folder, `mailbox_unreachable` for temporary failures.
   */
  verify(folder?: MailFolder): Promise<void>;
};
