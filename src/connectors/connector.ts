/**
 * The ports: what the rest of the product may know about the outside world. Types only. The composition
 * root chooses the implementation; operations and workers see nothing but this file.
 */

/** A person or a mailbox as it is shown in a header. `address` must pass `parseAddress`. */
export type MailIdentity = { name: string; address: string };

/**
 * What the law wants under a commercial message (CAN-SPAM section 5(a)(5): a valid physical postal address
 * and a working way out). Appended to both parts of the message by the connector, so no draft can lose it.
 */
export type MailFooter = { sender_name: string; postal_address: string; unsubscribe_url: string };

/** One message to one recipient. Nothing in it is trusted: every field is checked before a byte leaves. */
export type OutboundMail = {
  /** With angle brackets, made by the caller: the same touch keeps the same id over every try. */
  message_id: string;
  from: MailIdentity;
  to: { name?: string; address: string };
  subject: string;
  /** Plain text. The HTML part is made from it. */
  text: string;
  /** Message-IDs with angle brackets (RFC 5322 section 3.6.4). */
  in_reply_to?: string;
  references?: string[];
  /** The one-click address (RFC 8058): exactly one http or https URI. */
  list_unsubscribe_url: string;
  /** `null` has to be said: only a transactional message may go without. */
  footer: MailFooter | null;
  /** The Date header. */
  date: Date;
  /** Further headers. Names that the connector writes itself are refused. */
  headers?: Record<string, string>;
  /** Signs the message. Without it, signing is left to the server. */
  dkim?: DkimKey;
  /** The server that takes the message; without it, the sender's own. */
  connection?: MailConnection;
};

/**
 * A mail server of one mailbox. It may be wherever an admin says; nobody is followed from there to another. `auth` is never to be
 * logged. `tls` is from the first byte, `starttls` an upgrade without which nothing is said.
 */
export type MailConnection = {
  host: string;
  port: number;
  security: 'tls' | 'starttls' | 'none';
  auth: { user: string; pass: string } | null;
};

/** A DKIM key (RFC 6376). `private_key` is RSA, in PEM form: never to be logged. */
export type DkimKey = { domain: string; selector: string; private_key: string };

/**
 * What became of one message. Exactly one of these, and only `unknown` leaves a doubt:
 * - `sent`: the server took responsibility (2xx after the final dot), even if the line broke after that.
 * - `rejected`: a 5xx. `scope` says whom it is about: the recipient's address, the sending mailbox (also a
 *   refused login), or this message; `stage` how far the dialogue had come.
 * - `deferred`: a 4xx, or no connection, or no reply (or none that makes sense) while no `354` had been
 *   seen. Nothing was delivered; trying again is safe. `unreachable`: not even a session came about, so it
 *   says nothing about this message, and the others would fare no better.
 * - `canceled`: `beforeData` said no. Nothing was delivered.
 * - `unknown`: a `354` was seen and no final reply. It may have been delivered: never resend by machine.
 *
 * `response` is the server's own text, or ours in plain English when there was none: printable, one line
 * per reply line, at most 1,000 characters.
 */
export type SendOutcome =
  | { kind: 'sent'; response: string }
  | {
      kind: 'rejected';
      smtp_code: number;
      enhanced_code?: string;
      response: string;
      scope: RejectionScope;
      stage?: SmtpStage;
    }
  | { kind: 'deferred'; smtp_code?: number; response: string; unreachable?: true }
  | { kind: 'canceled' }
  | { kind: 'unknown'; response: string };

export type RejectionScope = 'recipient' | 'sender' | 'message';

/** How far the dialogue had come when a reply arrived. `open` is everything up to the login. */
export type SmtpStage = 'open' | 'mail' | 'rcpt' | 'data' | 'body';

export type SendHooks = {
  /**
   * Asked once, after the server accepted the recipient and before DATA is written: the last moment at
   * which the message can be held back. `false` ends the session; a throw ends it and comes out of `send`.
   */
  beforeData?: () => Promise<boolean>;
};

export type MailSender = {
  /**
   * Hands one message to the server. Calls run one after the other. It never tries twice past MAIL.
   * Throws only before DATA was written, so a throw always means that nothing was delivered: an `AppError`
   * (`mail_address_invalid`, `mail_header_invalid`, `mail_footer_missing`, `dkim_key_invalid`) for a message that must not leave, or what `beforeData`
   * threw.
   */
  send(message: OutboundMail, hooks?: SendHooks): Promise<SendOutcome>;
  /**
   * Connects, upgrades and logs in, and leaves. Throws an `AppError`: `mailbox_refused` if the server said
   * no (5xx), `mailbox_unreachable` for everything that may pass. `connection`: that server instead of the sender's own.
   */
  verify(connection?: MailConnection): Promise<void>;
  /** Waits for the calls already made, then leaves politely. A later `send` is deferred. */
  close(): Promise<void>;
};

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
   * `mailbox_unreachable` for everything that may pass.
   */
  verify(folder?: MailFolder): Promise<void>;
};

/** A message in the embedded catcher, parsed. `html` is what the sender wrote: never show it unsandboxed. */
export type CaughtMail = {
  /** Also the cursor: a positive decimal number that grows with every message. */
  id: string;
  /** ISO 8601, by the product's clock. */
  received_at: string;
  envelope: { from: string; to: string[] };
  message_id: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
  headers: { name: string; value: string }[];
  /** The source as received. */
  raw: string;
};

export type MailCatcher = {
  readonly port: number;
  /** As an `SMTP_URL`. */
  readonly url: string;
  /** All messages ever caught in this directory, also those no longer kept in memory. */
  readonly message_count: number;
  /** Newest first. `limit` is 1 to 200 (default 50); `cursor` is the `next_cursor` of the page before. */
  messages(page?: {
    limit?: number;
    cursor?: string;
  }): Promise<{ items: CaughtMail[]; next_cursor: string | null }>;
  close(): Promise<void>;
};

/** What one sign-in at an identity provider began with. The browser that began it keeps it, sealed. */
export type OpenIdFlow = { state: string; nonce: string; code_verifier: string };

/** Says who someone is, by OpenID Connect. */
export type OpenIdProvider = {
  /** Where to send the browser. Throws `sso_unavailable`. */
  begin(redirect_uri: string): Promise<{ url: string; flow: OpenIdFlow }>;
  /**
   * Who came back, by an address that the provider vouches for. `callback_url` is the redirect URI with what the provider
   * added. Throws `sso_unavailable`, `sso_refused`, `sso_email_unverified`.
   */
  finish(callback_url: URL, flow: OpenIdFlow): Promise<{ email: string }>;
};

/** Says whom an access token of the identity provider speaks for. */
export type AccessTokens = {
  /**
   * By an address that the provider vouches for in the token. Null for a token that is not its own, not for this audience,
   * over, or wrong in any other way: all look alike. Throws `sso_unavailable`.
   */
  verify(
    token: string,
    audience: string,
  ): Promise<{ id: string; email: string; scopes: readonly string[] } | null>;
};

/** Reads DNS. */
export type TextRecords = {
  /**
   * The TXT records of a name, each joined from its parts; none where the name or the records do not exist. Throws
   * `dns_unanswered` (503) where nobody says so.
   */
  txt(name: string): Promise<string[]>;
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
  from: MailIdentity;
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

/** Why a message was not read: it is larger, or made of more, than any message that a person or server writes. */
export type InboundFault = {
  fault: 'too_large' | 'too_many_parts' | 'too_deep' | 'headers_too_large' | 'too_complex';
};
