import type { Decision } from '../../core/gate/decision.ts';
import { decide } from '../../core/gate/gates.ts';
import { storedFacts } from '../../core/gate/stored_facts.ts';
import { missingAddress } from '../../core/gate/unreachable.ts';
import * as sql from '../../db/queries/enrollments.gen.ts';
import { newId } from '../../ids.ts';
import type { AgentTasksRow, CampaignContactsRow, Json } from '../../schema.gen.ts';
import { type AskedAbout, decisionWords } from '../gate/events.ts';
import { factsOf, type LeadSnapshot, lockAndReadLeads } from '../gate/facts.ts';
import { newTask } from '../gate/new_task.ts';
import { pauseRow, writeDecisions } from '../gate/pauses.ts';
import { rowsJson } from '../gate/rows.ts';
import { type Batch, COORDINATOR, orgPolicy, type Scope } from '../gate/scope.ts';
import { passOver } from './unreachable.ts';

export type DueStep = sql.ClaimDueEnrollmentsResult;

/**
 * Decides due steps in one transaction: claims up to `limit` due enrollments, locks their leads, reads the gates' facts,
 * decides each step, and records all outcomes with set-based statements. An allowed step becomes a pending queue item with
 * a task for the owner role; a held step becomes a held item; any other outcome pauses or ends the enrollment. Nothing
 * waits while locks are held: leads that another transaction has locked are left for the next round. Returns the number of
 * claimed enrollments.
 */
export async function dispatchDueSteps(scope: Scope, { limit, set_aside, claimed }: Batch): Promise<number> {
  const { tx, org_id } = scope;
  const due = await sql.claimDueEnrollments.run({ org_id, now: scope.clock.now(), limit, set_aside }, tx);
  claimed(due.map((step) => step.id));
  if (due.length > 0) await dispatchSteps(scope, due);
  return due.length;
}

export async function dispatchSteps(scope: Scope, due: readonly DueStep[]): Promise<void> {
  const { version, policy } = await orgPolicy(scope);
  const lead_ids = due.map((step) => step.lead_id);
  const { now_ms, leads } = await lockAndReadLeads(scope, lead_ids, policy, { wait: false });
  const batch = new DispatchBatch(scope, now_ms, version);
  const out_of_reach: Parameters<typeof passOver>[1][number][] = [];
  for (const step of due) {
    const lead = leads.get(step.lead_id);
    if (lead === undefined || batch.isStopped(step)) continue;
    // The definition lost this step after the enrollment reached it: there is nothing to send, so advance.
    if (step.step_number === null) {
      batch.skip(step);
      continue;
    }
    const missing = step.channel === null ? null : missingAddress(step.channel, lead);
    if (missing !== null) {
      out_of_reach.push({ step, missing });
      continue;
    }
    const asker = { ...step, enrollment_id: step.id };
    batch.add(step, lead, decide(factsOf(lead, asker, 'dispatched', now_ms), policy));
  }
  await batch.write();
  await passOver(scope, out_of_reach, { keep_spacing: policy.keep_spacing, now_ms });
}

class DispatchBatch {
  readonly #scope: Scope;
  readonly #now_ms: number;
  readonly #policy_version: number;
  readonly #decided: {
    enrollment_id: string;
    account_id: string | null;
    queues: boolean;
    decision_number: number;
    facts: Json;
  }[] = [];
  /** Each distinct decision of the batch as JSON, with its number. */
  readonly #decisions = new Map<string, number>();
  readonly #skipped: string[] = [];
  readonly #pauses: Partial<CampaignContactsRow>[] = [];
  readonly #asked: AskedAbout[] = [];
  readonly #losers = new Set<string>();
  readonly #blocked_leads = new Set<string>();

  constructor(scope: Scope, now_ms: number, policy_version: number) {
    this.#scope = scope;
    this.#now_ms = now_ms;
    this.#policy_version = policy_version;
  }

  /** True if an earlier decision of this batch stopped the lead or paused this enrollment. */
  isStopped(step: DueStep): boolean {
    return this.#losers.has(step.id) || this.#blocked_leads.has(step.lead_id);
  }

  skip(step: DueStep): void {
    this.#skipped.push(step.id);
  }

  add(step: DueStep, lead: LeadSnapshot, decision: Decision): void {
    const item_status =
      decision.outcome === 'allow' ? 'pending' : decision.outcome === 'hold' ? 'held' : null;
    const words = decisionWords(lead, decision, { event_type: 'dispatched', coordinator_action: 'dispatch' });
    const wake = item_status === 'held' ? decision.wake : null;
    const decision_number = this.#numberOf(JSON.stringify({ item_status, wake, ...words }));
    const { account_id } = lead;
    const decided = { enrollment_id: step.id, account_id, queues: item_status !== null };
    this.#decided.push({ ...decided, decision_number, facts: storedFacts(decision) });
    if (decision.reason === 'compliance_block') {
      this.#blocked_leads.add(step.lead_id);
    } else if (item_status === null) {
      const by = { now_ms: this.#now_ms, policy_version: this.#policy_version };
      this.#pauses.push(pauseRow(this.#scope, step.id, decision, by));
      markPaused(lead, [step.id]);
    }
    const paused = [...decision.losers, ...decision.outranked];
    for (const id of paused) this.#losers.add(id);
    markPaused(lead, paused);
    const subject = { lead_id: step.lead_id, campaign_id: step.campaign_id, enrollment_id: step.id };
    this.#asked.push({ subject, decision });
  }

  async write(): Promise<void> {
    const scope = this.#scope;
    const { tx, org_id } = scope;
    const now_ms = this.#now_ms;
    await this.#record();
    if (this.#pauses.length > 0) await sql.pauseEnrollments.run({ rows: rowsJson(this.#pauses) }, tx);
    if (this.#skipped.length > 0) await sql.advanceEnrollments.run({ org_id, ids: this.#skipped }, tx);
    const batch = { events: [], asked: this.#asked, blocked_leads: this.#blocked_leads };
    await writeDecisions(scope, now_ms, { ...batch, pauses_by: this.#policy_version });
  }

  async #record(): Promise<void> {
    if (this.#decided.length === 0) return;
    const { tx, org_id, clock } = this.#scope;
    const queued = await sql.recordDispatches.run(
      {
        org_id,
        now: new Date(this.#now_ms),
        actor_id: COORDINATOR,
        policy_version: this.#policy_version,
        enrollment_ids: this.#decided.map((step) => step.enrollment_id),
        account_ids: this.#decided.map((step) => step.account_id),
        event_ids: this.#decided.map(() => newId(clock)),
        queue_ids: this.#decided.map(() => newId(clock)),
        task_ids: this.#decided.map(() => newId(clock)),
        decision_numbers: this.#decided.map((step) => step.decision_number),
        facts: this.#decided.map((step) => step.facts),
        decisions: numbered(this.#decisions),
      },
      tx,
    );
    const has_item = new Set(queued.map((row) => row.enrollment_id));
    // An old queue item shows that the step was decided before, so advance.
    for (const step of this.#decided) {
      if (step.queues && !has_item.has(step.enrollment_id)) this.#skipped.push(step.enrollment_id);
    }
  }

  #numberOf(decision: string): number {
    const known = this.#decisions.get(decision);
    if (known !== undefined) return known;
    this.#decisions.set(decision, this.#decisions.size);
    return this.#decisions.size - 1;
  }
}

function numbered(decisions: ReadonlyMap<string, number>): Json {
  return [...decisions].map(([json, decision_number]) => ({ ...JSON.parse(json), decision_number }));
}

function markPaused(lead: LeadSnapshot, enrollment_ids: readonly string[]): void {
  for (const sequence of lead.sequences) {
    if (enrollment_ids.includes(sequence.enrollment_id)) sequence.status = 'paused';
  }
}

export function draftingTask(
  scope: Scope,
  item: { queue_id: string; enrollment_id: string; lead_id: string; owner_role: string },
  now_ms: number,
): Partial<AgentTasksRow> {
  const { queue_id, enrollment_id, lead_id, owner_role: role } = item;
  const task = newTask(scope, { type: 'execute_sequence_step', role, lead_id, enrollment_id, queue_id });
  return { ...task, created_at: new Date(now_ms) };
}
