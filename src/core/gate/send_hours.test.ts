import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dateIn, facts, holidaysAround, instantIn, touchesAround } from '../../../test/gate/facts.ts';
import { scale } from '../../../test/scale.ts';
import { parsePolicy } from '../../coordinator/gate/policy_document.ts';
import { earliestDepartureMs } from './departure.ts';
import type { Facts } from './facts.ts';
import { decide } from './gates.ts';
import type { Policy } from './policy.ts';
import { closedUntil } from './schedule.ts';
import { closedDates } from './send_hours.ts';

const RUNS = scale(4000, 200_000);
/** From 11 hours behind UTC to 14 ahead, with half hours, and clocks that change by an hour or half an hour. */
const ZONES = [
  ...['America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/Havana'],
  ...['Pacific/Pago_Pago', 'Pacific/Apia', 'Pacific/Kiritimati', 'America/St_Johns', 'Africa/Cairo', 'UTC'],
];

const policies = fc
  .record({
    touch_cap: fc.record({
      max_touches_per_window: fc.integer({ min: 1, max: 4 }),
      window_hours: fc.constantFrom(24, 168, 240),
      max_touches_per_day: fc.integer({ min: 1, max: 2 }),
    }),
    business_hours: fc.record({
      enforce: fc.constantFrom(true, true, false),
      weekdays: fc.constantFrom([1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6, 7], [7]),
      start: fc.constantFrom('00:00', '02:30', '08:00'),
      end: fc.constantFrom('09:00', '18:00', '24:00'),
    }),
    holidays: fc.record({ enforce: fc.boolean(), public: fc.boolean() }),
  })
  .map((document) => parsePolicy(document));

/** A lead with touches on the edges of caps and days; every outcome is known, so that nothing else intervenes. */
const situations = fc.constantFrom(...ZONES).chain((time_zone) =>
  instantIn(time_zone).chain((now_ms) =>
    fc.record({
      policy: policies,
      asked: fc
        .record({ touches: touchesAround(now_ms, time_zone, 168), public_holidays: holidaysAround(now_ms) })
        .map(({ touches, public_holidays }) => {
          const known = touches
            .filter(({ at_ms }) => at_ms <= now_ms)
            .map((touch) => ({ ...touch, settled: true }));
          return facts({ moment: 'sent', now_ms, time_zone, touches: known, public_holidays });
        }),
    }),
  ),
);

test('a message leaves at the time that people were shown', () => {
  const seen = { held: 0, deferred: 0, at_once: 0 };
  fc.assert(
    fc.property(situations, ({ asked, policy }) => {
      const first = answer(asked, policy, asked.now_ms);
      seen[first.kind] += 1;
      const left_ms = leavesAt(asked, policy);
      expect(left_ms).toBe(first.until_ms);
      expect(earliestDepartureMs(asked, policy, asked.now_ms, asked.now_ms)).toBe(left_ms);
      if (policy.business_hours.enforce) expect(hourOf(left_ms, asked.time_zone, policy)).toBe('open');
      if (policy.holidays.enforce && policy.holidays.public)
        expect(asked.public_holidays).not.toContain(dateIn(left_ms, asked.time_zone));
    }),
    { numRuns: RUNS },
  );
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(RUNS / 20);
});

type Answer = { kind: 'held' | 'deferred' | 'at_once'; until_ms: number };

/** The worker's steps at an instant: the gate decides, then the lead's clock. */
function answer(asked: Facts, policy: Policy, now_ms: number): Answer {
  const decision = decide({ ...asked, now_ms }, policy);
  if (decision.outcome === 'hold') return { kind: 'held', until_ms: decision.until_ms! };
  expect(decision.outcome).toBe('allow');
  const holidays = closedDates(asked.public_holidays, policy.holidays);
  const closed = closedUntil(now_ms, asked.time_zone, policy.business_hours, holidays);
  return closed === null
    ? { kind: 'at_once', until_ms: now_ms }
    : { kind: 'deferred', until_ms: earliestDepartureMs(asked, policy, now_ms, now_ms)! };
}

/** The worker follows the answers until the message leaves. */
function leavesAt(asked: Facts, policy: Policy): number {
  let now_ms = asked.now_ms;
  for (;;) {
    const said = answer(asked, policy, now_ms);
    if (said.kind === 'at_once') return now_ms;
    expect(said.until_ms).toBeGreaterThan(now_ms);
    now_ms = said.until_ms;
  }
}

function hourOf(ms: number, time_zone: string, { business_hours }: Policy): 'open' | string {
  const local = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(time_zone);
  const minute = local.hour * 60 + local.minute;
  const is_open = minute >= business_hours.start_minute && minute < business_hours.end_minute;
  return is_open && business_hours.weekdays.includes(local.dayOfWeek) ? 'open' : local.toString();
}
