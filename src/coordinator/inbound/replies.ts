import { afterAbsence, onReturn } from '../../core/inbound/return.ts';
import { handleInbound, hasOtherPendingReply, openEnrollmentsOfLead } from '../../db/queries/inbound.gen.ts';
import { REPLY_INTENT_VALUES, type ReplyIntent } from '../../schema.gen.ts';
import { exitSequences } from '../cadence/exits.ts';
import { type EventSubject, recordEvents } from '../gate/events.ts';
import { resolveFlags } from '../gate/flags.ts';
import { EXEC_ROLE, newTask } from '../gate/new_task.ts';
import { bookMeetings } from '../gate/notes.ts';
import { orgPolicy, type Scope } from '../gate/scope.ts';
import { optOutByAnswer, pauseUntil, postpone, resumeAnsweredLead, zoneOf } from './answered_leads.ts';

/** The meanings of a reply (product: campaigns, hand-offs, and replies). */
export const REPLY_INTENTS = REPLY_INTENT_VALUES;

/** A classified reply. `return_date`: the day on which an absent person returns, or wants to hear from us again. */
export type ReadReply = { intent: ReplyIntent; note?: string; return_date?: string };

/** The source of a classification, in order of trust: an agent's answer may be what the message told it to say. */
export type ReadBy =
  | { kind: 'person'; user_id: string }
  | { kind: 'agent'; agent_id: string }
  | { kind: 'rules' };

/** A classified reply with its lead and its message; null if the task was created without one. */
export type RepliedLead = {
  lead_id: string;
  enrollment_id: string | null;
  queue_id?: string | null;
  inbound_id: string | null;
  /** The subject of the event; by default the lead alone. */
  subject?: EventSubject;
};

type Effect = { until?: Date };

/**
 * Applies a classified reply. Runs as the coordinator, under the lead's lock, in the transaction that ends its task. It
 * never sends, approves, or lifts an opt-out. An agent's word never resumes a lead: a meeting waits for the executive,
 * everything else stays paused. The return value is stored as the task's result.
 */
export async function applyReply(
  scope: Scope,
  lead: RepliedLead,
  reply: ReadReply,
  by: ReadBy,
): Promise<Record<string, string>> {
  const effect = await take(scope, lead, reply, by);
  const { lead_id, inbound_id, subject = { lead_id } } = lead;
  const read_by = by.kind === 'person' ? by.user_id : by.kind === 'agent' ? by.agent_id : 'rules';
  const detail = { inbound_id, read_by, ...(reply.note ? { note: reply.note } : {}) };
  const read = { event_type: 'reply_read', coordinator_action: 'apply', resolution: reply.intent } as const;
  await recordEvents(scope, [{ ...subject, ...read, until: effect.until ?? null, detail }]);
  return { ...reply, ...(effect.until ? { until: effect.until.toISOString() } : {}) };
}

/** Stores an agent's classification with the message. A person's classification stays. */
export async function recordAgentsReading(
  scope: Scope,
  id: string,
  reply: ReadReply,
  agent_id: string,
): Promise<void> {
  const { org_id, tx } = scope;
  const { intent, note = null, return_date = null } = reply;
  const said = { intent, note, return_date, intent_source: 'agent' as const, user_id: null, agent_id };
  await handleInbound.run({ org_id, id, ...said, now: scope.clock.now() }, tx);
  await resolveFlags(scope, { kind: 'reply_waiting', subjects: [id], resolution: 'handled' });
}

async function take(scope: Scope, lead: RepliedLead, reply: ReadReply, by: ReadBy): Promise<Effect> {
  const { lead_id, inbound_id, queue_id = null } = lead;
  switch (reply.intent) {
    case 'unsubscribe':
      await optOutByAnswer(scope, lead_id, { inbound_id, queue_id });
      return {};
    case 'not_interested':
      await endAll(scope, lead_id, 'rejected');
      return {};
    case 'wrong_person':
      // The lead declined nothing, so no campaign for lost leads follows.
      await endAll(scope, lead_id, 'left_company');
      return {};
    case 'interested':
    case 'meeting':
      await handToExecutive(scope, lead, by);
      return {};
    case 'not_now':
    case 'out_of_office': {
      const until = await backAt(scope, lead_id, reply);
      const { intent: reason } = reply;
      // An agent read one message only: the lead stays paused for the others.
      if (by.kind === 'agent' && (await hasOthersPending(scope, lead))) return {};
      if (by.kind === 'rules' && reason === 'out_of_office')
        return (await postpone(scope, lead_id, until)) ? { until } : {};
      await pauseUntil(scope, lead_id, { reason, until });
      return { until };
    }
    case 'question':
    case 'other':
      await stayPaused(scope, lead_id, by);
      return {};
  }
}

async function hasOthersPending(
  { org_id, tx }: Scope,
  { lead_id, inbound_id }: RepliedLead,
): Promise<boolean> {
  return (await hasOtherPendingReply.one({ org_id, lead_id, inbound_id }, tx))!.pending;
}

/** A person must reply: open work stays paused. Without open work, the lead only waited for a person to look. */
async function stayPaused(scope: Scope, lead_id: string, by: ReadBy): Promise<void> {
  if (by.kind !== 'person') return;
  const open = await openEnrollmentsOfLead.run({ org_id: scope.org_id, lead_id }, scope.tx);
  if (open.length === 0) await resumeAnsweredLead(scope, lead_id);
}

async function endAll(
  scope: Scope,
  lead_id: string,
  exit_reason: 'left_company' | 'rejected',
): Promise<void> {
  await resumeAnsweredLead(scope, lead_id);
  const open = await openEnrollmentsOfLead.run({ org_id: scope.org_id, lead_id }, scope.tx);
  const ids = open.map((row) => row.id);
  await exitSequences(scope, ids, exit_reason);
}

/**
 * Ends the answered enrollment with a meeting, and a person routes the lead. After an agent's classification always,
 * whatever the campaign's exit map says; the lead stays paused until then.
 */
async function handToExecutive(scope: Scope, lead: RepliedLead, by: ReadBy): Promise<void> {
  const { lead_id, enrollment_id } = lead;
  const { org_id, tx } = scope;
  if (by.kind === 'rules') throw new Error('no rule says that someone wants to meet');
  if (by.kind === 'person') await resumeAnsweredLead(scope, lead_id);
  const open = await openEnrollmentsOfLead.run({ org_id, lead_id }, tx);
  const answered = open.find(({ id }) => id === enrollment_id) ?? open[0];
  const ids = answered === undefined ? [] : [answered.id];
  const ended = await exitSequences(scope, ids, 'meeting', { is_gated: by.kind === 'agent' });
  if (ended.length > 0) return;
  // After every enrollment has ended: no exit map applies.
  const task = { type: 'meeting_booked', role: EXEC_ROLE, lead_id, enrollment_id } as const;
  const payload = { from_campaign: null, suggested_campaign: null };
  await bookMeetings(scope, [newTask(scope, { ...task, payload })]);
}

async function backAt(scope: Scope, lead_id: string, reply: ReadReply): Promise<Date> {
  const { policy } = await orgPolicy(scope);
  const { out_of_office_days, not_now_days } = policy.reply_handling;
  const now_ms = scope.clock.now_ms();
  const return_date = reply.return_date ?? null;
  const zone = await zoneOf(scope, lead_id);
  return new Date(
    reply.intent === 'not_now'
      ? onReturn({ now_ms, return_date, days: not_now_days }, zone, policy)
      : afterAbsence({ now_ms, return_date, days: out_of_office_days }, zone, policy),
  );
}
