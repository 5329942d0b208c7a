/** Effects of delivery reports and complaints: only with our own id or token, under the lead's lock. */

import { DAY_MS } from '../../core/durations.ts';
import type { BounceSeverity, FailedRecipient } from '../../core/inbound/bounces.ts';
import * as sql from '../../db/queries/bounces.gen.ts';
import { newId } from '../../ids.ts';
import { type EventSubject, recordEvents } from '../gate/events.ts';
import { orgPolicy, type Scope } from '../gate/scope.ts';
import { stopLeads } from '../gate/stops.ts';
import { pauseByServer } from '../sending/mailboxes.ts';
import type { MatchedTouch } from './matching.ts';

/** What a report says about the address of our message, and the other addresses that it condemns. */
export type Failures = { own: FailedRecipient | null; others: readonly FailedRecipient[] };

/** In place of an address that belonged to an erased person: no recipient of ours. */
export const ERASED_ADDRESS = '(erased)';

const UNNAMED: FailedRecipient = {
  ...{ address: null, forwarded_to: null, status: null },
  ...{ severity: 'soft', cause: 'unknown' },
};

/** `to_address`: whom we wrote to; null if unknown, so a report of one failure is about it. */
export function failuresOf(failed: readonly FailedRecipient[], to_address: string | null): Failures {
  const to = to_address?.toLowerCase() ?? null;
  // A report without recipients, about a message to one recipient.
  if (failed.length === 0) return { own: UNNAMED, others: [] };
  const isOwn = ({ address, forwarded_to }: FailedRecipient) =>
    address === null || to === null || address === to || forwarded_to === to;
  const own = failed.find(isOwn) ?? null;
  const others = failed.filter((one) => one !== own && !isOwn(one));
  if (own === null || !isForwardedAway(own, to)) return { own, others };
  // The address forwarded our message to one elsewhere, which failed. It may have kept a copy.
  const elsewhere = { ...own, address: own.forwarded_to, forwarded_to: null };
  return {
    own: own.severity === 'hard' ? { ...own, severity: 'soft', cause: 'unreachable' } : own,
    others: [...others, elsewhere],
  };
}

/** An alias within one company leads to the same person; an address of another domain may not. */
function isForwardedAway({ address, forwarded_to }: FailedRecipient, to: string | null): boolean {
  if (forwarded_to === null || address === null || address !== to) return false;
  const [from, away] = [domainOf(address), domainOf(forwarded_to)];
  return from !== away && !away.endsWith(`.${from}`) && !from.endsWith(`.${away}`);
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

type Bounce = { inbound_id: string; touch: MatchedTouch; failures: Failures; is_answered: boolean };

/**
 * Suppresses an address that does not exist or was away too often, for every lead that has it. A policy refusal says nothing about the
 * address, but much about the mailbox; what our own server says about its account pauses the mailbox at once.
 */
export async function recordBounce(
  scope: Scope,
  { inbound_id, touch, failures, is_answered }: Bounce,
): Promise<void> {
  const { attempt } = touch;
  const { own, others } = failures;
  const bounced = { event_type: 'bounced', coordinator_action: 'record' } as const;
  const condemned = others.filter(({ severity, address }) => severity === 'hard' && isAddress(address ?? ''));
  for (const { address } of condemned) await suppressOther(scope, address!, 'bounce');
  const { status, cause } = own ?? others[0] ?? UNNAMED;
  const detail = { inbound_id, attempt_id: attempt?.id ?? null, status, cause };
  if (own === null) {
    const resolution = condemned.length > 0 ? 'other_suppressed' : 'other_address';
    await recordEvents(scope, [{ ...touch.subject, ...bounced, resolution, detail }]);
    return;
  }
  // The person at this address replied to this very message.
  const severity = is_answered && own.severity === 'hard' ? 'soft' : await weighed(scope, touch, own);
  const about = { ...detail, address: own.address };
  await recordEvents(scope, [{ ...touch.subject, ...bounced, resolution: severity, detail: about }]);
  if (attempt === null) return;
  if (own.cause === 'account') return pauseStopped(scope, attempt.mailbox_id, status);
  if (severity === 'policy') return pauseDistrusted(scope, attempt.mailbox_id, status);
  if (severity === 'hard') await condemn(scope, { ...touch, attempt });
}

/** The address of a message takes none. */
async function condemn(
  scope: Scope,
  { lead_id, attempt }: { lead_id: string; attempt: { id: string; to_address: string | null } },
): Promise<void> {
  await sql.markBounced.run({ org_id: scope.org_id, id: attempt.id, now: scope.clock.now() }, scope.tx);
  await suppress(scope, lead_id, attempt.to_address, 'bounce');
}

type JudgedBounce = {
  inbound_id: string;
  lead_id: string;
  severity: BounceSeverity;
  subject: EventSubject;
  /** `is_own`: it is the address of our message. */
  attempt: { id: string; mailbox_id: string; bounced_address: string | null; is_own: boolean };
};

/** A person judged a bounce that no rule knows: the same effects. */
export async function applyJudgement(scope: Scope, bounce: JudgedBounce): Promise<void> {
  const { inbound_id, lead_id, severity, subject, attempt } = bounce;
  const detail = { inbound_id, attempt_id: attempt.id, status: null, cause: 'unknown', is_judged: true };
  const bounced = { event_type: 'bounced', coordinator_action: 'record', resolution: severity } as const;
  await recordEvents(scope, [{ ...subject, ...bounced, detail }]);
  if (severity === 'policy') return pauseDistrusted(scope, attempt.mailbox_id, null);
  if (severity !== 'hard') return;
  const { bounced_address: to_address, is_own } = attempt;
  if (is_own) return condemn(scope, { lead_id, attempt: { id: attempt.id, to_address } });
  if (isAddress(to_address ?? '')) await suppressOther(scope, to_address!, 'bounce');
}

/** The recipient marked the message as spam: suppresses the address permanently, and any other that the report names. */
export async function recordComplaint(
  scope: Scope,
  {
    inbound_id,
    touch,
    complained,
  }: { inbound_id: string; touch: MatchedTouch; complained: readonly string[] },
): Promise<void> {
  const event = {
    event_type: 'complained',
    coordinator_action: 'block',
    resolution: 'complaint',
  } as const;
  await recordEvents(scope, [{ ...touch.subject, ...event, detail: { inbound_id } }]);
  const to = touch.attempt?.to_address?.toLowerCase() ?? null;
  for (const address of complained)
    if (address !== to && isAddress(address)) await suppressOther(scope, address, 'complaint');
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
export function isAddress(text: string): boolean {
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

async function pauseStopped(scope: Scope, mailbox_id: string, status: string | null): Promise<void> {
  const reason = `its own mail server stopped its messages${status === null ? '' : ` (${status})`}`;
  await pauseByServer(scope, mailbox_id, reason, {});
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
