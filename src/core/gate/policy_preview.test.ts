import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyFacts, facts } from '../../../test/gate/facts.ts';
import { scale } from '../../../test/scale.ts';
import { parsePolicy } from '../../coordinator/gate/policy_document.ts';
import { HOUR_MS } from '../durations.ts';
import type { Facts } from './facts.ts';
import { decide } from './gates.ts';
import type { Policy } from './policy.ts';
import { outcomeOf, replay } from './policy_preview.ts';

const RUNS = scale(3_000, 100_000);

const RUN_POLICIES = 60;

/** Reading a policy takes longer than a decision, so that a few serve all runs. */
const some_policies = fc
  .record({
    touch_cap: fc.record({
      max_touches_per_window: fc.integer({ min: 0, max: 5 }),
      window_hours: fc.constantFrom(24, 168, 240),
      max_touches_per_day: fc.integer({ min: 0, max: 3 }),
    }),
    unknown_tier: fc.constantFrom('T1', 'T2', 'T3'),
    t3_sales: fc.constantFrom('refuse', 'flag_only'),
    conflict_matrix: fc.record({
      T2: fc.record({
        sales_fresher: fc.record({ winner: fc.constantFrom('sales', 'marketing') }),
      }),
    }),
    legal_moves: fc.record({ nurture: fc.constantFrom('any', [], ['idle', 'customer']) }),
  })
  .map((document) => parsePolicy(document));
const policies = fc.constantFrom(...fc.sample(some_policies, RUN_POLICIES));
const SHIPPED = parsePolicy({});

/** As it lies in the log: what is no JSON is gone. */
function stored(asked: Facts, policy_then: Policy) {
  const decision = decide(asked, policy_then);
  const trace = JSON.parse(JSON.stringify(decision.trace));
  return { decision, said: { moment: asked.moment, at_ms: asked.now_ms, trace, policy_then } };
}

describe('a decision asked once more', () => {
  test('is what the gate would have said, wherever that can be told', () => {
    let certain = 0;
    fc.assert(
      fc.property(anyFacts(SHIPPED), policies, policies, (asked, then, now) => {
        const replayed = replay(stored(asked, then).said, now);
        if (replayed === null || !replayed.is_certain) return;
        certain += 1;
        const { outcome, reason } = decide(asked, now);
        expect(replayed).toEqual({ outcome, reason, is_certain: true });
      }),
      { numRuns: RUNS },
    );
    expect(certain).toBeGreaterThan(RUNS / 4);
  });

  test('by the same policy it is itself', () => {
    fc.assert(
      fc.property(anyFacts(SHIPPED), policies, (asked, policy) => {
        const { decision, said } = stored(asked, policy);
        expect(outcomeOf(said.trace)).toBe(decision.outcome);
        const replayed = replay(said, policy);
        if (replayed !== null) expect(replayed.outcome).toBe(decision.outcome);
        else expect(decision.trace.at(-1)?.because).toBe('cap_zero');
      }),
      { numRuns: RUNS },
    );
  });

  test('says that later gates were not asked, and what a longer window hides', () => {
    const touches = [30, 40, 50].map((hours) => ({
      at_ms: facts().now_ms - hours * HOUR_MS,
      local_day: '2000-01-01',
      settled: true,
    }));
    const { said } = stored(facts({ touches }), parsePolicy({}));
    const by = (touch_cap: Record<string, number>) => replay(said, parsePolicy({ touch_cap }));
    expect(by({ max_touches_per_window: 4 })).toEqual({ outcome: 'allow', reason: null, is_certain: false });
    expect(by({ max_touches_per_window: 2 })).toMatchObject({ outcome: 'hold', is_certain: true });
    expect(by({ window_hours: 24 })).toBeNull();
    expect(by({ window_hours: 240 })).toMatchObject({ outcome: 'hold' });
    expect(by({ window_hours: 240, max_touches_per_window: 4 })).toBeNull();
  });
});
