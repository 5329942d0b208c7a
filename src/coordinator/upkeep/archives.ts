import { claimArchivedEnrollments } from '../../db/queries/enrollments.gen.ts';
import { claimRequestsOfArchived } from '../../db/queries/sequence_requests.gen.ts';
import { exitSequences } from '../cadence/exits.ts';
import { lockFree } from '../gate/facts.ts';
import type { Batch, Scope } from '../gate/scope.ts';
import { withdrawRequests } from '../gate/withdrawals.ts';

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
  claimed(found.map((row) => row.id));
  const locked = await lockFree(scope, found);
  const idsOf = (rows: typeof found) => rows.filter((row) => locked.has(row.lead_id)).map((row) => row.id);
  await withdrawRequests(scope, idsOf(requests), 'campaign_archived', scope.clock.now_ms());
  await exitSequences(scope, idsOf(enrollments), 'campaign_archived');
  return found.length;
}
