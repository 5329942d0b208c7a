/** Words that gates and explanations share. Each table lists every value of its enum. */
import type { CadenceState, SequenceType } from '../../schema.gen.ts';

export const STATE_WORDS: Record<CadenceState, string> = {
  idle: 'idle',
  nurture: 'in nurture',
  prospecting: 'in prospecting',
  closing: 'in closing',
  onboarding: 'in onboarding',
  customer: 'a customer',
  paused: 'paused',
};

export const SEQUENCE_WORDS: Record<SequenceType, string> = {
  nurture: 'a nurture sequence',
  prospecting: 'a prospecting sequence',
  closing: 'a closing sequence',
  onboarding: 'an onboarding sequence',
  transactional: 'a transactional message',
};

/** "1 touch", "3 touches"; "some touches" if an old event lacks the count. */
export function touchCount(count: number | string): string {
  return `${count} ${String(count) === '1' ? 'touch' : 'touches'}`;
}

/** `7 days` if exact; a day is 24 hours, as in the window. */
export function hoursWords(hours: number): string {
  if (hours % 24 !== 0) return `${hours} hours`;
  return hours === 24 ? '24 hours' : `${hours / 24} days`;
}

export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** A stable word of the log in plain text: `rejected_message` becomes `rejected message`. */
export function plainWords(word: string): string {
  return word.replaceAll('_', ' ');
}
