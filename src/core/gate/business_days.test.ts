import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../durations.ts';
import { afterBusinessDays } from './business_days.ts';

const hours = { enforce: false, weekdays: [1, 2, 3, 4, 5], start_minute: 480, end_minute: 1080 };
const calendar = (dates: string[] = [], weekdays: readonly number[] = hours.weekdays) => ({
  business_hours: { ...hours, weekdays },
  holidays: { enforce: false, dates },
});
const past = (from: string, days: number, zone = 'UTC', given = calendar()) =>
  new Date(afterBusinessDays(Date.parse(from), days, zone, given)).toISOString();

describe('afterBusinessDays', () => {
  it.each([
    ['no days', '2026-11-25T10:00:00Z', 0, '2026-11-25T10:00:00.000Z'],
    ['a day in the week', '2026-11-24T10:00:00Z', 1, '2026-11-25T10:00:00.000Z'],
    ['over a weekend', '2026-11-27T23:59:59.999Z', 1, '2026-11-30T23:59:59.999Z'],
    ['from a Saturday', '2026-11-28T10:00:00Z', 1, '2026-12-01T00:00:00.000Z'],
    ['from a Sunday’s end', '2026-11-29T23:59:59Z', 1, '2026-12-01T00:00:00.000Z'],
    ['from a Saturday, no days', '2026-11-28T10:00:00Z', 0, '2026-11-30T00:00:00.000Z'],
  ])('%s', (_name, from, days, expected) => {
    expect(past(from, days)).toBe(expected);
  });

  it('skips holidays, also at the start', () => {
    expect(past('2026-12-24T10:00:00Z', 1, 'UTC', calendar(['2026-12-25']))).toBe('2026-12-28T10:00:00.000Z');
    expect(past('2026-12-25T10:00:00Z', 1, 'UTC', calendar(['2026-12-25']))).toBe('2026-12-29T00:00:00.000Z');
  });

  it('takes the day from the time zone', () => {
    // Friday evening in Los Angeles is Saturday in UTC.
    expect(past('2026-11-28T02:00:00Z', 1, 'America/Los_Angeles')).toBe('2026-12-01T02:00:00.000Z');
    expect(past('2026-11-28T02:00:00Z', 1, 'No/Zone')).toBe('2026-12-01T00:00:00.000Z');
  });

  it('keeps the wall time across a clock change', () => {
    expect(past('2026-10-23T09:00:00Z', 1, 'Europe/London')).toBe('2026-10-26T10:00:00.000Z');
    expect(past('2026-03-27T09:00:00Z', 1, 'Europe/London')).toBe('2026-03-30T08:00:00.000Z');
  });

  it('never returns an earlier time for a later start', () => {
    let last = '';
    for (let hour = 0; hour < 24 * 14; hour += 1) {
      const from = new Date(Date.parse('2026-10-19T00:00:00Z') + hour * HOUR_MS).toISOString();
      const to = past(from, 3, 'Europe/London', calendar(['2026-10-28']));
      expect(to >= last).toBe(true);
      last = to;
    }
  });
});
