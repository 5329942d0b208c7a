/**
 * The ports: everything the rest of the product knows about the outside world. Types only. The composition root chooses the
 * implementation; operations and workers see only this file.
 */

import type { MailConnection, OutboundMail } from '../mail/messages.ts';

/**
 * The outcome of one message. Exactly one of these; only `unknown` is uncertain:
 * - `sent`: the server took responsibility (2xx after the final dot), even if the connection dropped after that.
 * - `rejected`: a 5xx. `scope` names its subject: the recipient's address, the mailbox (also a refused login), or this
 *   message; `stage` says how far the dialogue was.
 * - `deferred`: a 4xx, no connection, or no (sensible) reply before a `354`. Nothing was delivered; a retry is safe.
 *   `unreachable`: no session opened, so this says nothing about the message, and other messages would fail too.
 * - `canceled`: `beforeData` returned false. Nothing was delivered.
 * - `invalid`: the message cannot be built, so no server was contacted. `cause` says what needs correction: this message,
 *   or settings of the mailbox or organization. Senders never return it; the worker derives it from what `send` threw.
 * - `unknown`: a `354` without a final reply. It may have been delivered: never resend automatically.
 *
 * `response` is the server's text, or ours in plain English if there was none: printable, one line per reply line, at most
 * 1,000 characters.
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
  | { kind: 'invalid'; cause: InvalidCause; response: string }
  | { kind: 'unknown'; response: string };

export type InvalidCause = 'message' | 'mailbox' | 'organization';

export type RejectionScope = 'recipient' | 'sender' | 'message';

/** The stage of the dialogue when a reply arrived. `open` is everything up to the login. */
export type SmtpStage = 'open' | 'mail' | 'rcpt' | 'data' | 'body';

export type SendHooks = {
  /**
   * Called once, after the server accepted the recipient and before DATA is written: the last moment to hold the message
   * back. `false` ends the session; a throw ends it and is thrown by `send`.
   */
  beforeData?: () => Promise<boolean>;
};

export type MailSender = {
  /**
   * Delivers one message to the server. Calls run one after the other. It never retries past MAIL. It throws only before
   * DATA is written, so a throw means that nothing was delivered: an `AppError` (`mail_address_invalid`,
   * `mail_header_invalid`, `mail_footer_missing`, `dkim_key_invalid`) for a message that must not be sent, or what
   * `beforeData` threw.
   */
  send(message: OutboundMail, hooks?: SendHooks): Promise<SendOutcome>;
  /**
   * Connects, upgrades, logs in, and disconnects. Throws an `AppError`: `mailbox_refused` if the server refused (5xx),
   * `mailbox_unreachable` for temporary failures. `connection` replaces the sender's own server.
   */
  verify(connection?: MailConnection): Promise<void>;
  /** Finishes earlier calls, then quits. A later `send` is deferred. */
  close(): Promise<void>;
};

/** A message in the embedded catcher, parsed. `html` is what the sender wrote: never show it unsandboxed. */
export type CaughtMail = {
  /** Also the cursor: a positive decimal number that grows with each message. */
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

/** The data that links a caught message to its organization. */
export type CaughtOrigin = {
  message_id: string;
  /** The URI of List-Unsubscribe; null without one. */
  unsubscribe_url: string | null;
};

export type MailCatcher = {
  readonly port: number;
  /** As an `SMTP_URL`. */
  readonly url: string;
  /** All messages ever caught in this directory, also those no longer kept in memory. */
  readonly message_count: number;
  /**
   * Newest first. `limit` is 1 to 200 (default 50); `cursor` is the `next_cursor` of the previous page. `isShown` filters.
   */
  messages(page?: {
    limit?: number;
    cursor?: string;
    isShown?: (caught: CaughtOrigin) => boolean;
  }): Promise<{ items: CaughtMail[]; next_cursor: string | null }>;
  /**
   * Erases the messages that `isErased` selects from memory and from the journal on disk, and returns their count. If the
   * journal cannot be written, it throws and changes nothing.
   */
  erase(isErased: (caught: CaughtOrigin & { addresses: readonly string[] }) => boolean): Promise<number>;
  close(): Promise<void>;
};

/** The start of one sign-in at an identity provider. The browser keeps it, sealed. */
export type OpenIdFlow = { state: string; nonce: string; code_verifier: string };

/** Identifies users by OpenID Connect. */
export type OpenIdProvider = {
  /** The address to redirect the browser to. Throws `sso_unavailable`. */
  begin(redirect_uri: string): Promise<{ url: string; flow: OpenIdFlow }>;
  /**
   * The signed-in user, by an address that the provider has verified. `callback_url` is the redirect URI with the
   * provider's parameters. Throws `sso_unavailable`, `sso_refused`, `sso_email_unverified`.
   */
  finish(callback_url: URL, flow: OpenIdFlow): Promise<{ email: string }>;
};

/** Identifies the user of an identity provider's access token. */
export type AccessTokens = {
  /**
   * By an address that the provider has verified, from the token. Null for a token that is foreign, for another audience,
   * expired, or otherwise invalid: all look alike. Throws `sso_unavailable`.
   */
  verify(
    token: string,
    audience: string,
  ): Promise<{ id: string; email: string; scopes: readonly string[] } | null>;
};

export type WebhookRequest = { url: string; headers: Readonly<Record<string, string>>; body: string };

/**
 * The receiver's answer: any status; or `refused`, since the URL or an address of its name is not allowed; or no answer in
 * time. `why` is a stable word.
 */
export type WebhookAnswer =
  | { kind: 'answered'; status: number }
  | { kind: 'refused'; why: string }
  | { kind: 'failed'; why: string };

/** Posts to receivers that others chose. Never throws; an exchange ends within 15 s. */
export type WebhookSender = {
  /** Whether receivers on this machine are allowed. */
  allow_local: boolean;
  post(request: WebhookRequest): Promise<WebhookAnswer>;
  close(): Promise<void>;
};

/** Reads DNS. Empty if the name or the records do not exist; throws `dns_unanswered` (503) without an answer. */
export type DnsRecords = {
  /** The TXT records of a name, each joined from its parts. */
  txt(name: string): Promise<string[]>;
  /** IPv4 addresses. */
  a(name: string): Promise<string[]>;
  /** IPv6 addresses. */
  aaaa(name: string): Promise<string[]>;
  /** The domain's mail hosts, most preferred first. */
  mx(name: string): Promise<string[]>;
};
