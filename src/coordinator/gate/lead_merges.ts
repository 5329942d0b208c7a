/** Merging two rows that are one person: the open work of one continues for the other, as the gates allow. */

import type { Actor } from '../../db/pool.ts';
import { exitEnrollments } from '../../db/queries/enrollments.gen.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import {
  mergeLeads as mergeRows,
  moveTasks,
  type OpenWorkOfLeadResult,
  openWorkOfLead,
} from '../../db/queries/lead_merges.gen.ts';
import { blockedLeadsWithOpenWork } from '../../db/queries/leads.gen.ts';
import { loadCampaignsForRequest } from './campaigns.ts';
import { enrollmentSubject, type NewEvent, recordEvents } from './events.ts';
import type { NewRequest } from './request_batch.ts';
import { asCoordinator, type Scope } from './scope.ts';
import { exitedEnrollments, type RequestAnswer, requestSequences } from './sequence_requests.ts';
import { cancelOpenTouches, stopLeads } from './stops.ts';
import { withdrawRequests } from './withdrawals.ts';

export type Merge = {
  /** The row that becomes a shell. */
  lead_id: string;
  into_lead_id: string;
  reason: string | null;
};

/** The answer for one enrollment or pending request of the merged lead; null: its campaign enrolls no leads now. */
export type SettledWork = { campaign_id: string; step: number | null; answer: RequestAnswer | null };

/**
 * Merges a lead into another, in the scope's transaction and under both locks. Enrollments and pending requests of the merged
 * lead end and are requested for the other lead, where an enrollment continues at its step; the gates decide, so the matrix
 * settles conflicts. A blocked person's open work ends. Throws `lead_merged`, `lead_erased`, while a message to either is being
 * sent `already_leaving`, and while a delivery is unknown `outcome_unknown`. `actor`: the person who merges; null: the rule on equal CRM records.
 */
export async function mergeLeads(scope: Scope, merge: Merge, actor: Actor | null): Promise<SettledWork[]> {
  const { tx, org_id } = scope;
  const { lead_id, into_lead_id, reason } = merge;
  const as_coordinator = <T>(run: () => Promise<T>) =>
    actor === null ? run() : asCoordinator(tx, actor, run);
  await lockLeads.run({ org_id, lead_ids: [lead_id, into_lead_id] }, tx);
  const open = await openWorkOfLead.run({ org_id, lead_id }, tx);
  await as_coordinator(() => endWork(scope, lead_id, open));
  const now = scope.clock.now();
  await mergeRows.run({ lead_id, into_lead_id, user_id: actor?.id ?? null, reason, now }, tx);
  const detail = { merged_lead_id: lead_id, ...(reason === null ? {} : { reason }) };
  const merged = { event_type: 'merged', coordinator_action: 'merge' } as const;
  const resolution = actor === null ? 'same_crm_record' : 'person';
  await recordEvents(
    scope,
    [{ ...merged, lead_id: into_lead_id, resolution, detail }],
    actor === null ? {} : { actor },
  );
  return as_coordinator(async () => {
    await moveTasks.run({ org_id, lead_id, into_lead_id, now }, tx);
    const settled = await goOn(scope, into_lead_id, open);
    const blocked = await blockedLeadsWithOpenWork.run({ org_id, lead_ids: [into_lead_id] }, tx);
    if (blocked.length > 0) await stopLeads(scope, [into_lead_id], 'compliance_block');
    return settled;
  });
}

/** Ends what is open for the lead. No message is under way: the database refuses the merge then. */
async function endWork(scope: Scope, lead_id: string, open: readonly OpenWorkOfLeadResult[]): Promise<void> {
  const { tx, org_id } = scope;
  const now = scope.clock.now();
  const request_ids = open.flatMap(({ request_id }) => request_id ?? []);
  await withdrawRequests(scope, request_ids, 'merged', now.getTime());
  const items = await cancelOpenTouches(scope, {
    lead_ids: [lead_id],
    error: 'merged',
    enrollment_ids: null,
  });
  const ids = open.flatMap((one) => (one.request_id === null ? (one.enrollment_id ?? []) : []));
  const ended = { status: 'rejected', exit_reason: 'merged', now } as const;
  const exited = await exitEnrollments.run({ org_id, ids, ...ended }, tx);
  const said = { coordinator_action: 'cancel', resolution: 'merged' } as const;
  await recordEvents(scope, [
    ...items.map(
      ({ id: queue_id, ...row }): NewEvent => ({ ...said, ...row, queue_id, event_type: 'canceled' }),
    ),
    ...exited.map((row): NewEvent => ({ ...said, ...enrollmentSubject(row), event_type: 'exited' })),
  ]);
}

/** Requests the same campaigns for the other lead, oldest first: an earlier one may hold up a later one. */
async function goOn(
  scope: Scope,
  lead_id: string,
  open: readonly OpenWorkOfLeadResult[],
): Promise<SettledWork[]> {
  const campaigns = await loadCampaignsForRequest(
    scope,
    open.map((one) => one.campaign_id),
  );
  const exited_of = await exitedEnrollments(
    scope,
    open.map(({ enrollment_id }) => ({ exited_enrollment_id: enrollment_id })),
  );
  const settled: SettledWork[] = [];
  for (const one of open) {
    const { campaign_id, current_step: step } = one;
    const campaign = campaigns.get(campaign_id);
    if (campaign === undefined || campaign.play_closed !== null) {
      settled.push({ campaign_id, step, answer: null });
      continue;
    }
    const { requested_by, requested_by_user_id, goal, notes } = one;
    const exited = exited_of.get(one.enrollment_id) ?? null;
    const continues = exited?.goes_on?.campaign_id === campaign_id;
    const entry = continues ? ({ right: 'merge', task_id: null } as const) : null;
    const asked = { requested_by, requested_by_user_id, goal, notes };
    const request: NewRequest = { lead_id, campaign, ...asked, exited, entry };
    const [answer] = await requestSequences(scope, [request]);
    settled.push({ campaign_id, step, answer: answer ?? null });
  }
  return settled;
}
