import {
  type ClaimEnrollmentTasksResult,
  claimEnrollmentTasks,
  settleTasks,
} from '../../db/queries/tasks.gen.ts';
import type { AgentTasksRow } from '../../schema.gen.ts';
import { lockClaimed } from '../gate/facts.ts';
import { rowsJson } from '../gate/rows.ts';
import { type Batch, COORDINATOR, type Scope } from '../gate/scope.ts';
import { TASK_EFFECTS, type TaskOutcome } from './effects.ts';
import { ATTEMPTS_MAX, retryAt } from './tasks.ts';

type Task = ClaimEnrollmentTasksResult;
type Settled = Pick<AgentTasksRow, 'id' | 'status'> &
  Partial<Pick<AgentTasksRow, 'result' | 'error' | 'retry_at'>>;

/**
 * The built-in worker of roles: enrolls leads for roles without an outside agent. Failures are
 * retried, five attempts in total. Returns the number of claimed tasks.
 */
export async function workTasks(scope: Scope, { limit, set_aside, claimed }: Batch): Promise<number> {
  const { tx, org_id } = scope;
  const now = scope.clock.now();
  const attempts_max = ATTEMPTS_MAX;
  const found = await claimEnrollmentTasks.run({ org_id, now, attempts_max, limit, set_aside }, tx);
  if (found.length === 0) return 0;
  const tasks = await lockClaimed(scope, found, claimed);
  const settled: Settled[] = [];
  for (const task of tasks)
    settled.push(settledRow(task, await TASK_EFFECTS.enroll_contact(scope, task), now));
  await settleTasks.run({ org_id, rows: rowsJson(settled), now, claimed_by: COORDINATOR }, tx);
  return found.length;
}

function settledRow({ id, attempt_count }: Task, outcome: TaskOutcome, now: Date): Settled {
  if ('result' in outcome) return { id, status: 'done', result: outcome.result };
  const retry_at = retryAt(now, attempt_count + 1);
  return { id, status: retry_at === null ? 'failed' : 'open', error: outcome.error, retry_at };
}
