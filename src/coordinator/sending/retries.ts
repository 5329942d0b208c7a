import { HOUR_MS, MINUTE_MS } from '../../core/durations.ts';
import * as sql from '../../db/queries/send_queue.gen.ts';
import { recordSending } from '../gate/events.ts';
import type { Scope } from '../gate/scope.ts';
import { moveItem } from '../gate/touches.ts';
import type { SendableItem } from './sending.ts';

/** Waits after the first, second, ... temporary failure; the last one repeats. */
const RETRY_AFTER_MS = [1, 5, 15, 60, 240].map((minutes) => minutes * MINUTE_MS);
/** No attempt begins later than this after the first: greylisting ends long before, and the message is stale. */
const GIVE_UP_AFTER_MS = 48 * HOUR_MS;
/** The number of internal errors that fills the same 48 hours: they have no attempt to count from. */
const FAULTS_MAX = 16;

/** The server answered "not now" (4xx), or nothing before `354`: the same message is retried for 48 hours. */
export async function retryDeferred(
  scope: Scope,
  item: SendableItem,
  draft_id: string,
  response: string,
): Promise<void> {
  const { tx, org_id } = scope;
  if (await cancelEnded(scope, item)) return;
  const [tries] = await sql.triesOfDraft.run({ org_id, queue_id: item.id, draft_id }, tx);
  const { deferred_count, first_deferred_at } = tries!;
  const now_ms = scope.clock.now_ms();
  const next_ms = now_ms + retryAfterMs(deferred_count);
  const last_ms = (first_deferred_at?.getTime() ?? now_ms) + GIVE_UP_AFTER_MS;
  if (next_ms > last_ms) return failItem(scope, item, 'gave_up', response);
  await retryAt(scope, item, new Date(next_ms), { resolution: 'temporary_failure', response });
}

/**
 * An exit or opt-out leaves an item whose data is on its way to its outcome. If such an item was not sent, this cancels it.
 * Returns false if its enrollment continues.
 */
export async function cancelEnded(scope: Scope, item: SendableItem): Promise<boolean> {
  const { tx, org_id } = scope;
  const error = 'its enrollment ended while it was being sent';
  const canceled = await sql.cancelEndedItem.run({ org_id, id: item.id, error }, tx);
  if (canceled.length === 0) return false;
  await recordSending(scope, item, ['canceled', 'cancel', 'sequence_ended']);
  return true;
}

/** An internal error, without contact to a server: the item waits, longer each time, and finally fails. */
export async function retryFaulty(scope: Scope, item: SendableItem, error: string): Promise<void> {
  const failures = item.attempt_count + 1;
  if (failures >= FAULTS_MAX) return failItem(scope, item, 'internal_error', error);
  const at = new Date(scope.clock.now_ms() + retryAfterMs(failures));
  await retryAt(scope, item, at, { resolution: 'internal_error', response: error });
}

export async function failItem(
  scope: Scope,
  item: SendableItem,
  resolution: string,
  response: string,
): Promise<void> {
  if (!(await moveItem(scope, item.id, ['approved'], { status: 'failed', error: response }))) return;
  await recordSending(scope, item, ['failed', 'stop', resolution], { detail: { response } });
}

/** `failures` counts from 1. */
function retryAfterMs(failures: number): number {
  const last = RETRY_AFTER_MS.length - 1;
  return RETRY_AFTER_MS[Math.min(Math.max(failures - 1, 0), last)]!;
}

/** Does nothing if the item has been stopped. */
async function retryAt(
  scope: Scope,
  item: SendableItem,
  scheduled_at: Date,
  why: { resolution: string; response: string },
): Promise<void> {
  const { resolution, response } = why;
  const { org_id, tx } = scope;
  const retried = await sql.scheduleRetry.run({ org_id, id: item.id, scheduled_at, error: response }, tx);
  if (retried.length === 0) return;
  const about = { until: scheduled_at, detail: { response } };
  await recordSending(scope, item, ['retried', 'retry', resolution], about);
}
