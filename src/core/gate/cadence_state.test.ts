import { describe, expect, test } from 'vitest';
import { TYPES } from '../../../test/gate/facts.ts';
import { cadenceState } from './cadence_state.ts';
import type { SequenceType } from './facts.ts';

/** All 32 sets of active types. */
const SETS = Array.from({ length: 2 ** TYPES.length }, (_, bits) =>
  TYPES.filter((_, place) => bits & (1 << place)),
);

function expectedState(active: readonly SequenceType[], onboarded: boolean): string {
  if (active.includes('onboarding')) return 'onboarding';
  if (active.includes('closing')) return 'closing';
  if (active.includes('prospecting')) return 'prospecting';
  if (active.includes('nurture')) return 'nurture';
  return onboarded ? 'customer' : 'idle';
}

describe('cadenceState', () => {
  test.each(SETS.map((active_types) => ({ active_types })))('$active_types', ({ active_types }) => {
    for (const onboarded of [false, true]) {
      const expected = expectedState(active_types, onboarded);
      expect(cadenceState({ active_types, paused: false, onboarded })).toBe(expected);
      expect(cadenceState({ active_types: active_types.toReversed(), paused: false, onboarded })).toBe(
        expected,
      );
      expect(cadenceState({ active_types, paused: true, onboarded })).toBe('paused');
    }
  });
});
