import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import type { World } from '../world.ts';

/** By name of stage or check: an SQL expression that is false at first, and true once the worker has found its work. */
export type Seen = Record<string, string>;

export const is = (table: string, id: string, condition: string) =>
  `EXISTS (SELECT FROM ${table} WHERE id = '${id}' AND ${condition})`;
export const isGone = (table: string, condition: string) =>
  `NOT EXISTS (SELECT FROM ${table} WHERE ${condition})`;

/** A pending request, as the gate leaves it. */
export async function addRequest(world: World, columns: Record<string, unknown>): Promise<string> {
  const { org_id, clock, db } = world;
  const id = newId(clock);
  const row = {
    ...{
      org_id,
      id,
      requested_by: 'AGT-302',
      status: 'held',
      reason: 'touch_cap_exceeded',
      wake: 'at_until',
    },
    ...{ trace: [], policy_version: 1, created_at: clock.now(), decided_at: clock.now(), ...columns },
  };
  await transaction(db, coordinatorActor(org_id), (tx) =>
    tx.query(
      'INSERT INTO sequence_requests SELECT * FROM jsonb_populate_record(NULL::sequence_requests, $1)',
      [JSON.stringify(row)],
    ),
  );
  return id;
}
