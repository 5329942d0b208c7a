import type { Draft, Status } from './entries.ts';

/** What a status is called on its tab. */
export const TAB_WORDS: Record<Status, string> = {
  drafted: 'Waiting for you',
  approved: 'Approved',
  held: 'Held',
  sent: 'Sent',
  failed: 'Failed',
  unknown: 'Unclear',
};

/** What stands where a tab is empty, and how something gets there. */
export const EMPTY_WORDS: Record<Status, { title: string; text: string }> = {
  drafted: {
    title: 'Nothing waits for you',
    text: 'When a step of a campaign falls due, its message is drafted and appears here. Nothing leaves before a person has approved exactly this text. Ask for a campaign with: touchline request LEAD CAMPAIGN.',
  },
  approved: {
    title: 'Nothing is on its way',
    text: 'An approved message stays here until the gate lets it go and the mail server has taken it; usually that is a matter of seconds.',
  },
  held: {
    title: 'Nothing is held',
    text: 'A message that would be one too many for its reader waits here and goes on by itself as soon as it fits. You will see until when, and why.',
  },
  sent: {
    title: 'Nothing has been sent yet',
    text: 'What the mail server has taken, and what you sent yourself.',
  },
  failed: {
    title: 'Nothing has failed',
    text: 'A message that could not be drafted, or that the mail server refused for good, comes here with the reason.',
  },
  unknown: {
    title: 'Nothing is unclear',
    text: 'If the line breaks at the very moment a message is handed over, nobody can know whether it went. It is never sent again by itself; you look and say what happened.',
  },
};

/** Why the gate said no. */
export const REASON_WORDS: Record<NonNullable<Draft['held_reason']>, string> = {
  compliance_block: 'this person must not be contacted: unsubscribed, opted out, or on the suppression list',
  abm_active_suppression: 'the account is being worked by ABM, and gets no nurture meanwhile',
  touch_cap_exceeded: 'this person has been contacted as often as the policy allows for the moment',
  conflict_resolved_queued: 'a sequence of the other side, sales or marketing, goes first',
  illegal_transition: 'a sequence of this kind does not fit where this person stands',
};

const WAKE_WORDS: Readonly<Record<string, string>> = {
  at_until: 'when that time comes',
  other_side_ends: 'when the other sequence ends',
  abm_ends: 'when ABM on the account ends',
  policy_changes: 'when the policy changes',
  lead_resumes: 'when somebody lets this person’s sequences go on',
  never: 'not by itself',
};

/** What ends a hold for which no time is known. */
export function wakeWords(wake: string | null): string {
  return (wake === null ? undefined : WAKE_WORDS[wake]) ?? 'when the gate lets it';
}

export function reasonWords(reason: string): string {
  return (REASON_WORDS as Readonly<Record<string, string>>)[reason] ?? reason.replaceAll('_', ' ');
}

const GOAL_WORDS: Readonly<Record<string, string>> = {
  awareness: 'to be known',
  pipeline: 'to meet buyers',
  credibility: 'to be trusted',
  marketing_relief: 'to have marketing taken off their hands',
};

export function goalWords(goal: string): string {
  return GOAL_WORDS[goal] ?? goal.replaceAll('_', ' ');
}
