/** Why a lead is not written to, in words: since when, from what, and what a lift of the opt-out would change. */
import type { HistorySuppression } from './history.ts';
import type { Speaker } from './words.ts';

export const SUPPRESSION_KINDS = [
  'unsubscribed',
  'opted_out',
  'address',
  'domain',
  'abm',
  'paused',
  'erased',
] as const;
export type SuppressionKind = (typeof SUPPRESSION_KINDS)[number];

export type SuppressionSource = {
  kind: SuppressionKind;
  /** The word of the table: why an address is suppressed or a lead is paused. */
  reason: string | null;
  /** The address, the domain or the company that it is about. */
  subject: string | null;
  /** What the log says of it, where it does. */
  logged: string | null;
};

export type SuppressionWords = { text: string; lift: string };

export function suppressionWords({ kind, reason, subject, logged }: SuppressionSource): SuppressionWords {
  switch (kind) {
    case 'unsubscribed':
      return { text: logged ?? 'The lead had unsubscribed before it came here.', lift: LIFTED };
    case 'opted_out':
      return { text: logged ?? 'The lead was opted out before it came here.', lift: LIFTED };
    case 'address':
      return { text: addressWords(reason, subject), lift: FOR_GOOD };
    case 'domain':
      return {
        text: `Nobody at ${subject ?? 'this domain'} is written to${because(reason)}.`,
        lift: FOR_GOOD,
      };
    case 'abm':
      return {
        text: `Account-based marketing works on ${subject ?? 'its company'}, so nurture is kept back; the rest may go.`,
        lift: 'It ends when somebody switches ABM off at the account. Lifting an opt-out does not change it.',
      };
    case 'paused':
      return pauseWords(reason);
    case 'erased':
      return {
        text: 'This person asked to be forgotten. Nothing is kept about them.',
        lift: 'Nothing brings them back.',
      };
  }
}

const LIFTED =
  'Lifting the opt-out ends this: new sequences may begin then. What it ended stays ended, and nothing starts by itself.';
const FOR_GOOD = 'This stays for good. Lifting an opt-out does not change it.';

const ADDRESS_REASONS: Readonly<Record<string, string>> = {
  bounced: 'The mail server said that there is no such address as',
  complained: 'A message was reported as unwanted by',
};

function addressWords(reason: string | null, subject: string | null): string {
  const known = ADDRESS_REASONS[reason ?? ''];
  const address = subject ?? 'this address';
  return known === undefined ? `${address} is never written to${because(reason)}.` : `${known} ${address}.`;
}

function pauseWords(reason: string | null): SuppressionWords {
  switch (reason) {
    case 'reply':
      return {
        text: 'The lead answered, so everything scheduled waits for a person.',
        lift: 'It ends when a person handles the answer or lets a sequence go on.',
      };
    case 'send_unknown':
      return {
        text: 'Nobody knows whether a message arrived, so everything else waits.',
        lift: 'It ends when a person says whether the message went.',
      };
    default:
      return {
        text: `Everything scheduled is paused${because(reason)}.`,
        lift: 'It ends when a person lets a sequence go on.',
      };
  }
}

function because(reason: string | null): string {
  return reason === null ? '' : ` (${reason.replaceAll('_', ' ')})`;
}

/** `since` begins in lower case and has no full stop. Null where nothing is suppressed. */
export function suppressedWords(
  suppressions: readonly HistorySuppression[],
  speaker: Speaker,
): { since: string; why: string } | null {
  const [first] = suppressions;
  if (first === undefined) return null;
  const { kind, value, reason, created_at } = first;
  const subject = kind === 'address' ? 'the address' : `everybody at ${value}`;
  const { text, lift } = suppressionWords({ kind, reason, subject: value, logged: null });
  return { since: `${subject} is suppressed since ${speaker.when(created_at)}`, why: `${text} ${lift}` };
}
