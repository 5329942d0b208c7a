/** The state of a lead, from its active sequences. */
import type { CadenceState, SequenceType } from './facts.ts';

const HIGHEST_FIRST = ['onboarding', 'closing', 'prospecting', 'nurture'] as const;

/**
 * The lead's cadence state: `paused` when a person or a reply stopped the lead, else the highest active of onboarding >
 * closing > prospecting > nurture, else `customer` once onboarded, else `idle`. A transactional sequence sets no state.
 */
export function cadenceState(lead: {
  active_types: readonly SequenceType[];
  paused: boolean;
  onboarded: boolean;
}): CadenceState {
  if (lead.paused) return 'paused';
  const highest = HIGHEST_FIRST.find((type) => lead.active_types.includes(type));
  return highest ?? (lead.onboarded ? 'customer' : 'idle');
}
