import { z } from 'zod';
import type { CampaignsForRequestResult } from '../../db/queries/campaigns.gen.ts';
import { enrollmentTypes } from '../../db/queries/enrollments.gen.ts';
import { GOAL_VALUES, type Json } from '../../schema.gen.ts';
import { EXIT_STATUS, type ExitReason, exitSequences } from '../cadence/exits.ts';
import { type CampaignForRequest, findCampaignForRequest, hasSteps } from '../gate/campaigns.ts';
import type { Scope } from '../gate/scope.ts';
import { type RequestAnswer, requestSequences } from '../gate/sequence_requests.ts';
import { applyReply, type ReadBy, type ReadReply, recordAgentsReading } from '../inbound/replies.ts';

/** A task that someone has taken. */
export type TakenTask = {
  id: string;
  role: string;
  lead_id: string;
  enrollment_id: string | null;
  payload: Json;
};

/** What came of it: what is kept as the result, or why it could not be done. */
export type TaskOutcome = { result: { [key: string]: Json } } | { error: string };

/** What an executive's routing says to whoever enrolls the lead. */
const enrollPayload = z.object({
  campaign: z.string(),
  goal: z.enum(GOAL_VALUES).nullable(),
  notes: z.string().nullable(),
  routed_by_user_id: z.uuid().nullable(),
});

const exitPayload = z.object({ exit_reason: z.enum(Object.keys(EXIT_STATUS) as [ExitReason]) });

/**
 * What completing a task brings about, by its type. Called as the coordinator, under the lead's lock, in the transaction
 * that ends the task. A task of a type that is not here ends otherwise.
 */
export const TASK_EFFECTS = {
  enroll_contact: (scope: Scope, task: TakenTask) => enroll(scope, task),
  exit_contact: (scope: Scope, task: TakenTask) => exit(scope, task),
  process_reply: (scope: Scope, task: TakenTask, reply: ReadReply, by: ReadBy) =>
    readReply(scope, task, reply, by),
} as const;

/** Which message a `process_reply` is about; tasks that were made without one do not say it. */
const replyPayload = z.object({ inbound_id: z.uuid() });

async function readReply(scope: Scope, task: TakenTask, reply: ReadReply, by: ReadBy): Promise<TaskOutcome> {
  const { data } = replyPayload.safeParse(task.payload);
  const inbound_id = data?.inbound_id ?? null;
  if (inbound_id !== null && by.kind === 'agent') {
    await recordAgentsReading(scope, inbound_id, reply, by.agent_id);
  }
  const { lead_id, enrollment_id } = task;
  return { result: await applyReply(scope, { lead_id, enrollment_id, inbound_id }, reply, by) };
}

/**
 * Asks the gate in the name of the role, with the goal and the notes of the person who routed the lead. Whatever the gate
 * answers, the task is done: what is held or queued waits by itself.
 */
async function enroll(scope: Scope, task: TakenTask): Promise<TaskOutcome> {
  const asked = enrollPayload.safeParse(task.payload);
  if (!asked.success) return { error: 'the task does not say which campaign' };
  const { campaign: slug, goal, notes, routed_by_user_id } = asked.data;
  const campaign = await findCampaignForRequest(scope, slug);
  if (!isOpen(campaign)) return { error: `nobody is let into ${slug} now` };
  const request = {
    lead_id: task.lead_id,
    campaign,
    requested_by: task.role,
    requested_by_user_id: routed_by_user_id,
    goal,
    notes,
    exited: await exitedFrom(scope, task),
  };
  const [answer] = await requestSequences(scope, [request]);
  return { result: answered(answer!) };
}

/** The sequence whose end was handed to a person: from there the lead comes. */
export async function exitedFrom({ tx, org_id }: Scope, { enrollment_id }: Pick<TakenTask, 'enrollment_id'>) {
  if (enrollment_id === null) return null;
  const [ended] = await enrollmentTypes.run({ org_id, ids: [enrollment_id] }, tx);
  return ended === undefined ? null : { enrollment_id, sequence_type: ended.sequence_type };
}

/** Whether a lead may be let in at all, whatever the gate says of that lead. */
export function isOpen(campaign: CampaignsForRequestResult | undefined): campaign is CampaignForRequest {
  if (campaign === undefined || campaign.status !== 'active') return false;
  return hasSteps(campaign) && campaign.play_closed === null;
}

function answered(answer: RequestAnswer): { [key: string]: Json } {
  const { kind } = answer;
  if (kind === 'answered') {
    const { request_id, enrollment_id, decision } = answer;
    return { request_id, outcome: decision.outcome, reason: decision.reason, enrollment_id };
  }
  const enrollment_id = kind === 'already_enrolled' ? answer.enrollment_id : null;
  const request_id = kind === 'unreachable' ? answer.request_id : null;
  return { request_id, outcome: kind, reason: null, enrollment_id };
}

/** Ends the task's sequence. One that has ended meanwhile is left as it is. */
async function exit(scope: Scope, task: TakenTask): Promise<TaskOutcome> {
  const asked = exitPayload.safeParse(task.payload);
  if (!asked.success || task.enrollment_id === null)
    return { error: 'the task does not say what ends, and how' };
  const { exit_reason } = asked.data;
  const ended = await exitSequences(scope, [task.enrollment_id], exit_reason);
  return { result: { exit_reason, was_open: ended.length > 0 } };
}
