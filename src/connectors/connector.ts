/**
 * The ports: what the rest of the product may know about the outside world. Types only. The composition
 * root chooses the implementation; operations and workers see nothing but this file.
 */

import type { MailConnection, OutboundMail } from '../mail/messages.ts';

/**
 * What became of one message. Exactly one of these, and only `unknown` leaves a doubt:
 * - `sent`: the server took responsibility (2xx after the final dot), even if the line broke after that.
 * - `rejected`: a 5xx. `scope` says whom it is about: the recipient's address, the sending mailbox (also a
 *   refused login), or this message; `stage` how far the dialogue had come.
 * - `deferred`: a 4xx, or no connection, or no reply (or none that makes sense) while no `354` had been
 *   seen. Nothing was delivered; trying again is safe. `unreachable`: not even a session came about, so it
 *   says nothing about this message, and the others would fare no better.
 * - `canceled`: `beforeData` said no. Nothing was delivered.
 * - `invalid`: the message cannot be built, so no server was asked. `cause` says what has to be mended: this message, or what
 *   all messages of the mailbox or of the organization have. No sender answers so; the worker makes it of what `send` threw.
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
  | { kind: 'invalid'; cause: InvalidCause; response: string }
  | { kind: 'unknown'; response: string };

export type InvalidCause = 'message' | 'mailbox' | 'organization';

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

/** What tells whose a caught message is. */
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
   * Newest first. `limit` is 1 to 200 (default 50); `cursor` is the `next_cursor` of the page before. With `isShown` only those
   * of which it says so.
   */
  messages(page?: {
    limit?: number;
    cursor?: string;
    isShown?: (caught: CaughtOrigin) => boolean;
  }): Promise<{ items: CaughtMail[]; next_cursor: string | null }>;
  /**
   * Erases the messages of which `isErased` says so, from memory and from the journal on disk, and answers how many. Throws where
   * the journal cannot be written; then it is as it was.
   */
  erase(isErased: (caught: CaughtOrigin & { addresses: readonly string[] }) => boolean): Promise<number>;
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

/**
 * Reads DNS. None where the name or the records do not exist; throws `dns_unanswered` (503) where nobody says so.
 */
export type DnsRecords = {
  /** The TXT records of a name, each joined from its parts. */
  txt(name: string): Promise<string[]>;
  /** IPv4 addresses. */
  a(name: string): Promise<string[]>;
  /** IPv6 addresses. */
  aaaa(name: string): Promise<string[]>;
  /** The names of the hosts that take a domain's mail, the preferred first. */
  mx(name: string): Promise<string[]>;
};
