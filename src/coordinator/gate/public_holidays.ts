/**
 * Public holidays by country, from the offline data of date-holidays. The core knows days only by date: these holidays
 * become dates of the policy.
 */

import type { HolidaysTypes } from 'date-holidays';
import { DAY_MS } from '../../core/durations.ts';
import type { Policy } from '../../core/gate/policy.ts';

export type HolidayCalendar = {
  /** `YYYY-MM-DD`, in addition to the policy's own dates; empty if the policy ignores public holidays. */
  public_holidays: readonly string[];
  /** The holiday's name on a date (`YYYY-MM-DD`); null for a date that the policy names itself. */
  nameOf(date: string): string | null;
};

/** The ISO 3166-1 alpha-2 code for the text of an import, a CRM, or a person: a code or an English name; otherwise null. */
export function countryCode(text: string | null): string | null {
  if (text === null) return null;
  const given = text.trim();
  const code = given.toUpperCase();
  if (/^[A-Z]{2}$/.test(code)) return REGIONS.of(code) === code ? null : currentCode(code);
  return ALSO_CALLED[given.toLowerCase()] ?? codesByName().get(given.toLowerCase()) ?? null;
}

/** A calendar for each country text (null: none given). Each includes the organization's own holidays. */
export async function holidayCalendars(
  holidays: Policy['holidays'],
  countries: Iterable<string | null>,
  now_ms: number,
): Promise<(country: string | null) => HolidayCalendar> {
  if (!holidays.enforce || !holidays.public) return () => NO_PUBLIC_HOLIDAYS;
  const calendars = new Map<string, HolidayCalendar>();
  const keyOf = (country: string | null) => countryCode(country) ?? '';
  for (const country of [...countries, null]) {
    const key = keyOf(country);
    if (calendars.has(key)) continue;
    const codes = [key, countryCode(holidays.country) ?? ''].filter((code) => code !== '');
    const names = new Map((await Promise.all(codes.map((code) => namesAround(code, now_ms)))).flat());
    calendars.set(key, { public_holidays: [...names.keys()], nameOf: (date) => names.get(date) ?? null });
  }
  return (country) => calendars.get(keyOf(country)) ?? calendars.get('')!;
}

/** Loads the data, some hundred milliseconds of work once per process. Call before locking anything. */
export async function loadHolidays({ enforce, public: counts }: Policy['holidays']): Promise<void> {
  if (enforce && counts) await import('date-holidays');
}

const NO_PUBLIC_HOLIDAYS: HolidayCalendar = { public_holidays: [], nameOf: () => null };

const REGIONS = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });
const ALSO_CALLED: Readonly<Record<string, string>> = {
  'great britain': 'GB',
  england: 'GB',
  scotland: 'GB',
  wales: 'GB',
  usa: 'US',
  'united states of america': 'US',
  holland: 'NL',
  'the netherlands': 'NL',
  'czech republic': 'CZ',
  'south korea': 'KR',
  deutschland: 'DE',
  österreich: 'AT',
  schweiz: 'CH',
};

/** Maps a former or unofficial code to the current one. */
function currentCode(code: string): string {
  return new Intl.Locale(`und-${code}`).region ?? code;
}

let codes_by_name: Map<string, string> | undefined;

function codesByName(): Map<string, string> {
  if (codes_by_name !== undefined) return codes_by_name;
  codes_by_name = new Map();
  const letters = Array.from({ length: 26 }, (_, at) => String.fromCharCode(65 + at));
  for (const code of letters.flatMap((first) => letters.map((second) => first + second))) {
    const name = REGIONS.of(code);
    // Former codes, such as DD and FX, have the name of their successor.
    if (name !== undefined && name !== code && currentCode(code) === code)
      codes_by_name.set(name.toLowerCase(), code);
  }
  return codes_by_name;
}

const years = new Map<string, [string, string][]>();
/** Countries times years; only a clock that runs fast reaches it. */
const YEARS_KEPT = 2_000;

/** A search for an open day may cross into the next year, and the lead's zone may still be in the old year. */
async function namesAround(code: string, now_ms: number): Promise<[string, string][]> {
  const first = new Date(now_ms - DAY_MS).getUTCFullYear();
  const last = new Date(now_ms).getUTCFullYear() + 1;
  const around = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  return (await Promise.all(around.map((year) => namesOfYear(code, year)))).flat();
}

/** The country's public holidays as date and English name. The data is large, so it loads on first use. */
async function namesOfYear(code: string, year: number): Promise<[string, string][]> {
  const key = `${code}:${year}`;
  const known = years.get(key);
  if (known !== undefined) return known;
  const { default: Holidays } = await import('date-holidays');
  const found: HolidaysTypes.Holiday[] = new Holidays(code).getHolidays(year, 'en') || [];
  const days = found.filter(({ type }) => type === 'public').flatMap(daysOf);
  if (years.size >= YEARS_KEPT) years.clear();
  years.set(key, days);
  return days;
}

function daysOf({ date, start, end, name }: HolidaysTypes.Holiday): [string, string][] {
  const first = Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
  // Some holidays begin or end at sunset; sending closes for whole days.
  const count = Math.max(1, Math.round((end.getTime() - start.getTime()) / DAY_MS));
  return Array.from({ length: count }, (_, day) => [
    new Date(first + day * DAY_MS).toISOString().slice(0, 10),
    name,
  ]);
}
