/** What came back: a person's answer, a machine's, a report that something did not arrive, a complaint. */
import { automaticKind } from './automatic.ts';
import { toldBounce } from './bounce_texts.ts';
import { type FailedRecipient, reportedBounce } from './bounces.ts';
import { complaintOf } from './complaints.ts';
import type { InboundFacts } from './facts.ts';
import { type ReplyIntent, replyIntent } from './intent.ts';
import { splitQuoted } from './quotes.ts';
import { returnDate } from './return_date.ts';
import { isUnsubscribeSubject } from './wishes.ts';

/**
 * - `reply`: a person wrote. `reply` has their own words, `quoted` ours; `certain: false` leaves the intent to a person or a
 *   model.
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
  | { kind: 'reply'; reply: string; quoted: string; intent: ReplyIntent; certain: boolean }
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
export function classifyInbound(mail: InboundFacts): ClassifiedInbound {
  return aboutDelivery(mail) ?? fromMachine(mail) ?? fromPerson(mail);
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

function fromMachine(mail: InboundFacts): ClassifiedInbound | null {
  // Mail programs unsubscribe for their owner, and say themselves that they are machines.
  if (isUnsubscribeSubject(mail.subject, mail.text)) {
    return { kind: 'unsubscribe', reply: splitQuoted(mail.text).reply };
  }
  const kind = automaticKind(mail);
  if (kind === 'mailing_list') return { kind: 'other', why: 'mailing_list' };
  if (kind === 'out_of_office') {
    const { reply } = splitQuoted(mail.text);
    return { kind, return_date: returnDate(`${mail.subject}\n\n${reply}`, mail.date) };
  }
  return kind === null ? null : { kind };
}

function fromPerson(mail: InboundFacts): ClassifiedInbound {
  const { reply, quoted } = splitQuoted(mail.text);
  const { intent, certain } = replyIntent(reply);
  if (intent === 'unsubscribe' && certain) return { kind: 'unsubscribe', reply };
  return { kind: 'reply', reply, quoted, intent, certain };
}
