/** Which of a lead's sequences of one side run, where the policy allows only so many at once. */
import type { ActiveSequence, Facts, SequenceType } from './facts.ts';

type Ranked = Pick<ActiveSequence, 'sequence_type' | 'priority'>;

/** As in the lead's state: the highest first. */
const TYPES: readonly SequenceType[] = ['onboarding', 'closing', 'prospecting', 'nurture', 'transactional'];

/** The campaign's priority, then the type. Equals keep the order in which they began, in which the caller gives them. */
export function runOrder(a: Ranked, b: Ranked): number {
  return b.priority - a.priority || TYPES.indexOf(a.sequence_type) - TYPES.indexOf(b.sequence_type);
}

/** Ids of enrollments. */
type Places = { ahead: readonly string[]; outranked: readonly string[] };

const ALL_FIT: Places = { ahead: [], outranked: [] };

/**
 * The active sequences of the asker's side that run before it, and those behind it that find no place beside it, first to
 * run first. Both are empty while all fit.
 */
export function sameSide(facts: Facts, places: number | null): Places {
  const { active_sequences, side, earlier_count } = facts;
  if (places === null || active_sequences.length < places) return ALL_FIT;
  const rivals: ActiveSequence[] = [];
  for (const sequence of active_sequences)
    if (sequence.side === side && sequence.sequence_type !== 'transactional') rivals.push(sequence);
  if (rivals.length < places) return ALL_FIT;
  const earlier = active_sequences.slice(0, earlier_count ?? active_sequences.length);
  const isAhead = (rival: ActiveSequence) =>
    (runOrder(rival, facts) || (earlier.includes(rival) ? -1 : 1)) < 0;
  const { ahead = [], behind = [] } = Object.groupBy(rivals.sort(runOrder), (rival) =>
    isAhead(rival) ? 'ahead' : 'behind',
  );
  const outranked = behind.slice(Math.max(0, places - ahead.length - 1));
  return { ahead: idsOf(ahead), outranked: idsOf(outranked) };
}

export function idsOf(sequences: readonly ActiveSequence[]): readonly string[] {
  return sequences.map(({ enrollment_id }) => enrollment_id);
}
