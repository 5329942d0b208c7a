/**
 * Instants, local days, and business hours. Instants are epoch milliseconds (UTC); a local day is a calendar day of an IANA
 * zone and lasts 24 hours unless clocks change.
 */
import { DAY_MS, MINUTE_MS } from '../durations.ts';
import type { Policy } from './policy.ts';

/** Temporal ends at 8.64e15 ms; the margin keeps every window and search inside it. */
const LAST_INSTANT_MS = 8.64e15 - 1000 * DAY_MS;
/** The longest search for an open hour: a year passes every weekday and every yearly holiday. */
const SEARCH_DAYS = 366;

/** Whole local days on which nothing is sent: the policy's own dates and public holidays. */
export type ClosedDates = Pick<Policy['holidays'], 'enforce' | 'dates'>;

/**
 * The same time of day that many local days later: a step's `delay_days` counted from the enrollment (`next_send_at =
 * enrolled_at + delay_days`), so a sequence keeps its hour when clocks change. A skipped time of day moves by as much as
 * the clock; of a repeated one the second counts. 0 days later is the instant itself. The database counts alike
 * (`local_days_after` in db/routines/local_days.sql).
 */
export function localDaysAfterMs(from_ms: number, days: number, time_zone: string): number {
  if (days === 0) return from_ms;
  const zone = isTimeZone(time_zone) ? time_zone : 'UTC';
  const wall_clock = zoned(from_ms, zone).toPlainDateTime().add({ days });
  return wall_clock.toZonedDateTime(zone, { disambiguation: 'later' }).epochMilliseconds;
}

/**
 * The first instant >= `now_ms` inside business hours in `time_zone`: `now_ms` itself if open or if neither hours nor
 * holidays are enforced. A skipped hour opens after the change; a repeated hour is open both times. If nothing opens within
 * 366 days, the end of the search is returned, so the caller retries then and nothing is sent early.
 */
export function nextOpenMs(
  now_ms: number,
  time_zone: string,
  business_hours: Policy['business_hours'],
  holidays: ClosedDates,
): number {
  if (!business_hours.enforce && !holidays.enforce) return now_ms;
  let at_ms = now_ms;
  for (let searched = 0; searched < SEARCH_DAYS; searched += 1) {
    const day = localDayAt(at_ms, time_zone);
    const open_ms = isOpenDay(day, business_hours, holidays)
      ? openingWithin(day, at_ms, business_hours)
      : null;
    if (open_ms !== null) return open_ms;
    at_ms = day.end_ms;
  }
  return at_ms;
}

/** Why messages may not be sent, and until when. */
export type Closed = { until_ms: number; reason: 'business_hours' | 'holiday' };

/** Null if messages may be sent now. A holiday is closed all day. */
export function closedUntil(
  now_ms: number,
  time_zone: string,
  business_hours: Policy['business_hours'],
  holidays: ClosedDates,
): Closed | null {
  const until_ms = nextOpenMs(now_ms, time_zone, business_hours, holidays);
  if (until_ms <= now_ms) return null;
  const is_holiday = holidays.enforce && holidays.dates.includes(localDay(now_ms, time_zone));
  return { until_ms, reason: is_holiday ? 'holiday' : 'business_hours' };
}

/** The calendar date of an instant in a zone, `YYYY-MM-DD`. */
export function localDay(ms: number, time_zone: string): string {
  return localDayAt(ms, time_zone).date;
}

/** The local day around an instant: `start_ms` <= instant < `end_ms`, 23 to 25 hours apart as a rule. */
export function dayBounds(ms: number, time_zone: string): { start_ms: number; end_ms: number } {
  const { start_ms, end_ms } = localDayAt(ms, time_zone);
  return { start_ms, end_ms };
}

/**
 * Whether `name` is an IANA zone name. Offsets (`+02:00`) are refused: they have no daylight saving, and PostgreSQL
 * reverses their sign.
 */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** Whether a number is an instant that calendars can place: finite, and within 270,000 years of 1970. */
export function isInstant(ms: number): boolean {
  return ms >= -LAST_INSTANT_MS && ms <= LAST_INSTANT_MS;
}

/** One calendar day of a zone. The days of a zone follow each other without gaps or overlaps. */
export type LocalDay = {
  readonly date: string;
  /** ISO weekday, 1 = Monday. */
  readonly weekday: number;
  readonly start_ms: number;
  readonly end_ms: number;
  /** The zone used: `UTC` if the requested zone is unknown. */
  readonly time_zone: string;
};

type RecentDays = { time_zone: string; days: LocalDay[]; oldest: number };

/** Today and the days of one cap window per zone, so that decisions rarely compute calendars. */
const DAYS_PER_ZONE = 16;
/** More than the tz database has. Reached only with unchecked names; then the cache is cleared. */
const ZONES_KEPT = 1024;
const recent_days = new Map<string, RecentDays>();

/**
 * The local day around an instant (which must satisfy `isInstant`). An unknown zone counts as UTC, so a bad name never
 * opens or stops the gate; `time_zone` records it. Days are cached per zone; since they partition time, the cache never
 * changes the answer.
 */
export function localDayAt(ms: number, time_zone: string): LocalDay {
  const recent = recent_days.get(time_zone) ?? rememberZone(time_zone);
  for (const day of recent.days) {
    if (ms >= day.start_ms && ms < day.end_ms) return day;
  }
  const day = findDay(Math.floor(ms), recent.time_zone);
  recent.days[recent.oldest] = day;
  recent.oldest = (recent.oldest + 1) % DAYS_PER_ZONE;
  return day;
}

function rememberZone(time_zone: string): RecentDays {
  if (recent_days.size >= ZONES_KEPT) recent_days.clear();
  const recent = { time_zone: isTimeZone(time_zone) ? time_zone : 'UTC', days: [], oldest: 0 };
  recent_days.set(time_zone, recent);
  return recent;
}

function findDay(ms: number, time_zone: string): LocalDay {
  let date = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(time_zone).toPlainDate();
  let start_ms = startOfDay(date, time_zone);
  if (ms < start_ms) {
    date = date.subtract({ days: 1 });
    start_ms = startOfDay(date, time_zone);
  }
  const end_ms = startOfDay(date.add({ days: 1 }), time_zone);
  return { date: date.toString(), weekday: date.dayOfWeek, start_ms, end_ms, time_zone };
}

/**
 * The first instant of a date. Where clocks went back over midnight (Newfoundland at 00:01 until 2011), a date starts
 * twice: its second start counts, since days must not overlap.
 */
function startOfDay(date: Temporal.PlainDate, time_zone: string): number {
  const first = date.toZonedDateTime(time_zone);
  const second = date.toPlainDateTime().toZonedDateTime(time_zone, { disambiguation: 'later' });
  if (first.epochMilliseconds === second.epochMilliseconds) return first.epochMilliseconds;
  const before_second = second.subtract({ milliseconds: 1 }).toPlainDate();
  const comes_back = Temporal.PlainDate.compare(before_second, date) < 0;
  return comes_back ? second.epochMilliseconds : first.epochMilliseconds;
}

function isOpenDay(day: LocalDay, hours: Policy['business_hours'], holidays: ClosedDates): boolean {
  if (holidays.enforce && holidays.dates.includes(day.date)) return false;
  return !hours.enforce || hours.weekdays.includes(day.weekday);
}

/** The first open instant >= `at_ms` of an open day, or null if the day has closed. */
function openingWithin(day: LocalDay, at_ms: number, hours: Policy['business_hours']): number | null {
  if (!hours.enforce) return at_ms;
  if (day.end_ms - day.start_ms !== DAY_MS) return openingAcrossClockChange(day, at_ms, hours);
  const opens_ms = Math.max(at_ms, day.start_ms + hours.start_minute * MINUTE_MS);
  return opens_ms < day.start_ms + hours.end_minute * MINUTE_MS ? opens_ms : null;
}

/**
 * The same on a day of a clock change: it opens only when the wall clock reaches the opening time (twice if that hour is
 * repeated) or at the change itself.
 */
function openingAcrossClockChange(
  day: LocalDay,
  at_ms: number,
  hours: Policy['business_hours'],
): number | null {
  const opening = Temporal.PlainDate.from(day.date).toPlainDateTime({
    hour: Math.floor(hours.start_minute / 60),
    minute: hours.start_minute % 60,
  });
  const change = zoned(day.start_ms, day.time_zone).getTimeZoneTransition('next');
  const candidates = [
    at_ms,
    opening.toZonedDateTime(day.time_zone, { disambiguation: 'earlier' }).epochMilliseconds,
    opening.toZonedDateTime(day.time_zone, { disambiguation: 'later' }).epochMilliseconds,
    change === null ? at_ms : change.epochMilliseconds,
  ];
  const open = candidates.filter((ms) => ms >= at_ms && ms < day.end_ms && isOpenAt(ms, day, hours));
  return open.length === 0 ? null : Math.min(...open);
}

function isOpenAt(ms: number, day: LocalDay, hours: Policy['business_hours']): boolean {
  const local = zoned(ms, day.time_zone);
  const minute = local.hour * 60 + local.minute;
  return minute >= hours.start_minute && minute < hours.end_minute;
}

function zoned(ms: number, time_zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(ms)).toZonedDateTimeISO(time_zone);
}
