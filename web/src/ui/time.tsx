import { createContext, useContext } from 'react';
import { DAY_MS, HOUR_MS } from './durations.ts';

const DAY_TIME: Intl.DateTimeFormatOptions = {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  timeZoneName: 'short',
};
const day_time = new Intl.DateTimeFormat('en-US', DAY_TIME);
const in_full = new Intl.DateTimeFormat('en-US', { weekday: 'short', ...DAY_TIME, second: '2-digit' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * DAY_MS],
  ['month', 30 * DAY_MS],
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', 60_000],
];

/** More distant times are shown as dates. */
const RELATIVE_MS = 7 * DAY_MS;

/** Formats an instant in the reader's zone or a given one, for example "Nov 24, 2026, 9:00 AM CST". */
export function localTime(iso: string, zone?: string): string {
  const format =
    zone === undefined ? day_time : new Intl.DateTimeFormat('en-US', { ...DAY_TIME, timeZone: zone });
  return format.format(new Date(iso));
}

/** Formats the distance of an instant from `now_ms`: "in 3 days", "2 hours ago", "just now". */
function relativeTime(iso: string, now_ms: number): string {
  const distance_ms = new Date(iso).getTime() - now_ms;
  for (const [unit, unit_ms] of STEPS) {
    if (Math.abs(distance_ms) >= unit_ms) return relative.format(Math.trunc(distance_ms / unit_ms), unit);
  }
  return distance_ms > 0 ? 'in a moment' : 'just now';
}

/** Formats a duration in its largest unit: "13 days", "2 hours". */
export function lengthWords(length_ms: number): string {
  const [unit, unit_ms] = STEPS.find(([, step_ms]) => length_ms >= step_ms) ?? ['minute', 60_000];
  const format = new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long' });
  return format.format(Math.round(length_ms / unit_ms));
}

const Zone = createContext<string | undefined>(undefined);

/** Components below this show times in this zone instead of the reader's. */
export const ZoneProvider = Zone.Provider;

type TimeProps = {
  iso: string;
  /** Shows times within a week of this instant, in epoch milliseconds, relative to it. */
  now_ms?: number | undefined;
};

/** Shows an instant; the tooltip has the exact one in the reader's zone. */
export function Time({ iso, now_ms }: TimeProps) {
  const zone = useContext(Zone);
  const is_near = now_ms !== undefined && Math.abs(Date.parse(iso) - now_ms) < RELATIVE_MS;
  const text = is_near ? relativeTime(iso, now_ms) : localTime(iso, zone);
  return (
    <time dateTime={iso} title={in_full.format(new Date(iso))}>
      {text}
    </time>
  );
}
