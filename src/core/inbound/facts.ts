/** The facts of a message that the rules read. All of them are the sender's claim. */
export type InboundFacts = {
  in_reply_to: string | null;
  /** At most 100, oldest first, well-formed ones only. */
  references: readonly string[];
  /** `address` is as written, lower-cased, and may be a bare word such as `mailer-daemon`, or empty. */
  from: { name: string; address: string };
  to: readonly string[];
  /** RFC 3339 with the sender's offset, so that its first ten characters are the sender's day. */
  date: string | null;
  subject: string;
  /** At most 200,000 characters. From text/plain, else from the HTML: `> ` for each level of blockquote. */
  text: string;
  content_type: { type: string; report_type: string | null };
  headers: InboundHeaders;
  /** RFC 3464; null if the message itself has no such part. */
  delivery_status: readonly DeliveryStatus[] | null;
  /** RFC 5965; null likewise. */
  feedback: FeedbackReport | null;
  /** A report's data about the message it concerns. */
  returned: Pick<ReturnedMessage, 'message_id' | 'to' | 'x_headers'> | null;
};

/** Header values as written, unfolded, decoded, and cut to 1,000 characters; null if missing. */
export type InboundHeaders = {
  auto_submitted: string | null;
  precedence: string | null;
  x_autoreply: string | null;
  x_autorespond: string | null;
  x_auto_response_suppress: string | null;
  /** The software that generated the message, on Exchange: `Mailbox Rules Agent`. */
  x_generated_message_source: string | null;
  /** `<>` means that no reply is expected. */
  return_path: string | null;
  list_id: string | null;
  list_unsubscribe: string | null;
  x_failed_recipients: string | null;
  /** The complainant, in Outlook.com's own form of complaint. */
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
  original_rcpt_to: readonly string[];
};

/** `x_headers` has the lower-cased names, at most 30. */
export type ReturnedMessage = {
  message_id: string | null;
  to: readonly string[];
  subject: string;
  list_unsubscribe: string | null;
  x_headers: Readonly<Record<string, string>>;
};
