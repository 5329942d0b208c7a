import { failExhaustedTasks } from '../../db/queries/tasks.gen.ts';
import type { TaskType } from '../../schema.gen.ts';
import type { Batch, Scope } from '../gate/scope.ts';

/** How often a task is tried before it is left to a person. The database keeps the same number. */
export const ATTEMPTS_MAX = 5;

/** After the first try a minute, so that a stumble costs little; after the fourth an hour, so that a fault is no load. */
const RETRY_WAITS_MS = [1, 5, 15, 60].map((minutes) => minutes * 60_000);

/** What free tasks are found by. */
export function claimKey(role: string, type: TaskType): string {
  return `${role} ${type}`;
}

/** When a task that failed for the `attempt_count`th time is tried again; null: no more. */
export function retryAt(now: Date, attempt_count: number): Date | null {
  if (attempt_count >= ATTEMPTS_MAX) return null;
  const wait_ms = RETRY_WAITS_MS[Math.max(attempt_count, 1) - 1]!;
  return new Date(now.getTime() + wait_ms);
}

/** Ends what was claimed for the last time and left behind, so that it is seen. Returns how many. */
export async function endExhaustedTasks(scope: Scope, { limit, set_aside }: Batch): Promise<number> {
  const now = scope.clock.now();
  return failExhaustedTasks.count({ org_id: scope.org_id, now, limit, set_aside }, scope.tx);
}
