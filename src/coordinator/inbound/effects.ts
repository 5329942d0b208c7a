/**
 * Effects of an inbound message. Runs as the coordinator, under the lead's lock, in the transaction that stores the
 * message.
 */

import type { ClassifiedInbound } from '../../core/inbound/inbound.ts';
import { getQueueItem } from '../../db/queries/send_queue.gen.ts';
import { insertTasks } from '../../db/queries/tasks.gen.ts';
import type { AgentTasksRow, InboundMessagesRow } from '../../schema.gen.ts';
import { type EventSubject, itemSubject, recordEvents } from '../gate/events.ts';
import { FOR_THE_REP, raiseFlags } from '../gate/flags.ts';
import { newTask } from '../gate/new_task.ts';
import { notifyOfReply } from '../gate/notes.ts';
import { rowsJson } from '../gate/rows.ts';
import type { Scope } from '../gate/scope.ts';
import { resolveUnknown } from '../sending/outcomes.ts';
import { pauseAnswered } from './answered_leads.ts';
import { isOurs, type ReadIntent } from './intents.ts';
import type { Match, MatchedTouch } from './matching.ts';
import { applyReply, type ReadReply } from './replies.ts';
import { failuresOf, recordBounce, recordComplaint, suppressSender } from './reports.ts';

export type InboundRow = Omit<
  InboundMessagesRow,
  | ('raw_hash' | 'answer_hash' | 'kind_key' | 'handled_by_user_id' | 'handled_by_agent' | 'note')
  | 'suggested_lead_id'
>;

type Taken = {
  row: InboundRow;
  match: Match;
  told: ClassifiedInbound;
  intent: ReadIntent | null;
  /** The intent takes effect without a person. */
  acts: boolean;
  /** The address that we wrote to replied to this very attempt. */
  is_answered: boolean;
  is_tagged: boolean;
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
      return record(scope, lead_id, taken, { event_type: 'delivery_delayed', resolution: 'delay' });
    case 'bounce': {
      const failures = failuresOf(told.failed, touch?.attempt?.to_address ?? null);
      const { is_answered } = taken;
      if (touch !== null) await recordBounce(scope, { inbound_id: row.id, touch, failures, is_answered });
      return askPerson(scope, lead_id, taken);
    }
    case 'complaint': {
      const { complained } = told;
      if (touch !== null) await recordComplaint(scope, { inbound_id: row.id, touch, complained });
      return;
    }
    case 'other':
      return isOurs(row.matched_by) ? askPerson(scope, lead_id, taken) : undefined;
  }
}

/**
 * A person replied. A certain intent takes effect at once. Any other pauses all open work and waits for a decision: the
 * enrollment's role gets a task, and the lead's owner a warning until the reply is handled. A request to opt out from an
 * address that we never wrote to suppresses that address, and a person decides about the lead.
 */
async function answered(scope: Scope, lead_id: string, taken: Taken): Promise<void> {
  const { row, intent, acts } = taken;
  const is_foreign_no = row.reason === 'other_sender' && row.kind === 'unsubscribe';
  const sender =
    row.reason !== 'other_sender'
      ? {}
      : { sender: is_foreign_no && (await suppressSender(scope, row)) ? 'suppressed' : 'other' };
  await record(scope, lead_id, taken, { event_type: 'replied', resolution: row.matched_by, sender });
  if (acts) await applyByRules(scope, lead_id, taken, { intent: intent!.intent });
  if (acts && taken.is_tagged && row.kind === 'unsubscribe') await suppressSender(scope, row);
  if (!acts) {
    await pauseAnswered(scope, lead_id, { always: is_foreign_no });
    await askRole(scope, lead_id, row, intent);
  }
  if (row.handled_at === null) await askPerson(scope, lead_id, taken);
  else await notifyOfReply(scope, lead_id, row.id);
}

function readAs(read: ReadIntent | null) {
  return { intent: read?.intent ?? null, certain: read?.certain ?? null };
}

/** Warns the lead's owner until the message is handled. */
async function askPerson(scope: Scope, lead_id: string, { row, intent }: Taken): Promise<void> {
  if (row.handled_at !== null) return;
  const { matched_by, kind, reason } = row;
  const detail = { inbound_id: row.id, kind, matched_by, reason, ...readAs(intent) };
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

/**
 * An automatic answer. An absence postpones touches that would arrive during it, and one that says that the person left ends
 * the enrollments, if our id or token proves whose it is. Neither settles a person's reply that waits.
 */
async function answeredByMachine(scope: Scope, lead_id: string, taken: Taken): Promise<void> {
  const { row, intent, acts } = taken;
  await record(scope, lead_id, taken, { event_type: 'auto_replied', resolution: row.kind });
  const { return_date } = row;
  const reply = { intent: intent?.intent ?? 'other', ...(return_date === null ? {} : { return_date }) };
  if (acts) await applyByRules(scope, lead_id, taken, reply);
  else if (row.handled_at === null) {
    await pauseAnswered(scope, lead_id);
    await askRole(scope, lead_id, row, intent);
  }
  await askPerson(scope, lead_id, taken);
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

type Recorded = {
  event_type: 'replied' | 'auto_replied' | 'delivery_delayed';
  resolution: string;
  sender?: { sender?: string };
};

async function record(
  scope: Scope,
  lead_id: string,
  { row, match, intent }: Taken,
  { event_type, resolution, sender = {} }: Recorded,
): Promise<void> {
  const subject: EventSubject = match.touch?.subject ?? { lead_id };
  const said = intent === null ? {} : { intent: intent.intent, certain: intent.certain };
  const detail = { inbound_id: row.id, matched_by: row.matched_by, ...said, ...sender };
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
