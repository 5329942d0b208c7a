import type { CadenceState, EventKind } from '../api/schema.d.ts';

type Kind = EventKind;

/** Labels of a lead's cadence states. */
export const STATE_WORDS: Record<CadenceState, string> = {
  idle: 'Idle',
  nurture: 'Nurture',
  prospecting: 'Prospecting',
  closing: 'Closing',
  onboarding: 'Onboarding',
  customer: 'Customer',
  paused: 'Paused',
};

/** Labels of common CRM stages. Other stages appear as stored. */
const STAGES: Readonly<Record<string, string>> = {
  subscriber: 'Subscriber',
  lead: 'Lead',
  mql: 'Qualified by marketing (MQL)',
  marketingqualifiedlead: 'Qualified by marketing (MQL)',
  sal: 'Accepted by sales (SAL)',
  sql: 'Qualified by sales (SQL)',
  salesqualifiedlead: 'Qualified by sales (SQL)',
  opportunity: 'Opportunity',
  customer: 'Customer',
  evangelist: 'Evangelist',
};

export function stageWords(stage: string): string {
  const words = stage.replaceAll('_', ' ');
  return STAGES[words.replaceAll(' ', '').toLowerCase()] ?? words;
}

/** Labels of the kinds of timeline entries. */
export const KIND_WORDS: Record<Kind, string> = {
  sent: 'Sent',
  not_sent: 'Not sent',
  answers: 'Reply',
  drafts: 'Draft',
  sequences: 'Enrollment',
  consent: 'Consent',
};

/** Labels of decisions that stopped a touch or a request, by the action. */
export const STOP_WORDS: Readonly<Record<string, string>> = {
  hold: 'Held',
  queue: 'Queued',
  block: 'Blocked',
  refuse: 'Refused',
};

/** The same kinds as filters. */
export const KIND_TABS: readonly (readonly [Kind, string])[] = [
  ['sent', 'Sent'],
  ['not_sent', 'Held or blocked'],
  ['answers', 'Replies'],
  ['drafts', 'Drafts'],
  ['sequences', 'Enrollments'],
  ['consent', 'Consent'],
];

export const GOALS: readonly (readonly [Goal, string])[] = [
  ['awareness', 'Awareness'],
  ['pipeline', 'Pipeline'],
  ['credibility', 'Credibility'],
  ['marketing_relief', 'Marketing relief'],
];
export type Goal = 'awareness' | 'pipeline' | 'credibility' | 'marketing_relief';

/** Outcomes of an enrollment that a user ends. */
export const EXITS = [
  ['converted', 'Converted'],
  ['meeting', 'Meeting booked'],
  ['registered', 'Registered'],
  ['no_engagement', 'No engagement'],
  ['rejected', 'Rejected'],
] as const;
