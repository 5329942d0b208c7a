import { setTimeout as sleep } from 'node:timers/promises';

/** Waits, at most until the signal. Never throws. */
export async function rest(wait_ms: number, signal: AbortSignal): Promise<void> {
  await sleep(wait_ms, undefined, { signal }).catch(() => undefined);
}
