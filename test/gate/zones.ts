/**
 * Zones and years for the cases: clock changes at an odd hour, by an odd amount, across midnight, or across the date line.
 * The runtime and PostgreSQL each have a tz database. Where they differ, both are right, so only zones on which both agree
 * are compared.
 */
import type { OwnerPool } from '../../src/db/pool.ts';

/** A zone from one year to another, inclusive. */
export type Period = { time_zone: string; first_year: number; last_year: number };

const now = (time_zone: string): Period => ({ time_zone, first_year: 2024, last_year: 2029 });

export const PERIODS: readonly Period[] = [
  ...['UTC', 'Europe/Berlin', 'Europe/London', 'America/New_York', 'America/Los_Angeles'].map(now),
  // Offsets of a half or a quarter of an hour, and a change by half an hour.
  ...['Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Eucla', 'Pacific/Chatham', 'Pacific/Marquesas'].map(now),
  ...['Australia/Lord_Howe', 'America/St_Johns', 'Australia/Adelaide'].map(now),
  // Zones near the date line, where the date differs.
  ...['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Pacific/Auckland', 'Pacific/Apia'].map(now),
  // Changes at midnight: days that begin at one, or end twice.
  ...['America/Havana', 'America/Santiago', 'Africa/Cairo', 'Asia/Beirut', 'Atlantic/Azores'].map(now),
  ...['America/Asuncion', 'America/Nuuk', 'America/Scoresbysund'].map(now),
  // Changes by two hours, and a winter time that is the exception.
  ...['Antarctica/Troll', 'Europe/Dublin'].map(now),
  // A day that never existed, and former changes at midnight.
  { time_zone: 'Pacific/Apia', first_year: 2011, last_year: 2012 },
  { time_zone: 'America/Sao_Paulo', first_year: 2017, last_year: 2019 },
  { time_zone: 'Asia/Tehran', first_year: 2021, last_year: 2022 },
];

const DAY_MS = 86_400_000;

/** The entries of `PERIODS` in which PostgreSQL and this runtime have the same offsets, and those in which they differ. */
export async function agreedPeriods(db: OwnerPool): Promise<{ agreed: Period[]; differ: Period[] }> {
  const asked = PERIODS.map(({ time_zone, ...years }, place) => {
    const at_ms = instantsToCompare({ time_zone, ...years });
    const offset_s = at_ms.map((ms) => zoned(ms, time_zone).offsetNanoseconds / 1e9);
    return { place, time_zone, at_ms, offset_s };
  });
  const { rows } = await db.query<{ place: number }>(
    `SELECT DISTINCT z.place
     FROM jsonb_to_recordset($1) AS z (place int, time_zone text, at_ms int8[], offset_s float8[]),
       unnest(z.at_ms, z.offset_s) AS t (at_ms, offset_s),
       to_timestamp(t.at_ms / 1000.0) AS at
     WHERE extract(epoch FROM (at AT TIME ZONE z.time_zone) - (at AT TIME ZONE 'UTC')) <> t.offset_s`,
    [JSON.stringify(asked)],
  );
  const places = new Set(rows.map(({ place }) => place));
  return {
    agreed: PERIODS.filter((_, place) => !places.has(place)),
    differ: PERIODS.filter((_, place) => places.has(place)),
  };
}

/**
 * Changes since 2012, in any zone, in which a date ends and returns. Such a day has two beginnings, and the gate counts it
 * from the second. Newfoundland did so until 2011; no lead's clock has since.
 */
export function datesThatCameBack(): string[] {
  const years = { first_year: 2012, last_year: 2037 };
  return Intl.supportedValuesOf('timeZone').flatMap((time_zone) =>
    clockChanges({ time_zone, ...years })
      .filter((ms) => dateIn(ms, time_zone) < dateIn(ms - 1, time_zone))
      .map((ms) => zoned(ms, time_zone).toString()),
  );
}

/** Every instant of the period at which the zone's clock changes. */
function clockChanges({ time_zone, first_year, last_year }: Period): number[] {
  const changes: number[] = [];
  const end_ms = Date.UTC(last_year + 1, 0, 1);
  let at = zoned(Date.UTC(first_year, 0, 1), time_zone).getTimeZoneTransition('next');
  while (at !== null && at.epochMilliseconds < end_ms) {
    changes.push(at.epochMilliseconds);
    at = at.getTimeZoneTransition('next');
  }
  return changes;
}

/** The calendar date, `YYYY-MM-DD`. */
function dateIn(ms: number, time_zone: string): string {
  return zoned(ms, time_zone).toPlainDate().toString();
}

function zoned(ms: number, time_zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(time_zone);
}

/** Each day of the period and the months around it, and both sides of each change. */
export function instantsToCompare(period: Period): number[] {
  const first_ms = Date.UTC(period.first_year - 1, 10, 1);
  const days = Math.round((Date.UTC(period.last_year + 1, 4, 1) - first_ms) / DAY_MS);
  const daily = Array.from({ length: days }, (_, day) => first_ms + day * DAY_MS);
  const wider = { ...period, first_year: period.first_year - 1, last_year: period.last_year + 1 };
  return [...daily, ...clockChanges(wider).flatMap((ms) => [ms - 1, ms])];
}
