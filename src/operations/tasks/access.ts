import { EXEC_ROLE } from '../../coordinator/gate/new_task.ts';
import type { Scope } from '../../coordinator/gate/scope.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { type GetTaskResult, getTask } from '../../db/queries/tasks.gen.ts';
import { AppError, type FieldError } from '../../errors.ts';
import type { Principal } from '../../principal.ts';
import { notFound } from '../fields.ts';
import { type Call, transact } from '../operation.ts';
import { shownTask } from './output.ts';

const ENDED: readonly GetTaskResult['status'][] = ['done', 'failed', 'canceled'];

type OnTask = { scope: Scope; task: GetTaskResult; me: string };

/**
 * What someone does to a task that is still to be done: in one transaction in their name, under the lock of its lead, on
 * the row as it is then. Answers the task as it is afterwards. Throws `not_found` or `task_finished`.
 */
export async function onOpenTask(
  call: Call<{ id: string }>,
  act: (on: OnTask) => Promise<void>,
): Promise<ReturnType<typeof shownTask<GetTaskResult>>> {
  const after = await transact(call, async (scope) => {
    const { tx, org_id } = scope;
    const key = { org_id, id: call.input.id };
    const [found] = await getTask.run(key, tx);
    if (found === undefined) throw notFound('task');
    await lockLeads.run({ org_id, lead_ids: [found.lead_id] }, tx);
    const [task] = await getTask.run(key, tx);
    if (ENDED.includes(task!.status)) throw taskFinished(task!);
    await act({ scope, task: task!, me: tx.actor.id! });
    const [ended] = await getTask.run(key, tx);
    return ended!;
  });
  call.context.nudge();
  return shownTask(after);
}

/** Throws `task_lease_lost` unless this is the claim that is in force, and one's own, and its lease runs. */
export function requireClaim({ scope, task, me }: OnTask, claim_id: string): void {
  const is_own = task.status === 'claimed' && task.claim_id === claim_id && task.claimed_by === me;
  if (!is_own || task.lease_until!.getTime() <= scope.clock.now_ms()) throw leaseLost();
}

/** Whose tasks someone takes. Throws `task_of_other_role`; the database refuses as well. */
export function ownRole(principal: Principal, role: string | undefined): string {
  const own = principal.kind === 'agent' ? principal.agent_id : EXEC_ROLE;
  const is_free = principal.kind === 'agent' && principal.agent_kind === 'system';
  if (role === undefined || role === own || is_free) return role ?? own;
  throw new AppError('task_of_other_role', `Tasks of ${role} are not yours to take.`, {
    errors: [{ path: 'role', message: `yours is ${own}` }],
    hint: 'A role agent takes the tasks of its own role, an executive those of roles.exec.',
  });
}

export function leaseLost(): AppError {
  return new AppError('task_lease_lost', 'The lease of this claim is over, or the claim is not yours.', {
    hint: 'Claim the task anew, with more lease_seconds where the work takes longer; someone else may have done it meanwhile.',
  });
}

export function inputInvalid(errors: readonly FieldError[]): AppError {
  const where = errors.map(({ path }) => path).join(', ');
  return new AppError('input_invalid', `The input is not valid: ${where}.`, { errors });
}

function taskFinished({ status, finished_at }: GetTaskResult): AppError {
  return new AppError('task_finished', `This task is ${status} already.`, {
    hint: 'touchline tasks --status open lists those that are still to be done.',
    extra: { task_status: status, finished_at: finished_at?.toISOString() ?? null },
  });
}
