/** Effects of a reply on a lead's open work. Every function runs as the coordinator, under the lead's lock. */

import { pauseEnrollments, repauseEnrollments } from '../../db/queries/enrollments.gen.ts';
import * as sql from '../../db/queries/inbound.gen.ts';
import { getLead, pauseLead } from '../../db/queries/leads.gen.ts';
import { parkRequests } from '../../db/queries/sequence_requests.gen.ts';
import type { CampaignContactsRow } from '../../schema.gen.ts';
import { enrollmentSubject, recordEvents } from '../gate/events.ts';
import { setUnsubscribe } from '../gate/opt_out.ts';
import { rowsJson } from '../gate/rows.ts';
import { orgPolicy, type Scope } from '../gate/scope.ts';
import { stopLeads } from '../gate/stops.ts';

export type PauseReason = 'reply' | 'not_now' | 'out_of_office';

/**
 * A person replied: pauses each of the lead's enrollments until a person resumes it, and the lead itself, so no pending or
 * new request enrolls it again. A reserved message that has not been handed over stays (TL016). Without open work there is
 * nothing to pause, and no one would resume it. `always`: even if the policy does not pause on replies.
 */
export async function pauseAnswered(
  scope: Scope,
  lead_id: string,
  { always = false }: { always?: boolean } = {},
): Promise<void> {
  const { org_id, tx } = scope;
  const { policy } = await orgPolicy(scope);
  if (!policy.reply_handling.pause_on_reply && !always) return;
  const open = await sql.openEnrollmentsOfLead.run({ org_id, lead_id }, tx);
  const waiting = await sql.hasWaitingRequests.one({ org_id, lead_id }, tx);
  if (open.length === 0 && waiting?.waiting !== true) return;
  const now = scope.clock.now();
  await pauseAll(scope, open, { reason: 'reply', until: null });
  await pauseLead.run({ org_id, id: lead_id, now, reason: 'reply' }, tx);
  // Decided now, they would be refused for good; they are decided once the lead resumes.
  await parkRequests.run({ org_id, lead_id }, tx);
}

/** Ends the pause that a reply caused; each enrollment's own pause stays. */
export async function resumeAnsweredLead(scope: Scope, lead_id: string): Promise<void> {
  await sql.resumeAnsweredLead.run({ org_id: scope.org_id, id: lead_id, now: scope.clock.now() }, scope.tx);
}

/** All open work resumes at one time, through the gates, and no pending request is decided earlier. */
export async function pauseUntil(
  scope: Scope,
  lead_id: string,
  { reason, until }: { reason: PauseReason; until: Date },
): Promise<void> {
  const { org_id, tx } = scope;
  await resumeAnsweredLead(scope, lead_id);
  const open = await sql.openEnrollmentsOfLead.run({ org_id, lead_id }, tx);
  await pauseAll(scope, open, { reason, until });
  await sql.postponeRequests.run({ org_id, lead_id, until }, tx);
}

/**
 * The next step of each open enrollment is due then, not earlier; enrollments stay active. False if every step is due later
 * already, for example after a longer absence.
 */
export async function postpone(scope: Scope, lead_id: string, until: Date): Promise<boolean> {
  const { org_id, tx } = scope;
  const open = await sql.openEnrollmentsOfLead.run({ org_id, lead_id }, tx);
  const steps = await sql.postponeEnrollments.run({ org_id, lead_id, until }, tx);
  const items = await sql.postponeItems.run({ org_id, lead_id, until }, tx);
  const moved = new Set([...steps.map((row) => row.id), ...items.map((row) => row.enrollment_id)]);
  const deferred = { event_type: 'deferred', coordinator_action: 'defer', until } as const;
  const events = open
    .filter((row) => moved.has(row.id))
    .map((row) => ({ ...enrollmentSubject(row), ...deferred, resolution: 'out_of_office' }));
  await recordEvents(scope, events);
  return moved.size > 0;
}

/** Opts the lead out, at once and everywhere. Repeating it changes nothing. */
export async function optOutByAnswer(
  scope: Scope,
  lead_id: string,
  { inbound_id, queue_id }: { inbound_id: string | null; queue_id: string | null },
): Promise<void> {
  await resumeAnsweredLead(scope, lead_id);
  if (await setUnsubscribe(scope, lead_id, queue_id)) {
    const opted_out = { event_type: 'opted_out', coordinator_action: 'block', resolution: 'answer' } as const;
    const about = { compliance_status: 'unsubscribed', detail: { inbound_id } } as const;
    await recordEvents(scope, [{ ...opted_out, lead_id, queue_id, ...about }]);
  }
  await stopLeads(scope, [lead_id], 'compliance_block');
}

export async function zoneOf({ org_id, tx }: Scope, lead_id: string): Promise<string> {
  const [lead] = await getLead.run({ org_id, id: lead_id, key: null, phone: null }, tx);
  return lead?.effective_time_zone ?? 'UTC';
}

/** Active enrollments, and paused ones that would resume earlier. A pause without an end by a person keeps its reason. */
async function pauseAll(
  scope: Scope,
  open: readonly sql.OpenEnrollmentsOfLeadResult[],
  { reason: paused_reason, until: paused_until }: { reason: PauseReason; until: Date | null },
): Promise<void> {
  const { org_id, tx } = scope;
  const wake = paused_until === null ? ('never' as const) : ('at_until' as const);
  const pause = { paused_at: scope.clock.now(), paused_reason, paused_until, wake };
  const row = ({ id }: { id: string }): Partial<CampaignContactsRow> => ({ org_id, id, ...pause });
  const active = open.filter(({ status }) => status === 'active');
  const paused = open.filter((one) => one.status === 'paused' && !isStopped(one, paused_reason));
  if (active.length > 0) await pauseEnrollments.run({ rows: rowsJson(active.map(row)) }, tx);
  if (paused.length > 0) await repauseEnrollments.run({ rows: rowsJson(paused.map(row)) }, tx);
  const event = { event_type: 'paused', coordinator_action: 'pause', resolution: paused_reason } as const;
  await recordEvents(
    scope,
    [...active, ...paused].map((one) => ({ ...enrollmentSubject(one), ...event, until: paused_until })),
  );
}

function isStopped({ wake, paused_reason }: sql.OpenEnrollmentsOfLeadResult, reason: PauseReason): boolean {
  return wake === 'never' && (paused_reason !== 'reply' || reason === 'reply');
}
