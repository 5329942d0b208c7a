import { DAY_MS, HOUR_MS } from '../core/durations.ts';

/** Lists show few days: a thousand are about three years. */
const DAYS_KEPT = 1_000;
const TWO_DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
const THREE_DIGITS = Array.from({ length: 1_000 }, (_, n) => String(n).padStart(3, '0'));

/** Text up to the T, by days since 1970. */
const days = new Map<number, string>();

/** Same as `toISOString`, in a tenth of the time: a page of a list has hundreds of instants. */
export function instantText(date: Date): string {
  const ms = date.getTime();
  const day = Math.floor(ms / DAY_MS);
  const begin = days.get(day) ?? keepDay(day, date);
  const of_day = ms - day * DAY_MS;
  const hour = Math.floor(of_day / HOUR_MS);
  const minute = Math.floor(of_day / 60_000) % 60;
  const second = Math.floor(of_day / 1_000) % 60;
  return `${begin}${TWO_DIGITS[hour]}:${TWO_DIGITS[minute]}:${TWO_DIGITS[second]}.${THREE_DIGITS[of_day % 1_000]}Z`;
}

function keepDay(day: number, date: Date): string {
  const text = date.toISOString();
  if (days.size >= DAYS_KEPT) days.clear();
  const begin = text.slice(0, text.indexOf('T') + 1);
  days.set(day, begin);
  return begin;
}
