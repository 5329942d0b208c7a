import type { BenchDatabase } from './database.ts';
import type { World } from './world.ts';

/** Touches per transaction of the floor: as many as the product's stage takes. A tiny world uses fewer, to have some. */
const FLOOR_BATCH_MAX = 1000;
const FLOOR_BATCHES_MIN = 40;

/** How many enrollments each contestant may decide. */
export type Slices = { touchline: number; pg_boss: number; graphile_worker: number; floor: number };

/** No peer comes near this many touches in a second. */
export const PEER_TOUCHES_PER_SECOND = 3000;

/**
 * Shares out the enrollments, so that no contestant decides another's. The product takes the longest due first and so needs
 * no list; the others get lists from the other end. `busy_seconds` is how long each contestant works in all.
 */
export function planSlices(enrollments: number, busy_seconds: number): Slices {
  const peer = Math.min(Math.floor(enrollments * 0.15), Math.ceil(busy_seconds * PEER_TOUCHES_PER_SECOND));
  const floor = Math.floor(enrollments * 0.3);
  return { touchline: enrollments - floor - 2 * peer, pg_boss: peer, graphile_worker: peer, floor };
}

export function floorBatch({ floor }: Slices): number {
  return Math.min(FLOOR_BATCH_MAX, Math.ceil(floor / FLOOR_BATCHES_MIN));
}

/** Writes the lists: `bench.peer_work` and `bench.floor_work`, the latter with the contents of all its rows. */
export async function shareOut(database: BenchDatabase, world: World, slices: Slices): Promise<void> {
  const { db } = database;
  const peers = slices.pg_boss + slices.graphile_worker;
  const batch = floorBatch(slices);
  await db.query(`
    CREATE TABLE bench.latest AS
      SELECT row_number() OVER (ORDER BY next_send_at DESC, id DESC) AS place, id AS enrollment_id
      FROM campaign_contacts
      WHERE org_id = '${world.org_id}' AND status = 'active' AND next_send_at <= '${world.now.toISOString()}'
        AND open_queue_id IS NULL
      ORDER BY next_send_at DESC, id DESC LIMIT ${peers + slices.floor};
    CREATE TABLE bench.peer_work AS
      SELECT CASE WHEN place % 2 = 0 THEN 'pg_boss' ELSE 'graphile_worker' END AS contestant, enrollment_id
      FROM bench.latest WHERE place <= ${peers};
    CREATE SEQUENCE bench.floor_batch;
    CREATE TABLE bench.floor_work AS
      SELECT 1 + (w.place - 1) / ${batch} AS batch, uuidv7() AS queue_id, uuidv7() AS task_id,
             uuidv7() AS event_id, w.trace_position, w.trace_position = 5 AS held, e.client_id, e.contact_id, e.lead_id, l.account_id,
             e.campaign_id, e.id AS enrollment_id, e.current_step AS step_number, 'email'::channel AS channel,
             e.next_send_at AS scheduled_at, c.owner_role AS role, c.sequence_type
      FROM (
        SELECT place - ${peers} AS place, enrollment_id,
               CASE WHEN place % 8 = 0 THEN 5 ELSE place % 5 END AS trace_position
        FROM bench.latest WHERE place > ${peers}
      ) w
      JOIN campaign_contacts e ON e.org_id = '${world.org_id}' AND e.id = w.enrollment_id
      JOIN leads l ON l.org_id = e.org_id AND l.id = e.lead_id
      JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
      ORDER BY w.place;
    CREATE INDEX ON bench.floor_work (batch);
    ANALYZE bench.floor_work; ANALYZE bench.traces`);
}
