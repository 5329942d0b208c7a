import type { InboundKind, IntentSource } from '../api/schema.d.ts';
import type { Inbound, Intent, Shown } from './inbound.ts';

export const TAB_WORDS: Record<Shown, string> = { waiting: 'Waiting', handled: 'Handled' };

/** What an answer can mean, in the order in which they are offered: its letter, and what follows from saying so. */
export const INTENTS: readonly {
  intent: Intent;
  label: string;
  letter: string;
  follows: string;
  action: string;
  date?: string;
}[] = [
  {
    intent: 'interested',
    label: 'Interested',
    letter: 'I',
    follows:
      'The sequence they answered ends as a meeting. Where its campaign leaves that to an executive, the executive says where they go next.',
    action: 'Hand on as interested',
  },
  {
    intent: 'meeting',
    label: 'Wants to meet',
    letter: 'M',
    follows:
      'The sequence they answered ends as a meeting. Where its campaign leaves that to an executive, the executive says where they go next.',
    action: 'Hand on as a meeting',
  },
  {
    intent: 'question',
    label: 'Asks something',
    letter: 'Q',
    follows: 'Their sequences stay paused while you answer. Let them go on below, when you have.',
    action: 'Keep paused, I answer',
  },
  {
    intent: 'not_now',
    label: 'Not now',
    letter: 'N',
    follows:
      'Everything for them waits until that day; without one, for as long as the policy says. It comes back by itself.',
    action: 'Put off',
    date: 'When they want to hear again',
  },
  {
    intent: 'out_of_office',
    label: 'Away',
    letter: 'O',
    follows:
      'Everything for them waits until they are back; without a day, for as long as the policy says. It comes back by itself.',
    action: 'Wait until they are back',
    date: 'When they are back',
  },
  {
    intent: 'not_interested',
    label: 'Not interested',
    letter: 'X',
    follows: 'All their sequences end as rejected. They may be asked again some other day.',
    action: 'End all sequences',
  },
  {
    intent: 'wrong_person',
    label: 'Wrong person',
    letter: 'W',
    follows: 'All their sequences end as rejected.',
    action: 'End all sequences',
  },
  {
    intent: 'unsubscribe',
    label: 'Unsubscribe',
    letter: 'U',
    follows: 'They are opted out of everything at once. Only a person can lift that, with a reason.',
    action: 'Opt them out',
  },
  {
    intent: 'other',
    label: 'Something else',
    letter: 'E',
    follows: 'Their sequences stay paused. Let them go on, or end them, below.',
    action: 'Keep paused',
  },
];

export function intentLabel(intent: Intent): string {
  return INTENTS.find((known) => known.intent === intent)?.label ?? intent;
}

/** What a message is that is not simply an answer. */
const KIND_WORDS: Readonly<Partial<Record<InboundKind, string>>> = {
  unsubscribe: 'Unsubscribe',
  out_of_office: 'Away',
  auto_reply: 'Automatic',
  bounce: 'Came back',
  delay: 'Delayed',
  complaint: 'Marked as spam',
  other: 'Not understood',
};

/** What a message is, in a word or two, with a question mark where it is a guess. */
export function labelOf({ kind, intent, intent_certain }: Inbound): string | null {
  if (intent !== null) return `${intentLabel(intent)}${intent_certain === false ? '?' : ''}`;
  return KIND_WORDS[kind] ?? null;
}

const SOURCE_WORDS: Readonly<Record<IntentSource, string>> = {
  rules: 'fixed rules',
  model: 'the language model',
  agent: 'an agent',
  person: 'a person',
};

/** Who takes the message for what, and how sure that is. */
export function guessWords({ intent, intent_source, intent_certain }: Inbound): string | null {
  if (intent === null || intent_source === null) return null;
  const who = SOURCE_WORDS[intent_source];
  if (intent_source === 'person') return `${intentLabel(intent)}, a person says.`;
  return intent_certain === false
    ? `Perhaps “${intentLabel(intent)}”, a guess by ${who}.`
    : `“${intentLabel(intent)}”, for certain, by ${who}.`;
}

/** How it is known whom a message is about; null where it plainly answers ours. */
export function matchWords({ matched_by, lead_id }: Inbound): string | null {
  if (lead_id === null) return 'It is about nobody we know.';
  if (matched_by === 'sender_only')
    return 'It answers none of our messages; only its sender’s address says who wrote it, which proves nothing.';
  return null;
}

export const EMPTY_WORDS: Record<Shown, { title: string; text: string }> = {
  waiting: {
    title: 'No answer waits for you',
    text: 'When somebody answers one of your messages, their sequences stop at once and the answer waits here for you to say what it means. Answers are read from your mailbox.',
  },
  handled: {
    title: 'Nothing is handled yet',
    text: 'Answers that somebody handled, and what was understood by itself: absences, messages that came back, complaints.',
  },
};
