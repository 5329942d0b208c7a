import { failExhaustedTasks } from '../../db/queries/tasks.gen.ts';
import type { TaskType } from '../../schema.gen.ts';
import type { Batch, Scope } from '../gate/scope.ts';

/** Attempts before a task is left to a person. The database has the same number. */
export const ATTEMPTS_MAX = 5;

/** One minute after the first attempt, so a hiccup costs little; one hour after the fourth, so a fault is no load. */
const RETRY_WAITS_MS = [1, 5, 15, 60].map((minutes) => minutes * 60_000);

export function claimKey(role: string, type: TaskType): string {
  return `${role} ${type}`;
}

/** The next retry of a task that failed for the `attempt_count`th time; null: none. */
export function retryAt(now: Date, attempt_count: number): Date | null {
  if (attempt_count >= ATTEMPTS_MAX) return null;
  const wait_ms = RETRY_WAITS_MS[Math.max(attempt_count, 1) - 1]!;
  return new Date(now.getTime() + wait_ms);
}

/** Fails tasks whose last claim expired, so people see them. Returns their number. */
export async function endExhaustedTasks(scope: Scope, { limit, set_aside }: Batch): Promise<number> {
  const now = scope.clock.now();
  return failExhaustedTasks.count({ org_id: scope.org_id, now, limit, set_aside }, scope.tx);
}
