import type { Connection } from '../../src/db/pool.ts';
import type { BenchDatabase } from './database.ts';
import { startProgress } from './progress.ts';
import { traceSamples } from './traces.ts';
import type { World } from './world.ts';

const DAY_MS = 24 * 3_600_000;
/** Length of the past: half a year, so at most seven partitions. */
const PAST_DAYS = 180;
const CHUNK = 250_000;
/** In parallel: each month is a separate table. */
const LOADERS = 2;

/** A partition, the part of it that is past, and the numbers of its events. */
type Month = { name: string; from: Date; until: Date; to: Date; rows: { first: number; last: number } };

/**
 * Adds `count` past events to the log, spread evenly over half a year and over all leads; `before` is the number added
 * earlier. Three of five events are the gate's (request, dispatch, send) with their whole trace, as the gate writes it.
 * Each month is loaded as a separate table without indexes and then attached, so that neither log nor indexes are written
 * row by row; the month's existing rows are copied along.
 */
export async function addPastEvents(
  database: BenchDatabase,
  world: World,
  { count, before }: { count: number; before: number },
): Promise<void> {
  const progress = startProgress('past events', count);
  await fillTraces(database, world);
  const waiting = plan(world.now, { count, before }).values();
  const loadSome = async () => {
    const own = await database.loader();
    try {
      for (const month of waiting) await loadMonth(own, world, month, progress.add);
    } finally {
      own.release(true);
    }
  };
  await Promise.all(Array.from({ length: LOADERS }, loadSome));
  const own = await database.loader();
  // The state that autovacuum would create later; otherwise it would run during a measurement.
  await own.query('VACUUM (ANALYZE) cadence_event_log').finally(() => own.release(true));
  progress.done();
}

/** Distributes the events over the months by their length; the first month begins with the past. */
function plan(now: Date, { count, before }: { count: number; before: number }): Month[] {
  const begin_ms = now.getTime() - PAST_DAYS * DAY_MS;
  const numberAt = (at_ms: number) =>
    before + Math.round((count * (at_ms - begin_ms)) / (PAST_DAYS * DAY_MS));
  const months: Month[] = [];
  let from = new Date(begin_ms);
  while (from < now) {
    const to = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1));
    const until = to < now ? to : now;
    const name = `cadence_event_log_${from.toISOString().slice(0, 7).replace('-', '_')}`;
    const rows = { first: numberAt(from.getTime()) + 1, last: numberAt(until.getTime()) };
    months.push({ name, from, until, to, rows });
    from = to;
  }
  return months;
}

async function fillTraces(database: BenchDatabase, world: World): Promise<void> {
  const samples = traceSamples(world.now.getTime());
  await database.db.query(`CREATE TABLE IF NOT EXISTS bench.traces AS
    SELECT row_number() OVER () - 1 AS position, s.* FROM json_to_recordset('${JSON.stringify(samples)}') s
      (event_type event_type, coordinator_action text, resolution text, suppressed_reason suppressed_reason,
       touches int, trace jsonb)`);
}

async function loadMonth(
  own: Connection,
  world: World,
  month: Month,
  onRows: (count: number) => void,
): Promise<void> {
  const { name, from, until, to, rows } = month;
  const first_day = `${from.toISOString().slice(0, 7)}-01 00:00:00+00`;
  const bounds = `FROM ('${first_day}') TO ('${to.toISOString()}')`;
  await own.query('BEGIN');
  const { rows: known } = await own.query<{ exists: boolean }>(
    `SELECT to_regclass('${name}') IS NOT NULL AS exists`,
  );
  if (known[0]!.exists) {
    await own.query(
      `ALTER TABLE cadence_event_log DETACH PARTITION ${name}; ALTER TABLE ${name} RENAME TO ${name}_old`,
    );
  }
  await own.query(`CREATE TABLE ${name} (LIKE cadence_event_log INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
  const { rows: owner } = await own.query<{ name: string }>(
    `SELECT relowner::regrole::text AS name FROM pg_class WHERE oid = 'cadence_event_log'::regclass`,
  );
  await own.query(`ALTER TABLE ${name} OWNER TO ${owner[0]!.name}`);
  if (known[0]!.exists)
    await own.query(`INSERT INTO ${name} SELECT * FROM ${name}_old; DROP TABLE ${name}_old`);
  const span_ms = (until.getTime() - from.getTime()) / Math.max(1, rows.last - rows.first + 1);
  for (let first = rows.first; first <= rows.last; first += CHUNK) {
    const last = Math.min(rows.last, first + CHUNK - 1);
    const started = new Date(from.getTime() + (first - rows.first) * span_ms);
    await own.query(eventsText(name, world), [first, last, started, span_ms]);
    onRows(last - first + 1);
  }
  await own.query(`ALTER TABLE cadence_event_log ATTACH PARTITION ${name} FOR VALUES ${bounds}`);
  await own.query(`CREATE TRIGGER ${name}_no_truncate BEFORE TRUNCATE ON ${name}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`);
  await own.query(`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`);
  await own.query('COMMIT');
}

/** Rows $1 to $2, the first at $3, one every $4 ms. */
function eventsText(name: string, { org_id, leads, leads_per_account }: World): string {
  return `
    INSERT INTO ${name} (org_id, id, timestamp, event_type, coordinator_action, resolution, touch_cap_at_event,
      compliance_status, suppressed_reason, moment, actor_kind, actor_id, lead_id, account_id, campaign_id,
      enrollment_id, queue_id, step_number, channel, sequence_type, policy_version, trace)
    SELECT '${org_id}'::uuid, bench.event_id(v.at, v.n), v.at,
           CASE WHEN v.n % 5 = 0 THEN t.event_type
                ELSE ('{dispatched,requested,drafted,approved,sent}'::event_type[])[1 + v.n % 5] END,
           CASE WHEN v.n % 5 = 0 THEN t.coordinator_action
                ELSE ('{dispatch,activate,draft,approve,send}'::text[])[1 + v.n % 5] END,
           CASE WHEN v.gate THEN t.resolution END, CASE WHEN v.gate THEN t.touches END,
           CASE WHEN v.gate THEN 'clear'::compliance_status END,
           CASE WHEN v.n % 5 = 0 THEN t.suppressed_reason END,
           CASE WHEN v.gate THEN ('{dispatched,requested,NULL,NULL,sent}'::gate_moment[])[1 + v.n % 5] END,
           'coordinator', 'AGT-302', bench.id(2, v.lead_n), bench.id(1, v.lead_n / ${leads_per_account}), c.id, bench.id(4, v.lead_n),
           bench.id(5, v.n), 1 + (v.n % 4), 'email', c.sequence_type, 1, CASE WHEN v.gate THEN t.trace END
    FROM (
      SELECT n, $3::timestamptz + (n - $1::bigint) * $4::float8 * interval '1 millisecond' AS at,
             1 + bench.roll(n / 5, 20, ${leads}) AS lead_n, n % 5 IN (0, 1, 4) AS gate
      FROM generate_series($1::bigint, $2::bigint) n
    ) v
    JOIN bench.traces t ON t.position = v.n / 5 % (SELECT count(*) FROM bench.traces)
    JOIN bench.campaigns c ON c.position = v.lead_n % 5`;
}
