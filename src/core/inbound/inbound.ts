/** What came back: a person's answer, a machine's, a report that something did not arrive, a complaint. */
import { automaticKind } from './automatic.ts';
import { toldBounce } from './bounce_texts.ts';
import { type FailedRecipient, reportedBounce } from './bounces.ts';
import { complaintOf } from './complaints.ts';
import type { InboundFacts } from './facts.ts';
import { type ReplyIntent, replyIntent } from './intent.ts';
import { splitQuoted } from './quotes.ts';
import { returnDate } from './return_date.ts';
import { type SentText, withoutSent } from './sent_text.ts';
import { suggestedContact } from './suggested_contact.ts';
import { isUnsubscribeSubject } from './wishes.ts';

/**
 * - `reply`: a person wrote. `reply` has their own words, `quoted` ours; `certain: false` leaves the intent to a person or a
 *   model. `suggested_contact` is the person or address that the sender names instead.
 * - `unsubscribe`: a person, or their mail program for them, asks for no more, and says nothing else.
 * - `out_of_office`: `return_date` (YYYY-MM-DD) is the first day on which the text lets one expect them; null where it is
 *   not certain.
 * - `auto_reply`: any other answer that nobody wrote.
 * - `bounce`: `failed` names who was not reached, and what that says of the address; it is empty where the report does not
 *   say who.
 * - `delay`: a server is still trying. It ends nothing.
 * - `complaint`: `complained` names whom it is from, where the provider says so.
 * - `other`: neither an answer nor a report of a failure: `why` names what it is taken for.
 */
export type ClassifiedInbound =
  | {
      kind: 'reply';
      reply: string;
      quoted: string;
      intent: ReplyIntent;
      certain: boolean;
      suggested_contact: string | null;
    }
  | { kind: 'unsubscribe'; reply: string }
  | { kind: 'out_of_office'; return_date: string | null }
  | { kind: 'auto_reply' }
  | { kind: 'bounce'; failed: FailedRecipient[] }
  | { kind: 'delay'; delayed: string[] }
  | { kind: 'complaint'; complained: string[] }
  | { kind: 'other'; why: 'delivery_report' | 'feedback' | 'receipt' | 'mail_server' | 'mailing_list' };

/**
 * Says what a message is, by closed rules. Reports come first, since they quote what would pass for anything else; then
 * what machines write; what is left was written by a person. Who it is about is not decided here: only our own Message-ID
 * or token in it says that, and a report without one proves nothing.
 */
export function classifyInbound(mail: InboundFacts, sent: readonly SentText[] = []): ClassifiedInbound {
  return aboutDelivery(mail) ?? fromSender(mail, sent);
}

function aboutDelivery(mail: InboundFacts): ClassifiedInbound | null {
  const complained = complaintOf(mail);
  if (complained !== null) return { kind: 'complaint', complained };
  if (mail.feedback !== null) return { kind: 'other', why: 'feedback' };
  const { type, report_type } = mail.content_type;
  if (type === 'multipart/report' && report_type === 'disposition-notification') {
    return { kind: 'other', why: 'receipt' };
  }
  const told = reportedBounce(mail) ?? toldBounce(mail);
  if (told === null) return null;
  if (told.kind === 'bounce') return { kind: 'bounce', failed: told.failed };
  if (told.kind === 'delay') return { kind: 'delay', delayed: told.delayed };
  return { kind: 'other', why: told.why };
}

function fromSender(mail: InboundFacts, sent: readonly SentText[]): ClassifiedInbound {
  const split = splitQuoted(mail.text);
  const { own: reply, ours } = withoutSent(split.reply, sent);
  const quoted = ours === '' ? split.quoted : `${ours}\n${split.quoted}`.trim();
  // Mail programs unsubscribe for their owner, and say themselves that they are machines.
  if (isUnsubscribeSubject(mail.subject, reply) && !isOurs(mail.subject, sent)) {
    return { kind: 'unsubscribe', reply };
  }
  const { intent, certain } = replyIntent(reply);
  const machine = automaticKind(
    mail,
    reply,
    sent.map(({ subject }) => subject),
  );
  if (machine?.kind === 'mailing_list') return { kind: 'other', why: 'mailing_list' };
  if (intent === 'unsubscribe' && certain && machine?.kind !== 'out_of_office') {
    return { kind: 'unsubscribe', reply };
  }
  const return_date = machine === null ? null : returnDate(`${mail.subject}\n\n${reply}`, mail.date);
  const is_absence = intent === 'out_of_office' || return_date !== null;
  if (machine !== null && !saysMore(intent, reply, machine.is_sure)) {
    if (machine.kind === 'auto_reply') return { kind: 'auto_reply' };
    if (machine.is_sure || is_absence) return { kind: 'out_of_office', return_date };
  }
  const suggested_contact = intent === 'wrong_person' ? suggestedContact(reply, mail.from.address) : null;
  // A machine's mark beside a person's words: a person decides.
  return { kind: 'reply', reply, quoted, intent, certain: certain && machine === null, suggested_contact };
}

/** A person's no, wish, or question counts, whatever the headers claim. A machine asks nothing but how its service was. */
function saysMore(intent: ReplyIntent, reply: string, is_sure: boolean): boolean {
  const asks = reply.includes('?') && !/\b(ticket|service|zufrieden)\b/i.test(reply);
  if (intent === 'question' || intent === 'meeting') return asks || (!is_sure && intent === 'meeting');
  if (intent === 'unsubscribe') return true;
  return !is_sure && intent !== 'other' && intent !== 'out_of_office';
}

function isOurs(subject: string, sent: readonly SentText[]): boolean {
  const bare = subject.trim().toLowerCase();
  return sent.some((one) => one.subject !== '' && bare.endsWith(one.subject.trim().toLowerCase()));
}
