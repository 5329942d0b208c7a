import type { BenchDatabase } from './database.ts';
import type { World } from './world.ts';

/** Counts that must be zero after the run, for every contestant; and how many rows were written. */
export type Checks = {
  decided_twice: number;
  over_cap: number;
  pending_for_unsubscribed: number;
  without_task: number;
  items: number;
  tasks: number;
  events: number;
};

/** The floor asks no gate, so checks of gate decisions leave its items out. */
export async function verify({ db }: BenchDatabase, { org_id, now }: World): Promise<Checks> {
  const since = `org_id = '${org_id}' AND created_at >= '${now.toISOString()}'`;
  // Separate tables with statistics: the planner would assume a few rows for a CTE of a hundred thousand.
  await db.query(`
    CREATE TABLE bench.items AS SELECT id, lead_id, status, created_at FROM sales_send_queue WHERE ${since};
    CREATE TABLE bench.tasks AS SELECT queue_id FROM agent_tasks WHERE ${since};
    CREATE TABLE bench.gated AS
      SELECT i.* FROM bench.items i LEFT JOIN bench.floor_work w ON w.queue_id = i.id
      WHERE i.status = 'pending' AND w.queue_id IS NULL;
    ANALYZE bench.items; ANALYZE bench.tasks; ANALYZE bench.gated`);
  const { rows } = await db.query<Checks>(
    `WITH events AS MATERIALIZED (
       SELECT enrollment_id, step_number FROM cadence_event_log
       WHERE org_id = $1 AND timestamp >= $2 AND moment = 'dispatched'
     )
     SELECT
       (SELECT count(*) FROM (SELECT FROM events GROUP BY enrollment_id, step_number HAVING count(*) > 1) d)::int
         AS decided_twice,
       (SELECT count(*) FROM bench.gated q WHERE 3 <= (
          SELECT count(*) FROM touches t
          WHERE t.org_id = $1 AND t.lead_id = q.lead_id AND t.counts
            AND t.touched_at > q.created_at - interval '168 hours'))::int
         AS over_cap,
       (SELECT count(*) FROM bench.gated q JOIN leads l ON l.org_id = $1 AND l.id = q.lead_id
        WHERE l.unsubscribe_flag)::int AS pending_for_unsubscribed,
       (SELECT count(*) FROM bench.items i LEFT JOIN bench.tasks t ON t.queue_id = i.id
        WHERE i.status = 'pending' AND t.queue_id IS NULL)::int AS without_task,
       (SELECT count(*) FROM bench.items)::int AS items,
       (SELECT count(*) FROM bench.tasks)::int AS tasks,
       (SELECT count(*) FROM events)::int AS events`,
    [org_id, now],
  );
  return rows[0]!;
}
