import { releaseOrder } from '../core/conflict_matrix.ts';
import type { Decision } from '../core/decision.ts';
import { decide } from '../core/gates.ts';
import { localDay } from '../core/schedule.ts';
import {
  type ClaimReleasableItemsResult,
  claimReleasableItems,
  holdItems,
  releaseItems,
} from '../db/queries/send_queue.gen.ts';
import { insertTasks } from '../db/queries/tasks.gen.ts';
import type { AgentTasksRow, SalesSendQueueRow } from '../schema.gen.ts';
import { draftingTask } from './dispatch.ts';
import { decisionEvent, type EventSubject, type NewEvent, raiseAndNotify, recordEvents } from './events.ts';
import { factsOf, type LeadSnapshot, lockAndReadLeads } from './facts.ts';
import { rowsJson } from './rows.ts';
import { orgPolicy, type Scope } from './scope.ts';
import { stopLeads } from './stops.ts';

type HeldItem = ClaimReleasableItemsResult;

/**
 * Releases held touches whose time has come, each through the gate again: one that fits goes on from where it
 * was held, one that does not is held until its new time. Of one lead's touches the higher side goes first,
 * then the earliest due, then the oldest; what is released here counts at once for those behind it. Returns how
 * many were asked.
 */
export async function releaseHolds(scope: Scope, limit: number): Promise<number> {
  const { tx, org_id } = scope;
  const due = await claimReleasableItems.run({ org_id, now: scope.clock.now(), limit }, tx);
  if (due.length === 0) return 0;
  const { version, policy } = await orgPolicy(scope);
  const lead_ids = due.map((item) => item.lead_id);
  const { now_ms, leads } = await lockAndReadLeads(scope, lead_ids, policy, { wait: false });
  const released: Partial<SalesSendQueueRow>[] = [];
  const held: Partial<SalesSendQueueRow>[] = [];
  const tasks: Partial<AgentTasksRow>[] = [];
  const events: NewEvent[] = [];
  const asked: { subject: EventSubject; decision: Decision }[] = [];
  const blocked_leads = new Set<string>();
  for (const [lead_id, items] of Map.groupBy(due, (item) => item.lead_id)) {
    const lead = leads.get(lead_id);
    if (lead === undefined) continue;
    for (const item of inReleaseOrder(items, lead, policy)) {
      const status = statusAfterHold(item);
      const moment = status === 'pending' ? 'dispatched' : 'sent';
      const decision = decide(factsOf(lead, item, moment, now_ms), policy);
      const subject = subjectOf(item);
      asked.push({ subject, decision });
      const allowed = { event_type: 'released' as const, coordinator_action: 'release' };
      events.push(decisionEvent(subject, lead, decision, { moment, policy_version: version, allowed }));
      if (decision.outcome === 'allow') {
        released.push({ org_id, id: item.id, status });
        if (status === 'pending') tasks.push(draftingTask(scope, { ...item, queue_id: item.id }, now_ms));
        reserveInBatch(lead, item, now_ms);
      } else if (decision.reason === 'compliance_block') {
        blocked_leads.add(lead_id);
        break;
      } else {
        held.push(holdRow(scope, item.id, decision));
      }
    }
  }
  if (released.length > 0) await releaseItems.run({ rows: rowsJson(released) }, tx);
  if (held.length > 0) await holdItems.run({ rows: rowsJson(held) }, tx);
  if (tasks.length > 0) await insertTasks.run({ rows: rowsJson(tasks) }, tx);
  await recordEvents(scope, events, { now_ms });
  await raiseAndNotify(scope, asked, now_ms);
  await stopLeads(scope, [...blocked_leads], 'compliance_block');
  return due.length;
}

/** The row that holds a touch as the gate said. */
export function holdRow(scope: Scope, id: string, decision: Decision): Partial<SalesSendQueueRow> {
  return {
    org_id: scope.org_id,
    id,
    held_until: decision.until_ms === null ? null : new Date(decision.until_ms),
    held_reason: decision.reason,
    wake: decision.wake ?? 'never',
  };
}

/** A held touch goes back to what it was: it needs its text, a person's yes, or only its turn. */
function statusAfterHold(item: HeldItem): 'pending' | 'drafted' | 'approved' {
  if (item.staged_draft_id === null) return 'pending';
  return item.is_approved ? 'approved' : 'drafted';
}

function inReleaseOrder(
  items: readonly HeldItem[],
  lead: LeadSnapshot,
  policy: Parameters<typeof releaseOrder>[1],
): HeldItem[] {
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
      due_at_ms: item.scheduled_at.getTime(),
      created_at_ms: item.created_at.getTime(),
    },
  }));
  return keyed.sort((a, b) => order(a.key, b.key)).map(({ item }) => item);
}

/** Those behind it in the batch see it as a touch that is about to leave. */
function reserveInBatch(lead: LeadSnapshot, item: HeldItem, now_ms: number): void {
  if (item.sequence_type === 'transactional') return;
  lead.touches.unshift({ at_ms: now_ms, local_day: localDay(now_ms, lead.time_zone), settled: false });
}

function subjectOf(item: HeldItem): EventSubject {
  return {
    lead_id: item.lead_id,
    campaign_id: item.campaign_id,
    enrollment_id: item.enrollment_id,
    queue_id: item.id,
    step_number: item.step_number,
    channel: item.channel,
    sequence_type: item.sequence_type,
    play_id: item.play_id,
    originating_proposal_id: item.originating_proposal_id,
  };
}
