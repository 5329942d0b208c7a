import { DAY_MS, HOUR_MS } from '../../core/durations.ts';
import { matrixRow } from '../../core/gate/conflict_matrix.ts';
import { concurrency } from '../../core/gate/gates/concurrency.ts';
import { decide } from '../../core/gate/gates.ts';
import type { Policy } from '../../core/gate/policy.ts';
import { listMissedAbmEnds, wakeMissedAbmEnds } from '../../db/queries/enrollments.gen.ts';
import { lockFreeLeads } from '../../db/queries/facts.gen.ts';
import * as sql from '../../db/queries/flag_causes.gen.ts';
import { factsOf, type LeadSnapshot, lockAndReadLeads } from '../gate/facts.ts';
import { FOR_THE_REP, type NewFlag, raiseFlags } from '../gate/flags.ts';
import { inOrg, type OrgWork } from '../gate/org_work.ts';
import { pauseLosers } from '../gate/pauses.ts';
import { COORDINATOR, orgPolicy, type Scope } from '../gate/scope.ts';
import { endWhereGoneFromLeads, FIRST_ID, PAGE, walk, walkEnrolledLeads } from './walks.ts';

/** Leads locked together while the matrix is applied: an instant's work. */
const CONFLICTS_AT_ONCE = 50;

/**
 * One touch left in the window, for a lead with an enrollment that could use it. A cap of one raises no warning: a lead
 * without any contact is not close to too many.
 */
export async function checkCapWarnings(work: OrgWork): Promise<void> {
  await endWhereGoneFromLeads(work, 'cap_warning', leadsAboutToBeFull);
  await walkEnrolledLeads(work, async (scope, lead_ids) => {
    const { touch_cap } = (await orgPolicy(scope)).policy;
    const { max_touches_per_window, window_hours } = touch_cap;
    const detail = { touches_in_window: max_touches_per_window - 1, max_touches_per_window, window_hours };
    const ids = await leadsAboutToBeFull(scope, lead_ids);
    const flags = ids.map((lead_id): NewFlag => ({ ...aboutLead('cap_warning', lead_id), detail }));
    await raiseFlags(scope, flags);
  });
}

async function leadsAboutToBeFull(scope: Scope, lead_ids: string[]): Promise<string[]> {
  const { touch_cap } = (await orgPolicy(scope)).policy;
  const touch_count = touch_cap.max_touches_per_window - 1;
  if (touch_count < 1) return [];
  const touched_after = new Date(scope.clock.now_ms() - touch_cap.window_hours * HOUR_MS);
  const { org_id, tx } = scope;
  const rows = await sql.leadsWithTouches.run({ org_id, lead_ids, touch_count, touched_after }, tx);
  return rows.map((row) => row.lead_id);
}

/**
 * Sales and marketing active at the same time. The gate settles that on each decision; this check settles it between two
 * steps, at once, and the flag reports it.
 */
export async function checkConcurrency(work: OrgWork): Promise<void> {
  await endWhereGoneFromLeads(work, 'concurrency', withBothSides);
  const found: string[] = [];
  await walkEnrolledLeads(work, async (scope, lead_ids) => {
    found.push(...(await withBothSides(scope, lead_ids)));
  });
  for (let at = 0; at < found.length; at += CONFLICTS_AT_ONCE) {
    await inOrg(work, (scope) => settleConflicts(scope, found.slice(at, at + CONFLICTS_AT_ONCE)));
  }
}

async function withBothSides({ org_id, tx }: Scope, lead_ids: string[]): Promise<string[]> {
  const rows = await sql.leadsWithBothSides.run({ org_id, lead_ids }, tx);
  return rows.map((row) => row.lead_id);
}

async function settleConflicts(scope: Scope, lead_ids: readonly string[]): Promise<void> {
  const { policy, version } = await orgPolicy(scope);
  // The current holder of a lead's lock is settling it; the next check finds the rest.
  const { now_ms, leads } = await lockAndReadLeads(scope, lead_ids, policy, { wait: false });
  const conflicts = [...leads.values()].flatMap((lead) => conflictOf(lead, policy, now_ms) ?? []);
  const flags = conflicts.map(({ flag }) => flag);
  await raiseFlags(scope, flags, { now_ms });
  await pauseLosers(scope, conflicts, { now_ms, policy_version: version });
}

const NO_LOSERS = { losers: [], loser_until_ms: null, outranked: [] };

/**
 * The matrix result if both sides are active; otherwise null. Gate 4 decides for the winner, whether or not the touch cap
 * would hold its next touch. A winner that an earlier gate blocks (ABM) contacts no one, so the other side does not yield.
 */
function conflictOf(lead: LeadSnapshot, policy: Policy, now_ms: number) {
  const running = lead.sequences.filter(
    ({ status, sequence_type }) => status === 'active' && sequence_type !== 'transactional',
  );
  const sides = new Set(running.map(({ side }) => side));
  if (!sides.has('sales') || !sides.has('marketing')) return null;
  const askedAs = (sequence: (typeof running)[number]) =>
    factsOf(lead, { ...sequence, requested_by: COORDINATOR }, 'dispatched', now_ms);
  const { winner } = matrixRow(askedAs(running[0]!), policy);
  const askers = running.filter(
    (sequence) => sequence.side === winner && decide(askedAs(sequence), policy).outcome !== 'block',
  );
  const answers = askers.map((asker) => concurrency.ask(askedAs(asker), policy));
  const answer = answers.find(({ losers }) => losers.length > 0) ?? answers[0] ?? null;
  // Sequences that have waited their hours go on beside the winner.
  if (answer !== null && answer.losers.length === 0) return null;
  const { losers, loser_until_ms, outranked } = answer ?? NO_LOSERS;
  const until = loser_until_ms === null ? null : new Date(loser_until_ms).toISOString();
  const detail = { winner, paused: [...losers], until };
  const flag: NewFlag = { ...aboutLead('concurrency', lead.lead_id), detail };
  return { flag, losers, loser_until_ms, outranked, trace: answer === null ? [] : [answer.trace] };
}

/** No event for `stall_days`, although work was possible the whole time. */
export async function checkStalls(work: OrgWork): Promise<void> {
  await endWhereGoneFromLeads(work, 'stall', async (scope, lead_ids) =>
    (await stalls(scope, lead_ids)).map((row) => row.lead_id),
  );
  await walkEnrolledLeads(work, async (scope, lead_ids) => {
    const rows = await stalls(scope, lead_ids);
    const flags = rows.map(({ lead_id, last_activity_at, waits_on }): NewFlag => {
      const detail = { last_activity_at: last_activity_at.toISOString(), waits_on };
      return { ...aboutLead('stall', lead_id), detail };
    });
    await raiseFlags(scope, flags);
  });
}

async function stalls(scope: Scope, lead_ids: string[]) {
  const { stall_days } = (await orgPolicy(scope)).policy;
  const quiet_since = new Date(scope.clock.now_ms() - stall_days * DAY_MS);
  return sql.stalledLeads.run({ org_id: scope.org_id, lead_ids, quiet_since }, scope.tx);
}

/**
 * The gate raises it when sales requests a T3 lead; this check ends it when the lead or the request no longer qualifies.
 */
export async function checkRoutingErrors(work: OrgWork): Promise<void> {
  await endWhereGoneFromLeads(work, 'routing_error', async (scope, lead_ids) => {
    const { stall_days, unknown_tier } = (await orgPolicy(scope)).policy;
    const asked_after = new Date(scope.clock.now_ms() - stall_days * DAY_MS);
    const { org_id, tx } = scope;
    const rows = await sql.misroutedLeads.run({ org_id, lead_ids, unknown_tier, asked_after }, tx);
    return rows.map((row) => row.lead_id);
  });
}

function aboutLead(kind: NewFlag['kind'], lead_id: string): NewFlag {
  return { kind, subject: lead_id, lead_id, ...FOR_THE_REP };
}

/**
 * Wakes waits for the end of ABM on accounts outside ABM. The row that ends ABM wakes existing waits, but misses one that
 * begins at the same moment from the old state; this check finds it.
 */
export async function rescueAbmWaits(work: OrgWork): Promise<void> {
  await walk(work, FIRST_ID, async ({ org_id, tx, clock }, after) => {
    const rows = await listMissedAbmEnds.run({ org_id, after, limit: PAGE }, tx);
    const lead_ids = rows.map((row) => row.lead_id);
    if (lead_ids.length === 0) return lead_ids;
    const locked = await lockFreeLeads.run({ org_id, lead_ids }, tx);
    const now = clock.now();
    await wakeMissedAbmEnds.run({ org_id, lead_ids: locked.map((row) => row.id), now }, tx);
    return lead_ids;
  });
}
