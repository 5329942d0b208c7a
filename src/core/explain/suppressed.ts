/** Why an address is never written to, and since when. */
import type { HistorySuppression } from './history.ts';
import { suppressionWords } from './suppression_words.ts';
import type { Speaker } from './words.ts';

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
