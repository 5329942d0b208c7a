import type { Decision } from '../../core/gate/decision.ts';
import type { SequenceType } from '../../core/gate/facts.ts';
import { localDaysAfterMs } from '../../core/gate/schedule.ts';
import { UNREACHABLE, type UnreachableStep } from '../../core/gate/unreachable.ts';
import { checkRequestEnrollments, insertEnrollments } from '../../db/queries/enrollments.gen.ts';
import { countAnswersAgain, insertRequests, updateRequests } from '../../db/queries/sequence_requests.gen.ts';
import { newId } from '../../ids.ts';
import type {
  AgentTasksRow,
  CampaignContactsRow,
  EntryRight,
  Goal,
  RequestStatus,
  SequenceRequestsRow,
} from '../../schema.gen.ts';
import type { CampaignForRequest } from './campaigns.ts';
import { decisionEvent, type EventSubject, type NewEvent } from './events.ts';
import type { LeadSnapshot } from './facts.ts';
import { EXEC_ROLE, newTask } from './new_task.ts';
import { requestEntries } from './notes.ts';
import { waitsForHours, writeDecisions } from './pauses.ts';
import { rowsJson } from './rows.ts';
import type { Scope } from './scope.ts';
import { supersedeTwins } from './withdrawals.ts';

const STATUS: Record<Decision['outcome'], RequestStatus> = {
  allow: 'allowed',
  hold: 'held',
  queue: 'queued',
  block: 'blocked',
  refuse: 'refused',
};

type Decided = { subject: EventSubject; decision: Decision; event: NewEvent };

export type NewRequest = {
  lead_id: string;
  campaign: CampaignForRequest;
  /** The agent or role on whose behalf the enrollment is requested. */
  requested_by: string;
  requested_by_user_id?: string | null;
  /** The right by which the lead enters a restricted campaign, if any. `task_id`: the owner's task that a routing made. */
  entry?: { right: EntryRight; task_id: string | null } | null;
  /** When a conflict first made it wait for fixed hours. */
  conflict_since?: Date | null;
  goal?: Goal | null;
  notes?: string | null;
  exited?: {
    enrollment_id: string;
    sequence_type: SequenceType;
    /** Set if a merge ended it: the enrollment in this campaign continues at its step. */
    goes_on?: { campaign_id: string; step: number; enrolled_at: Date } | null;
  } | null;
};

type AskedRequest = NewRequest & { request_id: string; unreachable_steps: readonly UnreachableStep[] };

/** Collects the rows of a batch of decisions, and shows later requests of the batch the effect of earlier ones. */
export class RequestBatch {
  readonly #scope: Scope;
  readonly #now_ms: number;
  readonly #policy_version: number;
  readonly #requests: Partial<SequenceRequestsRow>[] = [];
  readonly #enrollments: Partial<CampaignContactsRow>[] = [];
  readonly #decided: Decided[] = [];
  readonly #refused: NewEvent[] = [];
  readonly #hand_offs: Partial<AgentTasksRow>[] = [];

  constructor(scope: Scope, now_ms: number, policy_version: number) {
    this.#scope = scope;
    this.#now_ms = now_ms;
    this.#policy_version = policy_version;
  }

  /** `before`: the answer that the request waits by; the same answer again is no event. */
  add(
    request: AskedRequest,
    lead: LeadSnapshot,
    decision: Decision,
    before: Answer | null = null,
  ): string | null {
    const enrollment_id = decision.outcome === 'allow' ? newId(this.#scope.clock) : null;
    const { campaign } = request;
    if (enrollment_id !== null) {
      this.#enrollments.push(this.#enrollment(request, lead, enrollment_id));
      const paused = new Set([...decision.losers, ...decision.outranked]);
      lead.sequences = lead.sequences.filter((s) => !paused.has(s.enrollment_id));
      const { sequence_type, side, priority } = campaign;
      const conflict_since_ms = request.conflict_since?.getTime() ?? null;
      const begun = { enrollment_id, campaign_id: campaign.id, status: 'active', conflict_since_ms } as const;
      lead.sequences.push({ ...begun, sequence_type, side, priority });
    }
    const conflict_since =
      request.conflict_since ?? (waitsForHours(decision) ? new Date(this.#now_ms) : null);
    const answer = { ...this.#answer(decision), conflict_since, enrollment_id };
    this.#requests.push({ ...this.#request(request, decision), ...answer });
    if (before !== null && isSameAnswer(before, decision)) return null;
    const subject = subjectOf(request, enrollment_id);
    const event = decisionEvent(subject, lead, decision, {
      moment: 'requested',
      policy_version: this.#policy_version,
      allowed: { event_type: 'enrolled', coordinator_action: 'activate' },
    });
    event.detail = detailOf(request);
    this.#decided.push({ subject, decision, event });
    if (decision.reason === 'entry_restricted') this.#hand_offs.push(this.#handOff(request));
    return enrollment_id;
  }

  /** Refuses a request without a step that reaches the lead, even if the gates passed. */
  refuse(request: AskedRequest, lead: LeadSnapshot, decision: Decision): void {
    const refused = { status: 'refused', reason: null, held_until: null, wake: null } as const;
    this.#requests.push({ ...this.#request(request, decision), ...refused });
    const subject = subjectOf(request, null);
    const said = { event_type: 'skipped', coordinator_action: 'refuse', resolution: UNREACHABLE } as const;
    const about = { account_id: lead.account_id, policy_version: this.#policy_version };
    this.#refused.push({ ...subject, ...said, ...about, moment: 'requested', detail: detailOf(request) });
  }

  /** Writes new requests and returns the ids of those written; an identical one that already waits counts the answer. */
  async writeNew(): Promise<Set<string>> {
    if (this.#requests.length === 0) return new Set();
    const rows = rowsJson<SequenceRequestsRow>(this.#requests);
    const inserted = await insertRequests.run({ rows }, this.#scope.tx);
    const written = new Set(inserted.map((row) => row.id));
    const again = this.#requests.filter(({ id }) => !written.has(id!));
    if (again.length > 0) await countAnswersAgain.run({ rows: rowsJson(again) }, this.#scope.tx);
    await this.#writeConsequences((request_id) => written.has(request_id));
    return written;
  }

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
    const hand_offs = this.#hand_offs.filter(({ payload }) =>
      was_written((payload as { request_id: string }).request_id),
    );
    await requestEntries(this.#scope, hand_offs);
    const now_ms = this.#now_ms;
    const refused = this.#refused.filter(({ request_id }) => was_written(request_id as string));
    const events = [...decided.map(({ event }) => event), ...refused];
    await writeDecisions(this.#scope, now_ms, { events, asked: decided, pauses_by: this.#policy_version });
  }

  /** Asks an executive to decide about a request that may not enter. */
  #handOff({
    lead_id,
    request_id,
    campaign,
    requested_by,
    goal,
    notes,
  }: AskedRequest): Partial<AgentTasksRow> {
    const asked = { requested_by, goal: goal ?? null, notes: notes ?? null, request_id };
    const payload = { suggested_campaign: campaign.slug, ...asked };
    return newTask(this.#scope, { type: 'entry_requested', role: EXEC_ROLE, lead_id, payload });
  }

  #answer(decision: Decision): Partial<SequenceRequestsRow> {
    const waits = decision.outcome === 'hold' || decision.outcome === 'queue';
    return {
      status: STATUS[decision.outcome],
      reason: decision.reason,
      held_until: waits && decision.until_ms !== null ? new Date(decision.until_ms) : null,
      wake: waits ? decision.wake : null,
    };
  }

  #request(request: AskedRequest, decision: Decision): Partial<SequenceRequestsRow> {
    const { unreachable_steps } = request;
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
      entered_by: request.entry?.right ?? null,
      entry_task_id: request.entry?.task_id ?? null,
      trace: decision.trace as unknown as SequenceRequestsRow['trace'],
      policy_version: this.#policy_version,
      answer_count: 1,
      unreachable_steps: unreachable_steps.length === 0 ? null : [...unreachable_steps],
      play_id: request.campaign.play_id,
      originating_proposal_id: request.campaign.originating_proposal_id,
      created_at: new Date(this.#now_ms),
      decided_at: new Date(this.#now_ms),
    };
  }

  #enrollment(request: AskedRequest, lead: LeadSnapshot, id: string): Partial<CampaignContactsRow> {
    const { campaign } = request;
    const goes_on = request.exited?.goes_on?.campaign_id === campaign.id ? request.exited.goes_on : null;
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
      current_step: goes_on?.step ?? 1,
      next_send_at: new Date(
        goes_on === null
          ? localDaysAfterMs(this.#now_ms, campaign.first_delay_days, lead.time_zone)
          : this.#now_ms,
      ),
      enrolled_at: goes_on !== null && goes_on.step > 1 ? goes_on.enrolled_at : new Date(this.#now_ms),
      goal: request.goal ?? null,
      notes: request.notes ?? null,
      conflict_since: request.conflict_since ?? null,
      play_id: campaign.play_id,
      originating_proposal_id: campaign.originating_proposal_id,
    };
  }
}

/** An earlier answer of the gates; the same answer again is no news. */
export type Answer = { status: RequestStatus; reason: Decision['reason']; because: string | null };

function isSameAnswer(before: Answer, decision: Decision): boolean {
  const { outcome, reason, trace } = decision;
  const because = trace.at(-1)?.because ?? null;
  return STATUS[outcome] === before.status && reason === before.reason && because === before.because;
}

function subjectOf(
  { lead_id, request_id, campaign }: AskedRequest,
  enrollment_id: string | null,
): EventSubject {
  const { id: campaign_id, sequence_type, play_id, originating_proposal_id } = campaign;
  return { lead_id, campaign_id, request_id, enrollment_id, sequence_type, play_id, originating_proposal_id };
}

function detailOf({ requested_by, unreachable_steps }: AskedRequest) {
  return unreachable_steps.length === 0
    ? { requested_by }
    : { requested_by, unreachable_steps: [...unreachable_steps] };
}
