import { describe, expect, test } from 'vitest';
import { ANY_HOUR_POLICY, at, DAY, facts, HOUR, MOMENTS, TYPES, touch } from '../../../../test/gate/facts.ts';
import { parsePolicy } from '../../../coordinator/gate/policy_document.ts';
import type { Facts, TouchFact } from '../facts.ts';
import { decide } from '../gates.ts';
import { touchCap } from './touch_cap.ts';

/** Only the caps set the time; sending hours have a separate table below. */
const policy = parsePolicy(ANY_HOUR_POLICY);
const NOON = at('2026-11-16T12:00Z');

const ask = (over: Partial<Facts>, with_policy = policy) => touchCap.ask(facts(over), with_policy);
const says = (over: Partial<Facts>) => ask(over).trace.says;
const because = (over: Partial<Facts>) => ask(over).trace.because;

/** Settled touches in UTC, this many hours ago. */
const hoursAgo = (...hours: number[]): TouchFact[] => hours.map((ago) => touch(NOON - ago * HOUR));

describe('the window', () => {
  test.each([
    ['none', []],
    ['one', [25]],
    ['two', [25, 49]],
    ['three, one of exactly 168 h', [25, 49, 168]],
    ['four, two of them older', [25, 49, 169, 500]],
  ])('%s: passes', (_, ages) => {
    expect(because({ touches: hoursAgo(...ages) })).toBe('under_cap');
  });

  test('a touch one millisecond short of 168 h counts, and leaves the window one millisecond later', () => {
    const touches = [...hoursAgo(25, 49), touch(NOON - 168 * HOUR + 1)];
    expect(ask({ touches })).toMatchObject({
      trace: { says: 'hold', because: 'window_full' },
      reason: 'touch_cap_exceeded',
      until_ms: NOON + 1,
      wake: 'at_until',
    });
    expect(says({ touches, now_ms: NOON + 1 })).toBe('pass');
  });

  test('a touch one millisecond past 168 h does not count', () => {
    expect(says({ touches: [...hoursAgo(25, 49), touch(NOON - 168 * HOUR - 1)] })).toBe('pass');
  });

  test('a hold ends when the touch that filled the last place leaves, not after a whole period', () => {
    expect(ask({ touches: hoursAgo(30, 60, 160) }).until_ms).toBe(NOON + 8 * HOUR);
    expect(ask({ touches: hoursAgo(30, 60, 100, 160) }).until_ms).toBe(NOON + 68 * HOUR);
  });

  test('the window is 168 hours across a clock change, not seven local days', () => {
    const now_ms = at('2026-03-14T12:00[America/New_York]');
    const sent = at('2026-03-07T12:00[America/New_York]');
    expect(now_ms - sent).toBe(167 * HOUR);
    const touches = [sent, sent + 25 * HOUR, sent + 50 * HOUR].map((ms) => touch(ms));
    expect(ask({ now_ms, time_zone: 'America/New_York', touches }).until_ms).toBe(
      at('2026-03-14T13:00[America/New_York]'),
    );
  });

  test('the trace contains what the gate saw', () => {
    expect(ask({ touches: hoursAgo(1, 30), time_zone: 'Asia/Kolkata' }).trace).toEqual({
      gate: 'touch_cap',
      says: 'hold',
      because: 'day_full',
      saw: {
        touches_in_window: 2,
        max_touches_per_window: 3,
        touches_today: 1,
        max_touches_per_day: 1,
        local_day: '2026-11-16',
        time_zone: 'Asia/Kolkata',
      },
    });
  });
});

describe('the local day', () => {
  const DAYS = [
    ['an ordinary day', 'America/New_York', '2026-11-16', 24],
    ['spring, 23 h', 'America/New_York', '2026-03-08', 23],
    ['autumn, 25 h', 'America/New_York', '2026-11-01', 25],
    ['spring, 23 h', 'Europe/Berlin', '2026-03-29', 23],
    ['autumn, 25 h', 'Europe/Berlin', '2026-10-25', 25],
    ['half-hour zone', 'Asia/Kolkata', '2026-11-16', 24],
    ['spring, 23.5 h', 'Australia/Lord_Howe', '2026-10-04', 23.5],
    ['autumn, 24.5 h', 'Australia/Lord_Howe', '2026-04-05', 24.5],
    ['midnight skipped', 'America/Santiago', '2026-09-06', 23],
    ['midnight twice', 'America/Havana', '2026-11-01', 25],
  ] as const;

  test.each(DAYS)('%s in %s, %s: one touch, the next from midnight', (_, time_zone, date, hours) => {
    const start = Temporal.PlainDate.from(date).toZonedDateTime(time_zone).epochMilliseconds;
    const end = start + hours * HOUR;
    for (const sent of [start, start + 1, start + 2 * HOUR, end - 1]) {
      const touches = [touch(sent, { time_zone })];
      for (const now_ms of [sent, end - 1]) {
        expect(ask({ now_ms, time_zone, touches })).toMatchObject({
          trace: { because: 'day_full' },
          until_ms: end,
        });
      }
      expect(says({ now_ms: end, time_zone, touches })).toBe('pass');
    }
    const yesterday = [touch(start - 1, { time_zone })];
    expect(says({ now_ms: start, time_zone, touches: yesterday })).toBe('pass');
    expect(ask({ now_ms: start - 1, time_zone, touches: yesterday }).until_ms).toBe(start);
  });

  test('the recorded date counts when the lead’s time zone has changed since', () => {
    const sent = touch(at('2026-11-16T06:00Z'), { local_day: '2026-11-15' });
    const honolulu = { now_ms: NOON, time_zone: 'Pacific/Honolulu', touches: [sent] };
    expect(ask({ ...honolulu, now_ms: at('2026-11-16T10:00Z') }).trace.because).toBe('under_cap');
    const written_ahead = touch(at('2026-11-16T09:00Z'), { local_day: '2026-11-16' });
    const held = ask({ ...honolulu, now_ms: at('2026-11-16T10:00Z'), touches: [written_ahead] });
    expect(held).toMatchObject({ trace: { because: 'day_full' }, until_ms: at('2026-11-17T10:00Z') });
  });

  test('the instant counts, regardless of the recorded date', () => {
    const touches = [touch(NOON - 1, { local_day: '2020-01-01' })];
    expect(because({ touches })).toBe('day_full');
  });

  test('tomorrow is skipped too when it already has a touch', () => {
    const touches = [touch(NOON - HOUR), touch(NOON - 2 * HOUR, { local_day: '2026-11-17' })];
    expect(ask({ touches }).until_ms).toBe(at('2026-11-18T00:00Z'));
  });

  test('an unknown time zone counts as UTC, and the trace says so', () => {
    const held = ask({ time_zone: 'Mars/Olympus_Mons', touches: hoursAgo(11) });
    expect(held.trace.saw.time_zone).toBe('UTC');
    expect(held.until_ms).toBe(at('2026-11-17T00:00Z'));
  });
});

describe('both caps together', () => {
  test('a full window and a full day hold until the later of the two', () => {
    const window_last = ask({ touches: hoursAgo(1, 30, 60) });
    expect(window_last).toMatchObject({
      trace: { because: 'window_and_day_full' },
      until_ms: NOON + 108 * HOUR,
    });
    const day_last = ask({ touches: hoursAgo(1, 30, 167) });
    expect(day_last).toMatchObject({
      trace: { because: 'window_and_day_full' },
      until_ms: at('2026-11-17T00:00Z'),
    });
  });

  test('the hold skips the day on which the window clears if that day is full', () => {
    const touches = [...hoursAgo(30, 160), touch(NOON + 8 * HOUR)];
    expect(ask({ touches }).until_ms).toBe(at('2026-11-17T00:00Z'));
  });

  test('a daily cap of two allows two touches', () => {
    const two = parsePolicy({ ...ANY_HOUR_POLICY, touch_cap: { max_touches_per_day: 2 } });
    expect(ask({ touches: hoursAgo(1) }, two).trace.says).toBe('pass');
    expect(ask({ touches: hoursAgo(1, 2) }, two).until_ms).toBe(at('2026-11-17T00:00Z'));
  });
});

describe('touches that count in an unusual way', () => {
  test('an open outcome counts as of now, regardless of its age', () => {
    const open = touch(NOON - 30 * DAY, { settled: false });
    expect(ask({ touches: [open] })).toMatchObject({
      trace: { because: 'day_full', saw: { touches_in_window: 1, touches_today: 1 } },
      until_ms: at('2026-11-17T00:00Z'),
    });
    const two_more = [open, ...hoursAgo(25, 26)];
    expect(ask({ touches: two_more }).until_ms).toBe(NOON + 142 * HOUR);
    expect(ask({ touches: [open, open, open] }).until_ms).toBe(NOON + 168 * HOUR);
  });

  test('an open outcome does not count again on its recorded day', () => {
    const open = touch(NOON, { settled: false, local_day: '2026-11-17' });
    expect(ask({ touches: [open] }).until_ms).toBe(at('2026-11-17T00:00Z'));
  });

  test('a future touch counts, since another clock may run ahead', () => {
    expect(because({ touches: [touch(NOON + HOUR)] })).toBe('day_full');
    const ahead = [touch(NOON + 3 * DAY), ...hoursAgo(30, 60)];
    expect(ask({ touches: ahead })).toMatchObject({
      trace: { because: 'window_full' },
      until_ms: NOON + 108 * HOUR,
    });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1e300])('at_ms %s counts as of now', (at_ms) => {
    const touches = [{ at_ms, local_day: '', settled: true }];
    expect(ask({ touches })).toMatchObject({ until_ms: at('2026-11-17T00:00Z') });
  });
});

describe('caps of zero', () => {
  test.each([
    { max_touches_per_window: 0 },
    { max_touches_per_day: 0 },
    { max_touches_per_window: 0, max_touches_per_day: 0 },
  ])('%o allows no touch, and the reason says so', (touch_cap) => {
    const none = parsePolicy({ touch_cap });
    expect(ask({}, none)).toMatchObject({
      trace: { says: 'hold', because: 'cap_zero', saw: none.touch_cap.max_touches_per_day ? {} : touch_cap },
      reason: 'touch_cap_exceeded',
      until_ms: null,
      wake: 'policy_changes',
    });
    expect(decide(facts({ sequence_type: 'transactional' }), none).outcome).toBe('allow');
  });
});

describe('touches that can be held', () => {
  const cases = TYPES.flatMap((sequence_type) => MOMENTS.map((moment) => ({ sequence_type, moment })));

  test.each(cases)('$sequence_type when $moment', ({ sequence_type, moment }) => {
    const answer = ask({ sequence_type, moment, touches: hoursAgo(1, 2, 3) });
    if (sequence_type === 'transactional') {
      expect(answer.trace).toMatchObject({ says: 'pass', because: 'transactional', saw: { sequence_type } });
    } else {
      expect(answer.trace.says).toBe('hold');
    }
  });

  test.each([Number.NaN, Number.NEGATIVE_INFINITY, 1e300])('a clock of %s allows no touch', (now_ms) => {
    expect(ask({ now_ms, touches: hoursAgo(1) })).toMatchObject({
      trace: { says: 'hold', because: 'clock_unreadable' },
      until_ms: null,
      wake: 'never',
    });
  });
});

describe('sending hours', () => {
  const zone = 'America/New_York';
  const friday = at('2026-11-20T15:00[America/New_York]');
  const holds = (public_holidays: string[], touches: TouchFact[], now_ms = friday) =>
    ask({ now_ms, time_zone: zone, touches, public_holidays }, parsePolicy({}));
  const today = [touch(friday - HOUR, { time_zone: zone })];

  test.each([
    ['a day that is full on a Friday', [], '2026-11-23T08:00'],
    ['the Monday after it is a holiday', ['2026-11-23'], '2026-11-24T08:00'],
  ])('%s: held until they begin', (_, holidays, until) => {
    const answer = holds(holidays, today);
    expect(answer.until_ms).toBe(at(`${until}[${zone}]`));
    // The caps alone would require the midnight before.
    expect(answer.trace.saw.room_from_ms).toBe(at(`2026-11-21T00:00[${zone}]`));
  });

  test('they also apply to the day to which a hold moves', () => {
    const moved = touch(at('2026-11-16T12:00[America/New_York]'), { time_zone: zone });
    const answer = holds([], [...today, { ...moved, local_day: '2026-11-23' }]);
    expect(answer.until_ms).toBe(at(`2026-11-24T08:00[${zone}]`));
  });

  test('a free place within the hours is reported once', () => {
    const full = [30, 60, 167].map((ago) => touch(friday - ago * HOUR, { time_zone: zone }));
    const answer = holds([], full);
    expect(answer.until_ms).toBe(friday + HOUR);
    expect(answer.trace.saw).not.toHaveProperty('room_from_ms');
  });

  test('they hold nothing themselves: a touch under the caps passes at night', () => {
    expect(holds([], [], at('2026-11-21T01:30[America/New_York]')).trace.because).toBe('under_cap');
  });
});
