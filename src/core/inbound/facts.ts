/** The facts of a message that the rules read; `InboundMail` of the mail connectors has all of them. */
export type InboundFacts = {
  in_reply_to: string | null;
  references: readonly string[];
  from: { name: string; address: string };
  to: readonly string[];
  /** RFC 3339; its first ten characters are the sender's own day. */
  date: string | null;
  subject: string;
  text: string;
  content_type: { type: string; report_type: string | null };
  headers: {
    auto_submitted: string | null;
    precedence: string | null;
    x_autoreply: string | null;
    x_autorespond: string | null;
    x_auto_response_suppress: string | null;
    x_generated_message_source: string | null;
    return_path: string | null;
    list_id: string | null;
    list_unsubscribe: string | null;
    x_failed_recipients: string | null;
    x_hmxmroriginalrecipient: string | null;
  };
  delivery_status:
    | readonly {
        action: string;
        status: string;
        diagnostic_code: string;
        final_recipient: string | null;
        original_recipient: string | null;
      }[]
    | null;
  feedback: {
    feedback_type: string;
    original_mail_from: string | null;
    original_rcpt_to: readonly string[];
  } | null;
  returned: {
    message_id: string | null;
    to: readonly string[];
    x_headers: Readonly<Record<string, string>>;
  } | null;
};
