import { z } from 'zod';
import { contactName, type TouchContext } from '../../coordinator/drafts/touch_drafts.ts';
import { ATTEMPTS_MAX, claimKey, retryAt } from '../../coordinator/tasks/tasks.ts';
import { isPersonal } from '../../core/channels.ts';
import { HOUR_MS } from '../../core/durations.ts';
import { isHandOff } from '../../core/hand_offs.ts';
import type { Tx } from '../../db/pool.ts';
import { knownAgents } from '../../db/queries/campaigns.gen.ts';
import { draftingContext } from '../../db/queries/drafts.gen.ts';
import * as tasks from '../../db/queries/tasks.gen.ts';
import { AppError } from '../../errors.ts';
import { actorOf } from '../../principal.ts';
import { TASK_STATUS_VALUES, TASK_TYPE_VALUES } from '../../schema.gen.ts';
import { existing, id, reason, unknownAgent } from '../fields.ts';
import { ADDS, ENDS, operation, transact, transactWork } from '../operation.ts';
import { BY_ID, pagedList } from '../page.ts';
import { leaseLost, onOpenTask, ownRole, requireClaim } from './access.ts';
import { claimedTask, listedTask, shownTask, taskShape } from './output.ts';
import { completed } from './results.ts';

/** As in the table's CHECK. */
const LEASE_MAX_MS = HOUR_MS;

const claim_id = id.describe('of your claim, as claim_tasks answered it');

const list = pagedList({
  name: 'list_tasks',
  summary: 'List tasks for role agents, and hand-offs for people.',
  path: '/tasks',
  cli: {
    command: 'tasks',
    empty: 'No tasks. Due steps, booked meetings, and replies create them.',
    columns: 'type role status lead_email attempt_count error created_at id',
  },
  mcp: { tool: 'list_tasks', title: 'List tasks' },
  filters: { status: z.enum(TASK_STATUS_VALUES).optional() },
  item: listedTask,
  order: BY_ID,
  rows: async ({ page, db }) => {
    const ids = (await tasks.taskPage.run(page, db)).map(({ id }) => id);
    return (await tasks.listedTasks.run({ org_id: page.org_id, ids }, db)).map(shownTask);
  },
});

const claim = operation({
  name: 'claim_tasks',
  summary: 'Claim free tasks of your role for a lease, oldest first. No other agent gets them until it ends.',
  http: { method: 'POST', path: '/tasks/claim' },
  cli: {
    command: 'tasks claim',
    empty: (answer) =>
      `No free task of ${(answer as { role: string }).role}. touchline tasks --status open lists all that wait, with their roles. ` +
      'People take those of roles.exec, a role agent with its key those of its role; a system agent names one: --role ROLE.',
  },
  mcp: { tool: 'claim_tasks', title: 'Claim tasks', effect: ADDS },
  input: z.object({
    role: z.string().min(1).max(64).optional().describe('whose tasks; default: your own'),
    types: z.array(z.enum(TASK_TYPE_VALUES)).min(1).max(TASK_TYPE_VALUES.length).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(10).describe('how many, 1 to 100'),
    lease_seconds: z.coerce
      .number()
      .int()
      .min(10)
      .max(3_600)
      .default(300)
      .describe('how long the claim holds, 10 to 3600: what comes later is refused with task_lease_lost'),
  }),
  output: z.object({ role: z.string().describe('whose tasks were looked at'), items: z.array(claimedTask) }),
  errors: 'task_of_other_role unknown_agent',
  run: async ({ context, principal, input }) => {
    const { id: claimed_by } = actorOf(principal);
    const role = ownRole(principal, input.role);
    // Agents work in real time, even if the product's clock runs faster.
    const lease_ms = Math.min(input.lease_seconds * 1_000 * context.clock.speed, LEASE_MAX_MS);
    // Agents never claim what a person decides.
    const types = TASK_TYPE_VALUES.filter((type) => principal.kind === 'human' || !isHandOff(type));
    const wanted = types.filter((type) => input.types?.includes(type) ?? true);
    return transact({ context, principal }, async ({ tx, org_id, now }) => {
      const lease_until = new Date(now.getTime() + lease_ms);
      const known = await knownAgents.run({ org_id, ids: [role] }, tx);
      if (known.length === 0) throw unknownAgent(role, 'role');
      const claim_keys = wanted.map((type) => claimKey(role, type));
      const asked = { org_id, claim_keys, now, lease_until, limit: input.limit, attempts_max: ATTEMPTS_MAX };
      const claimed = await tasks.claimTasks.run({ ...asked, claimed_by: claimed_by! }, tx);
      return { role, items: await claimedTasks(tx, org_id, claimed, lease_until) };
    });
  },
});

const complete = operation({
  name: 'complete_task',
  summary:
    'Complete a task that you claimed. Its result takes effect: the lead is enrolled, or its enrollment ends.',
  http: { method: 'POST', path: '/tasks/{id}/complete' },
  cli: { command: 'tasks complete', args: ['id', 'claim_id'] },
  mcp: { tool: 'complete_task', title: 'Complete a task', effect: { ...ENDS, reaches_out: true } },
  input: z.object({
    id,
    claim_id,
    result: z
      .record(z.string().max(100), z.unknown())
      .default({})
      .describe('of a process_reply: intent, note and return_date; else nothing'),
  }),
  output: taskShape,
  errors: 'not_found task_finished task_lease_lost task_type_wrong task_not_possible',
  run: async (call) => {
    const { claim_id, id, result: given } = call.input;
    const actor = actorOf(call.principal);
    return onOpenTask(call, async (on) => {
      requireClaim(on, claim_id);
      const { scope, task } = on;
      const result = await completed(scope, { task, actor, result: given });
      const ended = { status: 'done', result, error: null, retry_at: null } as const;
      const { org_id, tx, clock } = scope;
      const rows = await tasks.endClaim.run({ org_id, id, claim_id, ...ended, now: clock.now() }, tx);
      if (rows.length === 0) throw leaseLost();
    });
  },
});

const fail = operation({
  name: 'fail_task',
  summary:
    'Give back a task that you claimed and could not complete. It is retried later, five times in all.',
  http: { method: 'POST', path: '/tasks/{id}/fail' },
  cli: { command: 'tasks fail', args: ['id', 'claim_id', 'error'] },
  mcp: { tool: 'fail_task', title: 'Give back a task', effect: ENDS },
  input: z.object({
    id,
    claim_id,
    error: reason.describe('what went wrong'),
    retry: z.boolean().default(true).describe('false: it is of no use to try again'),
  }),
  output: taskShape,
  errors: 'not_found task_finished task_lease_lost',
  run: async (call) => {
    const { claim_id, id, error, retry } = call.input;
    return onOpenTask(call, async (on) => {
      requireClaim(on, claim_id);
      const { org_id, tx, clock } = on.scope;
      const now = clock.now();
      const retry_at = retry ? retryAt(now, on.task.attempt_count) : null;
      const status = retry_at === null ? 'failed' : 'open';
      const rows = await tasks.endClaim.run(
        { org_id, id, claim_id, status, error, result: null, retry_at, now },
        tx,
      );
      if (rows.length === 0) throw leaseLost();
    });
  },
});

const retry = operation({
  name: 'retry_task',
  summary: 'Retry a task that failed permanently.',
  http: { method: 'POST', path: '/tasks/{id}/retry' },
  cli: { command: 'tasks retry', args: ['id'] },
  input: z.object({ id }),
  output: taskShape,
  errors: 'not_found illegal_status_move',
  run: async (call) => {
    const { id } = call.input;
    const after = await transactWork(call, async ({ tx, org_id, now }) => {
      const reopened = await tasks.reopenTask.run({ org_id, id, now }, tx);
      const task = existing(await tasks.getTask.one({ org_id, id }, tx), 'task');
      if (reopened.length === 0) throw notFailed(task.status);
      return task;
    });
    return shownTask(after);
  },
});

export const taskOperations = [list, claim, complete, fail, retry] as const;

async function claimedTasks(
  tx: Tx,
  org_id: string,
  claimed: readonly { id: string; claim_id: string }[],
  lease_until: Date,
) {
  const fences = new Map(claimed.map((row) => [row.id, row.claim_id]));
  const rows = await tasks.tasksById.run({ org_id, ids: [...fences.keys()] }, tx);
  const queue_ids = rows.flatMap(({ queue_id }) => queue_id ?? []);
  const touches = queue_ids.length === 0 ? [] : await draftingContext.run({ org_id, queue_ids }, tx);
  const contexts = new Map(touches.map((context) => [context.queue_id, context]));
  return rows.map((row) => {
    const context = row.queue_id === null ? undefined : contexts.get(row.queue_id);
    const touch = context === undefined ? null : touchOf(context);
    return { ...shownTask(row), claim_id: fences.get(row.id)!, lease_until, touch };
  });
}

function touchOf(context: TouchContext) {
  const { account_name: company } = context;
  return {
    ...context,
    company,
    contact_name: contactName(context),
    requires_personal_send: isPersonal(context),
    requires_justin_send: isPersonal(context),
  };
}

const notFailed = (status: string) =>
  new AppError('illegal_status_move', `A task that is ${status} cannot be retried.`, {
    hint: 'List failed tasks with touchline tasks --status failed.',
  });
