import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../durations.ts';
import { type SendLimits, SendPlan } from './send_plan.ts';

/** A Tuesday, noon in London. */
const START = Date.parse('2026-11-24T12:00:00Z');

describe('the places of a mailbox', () => {
  const none: SendLimits = {
    hourly_cap: null,
    daily_cap: null,
    gap_seconds: 0,
    recipient_domain_daily_cap: null,
    warm_up: null,
  };
  const at = (...minutes: number[]) =>
    minutes.map((m) => ({ at_ms: START + m * 60_000, domain: 'a.example' }));
  const minutes = (ms: number) => (ms - START) / 60_000;

  it.each([
    ['an hour after the first of them', { hourly_cap: 2 }, at(-50, -10), 'mailbox_hourly', 10],
    ['now, when the hour has capacity', { hourly_cap: 3 }, at(-50, -10), null, 0],
    ['after messages that already wait', { hourly_cap: 1 }, at(0, 61), 'mailbox_hourly', 121],
    ['after a gap', { gap_seconds: 300 }, at(-2), 'mailbox_gap', 3],
    ['not just before a waiting message', { gap_seconds: 300 }, at(3), 'mailbox_gap', 8],
    ['on the next day', { daily_cap: 2 }, at(-300, -2), 'mailbox_daily', 720],
    [
      'on the next day to that domain',
      { recipient_domain_daily_cap: 1 },
      at(-2),
      'recipient_domain_daily',
      720,
    ],
    [
      'on the next day of the warm-up',
      { daily_cap: 50, warm_up: { began_on: '2026-11-24', start_count: 1, step_count: 5 } },
      at(-2),
      'mailbox_warm_up',
      720,
    ],
    [
      'at once when it is warm',
      { daily_cap: 50, warm_up: { began_on: '2026-01-01', start_count: 1, step_count: 5 } },
      at(-2),
      null,
      0,
    ],
  ] as const)('%s', (_name, limits, places, reason, expected) => {
    const plan = new SendPlan({ ...none, ...limits }, 'Europe/London', places);
    const { at_ms, hit } = plan.fit('a.example', START);
    expect(hit?.reason ?? null).toBe(reason);
    // A place in the future is planned a few seconds later than necessary.
    expect(minutes(at_ms)).toBeGreaterThanOrEqual(expected);
    expect(minutes(at_ms)).toBeLessThan(expected + 0.2);
  });

  it('never come closer than the limits, however many are requested', () => {
    const limits = { ...none, hourly_cap: 5, daily_cap: 40, gap_seconds: 120 };
    const plan = new SendPlan(limits, 'Europe/London', []);
    const given: number[] = [];
    for (let n = 0; n < 200; n += 1) {
      const { at_ms } = plan.fit(null, START);
      plan.take({ at_ms, domain: null });
      given.push(at_ms);
    }
    given.sort((a, b) => a - b);
    for (const [n, ms] of given.entries()) {
      if (n > 0) expect(ms - given[n - 1]!).toBeGreaterThanOrEqual(120_000);
      if (n >= 5) expect(ms - given[n - 5]!).toBeGreaterThanOrEqual(HOUR_MS);
    }
    const days = Map.groupBy(given, (ms) => new Date(ms).toISOString().slice(0, 10));
    for (const of_day of days.values()) expect(of_day.length).toBeLessThanOrEqual(40);
  });
});
