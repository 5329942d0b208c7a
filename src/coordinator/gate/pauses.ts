import type { Decision } from '../../core/gate/decision.ts';
import { decide } from '../../core/gate/gates.ts';
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

/** Pauses the active enrollments that lost a conflict, until the matrix lets them resume. */
export async function pauseLosers(
  scope: Scope,
  decisions: readonly Pick<Decision, 'losers' | 'loser_until_ms' | 'trace'>[],
  now_ms: number,
): Promise<void> {
  const rows: Partial<CampaignContactsRow>[] = decisions.flatMap((decision) =>
    decision.losers.map((id) => ({
      org_id: scope.org_id,
      id,
      paused_at: new Date(now_ms),
      paused_reason: 'conflict_resolved_queued',
      paused_until: decision.loser_until_ms === null ? null : new Date(decision.loser_until_ms),
      wake: decision.loser_until_ms === null ? ('other_side_ends' as const) : ('at_until' as const),
    })),
  );
  if (rows.length === 0) return;
  const paused = await sql.pauseEnrollments.run({ rows: rowsJson(rows) }, scope.tx);
  const for_hours = rows.flatMap(({ id, wake }) => (wake === 'at_until' ? id! : []));
  await noteConflicts(scope, for_hours, now_ms);
  const until_of = new Map(rows.map((row) => [row.id, row.paused_until]));
  const rule_of = new Map(
    decisions.flatMap((decision) => decision.losers.map((id) => [id, ruleOf(decision)] as const)),
  );
  const lost = { event_type: 'paused', coordinator_action: 'queue', resolution: 'lost_conflict' } as const;
  const events = paused.map(
    ({ id: enrollment_id, current_step: step_number, ...row }): NewEvent => ({
      ...row,
      ...lost,
      suppressed_reason: 'conflict_resolved_queued',
      until: until_of.get(enrollment_id) ?? null,
      detail: { rule: rule_of.get(enrollment_id) ?? null },
      enrollment_id,
      step_number,
    }),
  );
  await recordEvents(scope, events, { now_ms });
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
    /** True if enrollments that lost are paused; a send or a release leaves them as they are. */
    pauses_losers?: boolean;
    blocked_leads?: Iterable<string>;
  },
): Promise<void> {
  await recordEvents(scope, batch.events, { now_ms });
  const decisions = batch.asked.map(({ decision }) => decision);
  if (batch.pauses_losers) await pauseLosers(scope, decisions, now_ms);
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
  decision: Decision,
  now_ms: number,
): Partial<CampaignContactsRow> {
  return {
    org_id: scope.org_id,
    id,
    paused_at: new Date(now_ms),
    paused_reason: decision.reason,
    paused_until: decision.until_ms === null ? null : new Date(decision.until_ms),
    wake: decision.wake ?? 'never',
  };
}

const RESUMED = { event_type: 'resumed', coordinator_action: 'resume' } as const;

/**
 * Sends paused enrollments whose time has come through the gate again. If allowed, or if only the cap is reached for the
 * next touch, they resume; otherwise they stay paused until the new time. Returns the number of enrollments claimed.
 */
export async function resumePaused(scope: Scope, { limit, set_aside, claimed }: Batch): Promise<number> {
  const due = await sql.claimResumableEnrollments.run(
    { org_id: scope.org_id, now: scope.clock.now(), limit, set_aside },
    scope.tx,
  );
  if (due.length === 0) return 0;
  claimed(due.map((row) => row.id));
  const { version, policy } = await orgPolicy(scope);
  const lead_ids = due.map((row) => row.lead_id);
  const { now_ms, leads } = await lockAndReadLeads(scope, lead_ids, policy, { wait: false });
  const resumed: string[] = [];
  const repaused: Partial<CampaignContactsRow>[] = [];
  const blocked_leads = new Set<string>();
  const asked: AskedAbout[] = [];
  const events: NewEvent[] = [];
  for (const row of due) {
    const lead = leads.get(row.lead_id);
    if (lead === undefined || blocked_leads.has(row.lead_id)) continue;
    const asker = { ...row, enrollment_id: row.id };
    const decision = decide(factsOf(lead, asker, 'dispatched', now_ms), policy);
    const subject = enrollmentSubject(row);
    asked.push({ subject, decision });
    if (decision.reason === 'compliance_block') {
      blocked_leads.add(row.lead_id);
    } else if (decision.outcome === 'allow' || decision.reason === 'touch_cap_exceeded') {
      resumed.push(row.id);
      const own = lead.sequences.find((sequence) => sequence.enrollment_id === row.id);
      if (own !== undefined) own.status = 'active';
      for (const sequence of lead.sequences) {
        if (decision.losers.includes(sequence.enrollment_id)) sequence.status = 'paused';
      }
      events.push({ ...subject, ...RESUMED, resolution: row.paused_reason });
    } else {
      repaused.push(pauseRow(scope, row.id, decision, now_ms));
      const about = { moment: 'dispatched', policy_version: version, allowed: RESUMED } as const;
      events.push(decisionEvent(subject, lead, decision, about));
    }
  }
  if (resumed.length > 0) await sql.resumeEnrollments.run({ org_id: scope.org_id, ids: resumed }, scope.tx);
  if (repaused.length > 0) await sql.repauseEnrollments.run({ rows: rowsJson(repaused) }, scope.tx);
  await writeDecisions(scope, now_ms, { events, asked, blocked_leads, pauses_losers: true });
  return due.length;
}
