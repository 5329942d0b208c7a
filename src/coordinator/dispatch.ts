import type { Decision } from '../core/decision.ts';
import { decide } from '../core/gates.ts';
import {
  advanceEnrollments,
  type ClaimDueEnrollmentsResult,
  claimDueEnrollments,
  pauseEnrollments,
} from '../db/queries/enrollments.gen.ts';
import { insertQueueItems } from '../db/queries/send_queue.gen.ts';
import { insertTasks } from '../db/queries/tasks.gen.ts';
import { newId } from '../ids.ts';
import type { AgentTasksRow, CampaignContactsRow, SalesSendQueueRow } from '../schema.gen.ts';
import { decisionEvent, type EventSubject, type NewEvent, raiseAndNotify, recordEvents } from './events.ts';
import { factsOf, type LeadSnapshot, lockAndReadLeads } from './facts.ts';
import { pauseLosers, pauseRow } from './pauses.ts';
import { rowsJson } from './rows.ts';
import { orgPolicy, type Scope } from './scope.ts';
import { stopLeads } from './stops.ts';

/** A due step as it is claimed. */
export type DueStep = ClaimDueEnrollmentsResult;

/**
 * Decides due steps, in one transaction: claims up to `limit` due enrollments, locks their leads, reads what
 * the gate may see, decides each, and records all outcomes set-wise. A yes becomes a pending queue item with a
 * task for the owner role; a hold becomes a held one; anything else pauses or ends the enrollment. Nothing is
 * waited for while locks are held: what someone else has is left for the next round. Returns how many were
 * claimed.
 */
export async function dispatchDueSteps(scope: Scope, limit: number): Promise<number> {
  const { tx, org_id } = scope;
  const due = await claimDueEnrollments.run({ org_id, now: scope.clock.now(), limit }, tx);
  if (due.length > 0) await dispatchSteps(scope, due);
  return due.length;
}

/** Decides and records steps that this transaction has claimed. */
export async function dispatchSteps(scope: Scope, due: readonly DueStep[]): Promise<void> {
  const { version, policy } = await orgPolicy(scope);
  const lead_ids = due.map((step) => step.lead_id);
  const { now_ms, leads } = await lockAndReadLeads(scope, lead_ids, policy, { wait: false });
  const batch = new DispatchBatch(scope, now_ms, version);
  for (const step of due) {
    const lead = leads.get(step.lead_id);
    if (lead === undefined || batch.isStopped(step)) continue;
    // The definition lost this step meanwhile: there is nothing to send, so go on to the next.
    if (step.step_number === null || step.channel === null) {
      batch.skipped.push(step.id);
      continue;
    }
    const asker = { ...step, enrollment_id: step.id };
    batch.add(step, lead, decide(factsOf(lead, asker, 'dispatched', now_ms), policy));
  }
  await batch.write();
}

/** What a batch of decisions will write. */
class DispatchBatch {
  readonly skipped: string[] = [];
  readonly #scope: Scope;
  readonly #now_ms: number;
  readonly #policy_version: number;
  readonly #items: Partial<SalesSendQueueRow>[] = [];
  readonly #tasks: Partial<AgentTasksRow>[] = [];
  readonly #pauses: Partial<CampaignContactsRow>[] = [];
  readonly #events: NewEvent[] = [];
  readonly #asked: { subject: EventSubject; decision: Decision }[] = [];
  readonly #losers = new Set<string>();
  readonly #blocked_leads = new Set<string>();

  constructor(scope: Scope, now_ms: number, policy_version: number) {
    this.#scope = scope;
    this.#now_ms = now_ms;
    this.#policy_version = policy_version;
  }

  /** Whether an earlier decision of this batch stopped the lead or paused this enrollment. */
  isStopped(step: DueStep): boolean {
    return this.#losers.has(step.id) || this.#blocked_leads.has(step.lead_id);
  }

  add(step: DueStep, lead: LeadSnapshot, decision: Decision): void {
    const subject: EventSubject = {
      lead_id: step.lead_id,
      campaign_id: step.campaign_id,
      enrollment_id: step.id,
      step_number: step.step_number,
      channel: step.channel,
      sequence_type: step.sequence_type,
      play_id: step.play_id,
      originating_proposal_id: step.originating_proposal_id,
    };
    if (decision.outcome === 'allow' || decision.outcome === 'hold') {
      subject.queue_id = this.#enqueue(step, decision);
    } else if (decision.reason === 'compliance_block') {
      this.#blocked_leads.add(step.lead_id);
    } else {
      this.#pauses.push(pauseRow(this.#scope, step.id, decision, this.#now_ms));
      this.#markPaused(lead, [step.id]);
    }
    for (const id of decision.losers) this.#losers.add(id);
    this.#markPaused(lead, decision.losers);
    this.#asked.push({ subject, decision });
    this.#events.push(
      decisionEvent(subject, lead, decision, {
        moment: 'dispatched',
        policy_version: this.#policy_version,
        allowed: { event_type: 'dispatched', coordinator_action: 'dispatch' },
      }),
    );
  }

  async write(): Promise<void> {
    const scope = this.#scope;
    const { tx, org_id } = scope;
    const now_ms = this.#now_ms;
    if (this.#items.length > 0) await insertQueueItems.run({ rows: rowsJson(this.#items) }, tx);
    if (this.#tasks.length > 0) await insertTasks.run({ rows: rowsJson(this.#tasks) }, tx);
    if (this.#pauses.length > 0) await pauseEnrollments.run({ rows: rowsJson(this.#pauses) }, tx);
    if (this.skipped.length > 0) await advanceEnrollments.run({ org_id, ids: this.skipped }, tx);
    await recordEvents(scope, this.#events, { now_ms });
    await pauseLosers(
      scope,
      this.#asked.map(({ decision }) => decision),
      now_ms,
    );
    await raiseAndNotify(scope, this.#asked, now_ms);
    await stopLeads(scope, [...this.#blocked_leads], 'compliance_block');
  }

  #enqueue(step: DueStep, decision: Decision): string {
    const id = newId(this.#scope.clock);
    const is_held = decision.outcome === 'hold';
    this.#items.push({
      org_id: this.#scope.org_id,
      id,
      client_id: step.client_id,
      contact_id: step.contact_id,
      lead_id: step.lead_id,
      campaign_id: step.campaign_id,
      enrollment_id: step.id,
      step_number: step.current_step,
      channel: step.channel ?? 'email',
      // LinkedIn offers no way to send; notify_rep tells the rep, who sends.
      requires_personal_send:
        step.requires_personal_send === true ||
        step.channel === 'linkedin' ||
        step.send_rule === 'notify_rep',
      scheduled_at: step.next_send_at,
      status: is_held ? 'held' : 'pending',
      held_until: decision.until_ms === null ? null : new Date(decision.until_ms),
      held_reason: decision.reason,
      wake: is_held ? decision.wake : null,
      attempt_count: 0,
      play_id: step.play_id,
      originating_proposal_id: step.originating_proposal_id,
      created_at: new Date(this.#now_ms),
    });
    if (!is_held)
      this.#tasks.push(
        draftingTask(this.#scope, { ...step, enrollment_id: step.id, queue_id: id }, this.#now_ms),
      );
    return id;
  }

  #markPaused(lead: LeadSnapshot, enrollment_ids: readonly string[]): void {
    for (const sequence of lead.sequences) {
      if (enrollment_ids.includes(sequence.enrollment_id)) sequence.status = 'paused';
    }
  }
}

/** The task that asks the owner role for a touch's text. */
export function draftingTask(
  scope: Scope,
  item: { queue_id: string; enrollment_id: string; lead_id: string; owner_role: string },
  now_ms: number,
): Partial<AgentTasksRow> {
  return {
    org_id: scope.org_id,
    id: newId(scope.clock),
    type: 'execute_sequence_step',
    role: item.owner_role,
    status: 'open',
    lead_id: item.lead_id,
    enrollment_id: item.enrollment_id,
    queue_id: item.queue_id,
    payload: {},
    attempt_count: 0,
    created_at: new Date(now_ms),
  };
}
