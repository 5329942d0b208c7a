/** Cases for the gate and its oracle: any facts under any policy, and the decision in the oracle's form. */
import fc from 'fast-check';
import { defaultPolicy } from '../../src/coordinator/gate/policy_document.ts';
import type { Decision } from '../../src/core/gate/decision.ts';
import type { Facts } from '../../src/core/gate/facts.ts';
import type { MatrixRow, Policy } from '../../src/core/gate/policy.ts';
import { CADENCE_STATE_VALUES, SEQUENCE_TYPE_VALUES } from '../../src/schema.gen.ts';
import { anyFacts, holidaysAround, mostly } from './facts.ts';
import type { Verdict } from './gate_oracle.ts';

export type Case = { facts: Facts; policy: Policy };

const row = fc.record<MatrixRow>({
  winner: fc.constantFrom('sales', 'marketing'),
  loser_queued_hours: fc.constantFrom(null, 1, 48, 200),
});
const rows = fc.record({ sales_fresher: row, marketing_fresher: row });
const moves = fc.oneof(
  { weight: 1, arbitrary: fc.constant('any' as const) },
  { weight: 4, arbitrary: fc.subarray([...CADENCE_STATE_VALUES]) },
);
const shippedOr = <Part>(part: Part, other: fc.Arbitrary<Part>) => fc.oneof(fc.constant(part), other);

/** Shipped parts and other parts, including caps of 0 and windows at the edges of days. */
function anyPolicy(): fc.Arbitrary<Policy> {
  const shipped = defaultPolicy();
  const every_move = SEQUENCE_TYPE_VALUES.map((type) => [type, moves] as const);
  return fc
    .record({
      touch_cap: shippedOr(
        shipped.touch_cap,
        fc.record({
          max_touches_per_window: fc.constantFrom(0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3, 5, 5, 5, 8, 8, 8),
          window_hours: fc.oneof(fc.constantFrom(1, 24, 25, 48, 167, 168), fc.integer({ min: 24, max: 400 })),
          max_touches_per_day: fc.constantFrom(0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 8, 8, 8),
        }),
      ),
      t3_sales: fc.constantFrom<Policy['t3_sales']>('refuse', 'flag_only'),
      sequences_per_side: fc.record({
        sales: fc.constantFrom(1, 2, 2, null),
        marketing: fc.constantFrom(1, 2, 2, null),
      }),
      unknown_tier: fc.constantFrom<Policy['unknown_tier']>('T1', 'T2', 'T3'),
      routing_error_agent: fc.constantFrom('AGT-202', 'AGT-203'),
      retry_hours: fc.constantFrom(1, 24, 100),
      legal_moves: shippedOr(
        shipped.legal_moves,
        fc.record(Object.fromEntries(every_move)) as unknown as fc.Arbitrary<Policy['legal_moves']>,
      ),
      conflict_matrix: shippedOr(shipped.conflict_matrix, fc.record({ T1: rows, T2: rows, T3: rows })),
      business_hours: fc.record({
        enforce: fc.boolean(),
        weekdays: fc.constantFrom([1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6, 7], [2, 6], [7]),
        start_minute: fc.constantFrom(0, 60, 150, 480),
        end_minute: fc.constantFrom(481, 1080, 1440),
      }),
      holidays: fc.record({
        enforce: fc.constantFrom(true, true, false),
        public: fc.boolean(),
        dates: fc.constant([]),
        country: fc.constant(null),
      }),
    })
    .map((parts) => ({ ...shipped, ...parts }));
}

export function anyCase(): fc.Arbitrary<Case> {
  const no_time = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY);
  const clock = mostly(150, fc.constant(null), no_time);
  return anyPolicy().chain((policy) =>
    anyFacts(policy).chain((facts) =>
      fc.tuple(clock, holidaysAround(facts.now_ms)).map(([read, dates]) => ({
        facts: read === null ? facts : { ...facts, now_ms: read },
        policy: { ...policy, holidays: { ...policy.holidays, dates } },
      })),
    ),
  );
}

/** The decision in the oracle's form. */
export function verdictOf(decision: Decision): Verdict {
  const { facts: _, trace, losers, outranked, flags, notify_agents, ...rest } = decision;
  return {
    ...rest,
    until_ms: timeOf(rest.until_ms),
    loser_until_ms: timeOf(rest.loser_until_ms),
    losers: [...losers],
    outranked: [...outranked],
    flags: [...flags],
    notify_agents: [...notify_agents],
    trace: trace.map(({ gate, says, because }) => [gate, says, because]),
  };
}

/** A clock that returns no number has no end either. */
function timeOf(ms: number | null): number | null {
  return Number.isFinite(ms) ? ms : null;
}
