import type { Decision } from '../../core/gate/decision.ts';
import { entryLack } from '../../core/gate/entry.ts';
import { decide } from '../../core/gate/gates.ts';
import { runOrder } from '../../core/gate/same_side.ts';
import { reachesNobody, type UnreachableStep, unreachableSteps } from '../../core/gate/unreachable.ts';
import { keepEarlierEnd } from '../../core/gate/waits.ts';
import { enrollmentTypes } from '../../db/queries/enrollments.gen.ts';
import { claimDueRequests } from '../../db/queries/sequence_requests.gen.ts';
import { newId } from '../../ids.ts';
import type { SequenceRequestsRow } from '../../schema.gen.ts';
import { type CampaignForRequest, loadCampaignsForRequest, stepsForRequest } from './campaigns.ts';
import { type Asker, factsOf, type LeadSnapshot, lockAndReadLeads } from './facts.ts';
import { type NewRequest, RequestBatch } from './request_batch.ts';
import { type Batch, orgPolicy, type Scope } from './scope.ts';
import { withdrawRequests } from './withdrawals.ts';

/** `unreachable_steps`: the lead lacks their address. `unreachable`: refused, because no step reaches the lead. */
export type RequestAnswer =
  | {
      kind: 'answered';
      request_id: string;
      enrollment_id: string | null;
      decision: Decision;
      unreachable_steps: UnreachableStep[];
    }
  | { kind: 'unreachable'; request_id: string; unreachable_steps: UnreachableStep[] }
  | { kind: 'already_enrolled'; enrollment_id: string }
  | { kind: 'already_waiting' }
  | { kind: 'unknown_lead' };

/**
 * Decides each request and records the answers: locks the leads in order, reads them once, decides, and writes requests,
 * enrollments, pauses, and events in a few set-based statements. Requests for the same lead see one another, in the given
 * order. With `dry_run` nothing is written; with `wait: false` a lead that another transaction has locked is answered as
 * unknown.
 */
export async function requestSequences(
  scope: Scope,
  requests: readonly NewRequest[],
  options: { dry_run?: boolean; wait?: boolean } = {},
): Promise<RequestAnswer[]> {
  const { version, policy } = await orgPolicy(scope);
  const lead_ids = requests.map((request) => request.lead_id);
  const { wait = true } = options;
  const { now_ms, leads } = await lockAndReadLeads(scope, lead_ids, policy, { wait });
  const batch = new RequestBatch(scope, now_ms, version);
  const answers: RequestAnswer[] = [];
  for (const request of requests) {
    const lead = leads.get(request.lead_id);
    if (lead === undefined) {
      answers.push({ kind: 'unknown_lead' });
      continue;
    }
    const open = lead.sequences.find((sequence) => sequence.campaign_id === request.campaign.id);
    if (open !== undefined) {
      answers.push({ kind: 'already_enrolled', enrollment_id: open.enrollment_id });
      continue;
    }
    const decision = decide(factsOf(lead, askerOf(request), 'requested', now_ms), policy);
    const request_id = newId(scope.clock);
    const unreachable_steps = unreachableSteps(stepsForRequest(request.campaign), lead);
    const asked = { ...request, request_id, unreachable_steps };
    if (isOutOfReach(request.campaign, lead, decision)) {
      batch.refuse(asked, lead, decision);
      answers.push({ kind: 'unreachable', request_id, unreachable_steps });
      continue;
    }
    const enrollment_id = batch.add(asked, lead, decision);
    answers.push({ kind: 'answered', request_id, enrollment_id, decision, unreachable_steps });
  }
  if (options.dry_run) return answers;
  const written = await batch.writeNew();
  return answers.map((answer) =>
    'request_id' in answer && !written.has(answer.request_id) ? { kind: 'already_waiting' } : answer,
  );
}

/** No step reaches a lead that the gate may allow. A request that the gate stops for good keeps the gate's reason. */
function isOutOfReach(campaign: CampaignForRequest, lead: LeadSnapshot, { outcome }: Decision): boolean {
  const may_begin = outcome === 'allow' || outcome === 'hold' || outcome === 'queue';
  return may_begin && reachesNobody(stepsForRequest(campaign), lead);
}

/** Sends held and queued requests whose time has come through the gate again. Returns the number of requests claimed. */
export async function releaseRequests(scope: Scope, { limit, set_aside, claimed }: Batch): Promise<number> {
  const { version, policy } = await orgPolicy(scope);
  const due = await claimDueRequests.run(
    { org_id: scope.org_id, now: scope.clock.now(), policy_version: version, limit, set_aside },
    scope.tx,
  );
  if (due.length === 0) return 0;
  claimed(due.map((row) => row.id));
  const lead_ids = due.map((request) => request.lead_id);
  const { now_ms, leads } = await lockAndReadLeads(scope, lead_ids, policy, { wait: false });
  const campaign_ids = due.map((request) => request.campaign_id);
  const campaigns = await loadCampaignsForRequest(scope, campaign_ids);
  const exited_of = await exitedEnrollments(scope, due);
  const batch = new RequestBatch(scope, now_ms, version);
  const without_steps: string[] = [];
  const enrolled: string[] = [];
  for (const row of inRunOrder(due, campaigns)) {
    const lead = leads.get(row.lead_id);
    const campaign = campaigns.get(row.campaign_id);
    if (lead === undefined) continue;
    if (campaign === undefined) {
      without_steps.push(row.id);
      continue;
    }
    // `endClosedPlays` withdraws these.
    if (campaign.play_closed !== null) continue;
    if (lead.sequences.some((sequence) => sequence.campaign_id === campaign.id)) {
      enrolled.push(row.id);
      continue;
    }
    const exited = exited_of.get(row.exited_enrollment_id) ?? null;
    const unreachable_steps = unreachableSteps(stepsForRequest(campaign), lead);
    const entry = row.entered_by === null ? null : { right: row.entered_by, task_id: row.entry_task_id };
    const request = { ...row, campaign, exited, entry, request_id: row.id, unreachable_steps };
    const decision = decide(factsOf(lead, askerOf(request), 'requested', now_ms), policy);
    if (isOutOfReach(campaign, lead, decision)) {
      batch.refuse(request, lead, decision);
      continue;
    }
    const before = { reason: row.reason, until_ms: row.held_until?.getTime() ?? null };
    const { status, reason, trace } = row;
    const because = (trace as { because?: string }[] | null)?.at(-1)?.because ?? null;
    batch.add(request, lead, keepEarlierEnd(decision, before, now_ms), { status, reason, because });
  }
  await batch.writeAgain();
  await withdrawRequests(scope, without_steps, 'no_steps', now_ms);
  await withdrawRequests(scope, enrolled, 'already_enrolled', now_ms);
  return due.length;
}

/** Stands for the campaign of a request that is withdrawn. */
const NO_CAMPAIGN = { priority: 0, sequence_type: 'transactional' } as const;

/** The first to run is decided first; among equal campaigns, the oldest request. */
function inRunOrder(
  due: readonly SequenceRequestsRow[],
  campaigns: ReadonlyMap<string, CampaignForRequest>,
): SequenceRequestsRow[] {
  const oldest_first = due.toSorted((a, b) => a.created_at.getTime() - b.created_at.getTime());
  const campaignOf = ({ campaign_id }: SequenceRequestsRow) => campaigns.get(campaign_id) ?? NO_CAMPAIGN;
  return oldest_first.sort((a, b) => runOrder(campaignOf(a), campaignOf(b)));
}

function askerOf(
  request: Pick<NewRequest, 'campaign' | 'requested_by' | 'exited' | 'entry' | 'conflict_since'>,
): Asker {
  return {
    enrollment_id: null,
    sequence_type: request.campaign.sequence_type,
    side: request.campaign.side,
    priority: request.campaign.priority,
    requested_by: request.requested_by,
    exited_type: request.exited?.sequence_type ?? null,
    conflict_since: request.conflict_since ?? null,
    entry_lacks: entryLack(request.campaign.entry, request.entry?.right ?? null),
  };
}

/** The enrollments whose exit, or whose lead's merge, made these requests, by id. */
export async function exitedEnrollments(
  { tx, org_id }: Scope,
  due: readonly { exited_enrollment_id: string | null }[],
): Promise<Map<string | null, NonNullable<NewRequest['exited']>>> {
  const ids = due.flatMap((row) => row.exited_enrollment_id ?? []);
  const rows = ids.length === 0 ? [] : await enrollmentTypes.run({ org_id, ids }, tx);
  return new Map(
    rows.map(({ id, sequence_type, exit_reason, campaign_id, step, enrolled_at }) => {
      const goes_on = exit_reason === 'merged' ? { campaign_id, step, enrolled_at } : null;
      return [id, { enrollment_id: id, sequence_type, goes_on }];
    }),
  );
}
