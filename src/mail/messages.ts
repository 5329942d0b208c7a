import type { InboundFacts, ReturnedMessage } from '../core/inbound/facts.ts';

/** Outgoing and incoming messages. Types only. */

/** A person or mailbox as shown in a header. `address` must pass `parseAddress`. */
export type MailIdentity = { name: string; address: string };

/**
 * Required by law under a commercial message (CAN-SPAM section 5(a)(5): a valid physical postal address and a working way
 * to unsubscribe). The connector appends it to both parts of the message, so no draft can lose it.
 */
export type MailFooter = { sender_name: string; postal_address: string; unsubscribe_url: string };

/** One message to one recipient. Nothing in it is trusted: every field is checked before a byte is sent. */
export type OutboundMail = {
  /** With angle brackets, set by the caller: the same touch keeps the same id across all attempts. */
  message_id: string;
  from: MailIdentity;
  to: { name?: string; address: string };
  subject: string;
  /** Plain text. The HTML part is made from it. */
  text: string;
  /** Message-IDs with angle brackets (RFC 5322 section 3.6.4). */
  in_reply_to?: string;
  references?: readonly string[];
  /** The one-click address (RFC 8058): exactly one http or https URI; null for a message to a user, who has preferences. */
  list_unsubscribe_url: string | null;
  /** `null` must be explicit: only a transactional message may omit it. */
  footer: MailFooter | null;
  /** The Date header. */
  date: Date;
  /** Further headers. Names that the connector writes are refused. */
  headers?: Record<string, string>;
  /** Signs the message. Without it, the server may sign. */
  dkim?: DkimKey;
  /** The server for this message; default: the sender's own. */
  connection?: MailConnection;
};

/**
 * A mailbox's own mail server. An admin may choose any host; redirects are never followed. Never log `auth`; an access
 * token is sent by XOAUTH2. `tls` is from the first byte, `starttls` a mandatory upgrade.
 */
export type MailConnection = {
  host: string;
  port: number;
  security: 'tls' | 'starttls' | 'none';
  auth: MailLogin | null;
};

/** `access_token` is an OAuth 2.0 token for OAUTHBEARER (RFC 7628) or XOAUTH2, whichever the server supports. */
export type MailLogin = { user: string; pass: string } | { user: string; access_token: string };

/** A DKIM key (RFC 6376). `private_key` is RSA in PEM form: never log it. */
export type DkimKey = { domain: string; selector: string; private_key: string };

/**
 * A received message, parsed and bounded. Everything in it is the sender's claim: show text as text; addresses and ids
 * prove nothing. Strings have no control characters except line breaks and tabs; lists are short; files appear by name
 * only.
 */
export type InboundMail = InboundFacts & {
  /** With angle brackets; null if there is no well-formed one. */
  message_id: string | null;
  /** Delivered-To, X-Original-To, and similar: the mailbox it reached. */
  delivered_to: string[];
  /** http and https addresses in text and HTML, at most 100, in order. */
  links: string[];
  returned: ReturnedMessage | null;
  /** At most 200 names; a file without one is `unnamed`. */
  attachments: string[];
};

/** Reads a message from its bytes. Never throws. */
export type MailReader = (bytes: Uint8Array) => InboundMail | InboundFault;

/** Why a message was not parsed: it is larger or has more parts than any real message. */
export type InboundFault = {
  fault: 'too_large' | 'too_many_parts' | 'too_deep' | 'headers_too_large' | 'too_complex';
};
