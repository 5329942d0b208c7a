import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyFacts, facts } from '../../../test/gate/facts.ts';
import { scale } from '../../../test/scale.ts';
import { parsePolicy } from '../../coordinator/gate/policy_document.ts';
import type { Facts } from './facts.ts';
import { decide } from './gates.ts';
import type { Policy } from './policy.ts';
import { outcomeOf, REPLAYED_KEYS, replay } from './policy_preview.ts';
import { factsFrom, storedFacts } from './stored_facts.ts';

const RUNS = scale(3_000, 100_000);

const RUN_POLICIES = 60;

/** Parsing a policy takes longer than a decision, so a few policies serve all runs. */
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
    holidays: fc.record({ enforce: fc.boolean(), public: fc.boolean() }),
    business_hours: fc.record({ enforce: fc.boolean() }),
  })
  .map((document) => parsePolicy(document));
const policies = fc.constantFrom(...fc.sample(some_policies, RUN_POLICIES));
const SHIPPED = parsePolicy({});

/** The facts as they are read from the log. */
function stored(asked: Facts, policy: Policy): Facts {
  const { moment, now_ms: at_ms, sequence_type } = asked;
  const kept = JSON.parse(JSON.stringify(storedFacts(decide(asked, policy))));
  return factsFrom(kept, { moment, at_ms, sequence_type })!;
}

describe('stored facts', () => {
  test('give the same decision and the same trace under the same policy', () => {
    fc.assert(
      fc.property(anyFacts(SHIPPED), policies, (asked, policy) => {
        const { facts: _, ...decided } = decide(asked, policy);
        expect(decide(stored(asked, policy), policy)).toMatchObject(decided);
      }),
      { numRuns: RUNS },
    );
  });

  test('are complete, except for holidays that no hold crossed and signals that settle no conflict', () => {
    fc.assert(
      fc.property(anyFacts(SHIPPED), (asked) => {
        const { public_holidays, sales_signal_at_ms, marketing_signal_at_ms, ...others } = asked;
        const read = stored(asked, SHIPPED);
        expect(read).toMatchObject(others);
        const signals = { sales_signal_at_ms, marketing_signal_at_ms };
        const none = { sales_signal_at_ms: null, marketing_signal_at_ms: null };
        expect(read).toMatchObject(asked.active_sequences.length > 0 ? signals : none);
        expect(public_holidays).toEqual(expect.arrayContaining([...read.public_holidays]));
      }),
      { numRuns: RUNS },
    );
  });

  test('are short for a lead without obstacles', () => {
    const plain = storedFacts(decide(facts(), SHIPPED));
    expect(plain).toEqual({
      time_zone: 'UTC',
      requested_by: 'roles.bdr',
      side: 'sales',
      icp_tier: 'T2',
      cadence_state: 'idle',
    });
  });
});

describe('a decision replayed under another policy', () => {
  test('is what the gate would have decided', () => {
    let told = 0;
    fc.assert(
      fc.property(anyFacts(SHIPPED), policies, policies, (asked, policy_then, policy) => {
        const replayed = replay({ facts: stored(asked, policy_then), policy_then }, policy);
        if (replayed === null) return;
        told += 1;
        const { outcome, reason } = decide(asked, policy);
        expect(replayed).toEqual({ outcome, reason });
      }),
      { numRuns: RUNS },
    );
    expect(told).toBeGreaterThan(RUNS / 2);
  });

  test('returns the outcome of a stored trace', () => {
    fc.assert(
      fc.property(anyFacts(SHIPPED), policies, (asked, policy) => {
        const { trace, outcome } = decide(asked, policy);
        expect(outcomeOf(trace)).toBe(outcome);
      }),
      { numRuns: RUNS },
    );
  });

  test('reports what a longer window leaves undecided', () => {
    const touches = [30, 40, 50].map((hours) => ({
      at_ms: facts().now_ms - hours * 3_600_000,
      local_day: '2000-01-01',
      settled: true,
    }));
    const policy_then = SHIPPED;
    const by = (touch_cap: Record<string, number>) =>
      replay({ facts: stored(facts({ touches }), policy_then), policy_then }, parsePolicy({ touch_cap }));
    expect(by({ max_touches_per_window: 4 })).toEqual({ outcome: 'allow', reason: null });
    expect(by({ max_touches_per_window: 2 })).toMatchObject({ outcome: 'hold' });
    expect(by({ window_hours: 24 })).toEqual({ outcome: 'allow', reason: null });
    expect(by({ window_hours: 240 })).toMatchObject({ outcome: 'hold' });
    expect(by({ window_hours: 240, max_touches_per_window: 4 })).toBeNull();
  });

  test('depends only on the parts of the policy that a gate declares', () => {
    fc.assert(
      fc.property(anyFacts(SHIPPED), policies, (asked, other) => {
        const declared = Object.fromEntries(REPLAYED_KEYS.map((key) => [key, SHIPPED[key]]));
        const { outcome, reason } = decide(asked, { ...other, ...declared } as Policy);
        expect({ outcome, reason }).toEqual(replay({ facts: asked, policy_then: SHIPPED }, SHIPPED));
      }),
      { numRuns: RUNS },
    );
  });
});
