import type { Answer } from '../api/client.ts';

export type Reason = NonNullable<Answer<'/events', 'get'>['items'][number]['suppressed_reason']>;

/** Why something was not sent, in a few words: for filters, charts and badges. */
export const REASONS: readonly (readonly [Reason, string])[] = [
  ['touch_cap_exceeded', 'Enough touches already'],
  ['conflict_resolved_queued', 'The other side goes first'],
  ['abm_active_suppression', 'ABM works the account'],
  ['compliance_block', 'Must not be contacted'],
  ['illegal_transition', 'Does not fit where they stand'],
  ['organization_not_set', 'Postal address missing'],
];

export function reasonName(reason: string): string {
  return REASONS.find(([known]) => known === reason)?.[1] ?? plain(reason);
}

const REASON_WORDS: Record<Reason, string> = {
  compliance_block: 'this person must not be contacted: unsubscribed, opted out, or on the suppression list',
  abm_active_suppression: 'the account is being worked by ABM, and gets no nurture meanwhile',
  touch_cap_exceeded:
    'this person has had as many touches as the policy allows, in a day or in its rolling days',
  conflict_resolved_queued: 'a sequence of the other side, sales or marketing, goes first',
  organization_not_set: 'the organization has no name and postal address of its own yet',
  illegal_transition: 'a sequence of this kind does not fit where this person stands',
};

/** Why the gate said no, within a sentence. */
export function reasonWords(reason: string): string {
  return REASON_WORDS[reason as Reason] ?? plain(reason);
}

const WAKE_WORDS: Readonly<Record<string, string>> = {
  at_until: 'when that time comes',
  other_side_ends: 'when the other sequence ends',
  abm_ends: 'when ABM on the account ends',
  policy_changes: 'when the policy changes',
  lead_resumes: 'when somebody lets this person’s sequences go on',
  address_known: 'when this person’s missing address is added, or somebody resumes the sequence',
  never: 'not by itself',
  organization_set: 'when an admin has given them in the settings',
};

/** What ends a hold for which no time is known. */
export function wakeWords(wake: string | null): string {
  return (wake === null ? undefined : WAKE_WORDS[wake]) ?? 'when the gate lets it';
}

const ANSWERED_WORDS: Readonly<Record<string, string>> = {
  reply: 'this person answered',
  not_now: 'this person asked to hear from us later',
  out_of_office: 'this person is away',
  unreachable: 'this person has no address for the next step',
};

/** By whom or by what a sequence is paused, within a sentence: by a person, by an answer, or by the gate. */
export function pauseWords(reason: string): string {
  if (reason.startsWith(BY_PERSON)) return `a person says “${reason.slice(BY_PERSON.length)}”`;
  return ANSWERED_WORDS[reason] ?? reasonWords(reason);
}

const BY_PERSON = 'person: ';

function plain(reason: string): string {
  return reason.replaceAll('_', ' ');
}
