import type { BenchDatabase } from './database.ts';
import type { World } from './world.ts';

/** What must be none after the run, whoever decided; and what was written in all. */
export type Checks = {
  decided_twice: number;
  over_cap: number;
  pending_for_unsubscribed: number;
  without_task: number;
  items: number;
  tasks: number;
  events: number;
};

/** The floor asks no gate, so its items are left out where the gate's word counts. */
export async function verify({ db }: BenchDatabase, { org_id, now }: World): Promise<Checks> {
  const { rows } = await db.query<Checks>(
    `WITH items AS MATERIALIZED (
       SELECT q.*, EXISTS (SELECT 1 FROM bench.floor_work w WHERE w.queue_id = q.id) AS of_floor
       FROM sales_send_queue q WHERE q.org_id = $1 AND q.created_at >= $2
     ), events AS MATERIALIZED (
       SELECT enrollment_id, step_number FROM cadence_event_log
       WHERE org_id = $1 AND timestamp >= $2 AND moment = 'dispatched'
     )
     SELECT
       (SELECT count(*) FROM (SELECT FROM events GROUP BY enrollment_id, step_number HAVING count(*) > 1) d)::int
         AS decided_twice,
       (SELECT count(*) FROM items q WHERE q.status = 'pending' AND NOT q.of_floor AND 3 <= (
          SELECT count(*) FROM touches t
          WHERE t.org_id = $1 AND t.lead_id = q.lead_id AND t.outcome <> 'void'
            AND t.sequence_type <> 'transactional' AND t.touched_at > q.created_at - interval '168 hours'))::int
         AS over_cap,
       (SELECT count(*) FROM items q JOIN leads l ON l.org_id = $1 AND l.id = q.lead_id
        WHERE q.status = 'pending' AND NOT q.of_floor AND l.unsubscribe_flag)::int AS pending_for_unsubscribed,
       (SELECT count(*) FROM items q WHERE q.status = 'pending' AND NOT EXISTS (
          SELECT 1 FROM agent_tasks t WHERE t.org_id = $1 AND t.queue_id = q.id))::int AS without_task,
       (SELECT count(*) FROM items)::int AS items,
       (SELECT count(*) FROM agent_tasks WHERE org_id = $1 AND created_at >= $2)::int AS tasks,
       (SELECT count(*) FROM events)::int AS events`,
    [org_id, now],
  );
  return rows[0]!;
}
