/** A message as the product writes it, and one as it is read from its bytes. Types only. */

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
  references?: readonly string[];
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
 * logged; an access token is shown by XOAUTH2. `tls` is from the first byte, `starttls` an upgrade without which nothing is said.
 */
export type MailConnection = {
  host: string;
  port: number;
  security: 'tls' | 'starttls' | 'none';
  auth: MailLogin | null;
};

export type MailLogin = { user: string; pass: string } | { user: string; access_token: string };

/** A DKIM key (RFC 6376). `private_key` is RSA, in PEM form: never to be logged. */
export type DkimKey = { domain: string; selector: string; private_key: string };

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
