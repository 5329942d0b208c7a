/** Which of a lead's sequences of one side run, where the policy allows only so many at once. */
import type { ActiveSequence, Facts, SequenceType } from './facts.ts';

type Ranked = Pick<ActiveSequence, 'sequence_type' | 'priority'>;

/** As in the lead's state: the highest first. */
const TYPES: readonly SequenceType[] = ['onboarding', 'closing', 'prospecting', 'nurture', 'transactional'];

/** The campaign's priority, then the type. Equals keep the order in which they began, in which the caller gives them. */
export function runOrder(a: Ranked, b: Ranked): number {
  return b.priority - a.priority || TYPES.indexOf(a.sequence_type) - TYPES.indexOf(b.sequence_type);
}

/**
 * The active sequences of the asker's side that run before it, and those behind it that find no place beside it, first to
 * run first.
 */
export function sameSide(
  facts: Facts,
  places: number,
): { ahead: readonly ActiveSequence[]; outranked: readonly ActiveSequence[] } {
  const { active_sequences, side, earlier_count } = facts;
  const rivals = active_sequences
    .map((sequence, at) => ({ sequence, is_earlier: at < (earlier_count ?? active_sequences.length) }))
    .filter(({ sequence }) => sequence.side === side && sequence.sequence_type !== 'transactional')
    .sort((a, b) => runOrder(a.sequence, b.sequence));
  const isAhead = ({ sequence, is_earlier }: (typeof rivals)[number]) =>
    (runOrder(sequence, facts) || (is_earlier ? -1 : 1)) < 0;
  const ahead = rivals.filter(isAhead).map(({ sequence }) => sequence);
  const behind = rivals.filter((rival) => !isAhead(rival)).map(({ sequence }) => sequence);
  return { ahead, outranked: behind.slice(Math.max(0, places - ahead.length - 1)) };
}
