import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at, dateIn, HOUR, instantIn, ZONES } from '../../../test/gate/facts.ts';
import type { Policy } from './policy.ts';
import {
  dayBounds,
  isInstant,
  isTimeZone,
  localDay,
  localDayAt,
  localDaysAfterMs,
  nextOpenMs,
} from './schedule.ts';

const MINUTE = 60_000;
const OFFICE = { enforce: true, weekdays: [1, 2, 3, 4, 5], start_minute: 480, end_minute: 1080 };
const NO_HOLIDAYS = { enforce: false, dates: [] };

describe('localDaysAfterMs', () => {
  test.each([
    ['a clock set forward', '2026-03-07T09:00', 3, '2026-03-10T09:00'],
    ['a clock set back', '2026-10-30T09:00', 7, '2026-11-06T09:00'],
    ['a time of day that the clock skips', '2026-03-07T02:30', 1, '2026-03-08T03:30'],
    ['the day after it', '2026-03-07T02:30', 2, '2026-03-09T02:30'],
    ['a time of day that the clock repeats', '2026-10-31T01:30', 1, '2026-11-01T01:30-05:00'],
    ['no days, within a repeated hour', '2026-11-01T01:30-04:00', 0, '2026-11-01T01:30-04:00'],
  ])('%s', (_, from, days, to) => {
    const zone = 'America/New_York';
    expect(localDaysAfterMs(at(`${from}[${zone}]`), days, zone)).toBe(at(`${to}[${zone}]`));
  });

  test('an unknown zone counts as UTC', () => {
    expect(localDaysAfterMs(at('2026-03-07T09:00Z'), 3, '+02:00')).toBe(at('2026-03-10T09:00Z'));
  });
});

describe('local days', () => {
  test('match the calendar, contain their instant, and follow one another', () => {
    const cases = fc.constantFrom(...ZONES).chain((zone) => fc.tuple(fc.constant(zone), instantIn(zone)));
    fc.assert(
      fc.property(cases, ([zone, ms]) => {
        const day = localDayAt(ms, zone);
        expect(day.date).toBe(dateIn(ms, zone));
        expect(day.weekday).toBe(Temporal.PlainDate.from(day.date).dayOfWeek);
        expect(localDay(ms, zone)).toBe(day.date);
        expect(dayBounds(ms, zone)).toEqual({ start_ms: day.start_ms, end_ms: day.end_ms });
        expect(day.start_ms).toBeLessThanOrEqual(ms);
        expect(day.end_ms).toBeGreaterThan(ms);
        expect(dateIn(day.start_ms, zone)).toBe(day.date);
        expect(dateIn(day.start_ms - 1, zone)).not.toBe(day.date);
        expect(localDayAt(day.end_ms, zone).start_ms).toBe(day.end_ms);
      }),
      { numRuns: 3000 },
    );
  });

  test('a date that a zone skipped has no instant', () => {
    const last = at('2011-12-29T12:00[Pacific/Apia]');
    expect(dayBounds(last, 'Pacific/Apia').end_ms).toBe(at('2011-12-31T00:00[Pacific/Apia]'));
    expect(localDay(dayBounds(last, 'Pacific/Apia').end_ms, 'Pacific/Apia')).toBe('2011-12-31');
  });

  test('days do not overlap where clocks went back across midnight', () => {
    // Newfoundland, 7 November 2010: at 00:01 the clock went back to 23:01 of the 6th.
    const zone = 'America/St_Johns';
    const first_midnight = at('2010-11-07T00:00-02:30[America/St_Johns]');
    const second_midnight = at('2010-11-07T00:00-03:30[America/St_Johns]');
    for (const ms of [first_midnight - 1, first_midnight, first_midnight + MINUTE, second_midnight - 1]) {
      expect(localDayAt(ms, zone)).toMatchObject({ date: '2010-11-06', end_ms: second_midnight });
    }
    expect(localDayAt(second_midnight, zone)).toMatchObject({
      date: '2010-11-07',
      start_ms: second_midnight,
    });
  });

  test('fractions of a millisecond belong to their millisecond', () => {
    expect(localDay(at('2026-11-16T00:00Z') + 0.5, 'UTC')).toBe('2026-11-16');
  });

  test('more zone names than the cache holds change nothing', () => {
    const ms = at('2026-11-16T12:00Z');
    const before = localDayAt(ms, 'Asia/Kolkata');
    for (let n = 0; n < 1100; n += 1) expect(localDayAt(ms, `No/Zone_${n}`).time_zone).toBe('UTC');
    expect(localDayAt(ms, 'Asia/Kolkata')).toEqual(before);
  });
});

describe('isTimeZone and isInstant', () => {
  test.each(['UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'Etc/GMT+5', 'US/Eastern'])(
    '%s is valid',
    (name) => {
      expect(isTimeZone(name)).toBe(true);
    },
  );

  test.each([
    '',
    'Mars/Olympus_Mons',
    '+02:00',
    '-05:00',
    '2026-11-16T00:00[Europe/Berlin]',
    'Berlin',
    'Europe/Berlin ',
    'UTC\0',
  ])('%j is invalid', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });

  test('only instants that a calendar can show are valid', () => {
    for (const ms of [0, at('0001-01-01T00:00Z'), at('9999-12-31T00:00Z')]) expect(isInstant(ms)).toBe(true);
    for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, 8.64e15, -8.64e15])
      expect(isInstant(ms)).toBe(false);
  });
});

describe('nextOpenMs', () => {
  const open = (
    text: string,
    zone: string,
    hours: Partial<Policy['business_hours']> = {},
    dates: string[] = [],
  ) => nextOpenMs(at(text), zone, { ...OFFICE, ...hours }, { enforce: dates.length > 0, dates });

  test.each([
    ['in the morning', '2026-11-16T07:59:59.999[Asia/Kolkata]', '2026-11-16T08:00[Asia/Kolkata]'],
    ['at opening', '2026-11-16T08:00[Asia/Kolkata]', '2026-11-16T08:00[Asia/Kolkata]'],
    ['in between', '2026-11-16T12:34[Asia/Kolkata]', '2026-11-16T12:34[Asia/Kolkata]'],
    [
      'a millisecond before closing',
      '2026-11-16T17:59:59.999[Asia/Kolkata]',
      '2026-11-16T17:59:59.999[Asia/Kolkata]',
    ],
    ['at closing', '2026-11-16T18:00[Asia/Kolkata]', '2026-11-17T08:00[Asia/Kolkata]'],
    ['on Friday evening', '2026-11-20T19:00[Asia/Kolkata]', '2026-11-23T08:00[Asia/Kolkata]'],
    ['on Sunday', '2026-11-22T12:00[Asia/Kolkata]', '2026-11-23T08:00[Asia/Kolkata]'],
  ])('%s', (_, now, expected) => {
    expect(open(now, 'Asia/Kolkata')).toBe(at(expected));
  });

  test('keeps the local hour over a weekend with a clock change', () => {
    expect(open('2026-03-06T18:00[America/New_York]', 'America/New_York')).toBe(
      at('2026-03-09T08:00[America/New_York]'),
    );
    expect(open('2026-10-23T18:00[Europe/Berlin]', 'Europe/Berlin')).toBe(
      at('2026-10-26T08:00[Europe/Berlin]'),
    );
  });

  const sunday = (start_minute: number, end_minute: number) => ({ weekdays: [7], start_minute, end_minute });

  test('delays an opening that the clock skips until the clock has advanced', () => {
    const before = '2026-03-08T01:00[America/New_York]';
    const after = at('2026-03-08T03:00[America/New_York]');
    expect(open(before, 'America/New_York', sunday(150, 600))).toBe(after);
    expect(open('2026-03-08T03:10[America/New_York]', 'America/New_York', sunday(150, 600))).toBe(
      after + 10 * MINUTE,
    );
  });

  test('skips hours that lie entirely in the skipped hour', () => {
    const next_week = at('2026-03-15T02:15[America/New_York]');
    expect(open('2026-03-08T01:00[America/New_York]', 'America/New_York', sunday(135, 165))).toBe(next_week);
  });

  test('opens both times in an hour that the clock repeats', () => {
    const hours = sunday(60, 90);
    const first = at('2026-11-01T01:00-04:00[America/New_York]');
    expect(open('2026-11-01T00:30[America/New_York]', 'America/New_York', hours)).toBe(first);
    expect(nextOpenMs(first + 30 * MINUTE, 'America/New_York', { ...OFFICE, ...hours }, NO_HOLIDAYS)).toBe(
      first + HOUR,
    );
    expect(nextOpenMs(first + 90 * MINUTE, 'America/New_York', { ...OFFICE, ...hours }, NO_HOLIDAYS)).toBe(
      at('2026-11-08T01:00[America/New_York]'),
    );
  });

  test('treats holidays as whole local days, with or without business hours', () => {
    const christmas = ['2026-12-25', '2026-12-26'];
    expect(open('2026-12-25T09:00[Europe/Berlin]', 'Europe/Berlin', {}, christmas)).toBe(
      at('2026-12-28T08:00[Europe/Berlin]'),
    );
    expect(open('2026-12-25T09:00[Europe/Berlin]', 'Europe/Berlin', { enforce: false }, christmas)).toBe(
      at('2026-12-27T00:00[Europe/Berlin]'),
    );
    const ignored = { enforce: false, dates: christmas };
    const now = at('2026-12-25T09:00[Europe/Berlin]');
    expect(nextOpenMs(now, 'Europe/Berlin', OFFICE, ignored)).toBe(now);
    expect(nextOpenMs(now, 'Europe/Berlin', { ...OFFICE, enforce: false }, ignored)).toBe(now);
  });

  test('stops searching after a year when the policy never opens', () => {
    const now = at('2026-11-16T12:00Z');
    expect(nextOpenMs(now, 'UTC', { ...OFFICE, weekdays: [] }, NO_HOLIDAYS)).toBe(at('2027-11-17T00:00Z'));
  });

  test('returns an open minute, and every minute before it is closed', () => {
    const hours = fc.tuple(fc.nat(95), fc.nat(95)).filter(([a, b]) => a !== b);
    const cases = fc
      .constantFrom(...ZONES)
      .chain((zone) => fc.tuple(fc.constant(zone), instantIn(zone), hours));
    fc.assert(
      fc.property(cases, ([zone, now, [a, b]]) => {
        const policy = { ...OFFICE, start_minute: Math.min(a, b) * 15, end_minute: Math.max(a, b) * 15 };
        const isOpen = (ms: number) => {
          const local = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
          const minute = local.hour * 60 + local.minute;
          return local.dayOfWeek <= 5 && minute >= policy.start_minute && minute < policy.end_minute;
        };
        const found = nextOpenMs(now, zone, policy, NO_HOLIDAYS);
        expect(found).toBeGreaterThanOrEqual(now);
        expect(isOpen(found)).toBe(true);
        if (found > now) expect(isOpen(found - 1)).toBe(false);
        for (let ms = now; ms < found; ms += 15 * MINUTE) expect(isOpen(ms)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});
