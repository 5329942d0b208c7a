import { expect, test } from 'vitest';
import { localDayAt } from '../../src/core/gate/schedule.ts';
import { testDatabase } from '../database.ts';
import { agreedPeriods, datesThatCameBack, instantsToCompare, PERIODS } from './zones.ts';

/* The gate's local days against PostgreSQL's time zones: another language with its own tz database. */

const { db } = await testDatabase({ empty: true, statement_timeout_ms: 120_000 });

test('days begin and end where PostgreSQL changes the date', async () => {
  const { agreed } = await agreedPeriods(db);
  // An older system's tz database may lack the latest one or two changes of law, and no more.
  expect(agreed.length).toBeGreaterThanOrEqual(PERIODS.length - 4);
  for (const period of agreed) {
    const { time_zone } = period;
    const days = instantsToCompare(period).map((at_ms) => ({ at_ms, ...localDayAt(at_ms, time_zone) }));
    const { rows } = await db.query<{ at_ms: number }>(
      `SELECT d.at_ms FROM jsonb_to_recordset($1) AS d (at_ms int8, date date, start_ms int8, end_ms int8),
         LATERAL (SELECT (to_timestamp(d.at_ms / 1000.0) AT TIME ZONE $2)::date AS here,
                         (to_timestamp(d.start_ms / 1000.0) AT TIME ZONE $2)::date AS first,
                         (to_timestamp((d.start_ms - 1) / 1000.0) AT TIME ZONE $2)::date AS before,
                         (to_timestamp((d.end_ms - 1) / 1000.0) AT TIME ZONE $2)::date AS last,
                         (to_timestamp(d.end_ms / 1000.0) AT TIME ZONE $2)::date AS after) p
       WHERE NOT (p.here = d.date AND p.first = d.date AND p.last = d.date AND p.before < d.date AND p.after > d.date)`,
      [JSON.stringify(days), time_zone],
    );
    expect(rows, time_zone).toEqual([]);
  }
}, 120_000);

test('since 2012 no zone has repeated a date, where the two would count differently', () => {
  expect(datesThatCameBack()).toEqual([]);
});
