import * as sql from '../../db/queries/processes.gen.ts';
import type { Batch, Scope } from '../gate/scope.ts';
import { ATTEMPTS_MAX } from '../tasks/tasks.ts';

/**
 * Frees what dead processes held: tasks that a model was drafting, due deliveries, and attempts, which it marks for
 * `settleExpiredAttempts`. It does no harm to a living process that lost its connection: each claim has a fence. Returns 0:
 * other stages find the freed work.
 */
export async function endDeadLeases({ tx, org_id, clock }: Scope, { limit }: Batch): Promise<number> {
  const holders = await sql.processesWithLeases.run({ org_id }, tx);
  if (holders.length === 0) return 0;
  const process_ids = holders.map(({ process_id }) => process_id);
  const gone = (await sql.goneProcesses.run({ process_ids }, tx)).map(({ process_id }) => process_id);
  const now = clock.now();
  await sql.noteOrphanedAttempts.run({ org_id, gone, now, limit }, tx);
  if (gone.length === 0) return 0;
  await sql.freeTasksOfProcesses.run({ org_id, gone, now, limit, attempts_max: ATTEMPTS_MAX }, tx);
  await sql.freeDeliveriesOfProcesses.run({ org_id, gone, now, limit }, tx);
  return 0;
}
