import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyFacts, instantIn, facts as plain, touchesAround, ZONES } from '../../../test/gate/facts.ts';
import { oracle, type Verdict } from '../../../test/gate/gate_oracle.ts';
import { scale } from '../../../test/scale.ts';
import { defaultPolicy, parsePolicy } from '../../coordinator/gate/policy_document.ts';
import type { Decision } from './decision.ts';
import { decide } from './gates.ts';

const RUNS = scale(5000, 350_000);

const policies = fc
  .record({
    max_touches_per_window: fc.constantFrom(0, 1, 2, 3, 3, 5),
    window_hours: fc.constantFrom(1, 24, 100, 168, 168, 240),
    max_touches_per_day: fc.constantFrom(0, 1, 1, 2, 3),
    t3_sales: fc.constantFrom('refuse', 'flag_only'),
    unknown_tier: fc.constantFrom('T1', 'T2', 'T3'),
    retry_hours: fc.constantFrom(1, 24),
    legal_moves: fc.constantFrom({}, { transactional: ['idle'], nurture: 'any' }),
    business_hours: fc.record({
      enforce: fc.boolean(),
      weekdays: fc.constantFrom([1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6, 7], [2, 6], [7]),
      start: fc.constantFrom('00:00', '02:30', '08:00'),
      end: fc.constantFrom('08:01', '18:00', '24:00'),
    }),
    holidays: fc.record({
      enforce: fc.boolean(),
      public: fc.boolean(),
      dates: fc.constantFrom([], ['2026-03-09', '2026-11-01', '2027-01-01']),
    }),
  })
  .map(({ max_touches_per_window, window_hours, max_touches_per_day, ...rest }) => {
    return parsePolicy({ ...rest, touch_cap: { max_touches_per_window, window_hours, max_touches_per_day } });
  });

describe('the gate says what the specification says', () => {
  test('for any facts under the default policy', () => {
    fc.assert(
      fc.property(anyFacts(defaultPolicy()), (facts) => {
        expect(verdict(decide(facts, defaultPolicy()))).toEqual(oracle(facts, defaultPolicy()));
      }),
      { numRuns: RUNS },
    );
  });

  test('for any facts under any policy', () => {
    const cases = policies.chain((policy) => fc.tuple(anyFacts(policy), fc.constant(policy)));
    fc.assert(
      fc.property(cases, ([facts, policy]) => {
        expect(verdict(decide(facts, policy))).toEqual(oracle(facts, policy));
      }),
      { numRuns: RUNS },
    );
  });

  test('for touches on every edge, with nothing else in the way', () => {
    const policy = defaultPolicy();
    const cases = fc
      .constantFrom(...ZONES)
      .chain((time_zone) =>
        instantIn(time_zone).chain((now_ms) =>
          touchesAround(now_ms, time_zone, 168).map((touches) => plain({ time_zone, now_ms, touches })),
        ),
      );
    fc.assert(
      fc.property(cases, (facts) => {
        expect(verdict(decide(facts, policy))).toEqual(oracle(facts, policy));
      }),
      { numRuns: RUNS },
    );
  });
});

function verdict(decision: Decision): Verdict {
  const { facts: _, trace, losers, flags, notify_agents, ...rest } = decision;
  return {
    ...rest,
    losers: [...losers],
    flags: [...flags],
    notify_agents: [...notify_agents],
    gates_asked: trace.map((asked) => asked.gate),
  };
}
