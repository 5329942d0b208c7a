/** The executive's gate: routes a lead after its meeting. */
import { z } from 'zod';
import { findCampaignForRequest } from '../../coordinator/gate/campaigns.ts';
import { recordEvents } from '../../coordinator/gate/events.ts';
import { notify } from '../../coordinator/gate/flags.ts';
import { newTask } from '../../coordinator/gate/new_task.ts';
import { rowsJson } from '../../coordinator/gate/rows.ts';
import type { Scope } from '../../coordinator/gate/scope.ts';
import { resumeAnsweredLead } from '../../coordinator/inbound/answered_leads.ts';
import { isOpen } from '../../coordinator/tasks/effects.ts';
import { isHandOff } from '../../core/hand_offs.ts';
import { requestOfHandOff } from '../../db/queries/hand_offs.gen.ts';
import { decideTask, type GetTaskResult, insertTasks } from '../../db/queries/tasks.gen.ts';
import { AppError, type FieldError } from '../../errors.ts';
import { type AgentTasksRow, GOAL_VALUES } from '../../schema.gen.ts';
import { campaignSlug } from '../campaigns/definition.ts';
import { id, inputInvalid, NOTES, reason, requirePerson, unknownCampaign } from '../fields.ts';
import { operation } from '../operation.ts';
import { onOpenTask } from './access.ts';
import { CAMPAIGNS_MAX } from './hand_off_output.ts';
import { taskShape } from './output.ts';

const input = z.object({
  id,
  campaigns: z
    .array(campaignSlug)
    .min(1)
    .max(CAMPAIGNS_MAX)
    .optional()
    .describe('slugs of the campaigns that the lead goes into'),
  goal: z.enum(GOAL_VALUES).optional().describe('what the lead wants'),
  notes: z.string().trim().max(5_000).optional().describe(NOTES),
  decline: z.boolean().default(false).describe('enroll the lead in no campaign; needs a reason'),
  reason: reason.optional(),
});

type Input = z.output<typeof input>;

export const routeTask = operation({
  name: 'route_task',
  summary:
    'Route a lead to these campaigns, after its meeting or because its entry was requested, or decline. Only people decide this.',
  http: { method: 'POST', path: '/tasks/{id}/route' },
  cli: { command: 'route', args: ['id', 'campaigns'] },
  input,
  output: taskShape,
  errors: `
    not_found task_finished task_type_wrong unknown_campaign campaign_not_active campaign_has_no_steps
    role_required`,
  run: async (call) => {
    const user_id = requirePerson(call.principal);
    refuseHalfAnswer(call.input);
    return onOpenTask(call, async ({ scope, task }) => {
      if (!isHandOff(task.type)) throw notRouted(task.type);
      const tasks = await enrollTasks(scope, task, call.input, user_id);
      const result = resultOf(call.input, tasks);
      const { org_id, tx, clock } = scope;
      await decideTask.run({ org_id, id: task.id, result, user_id, now: clock.now() }, tx);
      // A reply classified as a meeting paused the lead until now.
      await resumeAnsweredLead(scope, task.lead_id);
      if (call.input.decline) await recordDecline(scope, task, user_id, call.input.reason!);
      else await notifyRequester(scope, task, 'entry_accepted');
      if (tasks.length > 0) await insertTasks.run({ rows: rowsJson<AgentTasksRow>(tasks) }, tx);
    });
  },
});

function refuseHalfAnswer({ campaigns, decline, reason: why }: Input): void {
  const errors: FieldError[] = [];
  if (decline && campaigns !== undefined)
    errors.push({ path: 'campaigns', message: 'are not given with decline' });
  if (decline && why === undefined) errors.push({ path: 'reason', message: 'is required with decline' });
  if (!decline && campaigns === undefined) {
    errors.push({ path: 'campaigns', message: 'name at least one, or decline with a reason' });
  }
  if (errors.length > 0) throw inputInvalid(...errors);
}

/** One task for the owner of each campaign, with the person's words. Completing it asks the gate. */
async function enrollTasks(
  scope: Scope,
  task: { lead_id: string; enrollment_id: string | null; id: string },
  { campaigns = [], goal, notes }: Input,
  routed_by_user_id: string,
): Promise<Partial<AgentTasksRow>[]> {
  const tasks: Partial<AgentTasksRow>[] = [];
  const { lead_id, enrollment_id, id: from_task_id } = task;
  for (const slug of new Set(campaigns)) {
    const campaign = await findCampaignForRequest(scope, slug);
    const path = `campaigns[${campaigns.indexOf(slug)}]`;
    if (campaign === undefined) throw unknownCampaign(slug, path);
    if (!isOpen(campaign)) throw notOpen(slug, campaign.status, path);
    const said = { goal: goal ?? null, notes: notes ?? null };
    const payload = { campaign: slug, ...said, routed_by_user_id, from_task_id };
    const role = campaign.owner_role;
    tasks.push(newTask(scope, { type: 'enroll_contact', role, lead_id, enrollment_id, payload }));
  }
  return tasks;
}

/** Records the decline of a requested entry, and notifies the requester. */
async function recordDecline(
  scope: Scope,
  { id: task_id, lead_id }: GetTaskResult,
  user_id: string,
  why: string,
): Promise<void> {
  const { org_id, tx } = scope;
  const request = await requestOfHandOff.one({ org_id, task_id }, tx);
  if (request === undefined) return;
  const { requested_by: _, requested_by_user_id: __, ...subject } = request;
  const said = { event_type: 'canceled', coordinator_action: 'decline', resolution: 'declined' } as const;
  const event = { ...subject, ...said, lead_id, moment: 'requested' as const, detail: { reason: why } };
  await recordEvents(scope, [event], { actor: { kind: 'human', id: user_id } });
  await notifyRequester(scope, { id: task_id, lead_id }, 'entry_declined');
}

/** Notifies the requester of an entry of the decision; a meeting has none. */
async function notifyRequester(
  scope: Scope,
  { id: task_id, lead_id }: Pick<GetTaskResult, 'id' | 'lead_id'>,
  kind: 'entry_accepted' | 'entry_declined',
): Promise<void> {
  const { org_id, tx } = scope;
  const request = await requestOfHandOff.one({ org_id, task_id }, tx);
  if (request === undefined) return;
  const { requested_by, requested_by_user_id } = request;
  const to =
    requested_by_user_id === null ? { to_agent: requested_by } : { to_user_id: requested_by_user_id };
  await notify(scope, [{ kind, lead_id, detail: { task_id }, ...to }]);
}

/** The decision, for later readers of the task. */
function resultOf(said: Input, tasks: readonly Partial<AgentTasksRow>[]) {
  if (tasks.length === 0) return { declined: true, reason: said.reason ?? null };
  const { campaigns = [], goal, notes } = said;
  const task_ids = tasks.map((task) => task.id!);
  return { campaigns: [...new Set(campaigns)], goal: goal ?? null, notes: notes ?? null, task_ids };
}

const notRouted = (type: string) =>
  new AppError('task_type_wrong', `A task of type ${type} is not routed.`, {
    hint: 'Only a hand-off is: touchline hand-offs lists them.',
  });

function notOpen(slug: string, status: string, path: string): AppError {
  if (status !== 'active') {
    return new AppError('campaign_not_active', `The campaign ${slug} is ${status}.`, {
      errors: [{ path, message: `is ${status}` }],
      hint: `Resume it with touchline campaign status ${slug} active, or name another.`,
    });
  }
  return new AppError('campaign_has_no_steps', `Enrollment in ${slug} is closed.`, {
    errors: [{ path, message: 'has no steps, or the play that it runs is closed' }],
    hint: 'Name another campaign.',
  });
}
