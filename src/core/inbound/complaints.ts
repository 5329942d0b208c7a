/** Complaints: a recipient pressed the spam button. */
import type { InboundFacts } from './facts.ts';
import { addressIn } from './words.ts';

/** The other types of RFC 5965 report bad signatures, viruses, or mail that was not spam after all. */
const COMPLAINTS = new Set(['abuse', 'fraud', 'opt-out', 'opt-out-list', 'complaint']);

/**
 * The complaining recipient, as far as the provider tells: many remove the address. Null if the message is no complaint.
 * Besides RFC 5965, it reads the form of Outlook.com (the message as an attachment, the recipient in a header of the report
 * or of the attached message), notifications of Amazon SES, SpamCop, and reports whose machine-readable part was lost.
 */
export function complaintOf(mail: InboundFacts): string[] | null {
  const { feedback, headers, returned } = mail;
  if (feedback !== null) {
    if (!COMPLAINTS.has(feedback.feedback_type)) return null;
    return feedback.original_rcpt_to.length > 0 ? [...feedback.original_rcpt_to] : recipients(mail);
  }
  const named = headers.x_hmxmroriginalrecipient ?? returned?.x_headers['x-hmxmroriginalrecipient'] ?? null;
  if (/^complaint about message from /i.test(mail.subject) && (named !== null || returned !== null)) {
    const address = named === null ? null : addressIn(named);
    return address === null ? recipients(mail) : [address];
  }
  if (/^no-reply@sns\.amazonaws\.(com|example|test)$/.test(mail.from.address))
    return notifiedComplaint(mail.text);
  if (/@reports\.spamcop\.(net|example)$/.test(mail.from.address) && /^\[spamcop \(/i.test(mail.subject))
    return recipients(mail);
  const opening = mail.text.slice(0, 400).trimStart().toLowerCase();
  if (/^this is an (e-?mail )?abuse report for an e-?mail message/.test(opening)) return recipients(mail);
  return null;
}

/** RFC 5965 returns the message; its To is the complaining recipient, if it is one person and not redacted. */
function recipients(mail: InboundFacts): string[] {
  const to = mail.returned?.to ?? [];
  return to.length === 1 && !/^(redacted|undisclosed|removed)/.test(to[0] ?? '') ? [...to] : [];
}

/** Of a configuration set (`eventType`), of an identity (`notificationType`), or within an envelope of SNS (`Message`). */
function notifiedComplaint(text: string): string[] | null {
  const start = text.indexOf('{');
  if (start < 0 || start > 500) return null;
  const outer = parsed(text.slice(start, text.lastIndexOf('}') + 1));
  const notification = typeof outer?.Message === 'string' ? parsed(outer.Message) : outer;
  if ((notification?.notificationType ?? notification?.eventType) !== 'Complaint') return null;
  const listed = notification?.complaint?.complainedRecipients;
  if (!Array.isArray(listed)) return [];
  return listed.slice(0, 50).flatMap((one) => addressIn(String(one?.emailAddress ?? '')) ?? []);
}

type Notification = {
  notificationType?: unknown;
  eventType?: unknown;
  Message?: unknown;
  complaint?: { complainedRecipients?: { emailAddress?: unknown }[] };
} | null;

function parsed(text: string): Notification {
  try {
    return JSON.parse(text) as Notification;
  } catch {
    return null;
  }
}
