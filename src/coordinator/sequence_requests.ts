import type { Decision } from '../core/decision.ts';
import type { SequenceType } from '../core/facts.ts';
import { decide } from '../core/gates.ts';
import { localDaysAfterMs } from '../core/schedule.ts';
import { keepEarlierEnd } from '../core/waits.ts';
import {
  checkRequestEnrollments,
  enrollmentTypes,
  insertEnrollments,
} from '../db/queries/enrollments.gen.ts';
import { claimDueRequests, insertRequests, updateRequests } from '../db/queries/sequence_requests.gen.ts';
import { newId } from '../ids.ts';
import type { CampaignContactsRow, Goal, RequestStatus, SequenceRequestsRow } from '../schema.gen.ts';
import { type CampaignForRequest, loadCampaignsForRequest } from './campaigns.ts';
import { decisionEvent, type EventSubject, type NewEvent, raiseAndNotify, recordEvents } from './events.ts';
import { type Asker, factsOf, type LeadSnapshot, lockAndReadLeads } from './facts.ts';
import { pauseLosers } from './pauses.ts';
import { rowsJson } from './rows.ts';
import { type Batch, orgPolicy, type Scope } from './scope.ts';
import { supersedeTwins, withdrawRequests } from './withdrawals.ts';

export type NewRequest = {
  lead_id: string;
  campaign: CampaignForRequest;
  /** The agent or role on whose behalf it is asked. */
  requested_by: string;
  requested_by_user_id?: string | null;
  goal?: Goal | null;
  notes?: string | null;
  exited?: { enrollment_id: string; sequence_type: SequenceType } | null;
};

export type RequestAnswer =
  | { kind: 'answered'; request_id: string; enrollment_id: string | null; decision: Decision }
  | { kind: 'already_enrolled'; enrollment_id: string }
  | { kind: 'already_waiting' }
  | { kind: 'unknown_lead' };

/**
 * Asks the gate for each request and records the answers, set-wise: locks the leads in order, reads them once,
 * decides, and writes requests, enrollments, pauses and events in a handful of statements. Requests for the
 * same lead see one another, in the order given. With `dry_run` nothing is written; with `wait: false` a lead that
 * someone else holds is answered as unknown.
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
    const enrollment_id = batch.add({ ...request, request_id }, lead, decision);
    answers.push({ kind: 'answered', request_id, enrollment_id, decision });
  }
  if (options.dry_run) return answers;
  const written = await batch.writeNew();
  return answers.map((answer) =>
    answer.kind === 'answered' && !written.has(answer.request_id) ? { kind: 'already_waiting' } : answer,
  );
}

/** Asks the gate again for requests that were held or queued and whose time has come. Returns how many. */
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
  const campaigns = await loadCampaignsForRequest(
    scope,
    due.map((request) => request.campaign_id),
  );
  const exited_types = await exitedTypes(scope, due);
  const batch = new RequestBatch(scope, now_ms, version);
  const without_steps: string[] = [];
  const enrolled: string[] = [];
  for (const row of due) {
    const lead = leads.get(row.lead_id);
    const campaign = campaigns.get(row.campaign_id);
    if (lead === undefined) continue;
    if (campaign === undefined) {
      without_steps.push(row.id);
      continue;
    }
    // Withdrawn by endClosedPlays.
    if (campaign.play_closed !== null) continue;
    if (lead.sequences.some((sequence) => sequence.campaign_id === campaign.id)) {
      enrolled.push(row.id);
      continue;
    }
    const exited_type = row.exited_enrollment_id === null ? null : exited_types.get(row.exited_enrollment_id);
    const exited =
      row.exited_enrollment_id === null || exited_type === undefined || exited_type === null
        ? null
        : { enrollment_id: row.exited_enrollment_id, sequence_type: exited_type };
    const request = { ...row, campaign, exited, request_id: row.id };
    const decision = decide(factsOf(lead, askerOf(request), 'requested', now_ms), policy);
    const before = { reason: row.reason, until_ms: row.held_until?.getTime() ?? null };
    batch.add(request, lead, keepEarlierEnd(decision, before, now_ms));
  }
  await batch.writeAgain();
  await withdrawRequests(scope, without_steps, 'no_steps', now_ms);
  await withdrawRequests(scope, enrolled, 'already_enrolled', now_ms);
  return due.length;
}

function askerOf(request: Pick<NewRequest, 'campaign' | 'requested_by' | 'exited'>): Asker {
  return {
    enrollment_id: null,
    sequence_type: request.campaign.sequence_type,
    side: request.campaign.side,
    requested_by: request.requested_by,
    exited_type: request.exited?.sequence_type ?? null,
  };
}

const STATUS: Record<Decision['outcome'], RequestStatus> = {
  allow: 'allowed',
  hold: 'held',
  queue: 'queued',
  block: 'blocked',
  refuse: 'refused',
};

type Decided = { subject: EventSubject; decision: Decision; event: NewEvent; losers_of: LeadSnapshot };

/** What a batch of decisions will write. It also tells later requests of the batch what earlier ones did. */
class RequestBatch {
  readonly #scope: Scope;
  readonly #now_ms: number;
  readonly #policy_version: number;
  readonly #requests: Partial<SequenceRequestsRow>[] = [];
  readonly #enrollments: Partial<CampaignContactsRow>[] = [];
  readonly #decided: Decided[] = [];

  constructor(scope: Scope, now_ms: number, policy_version: number) {
    this.#scope = scope;
    this.#now_ms = now_ms;
    this.#policy_version = policy_version;
  }

  /** Returns the id of the new enrollment when the gate allowed one. */
  add(request: NewRequest & { request_id: string }, lead: LeadSnapshot, decision: Decision): string | null {
    const enrollment_id = decision.outcome === 'allow' ? newId(this.#scope.clock) : null;
    const { campaign } = request;
    if (enrollment_id !== null) {
      this.#enrollments.push(this.#enrollment(request, lead, enrollment_id));
      lead.sequences = lead.sequences.filter((s) => !decision.losers.includes(s.enrollment_id));
      const { sequence_type, side } = campaign;
      lead.sequences.push({ enrollment_id, campaign_id: campaign.id, status: 'active', sequence_type, side });
    }
    this.#requests.push(this.#request(request, decision, enrollment_id));
    const subject: EventSubject = {
      lead_id: request.lead_id,
      campaign_id: campaign.id,
      request_id: request.request_id,
      enrollment_id,
      sequence_type: campaign.sequence_type,
      play_id: campaign.play_id,
      originating_proposal_id: campaign.originating_proposal_id,
    };
    const event = decisionEvent(subject, lead, decision, {
      moment: 'requested',
      policy_version: this.#policy_version,
      allowed: { event_type: 'enrolled', coordinator_action: 'activate' },
    });
    event.detail = { requested_by: request.requested_by };
    this.#decided.push({ subject, decision, event, losers_of: lead });
    return enrollment_id;
  }

  /** Writes new requests; the ids of those that were written (a twin that already waits is left alone). */
  async writeNew(): Promise<Set<string>> {
    if (this.#requests.length === 0) return new Set();
    const rows = await insertRequests.run(
      { rows: rowsJson<SequenceRequestsRow>(this.#requests) },
      this.#scope.tx,
    );
    const written = new Set(rows.map((row) => row.id));
    await this.#writeConsequences((request_id) => written.has(request_id));
    return written;
  }

  /** Writes the new answers of requests that were asked again. */
  async writeAgain(): Promise<void> {
    if (this.#requests.length === 0) return;
    await updateRequests.run({ rows: rowsJson<SequenceRequestsRow>(this.#requests) }, this.#scope.tx);
    await this.#writeConsequences(() => true);
  }

  async #writeConsequences(was_written: (request_id: string) => boolean): Promise<void> {
    const enrollments = this.#enrollments.filter((row) => was_written(row.request_id as string));
    const decided = this.#decided.filter(({ subject }) => was_written(subject.request_id as string));
    await supersedeTwins(this.#scope, enrollments, this.#now_ms);
    if (enrollments.length > 0) {
      await insertEnrollments.run({ rows: rowsJson<CampaignContactsRow>(enrollments) }, this.#scope.tx);
      await checkRequestEnrollments.run({}, this.#scope.tx);
    }
    const now_ms = this.#now_ms;
    await recordEvents(
      this.#scope,
      decided.map(({ event }) => event),
      { now_ms },
    );
    await pauseLosers(
      this.#scope,
      decided.map(({ decision }) => decision),
      now_ms,
    );
    await raiseAndNotify(this.#scope, decided, now_ms);
  }

  #request(
    request: NewRequest & { request_id: string },
    decision: Decision,
    enrollment_id: string | null,
  ): Partial<SequenceRequestsRow> {
    const waits = decision.outcome === 'hold' || decision.outcome === 'queue';
    return {
      org_id: this.#scope.org_id,
      id: request.request_id,
      lead_id: request.lead_id,
      campaign_id: request.campaign.id,
      requested_by: request.requested_by,
      requested_by_user_id: request.requested_by_user_id ?? null,
      goal: request.goal ?? null,
      notes: request.notes ?? null,
      exited_enrollment_id: request.exited?.enrollment_id ?? null,
      status: STATUS[decision.outcome],
      reason: decision.reason,
      held_until: waits && decision.until_ms !== null ? new Date(decision.until_ms) : null,
      wake: waits ? decision.wake : null,
      trace: decision.trace as unknown as SequenceRequestsRow['trace'],
      policy_version: this.#policy_version,
      enrollment_id,
      play_id: request.campaign.play_id,
      originating_proposal_id: request.campaign.originating_proposal_id,
      created_at: new Date(this.#now_ms),
      decided_at: new Date(this.#now_ms),
    };
  }

  #enrollment(
    request: NewRequest & { request_id: string },
    lead: LeadSnapshot,
    id: string,
  ): Partial<CampaignContactsRow> {
    const { campaign } = request;
    return {
      org_id: this.#scope.org_id,
      id,
      contact_id: lead.crm_contact_id ?? lead.lead_id,
      lead_id: lead.lead_id,
      campaign_id: campaign.id,
      client_id: campaign.client_id,
      request_id: request.request_id,
      requested_by: request.requested_by,
      status: 'active',
      current_step: 1,
      next_send_at: new Date(localDaysAfterMs(this.#now_ms, campaign.first_delay_days, lead.time_zone)),
      enrolled_at: new Date(this.#now_ms),
      goal: request.goal ?? null,
      notes: request.notes ?? null,
      play_id: campaign.play_id,
      originating_proposal_id: campaign.originating_proposal_id,
    };
  }
}

async function exitedTypes(
  scope: Scope,
  due: readonly { exited_enrollment_id: string | null }[],
): Promise<Map<string, SequenceType>> {
  const ids = due.flatMap((row) => (row.exited_enrollment_id === null ? [] : [row.exited_enrollment_id]));
  if (ids.length === 0) return new Map();
  const rows = await enrollmentTypes.run({ org_id: scope.org_id, ids }, scope.tx);
  return new Map(rows.map((row) => [row.id, row.sequence_type]));
}
