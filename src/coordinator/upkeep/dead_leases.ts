import {
  freeDeliveriesOfProcesses,
  freeTasksOfProcesses,
  goneProcesses,
  noteOrphanedAttempts,
  processesWithLeases,
} from '../../db/queries/processes.gen.ts';
import type { Batch, Scope } from '../gate/scope.ts';
import { ATTEMPTS_MAX } from '../tasks/tasks.ts';

/**
 * Ends what processes held that have died: tasks that a model was writing are free, deliveries are due, and attempts to send
 * are noted for `settleExpiredAttempts`. A process whose connection broke and that lives is harmed by none of it: each claim
 * has a fence. Returns 0: what is freed, other stages find.
 */
export async function endDeadLeases({ tx, org_id, clock }: Scope, { limit }: Batch): Promise<number> {
  const holders = await processesWithLeases.run({ org_id }, tx);
  if (holders.length === 0) return 0;
  const process_ids = holders.map(({ process_id }) => process_id);
  const gone = (await goneProcesses.run({ process_ids }, tx)).map(({ process_id }) => process_id);
  const now = clock.now();
  await noteOrphanedAttempts.run({ org_id, gone, now, limit }, tx);
  if (gone.length === 0) return 0;
  await freeTasksOfProcesses.run({ org_id, gone, now, limit, attempts_max: ATTEMPTS_MAX }, tx);
  await freeDeliveriesOfProcesses.run({ org_id, gone, now, limit }, tx);
  return 0;
}
