import { EXEC_ROLE } from '../../coordinator/gate/new_task.ts';
import type { Scope } from '../../coordinator/gate/scope.ts';
import { type GetTaskResult, getTask } from '../../db/queries/tasks.gen.ts';
import { AppError } from '../../errors.ts';
import type { Principal } from '../../principal.ts';
import { underLeadLock } from '../fields.ts';
import { type Call, transactWork } from '../operation.ts';
import { shownTask } from './output.ts';

const ENDED: readonly GetTaskResult['status'][] = ['done', 'failed', 'canceled'];

type OnTask = { scope: Scope; task: GetTaskResult; me: string };

/**
 * Acts on an open task in one transaction, in the caller's name, under the lead's lock, on the current row. Returns the
 * task afterwards. Throws `not_found` or `task_finished`.
 */
export async function onOpenTask(
  call: Call<{ id: string }>,
  act: (on: OnTask) => Promise<void>,
): Promise<ReturnType<typeof shownTask<GetTaskResult>>> {
  const after = await transactWork(call, async (scope) => {
    const { tx, org_id } = scope;
    const task = await underLeadLock(scope, getTask, 'task', call.input.id);
    if (ENDED.includes(task.status)) throw taskFinished(task);
    await act({ scope, task, me: tx.actor.id! });
    return (await getTask.one({ org_id, id: task.id }, tx))!;
  });
  return shownTask(after);
}

/** Throws `task_lease_lost` unless the caller holds this claim and its lease runs. */
export function requireClaim({ scope, task, me }: OnTask, claim_id: string): void {
  const is_own = task.status === 'claimed' && task.claim_id === claim_id && task.claimed_by === me;
  if (!is_own || task.lease_until!.getTime() <= scope.clock.now_ms()) throw leaseLost();
}

/** The role to claim tasks for. Throws `task_of_other_role`, which the database enforces too. */
export function ownRole(principal: Principal, role: string | undefined): string {
  const own = principal.kind === 'agent' ? principal.agent_id : EXEC_ROLE;
  const is_free = principal.kind === 'agent' && principal.agent_kind === 'system';
  if (role === undefined || role === own || is_free) return role ?? own;
  throw new AppError('task_of_other_role', `You cannot claim tasks of ${role}.`, {
    errors: [{ path: 'role', message: `yours is ${own}` }],
    hint: 'A role agent claims tasks of its own role, an executive those of roles.exec.',
  });
}

export const leaseLost = () =>
  new AppError('task_lease_lost', 'The lease of this claim has expired, or the claim is not yours.', {
    hint: 'Claim the task again, with more lease_seconds for longer work. Another worker may have done it.',
  });

const taskFinished = ({ status, finished_at }: GetTaskResult) =>
  new AppError('task_finished', `This task is already ${status}.`, {
    hint: 'List open tasks with touchline tasks --status open.',
    extra: { task_status: status, finished_at: finished_at?.toISOString() ?? null },
  });
