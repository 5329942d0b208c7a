import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ANY_HOUR_POLICY,
  anyFacts,
  facts,
  instantIn,
  MOMENTS,
  SIDES,
  STATES,
  TIERS,
  TYPES,
  touchesAround,
  ZONES,
} from '../../../test/gate/facts.ts';
import { scale } from '../../../test/scale.ts';
import { defaultPolicy, parsePolicy } from '../../coordinator/gate/policy_document.ts';
import { DAY_MS, HOUR_MS } from '../durations.ts';
import type { Facts } from './facts.ts';
import { touchCap } from './gates/touch_cap.ts';
import { decide } from './gates.ts';
import { localDayAt } from './schedule.ts';

const policy = defaultPolicy();
const RUNS = scale(3000, 100_000);

const capPolicies = fc
  .record({
    max_touches_per_window: fc.integer({ min: 1, max: 4 }),
    window_hours: fc.constantFrom(24, 168, 240),
    max_touches_per_day: fc.integer({ min: 1, max: 3 }),
  })
  .map((touch_cap) => parsePolicy({ ...ANY_HOUR_POLICY, touch_cap }));

/** A lead in some zone with touches on the edges, and a policy. */
const capCases = fc.tuple(fc.constantFrom(...ZONES), capPolicies).chain(([time_zone, caps]) =>
  instantIn(time_zone).chain((now_ms) =>
    touchesAround(now_ms, time_zone, caps.touch_cap.window_hours).map((touches) => {
      return { asked: facts({ now_ms, time_zone, touches }), caps };
    }),
  ),
);

describe('a touch that is held until U', () => {
  test('fits at U, and at no earlier instant that was tried', () => {
    let held = 0;
    fc.assert(
      fc.property(capCases, fc.double({ min: 0, max: 1, noNaN: true }), ({ asked, caps }, part) => {
        const settled = asked.touches.map((touch) => ({ ...touch, settled: true }));
        const at = (now_ms: number) => touchCap.ask({ ...asked, touches: settled, now_ms }, caps);
        const { until_ms } = at(asked.now_ms);
        if (until_ms === null) return;
        held += 1;
        expect(until_ms).toBeGreaterThan(asked.now_ms);
        expect(at(until_ms).trace.says).toBe('pass');
        expect(at(until_ms - 1)).toMatchObject({ trace: { says: 'hold' }, until_ms });
        const between = asked.now_ms + Math.floor((until_ms - 1 - asked.now_ms) * part);
        expect(at(between)).toMatchObject({ trace: { says: 'hold' }, until_ms });
      }),
      { numRuns: RUNS },
    );
    expect(held).toBeGreaterThan(RUNS / 4);
  });

  test('is held no longer than the touches that hold it', () => {
    fc.assert(
      fc.property(capCases, ({ asked, caps }) => {
        const { until_ms } = touchCap.ask(asked, caps);
        if (until_ms === null) return;
        const newest = Math.max(asked.now_ms, ...asked.touches.map((touch) => touch.at_ms));
        const days = (asked.touches.length + 2) * 26 * HOUR_MS;
        expect(until_ms).toBeLessThanOrEqual(newest + caps.touch_cap.window_hours * HOUR_MS + days);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('the answer', () => {
  test('does not depend on the order of the touches', () => {
    const shuffled = capCases.chain(({ asked, caps }) => {
      const { touches } = asked;
      const order = fc.shuffledSubarray([...touches], { minLength: touches.length });
      return order.map((reordered) => ({ asked, caps, reordered }));
    });
    fc.assert(
      fc.property(shuffled, ({ asked, caps, reordered }) => {
        const { facts: _, ...decided } = decide({ ...asked, touches: reordered }, caps);
        expect(decide(asked, caps)).toMatchObject(decided);
      }),
      { numRuns: RUNS },
    );
  });

  test('never allows a lead sooner because of one more touch', () => {
    const more = capCases.chain(({ asked, caps }) =>
      touchesAround(asked.now_ms, asked.time_zone, 168).map((added) => ({ asked, caps, added })),
    );
    fc.assert(
      fc.property(more, ({ asked, caps, added }) => {
        const freeAt = (over: Facts) => touchCap.ask(over, caps).until_ms ?? asked.now_ms;
        const touches = [...asked.touches, ...added];
        expect(freeAt({ ...asked, touches })).toBeGreaterThanOrEqual(freeAt(asked));
      }),
      { numRuns: RUNS },
    );
  });

  test('does not depend on other days computed in between', () => {
    fc.assert(
      fc.property(anyFacts(policy), fc.integer({ min: -400, max: 400 }), (asked, days) => {
        const before = decide(asked, policy);
        for (let day = 0; day < 20; day += 1)
          localDayAt(asked.now_ms + (days + day) * DAY_MS, asked.time_zone);
        expect(decide(asked, policy)).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  test('has a null reason exactly when it allows, and an instant exactly when the touch waits for one', () => {
    fc.assert(
      fc.property(anyFacts(policy), (asked) => {
        const decision = decide(asked, policy);
        expect(decision.reason === null).toBe(decision.outcome === 'allow');
        expect(decision.until_ms !== null).toBe(decision.wake === 'at_until');
        if (decision.until_ms !== null) expect(decision.until_ms).toBeGreaterThan(asked.now_ms);
        if (decision.outcome !== 'allow') expect([decision.losers, decision.outranked]).toEqual([[], []]);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('the gate never throws', () => {
  const number = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.constantFrom(8.64e15, -8.64e15, 0));
  const text = fc.oneof(fc.string(), fc.constantFrom(...ZONES, '+02:00', '__proto__', 'toString'));
  const hostile = fc.record<Partial<Facts>>({
    moment: fc.constantFrom(...MOMENTS),
    now_ms: number,
    time_zone: text,
    public_holidays: fc.array(text),
    requested_by: fc.string(),
    sequence_type: fc.constantFrom(...TYPES),
    side: fc.constantFrom(...SIDES),
    priority: number,
    unsubscribe_flag: fc.constant(false),
    opt_out_flag: fc.constant(false),
    suppressed_address: fc.constant(false),
    organization: fc.constantFrom('own', 'not_asked'),
    abm_active: fc.boolean(),
    icp_tier: fc.constantFrom(...TIERS),
    sales_signal_at_ms: fc.option(number),
    marketing_signal_at_ms: fc.option(number),
    touches: fc.array(fc.record({ at_ms: number, local_day: text, settled: fc.boolean() })),
    active_sequences: fc.array(
      fc.record({
        enrollment_id: fc.string(),
        sequence_type: fc.constantFrom(...TYPES),
        side: fc.constantFrom(...SIDES),
        priority: number,
      }),
    ),
    earlier_count: fc.option(number),
    cadence_state: fc.constantFrom(...STATES),
  });

  test('for any facts', () => {
    fc.assert(
      fc.property(hostile, (over) => {
        const decision = decide(facts(over), policy);
        expect(decision.trace.length).toBeGreaterThan(0);
      }),
      { numRuns: RUNS },
    );
  });
});
