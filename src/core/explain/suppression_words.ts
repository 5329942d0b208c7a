/** Why a lead may not be contacted: since when, why, and what lifting the opt-out would change. */
import type { HistorySuppression } from './history.ts';
import { type Speaker, speaker } from './words.ts';

export const SUPPRESSION_KINDS = [
  'unsubscribed',
  'opted_out',
  'address',
  'domain',
  'phone',
  'abm',
  'paused',
  'erased',
] as const;
export type SuppressionKind = (typeof SUPPRESSION_KINDS)[number];

export type SuppressionSource = {
  kind: SuppressionKind;
  /** The stored reason of a suppressed address or a paused lead. */
  reason: string | null;
  /** The suppressed address, domain, number, or company. */
  subject: string | null;
  /** Touches go to the suppressed address. */
  is_primary: boolean;
  /** The log's sentence, if there is one. */
  logged: string | null;
  /** The day on which it ends automatically. */
  ends: string | null;
};

export type SuppressionWords = { text: string; lift: string };

export function suppressionWords({
  kind,
  reason,
  subject,
  logged,
  ends,
  is_primary,
}: SuppressionSource): SuppressionWords {
  switch (kind) {
    case 'unsubscribed':
      return { text: logged ?? 'The lead unsubscribed before the import.', lift: LIFTED };
    case 'opted_out':
      return { text: logged ?? 'The lead was opted out before the import.', lift: LIFTED };
    case 'address':
      return { text: `${addressWords(reason, subject)}${others(is_primary)}`, lift: listedLift(ends) };
    case 'domain':
      return {
        text: `No one at ${subject ?? 'this domain'} may be contacted${because(reason)}.${others(is_primary)}`,
        lift: listedLift(ends),
      };
    case 'phone':
      return {
        text: `${subject ?? 'This number'} may not be called or texted${because(reason)}. Other channels may be used.`,
        lift: listedLift(ends),
      };
    case 'abm':
      return {
        text: `${subject ?? 'The account'} is in ABM, so nurture is blocked; other sequences may run.`,
        lift: 'It ends when ABM is turned off for the account. Lifting an opt-out does not change it.',
      };
    case 'paused':
      return pauseWords(reason);
    case 'erased':
      return {
        text: 'This person’s data was deleted on request.',
        lift: 'This cannot be undone.',
      };
  }
}

const LIFTED =
  'Lifting the opt-out ends this: new enrollments may start. Ended enrollments stay ended, and nothing starts automatically.';

function listedLift(ends: string | null): string {
  const begin = ends === null ? 'It holds until' : `It ends on ${ends}, or when`;
  return `${begin} RevOps or an admin lifts it in the suppression list. Lifting an opt-out does not change it.`;
}

const ADDRESS_REASONS: Readonly<Record<string, string>> = {
  bounced: 'The mail server reported that this address does not exist:',
  complained: 'A message was marked as spam by',
  'asked not to be contacted': 'A reply asked not to contact',
  'opted out in the CRM': 'The CRM asks not to contact',
};

function addressWords(reason: string | null, subject: string | null): string {
  const known = ADDRESS_REASONS[reason ?? ''];
  const address = subject ?? 'this address';
  return known === undefined ? `${address} may not be contacted${because(reason)}.` : `${known} ${address}.`;
}

/** `bo@acme.example is on the suppression list (a competitor, Admin, Nov 24)`: the first that stops touches; null for none. */
export function listedWords(
  suppressions: readonly (HistorySuppression & { added_by_name: string | null })[],
  time_zone: string,
): string | null {
  const first = suppressions.find(({ kind, is_primary }) => kind !== 'phone' && is_primary);
  if (first === undefined) return null;
  const { day } = speaker({ people: {}, agents: {}, campaigns: {} }, time_zone);
  const about = [first.reason.replaceAll('_', ' '), first.added_by_name, day(first.created_at)];
  return `${first.value} is on the suppression list (${about.filter((one) => one !== null).join(', ')})`;
}

function others(is_primary: boolean): string {
  return is_primary ? '' : ' Touches go to another address of the lead, which may be used.';
}

function pauseWords(reason: string | null): SuppressionWords {
  switch (reason) {
    case 'reply':
      return {
        text: 'The lead replied, so all scheduled touches are paused.',
        lift: 'It ends when a person handles the reply or resumes an enrollment.',
      };
    case 'send_unknown':
      return {
        text: 'Delivery of a message is unknown, so all other touches are paused.',
        lift: 'It ends when a person confirms whether the message was sent.',
      };
    default:
      return {
        text: `All scheduled touches are paused${because(reason)}.`,
        lift: 'It ends when a person resumes an enrollment.',
      };
  }
}

function because(reason: string | null): string {
  return reason === null ? '' : ` (${reason.replaceAll('_', ' ')})`;
}

/** `since` starts in lower case, without a period. Null if no primary address or its domain is suppressed: another one, or a number, stops only its own touches. */
export function suppressedWords(
  suppressions: readonly HistorySuppression[],
  speaker: Speaker,
): { since: string; why: string } | null {
  const first = suppressions.find(({ kind, is_primary }) => kind !== 'phone' && is_primary);
  if (first === undefined) return null;
  const { kind, value, reason, created_at, until } = first;
  const subject = kind === 'address' ? 'the address' : `everyone at ${value}`;
  const { text, lift } = suppressionWords({
    kind,
    reason,
    subject: value,
    logged: null,
    is_primary: true,
    ends: until && speaker.last_day(until),
  });
  return {
    since: `${subject} has been suppressed since ${speaker.when(created_at)}`,
    why: `${text} ${lift}`,
  };
}
