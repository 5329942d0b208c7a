/** Business days. A wait for a person is counted in them. */
import type { Policy } from './policy.ts';
import { type ClosedDates, isTimeZone } from './schedule.ts';

/** The weekdays of the policy's business hours, less its holidays. */
export type BusinessDays = Pick<Policy, 'business_hours'> & { holidays: ClosedDates };

/**
 * The instant when that many whole business days have passed since `from_ms` (epoch milliseconds): the same time of day in
 * `time_zone`. A wait that starts on a day off starts with the next business day. The policy's weekdays and holidays count
 * here even where it does not enforce them on touches, since they say when people work.
 */
export function afterBusinessDays(
  from_ms: number,
  business_days: number,
  time_zone: string,
  calendar: BusinessDays,
): number {
  const zone = isTimeZone(time_zone) ? time_zone : 'UTC';
  const from = Temporal.Instant.fromEpochMilliseconds(from_ms).toZonedDateTimeISO(zone);
  let date = from.toPlainDate();
  let time = from.toPlainTime();
  if (!isBusinessDay(date, calendar)) {
    date = nextBusinessDay(date, calendar);
    time = new Temporal.PlainTime();
  }
  for (let passed = 0; passed < business_days; passed += 1) date = nextBusinessDay(date, calendar);
  return date.toZonedDateTime({ timeZone: zone, plainTime: time }).epochMilliseconds;
}

/** Local hour of the digest. */
const DIGEST_HOUR = 8;
/** News from just before may not be committed yet: it is in the next digest. */
const DIGEST_SETTLES_MS = 60_000;

/**
 * Today's digest and until when its news counts, if today is a business day in `time_zone` and its hour has come; otherwise
 * null. Days off have none: their news is in the next one.
 */
export function digestDay(
  now_ms: number,
  time_zone: string,
  calendar: BusinessDays,
): { digest_on: string; until_ms: number } | null {
  const timeZone = isTimeZone(time_zone) ? time_zone : 'UTC';
  const date = Temporal.Instant.fromEpochMilliseconds(now_ms).toZonedDateTimeISO(timeZone).toPlainDate();
  const plainTime = new Temporal.PlainTime(DIGEST_HOUR);
  const from_ms = date.toZonedDateTime({ timeZone, plainTime }).epochMilliseconds;
  if (now_ms < from_ms || !isBusinessDay(date, calendar)) return null;
  return { digest_on: date.toString(), until_ms: from_ms - DIGEST_SETTLES_MS };
}

/** Always found: the policy names at least one weekday and at most a thousand holidays. */
function nextBusinessDay(date: Temporal.PlainDate, calendar: BusinessDays): Temporal.PlainDate {
  let next = date.add({ days: 1 });
  while (!isBusinessDay(next, calendar)) next = next.add({ days: 1 });
  return next;
}

function isBusinessDay(date: Temporal.PlainDate, { business_hours, holidays }: BusinessDays): boolean {
  return business_hours.weekdays.includes(date.dayOfWeek) && !holidays.dates.includes(date.toString());
}
