/** When an absent person may be contacted again. */
import { DAY_MS } from '../durations.ts';
import { afterBusinessDays } from '../gate/business_days.ts';
import type { Policy } from '../gate/policy.ts';
import { isTimeZone } from '../gate/schedule.ts';

/** A later date is a slip of the pen, or an attempt never to be contacted. */
const AWAY_DAYS_MAX = 366;

type Calendar = Pick<Policy, 'business_hours' | 'holidays'>;

/**
 * The opening of the business day after the day of return, because the first day goes to the backlog. Without a date in the
 * future, `days` days from now, and if nothing is open then, the next opening. Epoch milliseconds; days and hours are those
 * of `time_zone`, and count whether or not the policy enforces them on touches.
 */
export function afterAbsence(
  { now_ms, return_date, days }: { now_ms: number; return_date: string | null; days: number },
  time_zone: string,
  calendar: Calendar,
): number {
  const zone = isTimeZone(time_zone) ? time_zone : 'UTC';
  const today = dateOf(now_ms, zone);
  const back = ahead(return_date, today);
  if (back !== null) return opening(startOf(back, zone), 1, zone, calendar);
  return opening(startOf(today.add({ days }), zone), 0, zone, calendar);
}

/** The opening of that day, or of the next business day; without a date in the future, in `days` days. */
export function onReturn(
  { now_ms, return_date, days }: { now_ms: number; return_date: string | null; days: number },
  time_zone: string,
  calendar: Calendar,
): number {
  const zone = isTimeZone(time_zone) ? time_zone : 'UTC';
  const back = ahead(return_date, dateOf(now_ms, zone));
  const from_ms = back === null ? now_ms + days * DAY_MS : startOf(back, zone);
  return opening(from_ms, 0, zone, calendar);
}

function ahead(return_date: string | null, today: Temporal.PlainDate): Temporal.PlainDate | null {
  if (return_date === null) return null;
  const date = Temporal.PlainDate.from(return_date);
  const is_late = Temporal.PlainDate.compare(date, today.add({ days: AWAY_DAYS_MAX })) > 0;
  return is_late || Temporal.PlainDate.compare(date, today) < 0 ? null : date;
}

function opening(from_ms: number, business_days: number, zone: string, calendar: Calendar): number {
  const day = dateOf(afterBusinessDays(from_ms, business_days, zone, calendar), zone);
  const { start_minute } = calendar.business_hours;
  const plainTime = new Temporal.PlainTime(Math.floor(start_minute / 60), start_minute % 60);
  return day.toZonedDateTime({ timeZone: zone, plainTime }).epochMilliseconds;
}

function dateOf(ms: number, zone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDate();
}

function startOf(date: Temporal.PlainDate, zone: string): number {
  return date.toZonedDateTime(zone).epochMilliseconds;
}
