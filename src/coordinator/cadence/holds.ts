import { releaseOrder } from '../../core/gate/conflict_matrix.ts';
import type { Decision } from '../../core/gate/decision.ts';
import { decide } from '../../core/gate/gates.ts';
import type { Policy } from '../../core/gate/policy.ts';
import { localDay } from '../../core/gate/schedule.ts';
import { openingOf } from '../../core/gate/send_hours.ts';
import { turnsMs } from '../../core/gate/touch_window.ts';
import { keepEarlierEnd } from '../../core/gate/waits.ts';
import * as sql from '../../db/queries/send_queue.gen.ts';
import { insertTasks } from '../../db/queries/tasks.gen.ts';
import type { AgentTasksRow, SalesSendQueueRow } from '../../schema.gen.ts';
import { type AskedAbout, decisionEvent, itemSubject, type NewEvent } from '../gate/events.ts';
import { factsOf, type LeadSnapshot, lockAndReadLeads } from '../gate/facts.ts';
import { writeDecisions } from '../gate/pauses.ts';
import { rowsJson } from '../gate/rows.ts';
import { type Batch, type OrgPolicy, orgPolicy, type Scope } from '../gate/scope.ts';
import { draftingTask } from './dispatch.ts';

type HeldItem = sql.HeldItemsOfLeadsResult;

/** Held touches beyond this number are left for the next round. */
const ITEMS_MAX = 5_000;

/**
 * Sends the held touches of up to `limit` leads through the gate again: leads with a touch whose time has come, or that an
 * older policy judged. A touch that passes continues from where it was held; one that does not is held until its new time.
 * Touches of one lead that wait under the cap take turns: first the side with priority, then the earliest due, then the
 * oldest; each is held until its own turn, predicted from those before it. Returns the number of leads found.
 */
export async function releaseHolds(scope: Scope, { limit, set_aside, claimed }: Batch): Promise<number> {
  const { tx, org_id } = scope;
  const org_policy = await orgPolicy(scope);
  const { version: policy_version, policy } = org_policy;
  const found = await sql.leadsToRelease.run(
    { org_id, now: scope.clock.now(), policy_version, limit, set_aside },
    tx,
  );
  if (found.length === 0) return 0;
  const lead_ids = found.map((row) => row.lead_id);
  claimed(lead_ids);
  const { now_ms, leads } = await lockAndReadLeads(scope, lead_ids, policy, { wait: false });
  const items = await sql.heldItemsOfLeads.run({ org_id, lead_ids: [...leads.keys()], limit: ITEMS_MAX }, tx);
  const batch = new ReleaseBatch(scope, now_ms, org_policy);
  for (const [lead_id, held] of wholeLeads(items)) batch.releaseLead(leads.get(lead_id)!, held);
  await batch.write();
  return found.length;
}

/** The items by lead. A lead that the limit cut in two is left for the next round. */
function wholeLeads(items: readonly HeldItem[]): Map<string, HeldItem[]> {
  const by_lead = Map.groupBy(items, (item) => item.lead_id);
  if (items.length === ITEMS_MAX && by_lead.size > 1) by_lead.delete(items.at(-1)!.lead_id);
  return by_lead;
}

class ReleaseBatch {
  readonly #scope: Scope;
  readonly #now_ms: number;
  readonly #org_policy: OrgPolicy;
  readonly #released: Partial<SalesSendQueueRow>[] = [];
  readonly #held: Partial<SalesSendQueueRow>[] = [];
  readonly #tasks: Partial<AgentTasksRow>[] = [];
  readonly #events: NewEvent[] = [];
  readonly #asked: AskedAbout[] = [];
  readonly #blocked_leads: string[] = [];

  constructor(scope: Scope, now_ms: number, org_policy: OrgPolicy) {
    this.#scope = scope;
    this.#now_ms = now_ms;
    this.#org_policy = org_policy;
  }

  releaseLead(lead: LeadSnapshot, held: readonly HeldItem[]): void {
    const now_ms = this.#now_ms;
    const { version, policy } = this.#org_policy;
    const waiting: { item: HeldItem; decision: Decision }[] = [];
    for (const item of inReleaseOrder(held.filter(this.#isToBeAsked), lead, policy)) {
      const status = statusAfterHold(item);
      const moment = status === 'pending' ? 'dispatched' : 'sent';
      const before = { reason: item.held_reason, until_ms: item.held_until?.getTime() ?? null };
      const to_real_server = this.#scope.catches_mail !== true && leavesByServer(item);
      const asked = decide(factsOf(lead, item, moment, now_ms, { to_real_server }), policy);
      const decision = keepEarlierEnd(asked, before, now_ms);
      if (decision.reason === 'compliance_block') {
        this.#note(item, lead, decision, decision.until_ms);
        this.#blocked_leads.push(lead.lead_id);
        return;
      }
      if (decision.outcome === 'allow') {
        this.#note(item, lead, decision, null);
        this.#release(item, status);
        reserveInBatch(lead, item, now_ms);
      } else {
        waiting.push({ item, decision });
      }
    }
    const turns = predictedTurns(lead, waiting, now_ms, policy);
    for (const [at, { item, decision }] of waiting.entries()) {
      const until_ms = turns[at]!;
      this.#held.push({
        ...holdRow(this.#scope, item.id, decision, version),
        held_until: instantOf(until_ms),
      });
      if (isNews(item, decision, until_ms)) this.#note(item, lead, decision, until_ms);
    }
  }

  async write(): Promise<void> {
    const { tx } = this.#scope;
    if (this.#released.length > 0) await sql.releaseItems.run({ rows: rowsJson(this.#released) }, tx);
    if (this.#held.length > 0) await sql.holdItems.run({ rows: rowsJson(this.#held) }, tx);
    if (this.#tasks.length > 0) await insertTasks.run({ rows: rowsJson(this.#tasks) }, tx);
    const batch = { events: this.#events, asked: this.#asked, blocked_leads: this.#blocked_leads };
    await writeDecisions(this.#scope, this.#now_ms, batch);
  }

  /** Touches held by the cap are decided together, in order; all others when their own time has come. */
  #isToBeAsked = (item: HeldItem): boolean => {
    if (item.held_reason === 'touch_cap_exceeded') return true;
    if (item.held_policy_version! < this.#org_policy.version) return true;
    return item.held_until !== null && item.held_until.getTime() <= this.#now_ms;
  };

  #release(item: HeldItem, status: ReturnType<typeof statusAfterHold>): void {
    this.#released.push({ org_id: this.#scope.org_id, id: item.id, status });
    if (status !== 'pending') return;
    this.#tasks.push(draftingTask(this.#scope, { ...item, queue_id: item.id }, this.#now_ms));
  }

  #note(item: HeldItem, lead: LeadSnapshot, decision: Decision, until_ms: number | null): void {
    const subject = itemSubject(item);
    const moment = statusAfterHold(item) === 'pending' ? 'dispatched' : 'sent';
    const allowed = { event_type: 'released' as const, coordinator_action: 'release' };
    const about = { moment, policy_version: this.#org_policy.version, allowed } as const;
    this.#events.push({ ...decisionEvent(subject, lead, decision, about), until: instantOf(until_ms) });
    this.#asked.push({ subject, decision });
  }
}

/** The next decision time of each waiting touch; for those held by the cap, the time of their turn. */
function predictedTurns(
  lead: LeadSnapshot,
  waiting: readonly { decision: Decision }[],
  now_ms: number,
  policy: Policy,
): (number | null)[] {
  const inLine = ({ decision }: { decision: Decision }) =>
    decision.reason === 'touch_cap_exceeded' && decision.until_ms !== null;
  const count = waiting.filter(inLine).length;
  const { time_zone, calendar } = lead;
  const open = openingOf({ time_zone, public_holidays: calendar.public_holidays }, policy);
  const turns = count === 0 ? [] : turnsMs(lead.touches, now_ms, time_zone, policy.touch_cap, open, count);
  return waiting.map((one) => (inLine(one) ? turns.shift()! : one.decision.until_ms));
}

/** A hold that did not change, decided only because of the lead's other touches, is not recorded again. */
function isNews(item: HeldItem, decision: Decision, until_ms: number | null): boolean {
  return item.held_reason !== decision.reason || (item.held_until?.getTime() ?? null) !== until_ms;
}

function instantOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

/** No policy version: the held touch is decided once more, together with the lead's others, to get its turn. */
const TO_BE_ASKED = 0;

export function holdRow(
  scope: Scope,
  id: string,
  decision: Decision,
  policy_version = TO_BE_ASKED,
): Partial<SalesSendQueueRow> {
  return {
    org_id: scope.org_id,
    id,
    held_until: instantOf(decision.until_ms),
    held_reason: decision.reason,
    wake: decision.wake ?? 'never',
    held_policy_version: policy_version,
  };
}

function leavesByServer(item: HeldItem): boolean {
  return statusAfterHold(item) === 'approved' && !item.requires_personal_send;
}

/** The status that a released touch returns to: without a draft, awaiting approval, or approved. */
function statusAfterHold(item: HeldItem): 'pending' | 'drafted' | 'approved' {
  if (item.staged_draft_id === null) return 'pending';
  return item.is_approved ? 'approved' : 'drafted';
}

function inReleaseOrder(items: readonly HeldItem[], lead: LeadSnapshot, policy: Policy): HeldItem[] {
  const signals = {
    icp_tier: lead.icp_tier,
    sales_signal_at_ms: lead.sales_signal_at?.getTime() ?? null,
    marketing_signal_at_ms: lead.marketing_signal_at?.getTime() ?? null,
  };
  const order = releaseOrder(signals, policy);
  const keyed = items.map((item) => ({
    item,
    key: {
      id: item.id,
      side: item.side,
      due_at_ms: (item.due_at ?? item.scheduled_at).getTime(),
      created_at_ms: item.created_at.getTime(),
    },
  }));
  return keyed.sort((a, b) => order(a.key, b.key)).map(({ item }) => item);
}

/** Later items of the batch see the released touch as one that is about to be sent. */
function reserveInBatch(lead: LeadSnapshot, item: HeldItem, now_ms: number): void {
  if (item.sequence_type === 'transactional') return;
  // A new list, so that earlier decisions keep theirs.
  const reserved = { at_ms: now_ms, local_day: localDay(now_ms, lead.time_zone), settled: false };
  lead.touches = [reserved, ...lead.touches];
}
