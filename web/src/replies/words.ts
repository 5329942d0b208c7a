import type { BounceCause, InboundKind, InboundReason, IntentSource } from '../api/schema.d.ts';
import type { Inbound, Intent, Shown } from './inbound.ts';

export const TAB_WORDS: Record<Shown, string> = { waiting: 'Pending', handled: 'Handled' };

/** The intents in display order, each with its key, its effect, and its button. */
export const INTENTS: readonly {
  intent: Intent;
  label: string;
  letter: string;
  follows: string;
  action: string;
  /** The action as a result. */
  done: string;
  date?: string;
}[] = [
  {
    intent: 'interested',
    label: 'Interested',
    letter: 'I',
    follows: 'Ends the enrollment as a meeting. If the campaign requires it, an executive routes the lead.',
    action: 'Mark interested',
    done: 'marked interested',
  },
  {
    intent: 'meeting',
    label: 'Wants to meet',
    letter: 'M',
    follows: 'Ends the enrollment as a meeting. If the campaign requires it, an executive routes the lead.',
    action: 'Mark meeting booked',
    done: 'meeting booked',
  },
  {
    intent: 'question',
    label: 'Question',
    letter: 'Q',
    follows: 'Enrollments stay paused while you reply. Resume them below when you are done.',
    action: 'Keep paused and reply',
    done: 'enrollments stay paused while you reply',
  },
  {
    intent: 'not_now',
    label: 'Not now',
    letter: 'N',
    follows:
      'Pauses every enrollment until that day, or for the time in the policy. They resume automatically.',
    action: 'Pause until…',
    done: 'enrollments paused',
    date: 'Contact again on',
  },
  {
    intent: 'out_of_office',
    label: 'Out of office',
    letter: 'O',
    follows:
      'Pauses every enrollment until they are back, or for the time in the policy. They resume automatically.',
    action: 'Pause until they are back',
    done: 'enrollments paused until they are back',
    date: 'Back on',
  },
  {
    intent: 'not_interested',
    label: 'Not interested',
    letter: 'X',
    follows: 'Ends every enrollment as rejected. The lead may be enrolled again later.',
    action: 'End all enrollments',
    done: 'all enrollments ended',
  },
  {
    intent: 'wrong_person',
    label: 'Wrong person',
    letter: 'W',
    follows: 'Ends every enrollment: the lead is the wrong person or left the company. No campaign follows.',
    action: 'End all enrollments',
    done: 'all enrollments ended',
  },
  {
    intent: 'unsubscribe',
    label: 'Unsubscribe',
    letter: 'U',
    follows: 'Opts the lead out of everything immediately. Only a person can lift an opt-out, with a reason.',
    action: 'Opt out',
    done: 'opted out',
  },
  {
    intent: 'other',
    label: 'Other',
    letter: 'E',
    follows: 'Enrollments stay paused. Resume or end them below.',
    action: 'Keep paused',
    done: 'enrollments stay paused',
  },
];

export function intentLabel(intent: Intent): string {
  return INTENTS.find((known) => known.intent === intent)?.label ?? intent;
}

/** Labels of messages that are not plain replies. */
const KIND_WORDS: Readonly<Partial<Record<InboundKind, string>>> = {
  unsubscribe: 'Unsubscribe',
  out_of_office: 'Out of office',
  auto_reply: 'Auto-reply',
  bounce: 'Bounced',
  delay: 'Delayed',
  complaint: 'Marked as spam',
  other: 'Unclassified',
};

/** Labels a message in one or two words, with a question mark if the intent is a guess. */
export function labelOf({ kind, intent, intent_certain }: Inbound): string | null {
  if (intent !== null) return `${intentLabel(intent)}${intent_certain === false ? '?' : ''}`;
  return KIND_WORDS[kind] ?? null;
}

const SOURCE_WORDS: Readonly<Record<IntentSource, string>> = {
  rules: 'automatically, from its words',
  model: 'by the language model',
  agent: 'by an agent',
  person: 'by a person',
};

/** Names the source of an intent and its certainty. */
export function guessWords({ intent, intent_source, intent_certain }: Inbound): string | null {
  if (intent === null || intent_source === null) return null;
  const who = SOURCE_WORDS[intent_source];
  if (intent_source === 'person') return `${intentLabel(intent)}, set by a person.`;
  return intent_certain === false
    ? `Probably “${intentLabel(intent)}”, suggested ${who}.`
    : `“${intentLabel(intent)}”, classified ${who}.`;
}

/** Warns about a weak match to a lead; null for a clear reply to our message. */
export function matchWords({ matched_by, lead_id }: Inbound): string | null {
  if (lead_id === null) return 'No known lead matches this message.';
  if (matched_by === 'sender_only') return 'Matched by sender address only, which can be forged.';
  return null;
}

/** Says why a message has no automatic effect, or why a person decides about it. */
export function reasonWords({ reason, kind }: Inbound): string | null {
  if (reason === null) return null;
  if (reason === 'other_sender' && kind === 'unsubscribe') {
    return 'The request came from an address that we never wrote to. That address is suppressed; decide whether the lead opts out.';
  }
  return REASON_WORDS[reason];
}

/** Says what a bounce is about. */
export function causeWords({ bounce_cause }: Inbound): string | null {
  return bounce_cause === null || bounce_cause === 'unknown' ? null : CAUSE_WORDS[bounce_cause];
}

const CAUSE_WORDS: Readonly<Record<Exclude<BounceCause, 'unknown'>, string>> = {
  no_recipient: 'The address does not exist.',
  full: 'The mailbox is full.',
  rate: 'The server accepts fewer messages for now.',
  dns: 'The domain could not be found for now.',
  unreachable: 'The server could not be reached in time.',
  loop: 'The message went in circles between servers.',
  message: 'The server rejected the size or content of the message.',
  policy: 'The server rejected the message by a rule or filter.',
  sender: 'The server rejected our address, server, or domain.',
  account: 'Our own mail server stopped our account.',
};

const REASON_WORDS: Readonly<Record<InboundReason, string>> = {
  receipt: 'A read receipt. It has no effect.',
  delivery_report: 'A delivery report without a failure. It has no effect.',
  feedback: 'A provider’s report that is no complaint. It has no effect.',
  erased_lead: 'The lead’s personal data is deleted.',
  mail_server: 'A mail server’s notice that no rule understands.',
  mailing_list: 'A message through a mailing list.',
  other_sender: 'From an address that we never wrote to, so the message has no automatic effect on the lead.',
  after_reply:
    'A machine wrote this after a person’s reply, which still waits, so it has no automatic effect.',
  unknown_bounce: 'No rule knows the server’s words. The bounce counts as temporary until you judge it.',
  other_address: 'The report is about another address than the lead’s.',
  left_company: 'The lead left the company, so every enrollment ended. The lead stays on record.',
};

export const EMPTY_WORDS: Record<Shown, { title: string; text: string }> = {
  waiting: {
    title: 'No replies to handle',
    text: 'When a lead replies, their enrollments pause immediately and the reply appears here for you to classify. Replies are read from your mailbox.',
  },
  handled: {
    title: 'No handled replies',
    text: 'Handled replies appear here, including those handled automatically: auto-replies, bounces, and spam complaints.',
  },
};
