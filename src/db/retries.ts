import { setTimeout as sleep } from 'node:timers/promises';
import { sqlState } from './errors.ts';

const RETRIES = 3;
const RETRYABLE = ['40001', '40P01'];
/** More than a pool's connections. */
const OUTDATED_MAX = 100;

/** Repeats the attempt after a deadlock or a serialization failure, up to three times, and after an outdated plan. */
export async function retried<T>(attempted: () => Promise<T>): Promise<T> {
  for (let tries = 0, outdated = 0; ; ) {
    try {
      return await attempted();
    } catch (error) {
      // Every connection may have such a plan, and each is closed.
      if (isOutdatedPlan(error) && outdated < OUTDATED_MAX) {
        outdated += 1;
        continue;
      }
      if (!RETRYABLE.includes(sqlState(error) ?? '') || tries === RETRIES) throw error;
      await sleep(10 * 2 ** tries * (1 + Math.random()));
      tries += 1;
    }
  }
}

/** A prepared statement whose columns a migration has changed; only a new connection replans it. */
export function isOutdatedPlan(error: unknown): boolean {
  return sqlState(error) === '0A000' && (error as { routine?: string }).routine === 'RevalidateCachedQuery';
}
