/** What came back: a person's answer, a machine's, a report that something did not arrive, a complaint. */
import { type AutomaticMail, automaticKind } from './automatic.ts';
import { isExplained } from './automatic_reasons.ts';
import { toldBounce } from './bounce_texts.ts';
import { type FailedRecipient, reportedBounce } from './bounces.ts';
import { complaintOf } from './complaints.ts';
import type { InboundFacts } from './facts.ts';
import { hasLeft, mayHaveLeft, type ReplyIntent, replyIntent } from './intent.ts';
import { splitQuoted } from './quotes.ts';
import { returnDate } from './return_date.ts';
import { type SentText, withoutSent } from './sent_text.ts';
import { type SuggestedContact, suggestedContact } from './suggested_contact.ts';
import { isUnsubscribeSubject } from './wishes.ts';
import { fold } from './words.ts';

const AUTOMATIC_MAX = 3_000;

/**
 * - `reply`: a person wrote. `reply` has their own words, `quoted` ours; `certain: false` leaves the intent to a person or a
 *   model. `suggested_contact` is the person or address that the sender names instead. `return_date`: as below, of an absence.
 * - `unsubscribe`: a person, or their mail program for them, asks for no more, and says nothing else.
 * - `by_machine`: a header or the text has marks of a machine.
 * - `out_of_office`: `return_date` (YYYY-MM-DD) is the first day on which the text lets one expect them; null where it is
 *   not certain.
 * - `auto_reply`: any other answer that nobody wrote. `left_company`: it says that the person no longer works there.
 * - `is_explained`: the text says only an absence or a receipt; a person reads any other automatic reply.
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
      suggested_contact: SuggestedContact | null;
      left_company: boolean;
      by_machine: boolean;
      return_date: string | null;
    }
  | { kind: 'unsubscribe'; reply: string; by_machine: boolean }
  | { kind: 'out_of_office'; return_date: string | null; is_explained: boolean }
  | {
      kind: 'auto_reply';
      suggested_contact: SuggestedContact | null;
      left_company: boolean;
      is_explained: boolean;
    }
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
  const report = aboutDelivery(mail);
  if (report === null) return fromSender(mail, sent);
  if (report.kind !== 'other' || report.why !== 'mail_server' || !answersUs(mail)) return report;
  // A person may write from `postmaster@`. A server's own notice, which no rule knows, says none of this.
  const told = fromSender(mail, sent);
  const says_something = told.kind === 'unsubscribe' || (told.kind === 'reply' && told.intent !== 'other');
  return says_something ? told : report;
}

function answersUs({ in_reply_to, references }: InboundFacts): boolean {
  return in_reply_to !== null || references.length > 0;
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
  const machine = automaticKind(
    mail,
    reply,
    sent.map(({ subject }) => subject),
  );
  // A person's words under the subject of an automatic reply.
  const is_by_hand = machine === null || (machine.is_only_titled && !machine.is_worded);
  const by_machine = !is_by_hand;
  // Mail programs unsubscribe for their owner, and say themselves that they are machines.
  if (isUnsubscribeSubject(mail.subject, reply) && !isOurs(mail.subject, sent)) {
    return { kind: 'unsubscribe', reply, by_machine };
  }
  const { intent, certain } = replyIntent(reply);
  if (machine?.kind === 'mailing_list') return { kind: 'other', why: 'mailing_list' };
  if (intent === 'unsubscribe' && certain && (is_by_hand || machine?.kind !== 'out_of_office')) {
    return { kind: 'unsubscribe', reply, by_machine };
  }
  const is_elsewhere = intent === 'wrong_person';
  const left_company = is_elsewhere && certain && hasLeft(reply);
  const suggested_contact = is_elsewhere ? suggestedContact(reply, mail.from.address) : null;
  const may_be_absence = machine !== null || intent === 'out_of_office';
  const return_date = may_be_absence ? returnDate(`${mail.subject}\n\n${reply}`, mail.date) : null;
  const is_absence = intent === 'out_of_office' || return_date !== null;
  const is_notice = left_company && machine?.is_sure === true;
  if (machine !== null && (is_notice || !saysMore(intent, reply, machine))) {
    const is_explained =
      !mayHaveLeft(reply) &&
      (!is_elsewhere || is_absence || machine.is_worded) &&
      isExplained(fold(reply, AUTOMATIC_MAX), { ...machine, return_date });
    if ((machine.kind === 'auto_reply' && return_date === null) || left_company)
      return { kind: 'auto_reply', suggested_contact, left_company, is_explained };
    if (machine.is_sure || is_absence) return { kind: 'out_of_office', return_date, is_explained };
  }
  // A machine's mark beside a person's words: a person decides.
  const is_sure = certain && !by_machine;
  return {
    kind: 'reply',
    ...{ reply, quoted, intent, certain: is_sure, suggested_contact, by_machine },
    left_company: left_company && is_sure,
    return_date: intent === 'out_of_office' ? return_date : null,
  };
}

/** A person's no, wish, or question counts, whatever the headers claim. A machine asks nothing but how its service was. */
function saysMore(intent: ReplyIntent, reply: string, { is_sure, is_worded }: AutomaticMail): boolean {
  if (intent === 'unsubscribe') return true;
  const asks = reply.includes('?') && !/\b(ticket|service|zufrieden)\b/i.test(reply);
  if (intent === 'question') return asks;
  if (intent === 'other' || intent === 'out_of_office') return false;
  if (intent === 'meeting' && asks) return true;
  return !is_sure || !is_worded;
}

function isOurs(subject: string, sent: readonly SentText[]): boolean {
  const bare = subject.trim().toLowerCase();
  return sent.some((one) => one.subject !== '' && bare.endsWith(one.subject.trim().toLowerCase()));
}
