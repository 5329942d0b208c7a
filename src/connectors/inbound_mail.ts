/** The ports for what comes back: how it is received, and what is read from its bytes. Types only, part of connector.ts. */

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

/**
 * A message that came in, read and bounded. All of it is what the sender wrote: text to be shown as text, addresses and ids
 * that prove nothing. Strings have no control characters but line breaks and tabs; lists are short; files are named only.
 */
export type InboundMail = {
  /** With angle brackets; null if there is no well-formed one. */
  message_id: string | null;
  in_reply_to: string | null;
  /** At most 100, oldest first, well-formed ones only. */
  references: string[];
  /** `address` is as written, lower-cased, and may be a bare word such as `mailer-daemon`, or empty. */
  from: { name: string; address: string };
  to: string[];
  /** Delivered-To, X-Original-To and their like: whose mailbox it reached. */
  delivered_to: string[];
  /** RFC 3339 with the sender's own offset, so that its first ten characters are the sender's day. */
  date: string | null;
  subject: string;
  /** At most 200,000 characters. From text/plain, else made from the HTML: `> ` for each level of blockquote. */
  text: string;
  /** http and https addresses in text and HTML, at most 100, in order. */
  links: string[];
  content_type: { type: string; report_type: string | null };
  headers: InboundHeaders;
  /** RFC 3464; null if the message brought no such part of its own. */
  delivery_status: DeliveryStatus[] | null;
  /** RFC 5965; null likewise. */
  feedback: FeedbackReport | null;
  /** What a report says of the message that it is about. */
  returned: ReturnedMessage | null;
  /** At most 200 names; a file without one is `unnamed`. */
  attachments: string[];
};

/** Header values as written, unfolded, decoded and cut to 1,000 characters; null where there is none. */
export type InboundHeaders = {
  auto_submitted: string | null;
  precedence: string | null;
  x_autoreply: string | null;
  x_autorespond: string | null;
  x_auto_response_suppress: string | null;
  /** Exchange names what made a message by itself: `Mailbox Rules Agent`. */
  x_generated_message_source: string | null;
  /** `<>` says that nobody waits for an answer. */
  return_path: string | null;
  list_id: string | null;
  list_unsubscribe: string | null;
  x_failed_recipients: string | null;
  /** Outlook.com names there whom a complaint of its own form is from. */
  x_hmxmroriginalrecipient: string | null;
};

/** One recipient of RFC 3464 section 2.3. Addresses without their type, action and status in lower case. */
export type DeliveryStatus = {
  action: string;
  status: string;
  diagnostic_code: string;
  final_recipient: string | null;
  original_recipient: string | null;
};

export type FeedbackReport = {
  feedback_type: string;
  original_mail_from: string | null;
  original_rcpt_to: string[];
};

/** `x_headers` has the lower-cased names, at most 30. */
export type ReturnedMessage = {
  message_id: string | null;
  to: string[];
  subject: string;
  list_unsubscribe: string | null;
  x_headers: Record<string, string>;
};

/** Reads a message from its bytes. Never throws. */
export type MailReader = (bytes: Uint8Array) => InboundMail | InboundFault;

/** Why a message was not read: it is larger, or made of more, than any message that a person or server writes. */
export type InboundFault = {
  fault: 'too_large' | 'too_many_parts' | 'too_deep' | 'headers_too_large' | 'too_complex';
};
