import { describe, expect, it } from 'vitest';
import { openingOf } from '../../core/gate/send_hours.ts';
import { parsePolicy } from './policy_document.ts';
import { countryCode, holidayCalendars } from './public_holidays.ts';

describe('countries', () => {
  it.each([
    ['DE', 'DE'],
    [' de ', 'DE'],
    ['Germany', 'DE'],
    ['United Kingdom', 'GB'],
    ['UK', 'GB'],
    ['USA', 'US'],
    ['France', 'FR'],
    ['Ruritania', null],
    ['XQ', null],
    ['', null],
    [null, null],
  ])('%s is %s', (text, code) => {
    expect(countryCode(text)).toBe(code);
  });
});

describe('calendars', () => {
  const now_ms = Date.parse('2026-12-24T12:00:00Z');
  const enforced = { enforce: true, dates: ['2026-12-28'], public: true, country: 'US' };

  it('name the holidays of the lead’s country and of the org’s country, and the policy’s own days', async () => {
    const calendarOf = await holidayCalendars(enforced, ['Germany', null], now_ms);
    const german = calendarOf('DE');
    expect(german.nameOf('2026-12-25')).toContain('Christmas');
    expect(german.nameOf('2026-10-03')).not.toBeNull();
    expect(german.nameOf('2026-07-04')).toContain('Independence');
    expect(calendarOf(null).nameOf('2026-10-03')).toBeNull();
    const policy = parsePolicy({ holidays: enforced });
    const open = openingOf({ time_zone: 'Europe/Berlin', ...german }, policy);
    const christmas = Date.parse('2026-12-25T10:00:00Z');
    // Friday the 25th, the weekend, and the policy's Monday: the next Tuesday morning in Berlin.
    expect(new Date(open(christmas)).toISOString()).toBe('2026-12-29T07:00:00.000Z');
  });

  it('cover both sides of a year’s end', async () => {
    const calendarOf = await holidayCalendars(enforced, ['FR'], now_ms);
    expect(calendarOf('FR').public_holidays).toContain('2027-01-01');
  });

  it('are empty where the policy ignores public holidays', async () => {
    const calendarOf = await holidayCalendars({ ...enforced, public: false }, ['DE'], now_ms);
    expect(calendarOf('DE').public_holidays).toEqual([]);
  });
});
