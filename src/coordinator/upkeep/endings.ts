/** Ends work whose campaign or process is gone. */

import { freeCrmWritesOfProcesses } from '../../db/queries/crm_writes.gen.ts';
import { claimArchivedEnrollments } from '../../db/queries/enrollments.gen.ts';
import * as processes from '../../db/queries/processes.gen.ts';
import { claimRequestsOfArchived } from '../../db/queries/sequence_requests.gen.ts';
import { exitSequences } from '../cadence/exits.ts';
import { CRM_REQUEST_MAX_MS } from '../crm/writes.ts';
import { lockClaimed } from '../gate/facts.ts';
import type { Batch, Scope } from '../gate/scope.ts';
import { withdrawRequests } from '../gate/withdrawals.ts';
import { ATTEMPTS_MAX } from '../tasks/tasks.ts';

/**
 * Frees what dead processes held: tasks that a model was drafting, due deliveries, and attempts, which it marks for
 * `settleExpiredAttempts`. It does no harm to a living process that lost its connection: each claim has a fence. Returns 0:
 * other stages find the freed work.
 */
export async function endDeadLeases({ tx, org_id, clock }: Scope, { limit }: Batch): Promise<number> {
  const holders = await processes.processesWithLeases.run({ org_id }, tx);
  if (holders.length === 0) return 0;
  const process_ids = holders.map(({ process_id }) => process_id);
  const gone = (await processes.goneProcesses.run({ process_ids }, tx)).map(({ process_id }) => process_id);
  const now = clock.now();
  await processes.noteOrphanedAttempts.run({ org_id, gone, now, limit }, tx);
  if (gone.length === 0) return 0;
  await processes.freeTasksOfProcesses.run({ org_id, gone, now, limit, attempts_max: ATTEMPTS_MAX }, tx);
  await processes.freeDeliveriesOfProcesses.run({ org_id, gone, now, limit }, tx);
  await processes.freeNoticesOfProcesses.run({ org_id, gone, now, limit }, tx);
  // A request of the dead process may still be on its way.
  const due_at = new Date(now.getTime() + CRM_REQUEST_MAX_MS * clock.speed);
  await freeCrmWritesOfProcesses.run({ org_id, gone, due_at, limit }, tx);
  return 0;
}

/**
 * Ends the open work of archived campaigns: enrollments without a successor, and pending requests. Otherwise they would
 * count against the other side forever, and the loser of a conflict would never resume. Returns the number found.
 */
export async function endArchived(scope: Scope, { limit, set_aside, claimed }: Batch): Promise<number> {
  const { tx, org_id } = scope;
  const enrollments = await claimArchivedEnrollments.run({ org_id, limit, set_aside }, tx);
  const requests = await claimRequestsOfArchived.run({ org_id, limit, set_aside }, tx);
  const found = [...enrollments, ...requests];
  if (found.length === 0) return 0;
  const locked = new Set(await lockClaimed(scope, found, claimed));
  const idsOf = (rows: typeof found) => rows.filter((row) => locked.has(row)).map((row) => row.id);
  await withdrawRequests(scope, idsOf(requests), 'campaign_archived', scope.clock.now_ms());
  await exitSequences(scope, idsOf(enrollments), 'campaign_archived');
  return found.length;
}
