import type { SendOutcome } from '../../connectors/connector.ts';
import { MINUTE_MS } from '../../core/durations.ts';
import { isTransient } from '../../db/errors.ts';
import { savepoint } from '../../db/pool.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import * as sql from '../../db/queries/send_queue.gen.ts';
import { voidReservedTouches } from '../../db/queries/touches.gen.ts';
import { lockFree } from '../gate/facts.ts';
import { errorText } from '../gate/rows.ts';
import type { Batch, Report, Scope } from '../gate/scope.ts';
import { recordOutcome } from './outcomes.ts';
import { retryFaulty } from './retries.ts';
import { claimForSending, type ReservedSend, type ReserveOptions, reserveItems } from './sending.ts';

/** An attempt that could not be settled is tried again after this time. */
const POSTPONE_MS = 5 * MINUTE_MS;

/**
 * How long a process past the point of no return may be without its lock before its delivery counts as unknown. In a
 * failover all processes lose their locks; those that live take them again and record their outcomes in this time.
 */
const DATA_ORPHANED_MS = 15_000;

/**
 * `reserveSends` for each item separately, to find the item that made a batch fail. An item that cannot be reserved waits,
 * with the error recorded on it, and the others are reserved. Throws errors that concern all items, such as a lost database
 * connection.
 */
export async function reserveEach(
  scope: Scope,
  options: ReserveOptions,
  report: Report,
): Promise<ReservedSend[]> {
  // A fault of the policy fails the whole batch, since no item caused it.
  const claimed = await claimForSending(scope, options);
  const each = claimed.flatMap(({ mailbox, items }) => items.map((item) => ({ mailbox, item })));
  const reserved: ReservedSend[] = [];
  for (const { mailbox, item } of each) {
    const one = { mailbox, items: [item] };
    try {
      reserved.push(...(await savepoint(scope.tx, () => reserveItems(scope, one, options))));
    } catch (error) {
      if (isTransient(error)) throw error;
      report(error, { queue_id: item.id });
      await aside(scope, report, { queue_id: item.id }, () => retryFaulty(scope, item, errorText(error)));
    }
  }
  return reserved;
}

/** Releases reservations that were not begun: another worker may take them at once, and no attempt is counted. */
export async function giveBack(scope: Scope, sends: readonly ReservedSend[]): Promise<void> {
  if (sends.length === 0) return;
  const { tx, org_id } = scope;
  await lockLeads.run({ org_id, lead_ids: sends.map(({ item }) => item.lead_id) }, tx);
  const now = scope.clock.now();
  const ids = sends.map(({ attempt_id }) => attempt_id);
  const abandoned = await sql.abandonAttempts.run({ org_id, ids, now }, tx);
  const queue_ids = abandoned.map(({ queue_id }) => queue_id);
  await voidReservedTouches.run({ org_id, queue_ids, now }, tx);
}

/**
 * Settles attempts whose lease ended, or whose process died before that (recorded by `endDeadLeases`): one that never
 * reached DATA is sent again, with the same Message-ID; one that may have been delivered becomes unknown. Each is settled
 * separately: a failure is reported and postponed, and does not block the others. Returns the number of attempts found.
 */
export async function settleExpiredAttempts(scope: Scope, { limit, report }: Batch): Promise<number> {
  const expired = await abandonedAttempts(scope, limit);
  if (expired.length === 0) return 0;
  // A locked lead is left for the next round: the holder of the lock may be waiting for this very attempt.
  const locked = await lockFree(scope, expired);
  let settled = 0;
  for (const attempt of expired) {
    if (!locked.has(attempt.lead_id)) continue;
    settled += 1;
    const about = { attempt_id: attempt.id, queue_id: attempt.queue_id };
    try {
      await savepoint(scope.tx, () => settleExpired(scope, attempt));
    } catch (error) {
      if (isTransient(error)) throw error;
      report(error, about);
      await aside(scope, report, about, () => postpone(scope, attempt, errorText(error)));
    }
  }
  return settled;
}

async function abandonedAttempts(scope: Scope, limit: number): Promise<sql.ExpiredAttemptsResult[]> {
  const { tx, org_id, clock } = scope;
  const now = clock.now();
  const expired = await sql.expiredAttempts.run({ org_id, now, limit }, tx);
  const data_orphaned_until = new Date(now.getTime() - DATA_ORPHANED_MS * clock.speed);
  const room = limit - expired.length;
  return [
    ...expired,
    ...(await sql.orphanedAttempts.run({ org_id, now, data_orphaned_until, limit: room }, tx)),
  ];
}

async function settleExpired(scope: Scope, attempt: sql.ExpiredAttemptsResult): Promise<void> {
  const [item] = await sql.getQueueItem.run({ org_id: scope.org_id, id: attempt.queue_id }, scope.tx);
  if (item === undefined) throw new Error('an attempt without its queue item');
  const outcome: SendOutcome =
    attempt.stage === 'data'
      ? { kind: 'unknown', response: 'the sending process stopped during the delivery' }
      : { kind: 'canceled' };
  await recordOutcome(scope, { item, attempt_id: attempt.id, outcome });
}

async function postpone(scope: Scope, attempt: sql.ExpiredAttemptsResult, response: string): Promise<void> {
  const lease_until = new Date(scope.clock.now_ms() + POSTPONE_MS);
  await sql.postponeAttempt.run({ org_id: scope.org_id, id: attempt.id, lease_until, response }, scope.tx);
}

/** If setting an item aside fails too, the item stays as it is. */
async function aside(
  scope: Scope,
  report: Report,
  about: Record<string, string>,
  put: () => Promise<void>,
): Promise<void> {
  try {
    await savepoint(scope.tx, put);
  } catch (error) {
    if (isTransient(error)) throw error;
    report(error, about);
  }
}
