import type { Queryable } from '../../src/db/pool.ts';
import type { TestDatabase } from '../database.ts';
import type { CapRaceTally, CapRaceTask } from './cap_race_main.ts';
import { machineMs } from './shared_clock.ts';
import { addLeads, campaignSlugs, createStormWorld } from './storm_world.ts';
import { breakDatabase, spawnProduct } from './worker_process.ts';

export type CapRaceOptions = {
  rounds: number;
  connections: number;
  /** Campaigns, which equal enrollments per lead; several connections request the same one. */
  campaigns: number;
  phase_limit_ms: number;
  /** The narrow cap: one a day, or three in the window with no limit for the day. */
  cap: 'day' | 'window';
  broken_build?: string | undefined;
};

export type CapRaceReport = CapRaceTally & {
  findings: string[];
  /** As the server counted them; each was resolved by rerunning a transaction. */
  deadlocks: number;
  race_ms: number;
};

const POLICIES = { day: {}, window: { touch_cap: { max_touches_per_day: 1_000 } } };
/** Touches that each lead gets. */
export const FITS = { day: 1, window: 3 };

/** Runs races for one lead at a time, in rounds. Returns what an auditor finds in the database afterward. */
export async function runCapRace({ db, url }: TestDatabase, options: CapRaceOptions): Promise<CapRaceReport> {
  const { rounds, connections, campaigns, broken_build } = options;
  const world = await createStormWorld(db, { leads: 0, campaigns, steps: 1 }, POLICIES[options.cap]);
  const lead_ids = await addLeads(world, rounds);
  await breakDatabase(db, broken_build);
  const deadlocks_before = await deadlocksOf(db);
  const task: CapRaceTask = {
    database_url: url,
    org_id: world.org_id,
    slugs: campaignSlugs(campaigns),
    lead_ids,
    connections,
    phase_limit_ms: options.phase_limit_ms,
    start_ms: world.clock.now_ms(),
  };
  const began = machineMs();
  const lines: string[] = [];
  const child = spawnProduct('cap_race_main.ts', task, { broken_build, onLine: (line) => lines.push(line) });
  try {
    await child.ready;
    await child.exited;
  } finally {
    await child.kill();
  }
  if (lines[0] === undefined) throw new Error(`the race ended early: ${child.errors()}`);
  const tally = JSON.parse(lines[0]) as CapRaceTally;
  const findings = await auditRace(db, world.org_id, options);
  for (const [code, count] of Object.entries(tally.other_errors)) findings.push(`${count} times ${code}`);
  const deadlocks = (await deadlocksOf(db)) - deadlocks_before;
  return { ...tally, findings, deadlocks, race_ms: Math.round(machineMs() - began) };
}

/**
 * Written down again, in SQL: this many touches of each lead and no others, one decision for each step, no hold without an
 * end.
 */
async function auditRace(db: Queryable, org_id: string, options: CapRaceOptions): Promise<string[]> {
  const { rows } = await db.query<{ finding: string }>(
    `SELECT 'over cap: ' || count(*) || ' touches of lead ' || lead_id AS finding
     FROM touches WHERE org_id = $1 AND outcome <> 'void' GROUP BY lead_id HAVING count(*) > $4::int
     UNION ALL
     SELECT 'double decision: ' || count(*) || ' touches for enrollment ' || enrollment_id
     FROM sales_send_queue WHERE org_id = $1 GROUP BY enrollment_id, step_number HAVING count(*) > 1
     UNION ALL
     SELECT 'double decision: enrollment ' || enrollment_id || ' was dispatched ' || count(*) || ' times'
     FROM cadence_event_log WHERE org_id = $1 AND event_type = 'dispatched' GROUP BY enrollment_id HAVING count(*) > 1
     UNION ALL
     SELECT 'double enrollment: lead ' || lead_id || ' in campaign ' || campaign_id
     FROM campaign_contacts WHERE org_id = $1 GROUP BY lead_id, campaign_id HAVING count(*) > 1
     UNION ALL
     SELECT 'lost: touch ' || id || ' is ' || status || ' without a time'
     FROM sales_send_queue WHERE org_id = $1 AND status <> 'sent' AND (status <> 'held' OR held_until IS NULL)
     UNION ALL
     SELECT 'lost: ' || $2::int * $3::int - count(*) || ' enrollments have no touch'
     FROM sales_send_queue WHERE org_id = $1 HAVING count(*) < $2::int * $3::int
     UNION ALL
     SELECT 'lost: ' || count(t.id) || ' touches of lead ' || l.id
     FROM leads l LEFT JOIN touches t ON t.org_id = l.org_id AND t.lead_id = l.id AND t.outcome = 'sent'
     WHERE l.org_id = $1 GROUP BY l.id HAVING count(t.id) < $4::int`,
    [org_id, options.rounds, options.campaigns, FITS[options.cap]],
  );
  return rows.map(({ finding }) => finding);
}

async function deadlocksOf(db: Queryable): Promise<number> {
  await db.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await db.query<{ deadlocks: number }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  return rows[0]!.deadlocks;
}
