import { sealLog } from '../../src/coordinator/upkeep/event_chain.ts';
import type { OwnerPool, Statements } from '../../src/db/pool.ts';
import { verifyAudit } from '../../src/operations/log/audit_verify.ts';
import type { TestDb } from '../database.ts';
import { createWorld, type World } from '../world.ts';

/** An org with some events and audit lines, sealed in several batches. */
export async function chainWorld(db: TestDb): Promise<World> {
  const world = await createWorld(db);
  for (let leads = 0; leads < 3; leads += 1) {
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    await world.approve(lead_id);
  }
  await seal(world);
  return world;
}

export function seal({ worker_context, clock, org_id }: World): Promise<void> {
  return sealLog({ db: worker_context.db, clock, org_id });
}

/** Repeats the request as often as the answer asks, like the CLI. */
export async function verify(world: World, expect?: string) {
  let continue_from: string | undefined;
  for (let asked = 1; ; asked += 1) {
    const input = {
      ...(expect === undefined ? {} : { expect }),
      ...(continue_from === undefined ? {} : { continue_from }),
    };
    const result = await verifyAudit.run({ context: world.context, principal: world.person, input });
    const answer = verifyAudit.output.parse(result);
    if (answer.continue_from === null) return { ...answer, asked };
    continue_from = answer.continue_from;
  }
}

/** Runs as a superuser who has disabled every trigger, so nothing in the database prevents the change. */
export async function tamper(db: OwnerPool, statements: (own: Statements) => Promise<void>): Promise<void> {
  const own = await db.checkout();
  try {
    await own.query('BEGIN');
    await own.query('SET LOCAL session_replication_role = replica');
    await statements(own);
    await own.query('COMMIT');
  } finally {
    own.release(true);
  }
}

const TABLES = ['cadence_event_log', 'audit_log', 'event_log_batches', 'event_log_heads'];

/** Saves the logs and the chain. The returned function restores them after any change. */
export async function keepLogs(db: OwnerPool): Promise<() => Promise<void>> {
  for (const table of TABLES) await db.query(`CREATE TABLE public.kept_${table} AS SELECT * FROM ${table}`);
  return () =>
    tamper(db, async (own) => {
      for (const table of TABLES) {
        await own.query(`DELETE FROM ${table}`);
        await own.query(`INSERT INTO ${table} SELECT * FROM public.kept_${table}`);
      }
    });
}

export type Batch = { place: number; kind: string; id: string; row_ids: string[]; hash: Buffer };

export function batchesOf(world: World, where = 'place IS NOT NULL'): Promise<Batch[]> {
  return world.rows<Batch>('event_log_batches', `${where} ORDER BY place`);
}

/** Events as direct SQL would insert them. */
export const insertEvent = (org_id: string, lead_id: string, count = 1) => ({
  text: `INSERT INTO cadence_event_log (org_id, id, timestamp, event_type, coordinator_action, actor_kind, actor_id, lead_id)
         SELECT $1, gen_random_uuid(), '2026-11-24T12:00:00.123456Z', 'requested', 'x',
           coalesce(acting_kind(), 'system')::actor_kind, coalesce(acting_id(), 'test'), $2
         FROM generate_series(1, $3)`,
  values: [org_id, lead_id, count],
});
