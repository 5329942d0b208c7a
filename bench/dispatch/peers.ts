import type { BenchDatabase } from './database.ts';
import { GRAPHILE_TUNING, prepareGraphile, putGraphileJobs } from './graphile.ts';
import { PG_BOSS_TUNING, preparePgBoss, putPgBossJobs } from './pg_boss.ts';
import type { TouchJob } from './touch.ts';

/** The job queues that the product competes with. */
export const PEERS = {
  pg_boss: { prepare: preparePgBoss, put: putPgBossJobs, tuning: PG_BOSS_TUNING },
  graphile_worker: { prepare: prepareGraphile, put: putGraphileJobs, tuning: GRAPHILE_TUNING },
};
export type PeerName = keyof typeof PEERS;

export function isPeer(name: string): name is PeerName {
  return Object.hasOwn(PEERS, name);
}

/** Takes the next `count` enrollments off the peer's list and queues a job for each. */
export async function putJobs(database: BenchDatabase, name: PeerName, count: number): Promise<number> {
  const { rows: jobs } = await database.db.query<TouchJob>(
    `WITH taken AS (SELECT ctid FROM bench.peer_work WHERE contestant = $1 LIMIT $2)
     DELETE FROM bench.peer_work w USING taken t WHERE w.ctid = t.ctid RETURNING w.enrollment_id`,
    [name, count],
  );
  await PEERS[name].put(database.url, jobs);
  await database.db.query(ANALYZE_QUEUES);
  return jobs.length;
}

/** In production autovacuum would do this; a run is too short to wait for it. */
const ANALYZE_QUEUES = `
  DO $$
  DECLARE
    name text;
  BEGIN
    FOR name IN SELECT oid::regclass FROM pg_class
      WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('pgboss', 'graphile_worker') LOOP
      EXECUTE 'ANALYZE ' || name;
    END LOOP;
  END $$`;
