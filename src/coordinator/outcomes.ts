import type { SendOutcome } from '../connectors/connector.ts';
import { localDay } from '../core/schedule.ts';
import { spaceNextStep } from '../db/queries/enrollments.gen.ts';
import { insertFlags, resolveFlags } from '../db/queries/events.gen.ts';
import { lockFreeLeads, lockLeads } from '../db/queries/facts.gen.ts';
import { insertSuppression, pauseLead } from '../db/queries/leads.gen.ts';
import {
  expiredAttempts,
  finishAttempt,
  getQueueItem,
  leadsOfExpiredAttempts,
  resolveAttempt,
  scheduleRetry,
  setItemStatus,
} from '../db/queries/send_queue.gen.ts';
import { settleTouch } from '../db/queries/touches.gen.ts';
import { newId } from '../ids.ts';
import type { FlagsRow } from '../schema.gen.ts';
import { recordEvents } from './events.ts';
import { rowsJson } from './rows.ts';
import { orgPolicy, type Scope } from './scope.ts';
import { type SendableItem, sendSubject } from './sending.ts';
import { stopLeads } from './stops.ts';

const MINUTE_MS = 60_000;
/** Waits after the first, second, ... temporary failure. */
const RETRY_AFTER_MS = [1, 5, 15, 60, 240].map((minutes) => minutes * MINUTE_MS);
/** About 48 hours of tries: five growing waits, then every four hours. */
const ATTEMPTS_MAX = 16;

export type Settled = { item: SendableItem; attempt_id: string; time_zone: string; outcome: SendOutcome };

/**
 * Records what became of an attempt, in one transaction: attempt, touch, queue item, event. A sent touch counts
 * from now; one that did not leave is void; one whose outcome is unknown counts, stops its lead and asks a
 * person. Does nothing if the attempt was settled already.
 */
export async function recordOutcome(scope: Scope, settled: Settled): Promise<void> {
  const { tx, org_id } = scope;
  const { item, attempt_id, outcome } = settled;
  await lockLeads.run({ org_id, lead_ids: [item.lead_id] }, tx);
  const now = scope.clock.now();
  const finished = await finishAttempt.run({ org_id, id: attempt_id, now, ...attemptResult(outcome) }, tx);
  if (finished.length === 0) return;
  switch (outcome.kind) {
    case 'sent':
      return recordSent(scope, settled, now);
    case 'unknown':
      return recordUnknown(scope, settled, outcome.response, now);
    case 'canceled':
      return voidTouch(scope, settled, now);
    case 'deferred':
      return recordDeferred(scope, settled, outcome, now);
    case 'rejected':
      return recordRejected(scope, settled, outcome, now);
  }
}

function attemptResult(outcome: SendOutcome) {
  const stage = {
    sent: 'accepted',
    rejected: 'rejected',
    deferred: 'deferred',
    canceled: 'abandoned',
    unknown: 'unknown',
  } as const;
  const smtp_code = 'smtp_code' in outcome ? (outcome.smtp_code ?? null) : null;
  return { stage: stage[outcome.kind], smtp_code, response: 'response' in outcome ? outcome.response : null };
}

async function recordSent(scope: Scope, settled: Settled, now: Date): Promise<void> {
  const { tx, org_id } = scope;
  const { item } = settled;
  await settle(scope, settled, 'sent', now);
  await setItemStatus.run(
    {
      org_id,
      id: item.id,
      to_status: 'sent',
      from_statuses: ['approved', 'unknown'],
      error: null,
      sent_at: now,
    },
    tx,
  );
  await keepSpacing(scope, item, now);
  const detail = { attempt_id: settled.attempt_id };
  await recordEvents(scope, [
    {
      ...sendSubject(item),
      event_type: 'sent',
      coordinator_action: 'send',
      resolution: 'accepted',
      moment: 'sent',
      detail,
    },
  ]);
}

/** A late send pushes the next step of its enrollment, where the policy says so. */
export async function keepSpacing(
  scope: Scope,
  item: { enrollment_id: string; step_number: number },
  sent_at: Date,
): Promise<void> {
  const { policy } = await orgPolicy(scope);
  if (!policy.keep_spacing) return;
  await spaceNextStep.run(
    { org_id: scope.org_id, id: item.enrollment_id, sent_at, sent_step: item.step_number },
    scope.tx,
  );
}

async function recordUnknown(scope: Scope, settled: Settled, response: string, now: Date): Promise<void> {
  const { tx, org_id } = scope;
  const { item } = settled;
  await settle(scope, settled, 'unknown', now);
  await setItemStatus.run(
    {
      org_id,
      id: item.id,
      to_status: 'unknown',
      from_statuses: ['approved'],
      error: response,
      sent_at: null,
    },
    tx,
  );
  await pauseLead.run({ org_id, id: item.lead_id, now, reason: 'send_unknown' }, tx);
  const flag: Partial<FlagsRow> = {
    org_id,
    id: newId(scope.clock),
    kind: 'send_unknown',
    subject: item.id,
    lead_id: item.lead_id,
    queue_id: item.id,
    detail: { response },
    raised_at: now,
  };
  await insertFlags.run({ rows: rowsJson([flag]) }, tx);
  const unknown = {
    event_type: 'unknown',
    coordinator_action: 'stop',
    resolution: 'no_final_reply',
  } as const;
  await recordEvents(scope, [{ ...sendSubject(item), ...unknown, moment: 'sent', detail: { response } }]);
}

async function recordDeferred(
  scope: Scope,
  settled: Settled,
  outcome: Extract<SendOutcome, { kind: 'deferred' }>,
  now: Date,
): Promise<void> {
  const { item } = settled;
  await voidTouch(scope, settled, now);
  if (item.attempt_count + 1 >= ATTEMPTS_MAX) return failItem(scope, item, 'gave_up', outcome.response);
  const wait_ms = RETRY_AFTER_MS[Math.min(item.attempt_count, RETRY_AFTER_MS.length - 1)]!;
  const scheduled_at = new Date(now.getTime() + wait_ms);
  await scheduleRetry.run(
    { org_id: scope.org_id, id: item.id, scheduled_at, error: outcome.response },
    scope.tx,
  );
  const retried = {
    event_type: 'retried',
    coordinator_action: 'retry',
    resolution: 'temporary_failure',
  } as const;
  await recordEvents(scope, [
    {
      ...sendSubject(item),
      ...retried,
      moment: 'sent',
      until: scheduled_at,
      detail: { response: outcome.response },
    },
  ]);
}

async function recordRejected(
  scope: Scope,
  settled: Settled,
  outcome: Extract<SendOutcome, { kind: 'rejected' }>,
  now: Date,
): Promise<void> {
  const { tx, org_id } = scope;
  const { item } = settled;
  await voidTouch(scope, settled, now);
  await failItem(scope, item, `rejected_${outcome.scope}`, outcome.response);
  // 5.1.x: there is no such address (RFC 3463). Nobody may try it again, in any campaign. 5.1.7 and 5.1.8 are about
  // the sender's.
  if (outcome.scope !== 'recipient' || !outcome.enhanced_code?.startsWith('5.1.')) return;
  await insertSuppression.run(
    { org_id, id: newId(scope.clock), lead_id: item.lead_id, reason: 'bounced', now },
    tx,
  );
  await stopLeads(scope, [item.lead_id], 'compliance_block');
}

async function failItem(
  scope: Scope,
  item: SendableItem,
  resolution: string,
  response: string,
): Promise<void> {
  await setItemStatus.run(
    {
      org_id: scope.org_id,
      id: item.id,
      to_status: 'failed',
      from_statuses: ['approved'],
      error: response,
      sent_at: null,
    },
    scope.tx,
  );
  const failed = { event_type: 'failed', coordinator_action: 'stop', resolution } as const;
  await recordEvents(scope, [{ ...sendSubject(item), ...failed, moment: 'sent', detail: { response } }]);
}

async function voidTouch(scope: Scope, settled: Settled, now: Date): Promise<void> {
  await settle(scope, settled, 'void', now);
}

async function settle(
  scope: Scope,
  { item, time_zone }: Settled,
  outcome: 'sent' | 'unknown' | 'void',
  now: Date,
): Promise<void> {
  await settleTouch.run(
    {
      org_id: scope.org_id,
      queue_id: item.id,
      outcome,
      now,
      touched_at: now,
      local_day: localDay(now.getTime(), time_zone),
    },
    scope.tx,
  );
}

/**
 * Attempts whose lease ran out, because their process died or stood still: what never reached DATA is tried
 * again; what may have been delivered becomes unknown. Returns how many.
 */
export async function settleExpiredAttempts(scope: Scope, limit: number): Promise<number> {
  const { tx, org_id } = scope;
  const now = scope.clock.now();
  const late = await leadsOfExpiredAttempts.run({ org_id, now, limit }, tx);
  if (late.length === 0) return 0;
  const lead_ids = [...new Set(late.map((row) => row.lead_id))];
  const locked = await lockFreeLeads.run({ org_id, lead_ids }, tx);
  const expired = await expiredAttempts.run({ org_id, now, lead_ids: locked.map((row) => row.id) }, tx);
  for (const attempt of expired) {
    const [item] = await getQueueItem.run({ org_id, id: attempt.queue_id }, tx);
    if (item === undefined) continue;
    const outcome: SendOutcome =
      attempt.stage === 'data'
        ? { kind: 'unknown', response: 'the sender stopped while the message was being handed over' }
        : { kind: 'canceled' };
    await recordOutcome(scope, { item, attempt_id: attempt.id, time_zone: attempt.time_zone, outcome });
  }
  return expired.length;
}

/**
 * A person says whether a message of unknown outcome went. It is never sent again by itself; what did not go may be
 * written and approved anew.
 */
export async function resolveUnknown(scope: Scope, item: SendableItem, went: boolean): Promise<void> {
  const { tx, org_id } = scope;
  const now = scope.clock.now();
  const { id } = item;
  const outcome = went ? 'sent' : 'void';
  await resolveAttempt.run({ org_id, queue_id: id, stage: went ? 'accepted' : 'abandoned' }, tx);
  // The touch keeps its time: it counts from when it became unknown.
  await settleTouch.run({ org_id, queue_id: id, outcome, now, touched_at: null, local_day: null }, tx);
  const [to_status, error, sent_at] = went
    ? (['sent', null, now] as const)
    : (['failed', 'a person found that it did not go', null] as const);
  await setItemStatus.run({ org_id, id, to_status, from_statuses: ['unknown'], error, sent_at }, tx);
  if (went) await keepSpacing(scope, item, now);
  await resolveFlags.run(
    { org_id, kind: 'send_unknown', queue_id: id, resolution: went ? 'went' : 'did_not_go', now },
    tx,
  );
}
