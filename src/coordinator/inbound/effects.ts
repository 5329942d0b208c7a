/**
 * Effects of an inbound message. Runs as the coordinator, under the lead's lock, in the transaction that stores the
 * message.
 */

import type { Policy } from '../../core/gate/policy.ts';
import type { ClassifiedInbound } from '../../core/inbound/inbound.ts';
import { getQueueItem } from '../../db/queries/send_queue.gen.ts';
import { insertTasks } from '../../db/queries/tasks.gen.ts';
import type { AgentTasksRow, InboundMessagesRow } from '../../schema.gen.ts';
import { type EventSubject, itemSubject, recordEvents } from '../gate/events.ts';
import { FOR_THE_REP, raiseFlags } from '../gate/flags.ts';
import { newTask } from '../gate/new_task.ts';
import { rowsJson } from '../gate/rows.ts';
import type { Scope } from '../gate/scope.ts';
import { resolveUnknown } from '../sending/outcomes.ts';
import { pauseAnswered } from './answered_leads.ts';
import { actsByItself, type ReadIntent } from './intents.ts';
import type { Match, MatchedTouch } from './matching.ts';
import { applyReply, type ReadReply } from './replies.ts';
import { failureOf, recordBounce, recordComplaint } from './reports.ts';

export type InboundRow = Omit<
  InboundMessagesRow,
  'raw_hash' | 'kind_key' | 'handled_by_user_id' | 'handled_by_agent' | 'note'
>;

type Taken = {
  row: InboundRow;
  match: Match;
  told: ClassifiedInbound;
  intent: ReadIntent | null;
  policy: Policy;
};

/** Does nothing for a message without a lead. */
export async function applyInbound(scope: Scope, taken: Taken): Promise<void> {
  const { row, match, told } = taken;
  const { touch, lead_id } = match;
  if (lead_id === null) return;
  if (touch !== null) await settleUnknown(scope, row.id, touch);
  switch (told.kind) {
    case 'reply':
    case 'unsubscribe':
      return answered(scope, lead_id, taken);
    case 'out_of_office':
    case 'auto_reply':
      return answeredByMachine(scope, lead_id, taken);
    case 'delay':
      return record(scope, lead_id, taken, 'delivery_delayed', 'delay');
    case 'bounce': {
      const failure = failureOf(told.failed, touch?.attempt?.to_address ?? null);
      if (touch !== null && failure !== null)
        await recordBounce(scope, { inbound_id: row.id, touch, failure });
      return;
    }
    case 'complaint':
      if (touch !== null) await recordComplaint(scope, row.id, touch);
      return;
    case 'other':
      return;
  }
}

/**
 * A person replied. A certain intent takes effect at once. Any other pauses all open work and waits for a decision: the
 * enrollment's role gets a task, and the lead's owner a warning until the reply is handled.
 */
async function answered(scope: Scope, lead_id: string, taken: Taken): Promise<void> {
  const { row, intent, policy } = taken;
  await record(scope, lead_id, taken, 'replied', row.matched_by);
  if (actsByItself(row, intent, policy)) {
    return applyByRules(scope, lead_id, taken, { intent: intent!.intent });
  }
  await pauseAnswered(scope, lead_id);
  await askRole(scope, lead_id, row, intent);
  const { matched_by, kind } = row;
  const detail = { inbound_id: row.id, kind, matched_by, intent: intent?.intent ?? null };
  await raiseFlags(scope, [{ kind: 'reply_waiting', subject: row.id, lead_id, detail, ...FOR_THE_REP }]);
}

async function askRole(
  scope: Scope,
  lead_id: string,
  row: InboundRow,
  intent: ReadIntent | null,
): Promise<void> {
  const { task_id, task_role, enrollment_id, kind, matched_by } = row;
  if (task_id === null || task_role === null) return;
  const { intent: guess = null, certain = false } = intent ?? {};
  const payload = { inbound_id: row.id, kind, matched_by, intent: guess, certain };
  const task = { type: 'process_reply', role: task_role, lead_id, enrollment_id, payload } as const;
  const rows = rowsJson<AgentTasksRow>([{ ...newTask(scope, task), id: task_id }]);
  await insertTasks.run({ rows }, scope.tx);
}

/** An automatic answer. An absence postpones touches that would arrive during it, if our id or token proves whose it is. */
async function answeredByMachine(scope: Scope, lead_id: string, taken: Taken): Promise<void> {
  const { row, intent, policy } = taken;
  await record(scope, lead_id, taken, 'auto_replied', row.kind);
  if (!actsByItself(row, intent, policy)) return;
  const { return_date } = row;
  const reply = { intent: 'out_of_office' as const, ...(return_date === null ? {} : { return_date }) };
  await applyByRules(scope, lead_id, taken, reply);
}

async function applyByRules(
  scope: Scope,
  lead_id: string,
  { row, match }: Taken,
  reply: ReadReply,
): Promise<void> {
  const { enrollment_id, queue_id, id: inbound_id } = row;
  const subject = match.touch?.subject ?? { lead_id };
  const lead = { lead_id, enrollment_id, queue_id, inbound_id, subject };
  await applyReply(scope, lead, reply, { kind: 'rules' });
}

async function record(
  scope: Scope,
  lead_id: string,
  { row, match, intent }: Taken,
  event_type: 'replied' | 'auto_replied' | 'delivery_delayed',
  resolution: string,
): Promise<void> {
  const subject: EventSubject = match.touch?.subject ?? { lead_id };
  const said = intent === null ? {} : { intent: intent.intent, certain: intent.certain };
  const detail = { inbound_id: row.id, matched_by: row.matched_by, ...said };
  await recordEvents(scope, [{ ...subject, event_type, coordinator_action: 'record', resolution, detail }]);
}

/** A reply to a message, or a report about it, proves its delivery: no person needs to confirm it any longer. */
async function settleUnknown(
  scope: Scope,
  inbound_id: string,
  { queue_id, attempt }: MatchedTouch,
): Promise<void> {
  if (attempt?.stage !== 'unknown') return;
  const [item] = await getQueueItem.run({ org_id: scope.org_id, id: queue_id }, scope.tx);
  if (item?.status !== 'unknown') return;
  await resolveUnknown(scope, item, true);
  const sent = { event_type: 'sent', coordinator_action: 'resolve', resolution: 'answer_says_sent' } as const;
  await recordEvents(scope, [{ ...itemSubject(item), ...sent, detail: { inbound_id } }]);
}
