import { createContext, useContext } from 'react';
import { DAY_MS, HOUR_MS } from './durations.ts';

const DAY_TIME: Intl.DateTimeFormatOptions = {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
};
const day_time = new Intl.DateTimeFormat('en-GB', DAY_TIME);
const with_zone = new Intl.DateTimeFormat('en-GB', { ...DAY_TIME, second: '2-digit', timeZoneName: 'short' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * DAY_MS],
  ['month', 30 * DAY_MS],
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', 60_000],
];

/** An instant in the reader’s own zone or in a given one, such as "Tue, 24 Nov 2026, 09:00". */
export function localTime(iso: string, zone?: string): string {
  const format =
    zone === undefined ? day_time : new Intl.DateTimeFormat('en-GB', { ...DAY_TIME, timeZone: zone });
  return format.format(new Date(iso));
}

/** How far an instant is from `now_ms`: "in 3 days", "2 hours ago", "just now". */
function relativeTime(iso: string, now_ms: number): string {
  const distance_ms = new Date(iso).getTime() - now_ms;
  for (const [unit, unit_ms] of STEPS) {
    if (Math.abs(distance_ms) >= unit_ms) return relative.format(Math.trunc(distance_ms / unit_ms), unit);
  }
  return distance_ms > 0 ? 'in a moment' : 'just now';
}

/** About how long a time is, in its largest unit: "13 days", "2 hours". */
export function lengthWords(length_ms: number): string {
  const [unit, unit_ms] = STEPS.find(([, step_ms]) => length_ms >= step_ms) ?? ['minute', 60_000];
  const format = new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long' });
  return format.format(Math.round(length_ms / unit_ms));
}

const Zone = createContext<string | undefined>(undefined);

/** What is below it tells its times in this zone, and not in the reader’s own. */
export const ZoneProvider = Zone.Provider;

type TimeProps = {
  iso: string;
  /** Makes it relative to this instant, in epoch milliseconds. */
  now_ms?: number | undefined;
};

/** Shows an instant; the exact one in the reader’s zone appears on hover. */
export function Time({ iso, now_ms }: TimeProps) {
  const zone = useContext(Zone);
  const text = now_ms === undefined ? localTime(iso, zone) : relativeTime(iso, now_ms);
  return (
    <time dateTime={iso} title={with_zone.format(new Date(iso))}>
      {text}
    </time>
  );
}
