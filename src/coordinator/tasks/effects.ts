import { z } from 'zod';
import { toAppError } from '../../db/errors.ts';
import { savepoint } from '../../db/pool.ts';
import type { CampaignsForRequestResult } from '../../db/queries/campaigns.gen.ts';
import { enrollmentTypes } from '../../db/queries/enrollments.gen.ts';
import { getInbound } from '../../db/queries/inbound.gen.ts';
import { GOAL_VALUES, type Json } from '../../schema.gen.ts';
import { type CampaignForRequest, findCampaignForRequest, hasSteps } from '../gate/campaigns.ts';
import type { Scope } from '../gate/scope.ts';
import { type RequestAnswer, requestSequences } from '../gate/sequence_requests.ts';
import { applyReply, type ReadBy, type ReadReply, recordAgentsReading } from '../inbound/replies.ts';

export type TakenTask = {
  id: string;
  role: string;
  lead_id: string;
  enrollment_id: string | null;
  payload: Json;
};

/** The outcome of a task: its stored result, or why it could not be done. */
export type TaskOutcome = { result: { [key: string]: Json } } | { error: string };

/** An executive's instructions for the enrollment. */
const enrollPayload = z.object({
  campaign: z.string(),
  goal: z.enum(GOAL_VALUES).nullable(),
  notes: z.string().nullable(),
  routed_by_user_id: z.uuid().nullable(),
});

/**
 * Effects of completing a task, by its type. They run as the coordinator, under the lead's lock, in the transaction that
 * ends the task. Types not listed here end differently.
 */
export const TASK_EFFECTS = {
  enroll_contact: enroll,
  process_reply: readReply,
} as const;

/** The message of a `process_reply` task; tasks created without one lack it. */
const replyPayload = z.object({ inbound_id: z.uuid() });

async function readReply(scope: Scope, task: TakenTask, reply: ReadReply, by: ReadBy): Promise<TaskOutcome> {
  const { data } = replyPayload.safeParse(task.payload);
  const inbound_id = data?.inbound_id ?? null;
  if (inbound_id !== null && by.kind === 'agent') {
    await recordAgentsReading(scope, inbound_id, reply, by.agent_id);
  }
  const { org_id, tx } = scope;
  const message = inbound_id && (await getInbound.one({ org_id, id: inbound_id, task_role: null }, tx));
  const { queue_id = null } = message || {};
  const { lead_id, enrollment_id } = task;
  return { result: await applyReply(scope, { lead_id, enrollment_id, queue_id, inbound_id }, reply, by) };
}

/**
 * Requests an enrollment in the role's name, with the goal and notes of the person who routed the lead. The task is done whether
 * or not the gates pass: a held or queued request retries automatically. It fails if the database finds no person's decision.
 */
async function enroll(scope: Scope, task: TakenTask): Promise<TaskOutcome> {
  const asked = enrollPayload.safeParse(task.payload);
  if (!asked.success) return { error: 'the task names no campaign' };
  const { campaign: slug, goal, notes, routed_by_user_id: requested_by_user_id } = asked.data;
  const campaign = await findCampaignForRequest(scope, slug);
  if (!isOpen(campaign)) return { error: `enrollment in ${slug} is closed` };
  const asker = { requested_by: task.role, requested_by_user_id, goal, notes };
  const exited = await exitedFrom(scope, task);
  const entry = requested_by_user_id === null ? null : { right: 'routing' as const, task_id: task.id };
  const request = { lead_id: task.lead_id, campaign, ...asker, exited, entry };
  try {
    const [answer] = await savepoint(scope.tx, () => requestSequences(scope, [request]));
    return { result: answered(answer!) };
  } catch (error) {
    if (toAppError(error)?.code !== 'entry_restricted') throw error;
    return { error: `no person routed this lead to ${slug}` };
  }
}

export async function exitedFrom({ tx, org_id }: Scope, { enrollment_id }: Pick<TakenTask, 'enrollment_id'>) {
  if (enrollment_id === null) return null;
  const [ended] = await enrollmentTypes.run({ org_id, ids: [enrollment_id] }, tx);
  return ended === undefined ? null : { enrollment_id, sequence_type: ended.sequence_type };
}

/** Whether a campaign takes enrollments, before the gates decide about the lead. */
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
