import type { SendOutcome } from '../../connectors/connector.ts';
import { spaceNextStep } from '../../db/queries/enrollments.gen.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { insertSuppression, pauseLead, resumeSettledLead } from '../../db/queries/leads.gen.ts';
import * as sql from '../../db/queries/send_queue.gen.ts';
import { settleTouch } from '../../db/queries/touches.gen.ts';
import { newId } from '../../ids.ts';
import { recordSending } from '../gate/events.ts';
import { FOR_THE_REP, raiseFlags, resolveFlags } from '../gate/flags.ts';
import { storable } from '../gate/rows.ts';
import { orgPolicy, type Scope } from '../gate/scope.ts';
import { stopLeads } from '../gate/stops.ts';
import { moveItem } from '../gate/touches.ts';
import { MESSAGE_INVALID, pauseFailing, recordInvalid } from './invalid_messages.ts';
import { recordLateReply } from './late_replies.ts';
import { backOff, markReachable, pauseByServer } from './mailboxes.ts';
import { cancelEnded, failItem, retryDeferred } from './retries.ts';
import type { SendableItem } from './sending.ts';

export type Settled = { item: SendableItem; attempt_id: string; outcome: SendOutcome };

type FinishedAttempt = sql.FinishAttemptResult;

/**
 * Records the outcome of an attempt in one transaction: attempt, touch, queue item, event. A sent touch counts from now;
 * one that was not sent is void; one of unknown delivery counts, pauses its lead, and asks a person. If the attempt is
 * already settled, only the server's response is kept: the attempt's id is the fence, since every new try is a new attempt,
 * so a process that slept past its lease changes nothing.
 */
export async function recordOutcome(scope: Scope, given: Settled): Promise<void> {
  const { tx, org_id } = scope;
  const settled = { ...given, outcome: storable(given.outcome) };
  const { item, attempt_id, outcome } = settled;
  await lockLeads.run({ org_id, lead_ids: [item.lead_id] }, tx);
  const now = scope.clock.now();
  const result = attemptResult(outcome);
  const [attempt] = await sql.finishAttempt.run({ org_id, id: attempt_id, now, ...result }, tx);
  if (attempt === undefined) return recordLateReply(scope, settled, result);
  logOutcome(scope, settled);
  if (provesReachable(outcome)) await markReachable(scope, attempt.mailbox_id);
  switch (outcome.kind) {
    case 'sent':
      return recordSent(scope, settled, attempt, now);
    case 'unknown':
      return recordUnknown(scope, settled, { ...attempt, response: outcome.response }, now);
    case 'canceled':
      return settle(scope, settled, 'void', now);
    case 'deferred':
      return recordDeferred(scope, settled, outcome, attempt);
    case 'rejected':
      return recordRejected(scope, settled, outcome, attempt);
    case 'invalid':
      await settle(scope, settled, 'void', now);
      return recordInvalid(scope, item, outcome, attempt);
  }
}

/** Logs ids only: a server's words may hold addresses. */
function logOutcome({ log, org_id }: Scope, { item, attempt_id, outcome }: Settled): void {
  const ids = { org_id, queue_id: item.id, lead_id: item.lead_id, attempt_id };
  if (outcome.kind === 'unknown') {
    log?.warn(ids, 'the delivery of a message is unknown; confirm it with touchline resolve');
  }
  if (outcome.kind === 'rejected') {
    const { scope, smtp_code, enhanced_code } = outcome;
    log?.warn({ ...ids, scope, smtp_code, enhanced_code }, 'a mail server rejected a message');
  }
  if (outcome.kind === 'invalid') {
    log?.warn({ ...ids, cause: outcome.cause }, 'a message could not be built; no mail server was contacted');
  }
}

function provesReachable(outcome: SendOutcome): boolean {
  if (outcome.kind === 'canceled' || outcome.kind === 'invalid') return false;
  return !(outcome.kind === 'deferred' && outcome.unreachable);
}

function attemptResult(outcome: SendOutcome) {
  const stage_of = {
    sent: 'accepted',
    rejected: 'rejected',
    deferred: 'deferred',
    canceled: 'abandoned',
    unknown: 'unknown',
    invalid: 'rejected',
  } as const;
  const smtp_code = 'smtp_code' in outcome ? (outcome.smtp_code ?? null) : null;
  const response = 'response' in outcome ? outcome.response : null;
  // A fault of the server or of the mailbox does not count as an attempt of the message.
  const is_no_try =
    (outcome.kind === 'deferred' && outcome.unreachable) ||
    (outcome.kind === 'invalid' && outcome.cause !== 'message');
  const stage = is_no_try ? ('abandoned' as const) : stage_of[outcome.kind];
  return { stage, smtp_code, response, failure: failureOf(outcome) };
}

function failureOf(outcome: SendOutcome): string | null {
  if (outcome.kind === 'invalid') return MESSAGE_INVALID;
  return outcome.kind === 'rejected' ? `rejected_${outcome.scope}` : null;
}

async function recordSent(
  scope: Scope,
  settled: Settled,
  attempt: FinishedAttempt,
  now: Date,
): Promise<void> {
  const { item, attempt_id } = settled;
  await settle(scope, settled, 'sent', now);
  await moveItem(scope, item.id, ['approved', 'unknown'], { status: 'sent', sent_at: now });
  await keepSpacing(scope, item, now);
  // The content hash ties the text into the chain of the log.
  const detail = { attempt_id, content_hash: attempt.content_hash };
  await recordSending(scope, item, ['sent', 'send', 'accepted'], { detail });
}

/** A late send delays the next step of its enrollment, if the policy keeps the spacing. */
export async function keepSpacing(
  scope: Scope,
  item: { enrollment_id: string; step_number: number },
  sent_at: Date,
): Promise<void> {
  const { policy } = await orgPolicy(scope);
  if (!policy.keep_spacing) return;
  const sent = { sent_at, sent_step: item.step_number };
  await spaceNextStep.run({ org_id: scope.org_id, id: item.enrollment_id, ...sent }, scope.tx);
}

async function recordUnknown(
  scope: Scope,
  settled: Settled,
  { response, content_hash }: FinishedAttempt & { response: string },
  now: Date,
): Promise<void> {
  const { tx, org_id } = scope;
  const { item } = settled;
  await settle(scope, settled, 'unknown', now);
  await moveItem(scope, item.id, ['approved'], { status: 'unknown', error: response });
  await pauseLead.run({ org_id, id: item.lead_id, now, reason: 'send_unknown' }, tx);
  const about = { subject: item.id, lead_id: item.lead_id, queue_id: item.id, detail: { response } };
  await raiseFlags(scope, [{ kind: 'send_unknown', ...about, ...FOR_THE_REP }]);
  const detail = { response, content_hash };
  await recordSending(scope, item, ['unknown', 'stop', 'no_final_reply'], { detail });
}

/** A fault of the server alone does not count as an attempt: the mailbox waits, and the item stays as it is. */
async function recordDeferred(
  scope: Scope,
  settled: Settled,
  outcome: Extract<SendOutcome, { kind: 'deferred' }>,
  attempt: FinishedAttempt,
): Promise<void> {
  const { item } = settled;
  const { response } = outcome;
  await settle(scope, settled, 'void', scope.clock.now());
  if (!outcome.unreachable) return retryDeferred(scope, item, attempt.draft_id, response);
  const until = await backOff(scope, attempt.mailbox_id, response);
  if (until === null) return;
  const about = { until, detail: { response } };
  await recordSending(scope, item, ['retried', 'retry', 'server_unreachable'], about);
}

async function recordRejected(
  scope: Scope,
  settled: Settled,
  outcome: Extract<SendOutcome, { kind: 'rejected' }>,
  attempt: FinishedAttempt,
): Promise<void> {
  const { tx, org_id } = scope;
  const { item } = settled;
  const now = scope.clock.now();
  await settle(scope, settled, 'void', now);
  if (outcome.scope === 'sender') return recordSenderRefused(scope, item, outcome, attempt);
  await failItem(scope, item, `rejected_${outcome.scope}`, outcome.response);
  if (outcome.scope === 'message') await pauseFailing(scope, attempt, outcome.response);
  // 5.1.x: the address does not exist (RFC 3463), so no campaign may try it again. 5.1.7 and 5.1.8 are about the sender's.
  if (outcome.scope !== 'recipient' || !outcome.enhanced_code?.startsWith('5.1.')) return;
  const suppression = { org_id, id: newId(scope.clock), lead_id: item.lead_id };
  await insertSuppression.run({ ...suppression, reason: 'bounced', source: 'bounce', now }, tx);
  await stopLeads(scope, [item.lead_id], 'compliance_block');
}

/**
 * The server rejected the mailbox, and the lead is not to blame: the item stays approved and is sent automatically once a
 * person resumes the mailbox. If the server then rejects the same text again, having seen the message, the item fails;
 * otherwise it would stop the mailbox forever.
 */
async function recordSenderRefused(
  scope: Scope,
  item: SendableItem,
  outcome: Extract<SendOutcome, { kind: 'rejected' }>,
  { mailbox_id, draft_id }: FinishedAttempt,
): Promise<void> {
  const { tx, org_id } = scope;
  const { response, smtp_code } = outcome;
  await pauseByServer(scope, mailbox_id, response, { smtp_code, queue_id: item.id });
  const [tries] = await sql.triesOfDraft.run({ org_id, queue_id: item.id, draft_id }, tx);
  const knew_the_message = ['rcpt', 'data', 'body'].includes(outcome.stage ?? 'open');
  if (tries!.rejected_count > 1 && knew_the_message) {
    return failItem(scope, item, 'rejected_sender', response);
  }
  if (await cancelEnded(scope, item)) return;
  const detail = { response, mailbox_id };
  await recordSending(scope, item, ['deferred', 'defer', 'mailbox_paused'], { detail });
}

async function settle(
  scope: Scope,
  { item }: Settled,
  outcome: 'sent' | 'unknown' | 'void',
  now: Date,
): Promise<void> {
  await settleTouch.run({ org_id: scope.org_id, queue_id: item.id, outcome, now, touched_at: now }, scope.tx);
}

/**
 * A person confirms whether a message of unknown delivery was sent. It is never resent automatically; if it was not sent,
 * it may be written and approved again. The lead resumes once none of its messages is unknown.
 */
export async function resolveUnknown(scope: Scope, item: SendableItem, went: boolean): Promise<void> {
  const { tx, org_id } = scope;
  const now = scope.clock.now();
  const { id } = item;
  const outcome = went ? 'sent' : 'void';
  await sql.resolveAttempt.run({ org_id, queue_id: id, stage: went ? 'accepted' : 'abandoned' }, tx);
  // The touch keeps its time: it counts from when its delivery became unknown.
  await settleTouch.run({ org_id, queue_id: id, outcome, now, touched_at: null }, tx);
  const outcome_of_item = went
    ? ({ status: 'sent', sent_at: now } as const)
    : ({ status: 'failed', error: 'a person confirmed that it was not sent' } as const);
  await moveItem(scope, id, ['unknown'], outcome_of_item);
  if (went) await keepSpacing(scope, item, now);
  const resolution = went ? 'went' : 'did_not_go';
  await resolveFlags(scope, { kind: 'send_unknown', subjects: [id], resolution });
  await resumeSettledLead.run({ org_id, id: item.lead_id, now }, tx);
}
