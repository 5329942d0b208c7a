import type { Decision, SuppressedReason, Wake } from '../../core/gate/decision.ts';
import { decide } from '../../core/gate/gates.ts';
import { runOrder } from '../../core/gate/same_side.ts';
import { keepEarlierEnd } from '../../core/gate/waits.ts';
import * as sql from '../../db/queries/enrollments.gen.ts';
import type { CampaignContactsRow } from '../../schema.gen.ts';
import {
  type AskedAbout,
  decisionEvent,
  enrollmentSubject,
  type NewEvent,
  raiseAndNotify,
  recordEvents,
} from './events.ts';
import { factsOf, lockAndReadLeads } from './facts.ts';
import { rowsJson } from './rows.ts';
import { type Batch, orgPolicy, type Scope } from './scope.ts';
import { stopLeads } from './stops.ts';

type PausedBy = { now_ms: number; policy_version: number };

/**
 * Pauses the active enrollments that lost: those of the other side until the matrix lets them resume, those of the same side
 * until a place is free.
 */
export async function pauseLosers(
  scope: Scope,
  decisions: readonly Pick<Decision, 'losers' | 'loser_until_ms' | 'outranked' | 'trace'>[],
  by: PausedBy,
): Promise<void> {
  const { now_ms } = by;
  const lost = decisions.flatMap((decision) => [
    ...decision.losers.map((id) => lossOf(id, decision)),
    ...decision.outranked.map((id): Loss => ({ ...OUTRANKED, id, until: null })),
  ]);
  if (lost.length === 0) return;
  const rows = lost.map(({ id, reason, until, wake }) => pausedRow(scope, { id, reason, until, wake }, by));
  const paused = await sql.pauseEnrollments.run({ rows: rowsJson(rows) }, scope.tx);
  const for_hours = lost.flatMap(({ id, wake }) => (wake === 'at_until' ? id : []));
  await noteConflicts(scope, for_hours, now_ms);
  const loss_of = new Map(lost.map((loss) => [loss.id, loss]));
  const events = paused.map(({ id: enrollment_id, current_step: step_number, ...row }): NewEvent => {
    const { reason, until, rule, resolution } = loss_of.get(enrollment_id)!;
    const said = { event_type: 'paused', coordinator_action: 'queue', resolution } as const;
    return {
      ...row,
      ...said,
      suppressed_reason: reason,
      until,
      detail: { rule },
      enrollment_id,
      step_number,
    };
  });
  await recordEvents(scope, events, { now_ms });
}

type Loss = {
  id: string;
  reason: SuppressedReason;
  until: Date | null;
  wake: Wake;
  rule: string | null;
  resolution: 'lost_conflict' | 'outranked';
};

const OUTRANKED = {
  reason: 'same_side_queued',
  wake: 'same_side_ends',
  rule: 'side_full',
  resolution: 'outranked',
} as const;

function lossOf(id: string, { loser_until_ms, trace }: Pick<Decision, 'loser_until_ms' | 'trace'>): Loss {
  const until = loser_until_ms === null ? null : new Date(loser_until_ms);
  const wake = until === null ? 'other_side_ends' : 'at_until';
  const rule = ruleOf({ trace });
  return { id, reason: 'conflict_resolved_queued', until, wake, rule, resolution: 'lost_conflict' };
}

/**
 * Writes the results that all batches of decisions share, after their own rows: events, pauses of the losers, warnings and
 * notifications, and the end of all open work for blocked leads.
 */
export async function writeDecisions(
  scope: Scope,
  now_ms: number,
  batch: {
    events: readonly NewEvent[];
    asked: readonly AskedAbout[];
    /** The policy version by which enrollments that lost are paused; a send or a release leaves them as they are. */
    pauses_by?: number;
    blocked_leads?: Iterable<string>;
  },
): Promise<void> {
  await recordEvents(scope, batch.events, { now_ms });
  const decisions = batch.asked.map(({ decision }) => decision);
  const { pauses_by: policy_version } = batch;
  if (policy_version !== undefined) await pauseLosers(scope, decisions, { now_ms, policy_version });
  const queued = batch.asked.flatMap(({ subject, decision }) =>
    waitsForHours(decision) ? (subject.enrollment_id ?? []) : [],
  );
  await noteConflicts(scope, queued, now_ms);
  await raiseAndNotify(scope, batch.asked, now_ms);
  await stopLeads(scope, [...(batch.blocked_leads ?? [])], 'compliance_block');
}

/** Whether a conflict makes the sequence wait for fixed hours, which it does once. */
export function waitsForHours({ reason, wake }: Pick<Decision, 'reason' | 'wake'>): boolean {
  return reason === 'conflict_resolved_queued' && wake === 'at_until';
}

async function noteConflicts({ tx, org_id }: Scope, ids: readonly string[], now_ms: number): Promise<void> {
  if (ids.length > 0) await sql.noteConflicts.run({ org_id, ids: [...ids], now: new Date(now_ms) }, tx);
}

function ruleOf({ trace }: Pick<Decision, 'trace'>): string | null {
  return trace.find(({ gate }) => gate === 'concurrency')?.because ?? null;
}

export function pauseRow(
  scope: Scope,
  id: string,
  { reason, until_ms, wake }: Pick<Decision, 'reason' | 'until_ms' | 'wake'>,
  by: PausedBy,
): Partial<CampaignContactsRow> {
  const until = until_ms === null ? null : new Date(until_ms);
  return pausedRow(scope, { id, reason, until, wake: wake ?? 'never' }, by);
}

function pausedRow(
  { org_id }: Scope,
  { id, reason, until, wake }: Pick<Loss, 'id' | 'until' | 'wake'> & { reason: SuppressedReason | null },
  { now_ms, policy_version }: PausedBy,
): Partial<CampaignContactsRow> {
  const paused = { paused_at: new Date(now_ms), paused_reason: reason, paused_until: until, wake };
  return { org_id, id, ...paused, paused_policy_version: policy_version };
}

const RESUMED = { event_type: 'resumed', coordinator_action: 'resume' } as const;

/**
 * Sends paused enrollments whose time has come through the gate again. If allowed, or if only the cap is reached for the
 * next touch, they resume; otherwise they stay paused until the new time. Returns the number of enrollments claimed.
 */
export async function resumePaused(scope: Scope, { limit, set_aside, claimed }: Batch): Promise<number> {
  const { version, policy } = await orgPolicy(scope);
  const due = await sql.claimResumableEnrollments.run(
    { org_id: scope.org_id, now: scope.clock.now(), policy_version: version, limit, set_aside },
    scope.tx,
  );
  if (due.length === 0) return 0;
  claimed(due.map((row) => row.id));
  const lead_ids = due.map((row) => row.lead_id);
  const { now_ms, leads } = await lockAndReadLeads(scope, lead_ids, policy, { wait: false });
  const resumed: string[] = [];
  const repaused: Partial<CampaignContactsRow>[] = [];
  const blocked_leads = new Set<string>();
  const asked: AskedAbout[] = [];
  const events: NewEvent[] = [];
  for (const row of due.toSorted(runOrder)) {
    const lead = leads.get(row.lead_id);
    if (lead === undefined || blocked_leads.has(row.lead_id)) continue;
    const asker = { ...row, enrollment_id: row.id };
    const asked_now = decide(factsOf(lead, asker, 'dispatched', now_ms), policy);
    const before = {
      reason: row.paused_reason as SuppressedReason | null,
      until_ms: row.paused_until?.getTime() ?? null,
    };
    const decision = keepEarlierEnd(asked_now, before, now_ms);
    const subject = enrollmentSubject(row);
    asked.push({ subject, decision });
    if (decision.reason === 'compliance_block') {
      blocked_leads.add(row.lead_id);
    } else if (decision.outcome === 'allow' || decision.reason === 'touch_cap_exceeded') {
      resumed.push(row.id);
      const own = lead.sequences.find((sequence) => sequence.enrollment_id === row.id);
      if (own !== undefined) own.status = 'active';
      for (const sequence of lead.sequences) {
        if ([...decision.losers, ...decision.outranked].includes(sequence.enrollment_id))
          sequence.status = 'paused';
      }
      events.push({ ...subject, ...RESUMED, resolution: row.paused_reason });
    } else {
      repaused.push(pauseRow(scope, row.id, decision, { now_ms, policy_version: version }));
      // The same answer again is no news.
      if (decision.reason === row.paused_reason) continue;
      const about = { moment: 'dispatched', policy_version: version, allowed: RESUMED } as const;
      events.push(decisionEvent(subject, lead, decision, about));
    }
  }
  if (resumed.length > 0) await sql.resumeEnrollments.run({ org_id: scope.org_id, ids: resumed }, scope.tx);
  if (repaused.length > 0) await sql.repauseEnrollments.run({ rows: rowsJson(repaused) }, scope.tx);
  await writeDecisions(scope, now_ms, { events, asked, blocked_leads, pauses_by: version });
  return due.length;
}
