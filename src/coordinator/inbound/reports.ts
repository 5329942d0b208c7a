/** Effects of delivery reports and complaints: only with our own id or token, under the lead's lock. */

import { DAY_MS } from '../../core/durations.ts';
import type { FailedRecipient } from '../../core/inbound/bounces.ts';
import * as sql from '../../db/queries/inbound.gen.ts';
import { newId } from '../../ids.ts';
import { recordEvents } from '../gate/events.ts';
import { orgPolicy, type Scope } from '../gate/scope.ts';
import { stopLeads } from '../gate/stops.ts';
import { pauseByServer } from '../sending/mailboxes.ts';
import type { MatchedTouch } from './matching.ts';

/** What a report says about the address of our message. Null: it names only others. */
export function failureOf(
  failed: readonly FailedRecipient[],
  to_address: string | null,
): FailedRecipient | null {
  // A report without recipients, about a message to one recipient.
  if (failed.length === 0) return { address: null, severity: 'soft', status: null };
  const own = failed.find(({ address }) => address !== null && address === to_address?.toLowerCase());
  if (own !== undefined) return own;
  // A forwarded message failed at another address; of several, ours is unknown.
  return failed.length === 1 ? failed[0]! : null;
}

type Bounce = { inbound_id: string; touch: MatchedTouch; failure: FailedRecipient };

/**
 * Suppresses an address that does not exist or was away too often. A policy refusal says nothing about the address, but
 * much about the mailbox.
 */
export async function recordBounce(scope: Scope, { inbound_id, touch, failure }: Bounce): Promise<void> {
  const { lead_id, attempt } = touch;
  const severity = await weighed(scope, touch, failure);
  const { status, address } = failure;
  const detail = { inbound_id, attempt_id: attempt?.id ?? null, status, address };
  const bounced = { event_type: 'bounced', coordinator_action: 'record', resolution: severity } as const;
  await recordEvents(scope, [{ ...touch.subject, ...bounced, detail }]);
  if (attempt === null) return;
  if (severity === 'policy') return pauseDistrusted(scope, attempt.mailbox_id, status);
  if (severity === 'soft') return;
  const { org_id, tx } = scope;
  await sql.markBounced.run({ org_id, id: attempt.id, now: scope.clock.now() }, tx);
  await suppress(scope, lead_id, attempt.to_address, 'bounce');
}

/** The recipient marked the message as spam: suppresses the address permanently. */
export async function recordComplaint(scope: Scope, inbound_id: string, touch: MatchedTouch): Promise<void> {
  const complained = {
    event_type: 'complained',
    coordinator_action: 'block',
    resolution: 'complaint',
  } as const;
  await recordEvents(scope, [{ ...touch.subject, ...complained, detail: { inbound_id } }]);
  if (touch.attempt !== null) await suppress(scope, touch.lead_id, touch.attempt.to_address, 'complaint');
}

async function weighed(scope: Scope, touch: MatchedTouch, failure: FailedRecipient) {
  const address = touch.attempt?.to_address ?? null;
  if (failure.severity !== 'soft' || address === null) return failure.severity;
  const { policy } = await orgPolicy(scope);
  const { soft_bounces, soft_bounce_days } = policy.reply_handling;
  const since = new Date(scope.clock.now_ms() - soft_bounce_days * DAY_MS);
  const { org_id, tx } = scope;
  const counted = await sql.countSoftBounces.one({ org_id, lead_id: touch.lead_id, since, address }, tx);
  return counted!.bounce_count >= soft_bounces ? ('hard' as const) : ('soft' as const);
}

const REASON_OF = { bounce: 'bounced', complaint: 'complained', reply: 'asked not to be contacted' } as const;

/**
 * Suppresses the sender of a request to opt out that came from an address that we never wrote to. False if it names no
 * valid address, or one of our mailboxes.
 */
export async function suppressSender(
  scope: Scope,
  { from_address }: { from_address: string },
): Promise<boolean> {
  return isAddress(from_address) ? suppressOther(scope, from_address, 'reply') : false;
}

/** A mail server's `mailer-daemon`, or an empty sender, is none. */
function isAddress(text: string): boolean {
  return text.length <= 254 && /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text);
}

/** Suppresses an address. `settle_suppressions` ends the open work of its leads. */
async function suppressOther(
  scope: Scope,
  address: string,
  source: keyof typeof REASON_OF,
): Promise<boolean> {
  const { org_id, tx } = scope;
  const row = { org_id, id: newId(scope.clock), address, reason: REASON_OF[source], source };
  const rows = await sql.suppressAddress.run({ ...row, now: scope.clock.now(), settled_at: null }, tx);
  return rows.length > 0;
}

/** Suppresses the address of the message. The lead continues if it has another one by now. */
async function suppress(
  scope: Scope,
  lead_id: string,
  address: string | null,
  source: keyof typeof REASON_OF,
): Promise<void> {
  if (address === null) return;
  const { org_id, tx } = scope;
  await suppressOther(scope, address, source);
  const lead = await sql.leadHasAddress.one({ org_id, lead_id, address }, tx);
  if (lead?.same) await stopLeads(scope, [lead_id], 'compliance_block');
}

async function pauseDistrusted(scope: Scope, mailbox_id: string, status: string | null): Promise<void> {
  const { org_id, tx } = scope;
  const { policy } = await orgPolicy(scope);
  const since = new Date(scope.clock.now_ms() - DAY_MS);
  const counted = await sql.countPolicyBounces.one({ org_id, mailbox_id, since }, tx);
  const { lead_count } = counted!;
  if (lead_count < policy.reply_handling.policy_bounce_leads) return;
  const reason = `the servers of ${lead_count} recipients rejected its messages as unwanted${status === null ? '' : ` (${status})`}`;
  await pauseByServer(scope, mailbox_id, reason, { lead_count });
}
