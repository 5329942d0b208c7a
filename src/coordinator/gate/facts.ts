import { HOUR_MS } from '../../core/durations.ts';
import { cadenceState } from '../../core/gate/cadence_state.ts';
import type { Moment } from '../../core/gate/decision.ts';
import type { EntryLack } from '../../core/gate/entry.ts';
import type { ActiveSequence, Facts, SequenceType, Side, TouchFact } from '../../core/gate/facts.ts';
import type { Policy } from '../../core/gate/policy.ts';
import type { Queryable } from '../../db/pool.ts';
import * as sql from '../../db/queries/facts.gen.ts';
import { type HolidayCalendar, holidayCalendars, loadHolidays } from './public_holidays.ts';
import type { Batch, Scope } from './scope.ts';

type OpenSequence = ActiveSequence & {
  campaign_id: string;
  status: 'active' | 'paused';
  conflict_since_ms: number | null;
};

/** One lead as read under its lock. The coordinator adds the decisions of the current batch. */
export type LeadSnapshot = Omit<sql.LoadLeadFactsResult, 'touches' | 'sequences'> & {
  touches: TouchFact[];
  sequences: OpenSequence[];
  calendar: HolidayCalendar;
};

export type Asker = {
  /** Null while the enrollment is only requested. */
  enrollment_id: string | null;
  sequence_type: SequenceType;
  side: Side;
  /** Given while the enrollment is only requested; an enrollment’s own is read with its lead. */
  priority?: number;
  requested_by: string;
  /** The type of the enrollment whose exit requests this one: the state that the lead comes from. */
  exited_type?: SequenceType | null;
  /** The right that the request lacks to enter its campaign. */
  entry_lacks?: EntryLack;
  /** When a conflict first made the request wait. An enrollment’s own time is read with its lead. */
  conflict_since?: Date | null;
};

export type LockedLeads = { now_ms: number; leads: Map<string, LeadSnapshot> };

/**
 * Locks leads and then reads them, in this order and in two statements, so that the facts cannot change before the
 * transaction ends. With `wait: false`, leads that another transaction has locked are left out.
 */
export async function lockAndReadLeads(
  scope: Scope,
  lead_ids: readonly string[],
  policy: Policy,
  options: { wait: boolean },
): Promise<LockedLeads> {
  const unique_ids = [...new Set(lead_ids)];
  await loadHolidays(policy.holidays);
  const lock = options.wait ? sql.lockLeads : sql.lockFreeLeads;
  const locked = await lock.run({ org_id: scope.org_id, lead_ids: unique_ids }, scope.tx);
  const now_ms = scope.clock.now_ms();
  const locked_ids = locked.map((row) => row.id);
  return { now_ms, leads: await readLeads(scope, locked_ids, policy, now_ms) };
}

/** Locks the leads of rows that no other transaction has locked, and returns their ids. */
export async function lockFree(
  { tx, org_id }: Pick<Scope, 'tx' | 'org_id'>,
  rows: readonly { lead_id: string }[],
): Promise<Set<string>> {
  const lead_ids = [...new Set(rows.map((row) => row.lead_id))];
  return new Set((await sql.lockFreeLeads.run({ org_id, lead_ids }, tx)).map((row) => row.id));
}

/** Reports claimed rows and keeps those whose leads could be locked; the next round finds the others. */
export async function lockClaimed<Row extends { id: string; lead_id: string }>(
  scope: Scope,
  found: readonly Row[],
  claimed: Batch['claimed'],
): Promise<Row[]> {
  claimed(found.map((row) => row.id));
  const locked = await lockFree(scope, found);
  return found.filter((row) => locked.has(row.lead_id));
}

/** Reads leads without a lock, for answers that only inform: the facts may change at any moment. */
export async function readLeads(
  scope: Pick<Scope, 'org_id' | 'clock'> & { tx: Queryable },
  lead_ids: readonly string[],
  policy: Policy,
  now_ms: number,
): Promise<Map<string, LeadSnapshot>> {
  const touches_since = new Date(scope.clock.speed > 1 ? 0 : now_ms - reachMs(policy));
  const rows = await sql.loadLeadFacts.run(
    { org_id: scope.org_id, lead_ids: [...lead_ids], touches_since },
    scope.tx,
  );
  const countries = rows.map(({ country }) => country);
  const calendarOf = await holidayCalendars(policy.holidays, countries, now_ms);
  return new Map(
    rows.map((row) => {
      // The query builds the lists as objects of these shapes.
      const read = { ...row, calendar: calendarOf(row.country) } as unknown as LeadSnapshot;
      return [row.lead_id, read];
    }),
  );
}

/**
 * How far back touches can matter: the window, and for the daily cap two days (a local day has up to 25 hours). An open
 * touch counts at any age, but no lease lasts that long, except on a clock that runs fast, where all touches are read.
 */
function reachMs(policy: Policy): number {
  return Math.max(policy.touch_cap.window_hours, 48) * HOUR_MS;
}

/** `to_real_server`: the touch is a message that would leave this machine through a mail server. */
export function factsOf(
  lead: LeadSnapshot,
  asker: Asker,
  moment: Moment,
  now_ms: number,
  { to_real_server = false }: { to_real_server?: boolean } = {},
): Facts {
  const active = lead.sequences.filter((sequence) => sequence.status === 'active');
  const others = active.filter((sequence) => sequence.enrollment_id !== asker.enrollment_id);
  const active_types = active.map((sequence) => sequence.sequence_type);
  if (asker.exited_type) active_types.push(asker.exited_type);
  return {
    moment,
    now_ms,
    time_zone: lead.time_zone,
    public_holidays: lead.calendar.public_holidays,
    requested_by: asker.requested_by,
    sequence_type: asker.sequence_type,
    side: asker.side,
    priority: asker.priority ?? ownOf(lead, asker)?.priority ?? 0,
    unsubscribe_flag: lead.unsubscribe_flag,
    opt_out_flag: lead.opt_out_flag,
    suppressed_address: lead.suppressed_address,
    entry_lacks: asker.entry_lacks ?? null,
    organization: !to_real_server ? 'not_asked' : lead.organization_is_own ? 'own' : 'placeholder',
    abm_active: lead.abm_active,
    icp_tier: lead.icp_tier,
    sales_signal_at_ms: lead.sales_signal_at?.getTime() ?? null,
    marketing_signal_at_ms: lead.marketing_signal_at?.getTime() ?? null,
    conflict_since_ms: asker.conflict_since?.getTime() ?? ownOf(lead, asker)?.conflict_since_ms ?? null,
    touches: lead.touches,
    active_sequences: others.map(({ enrollment_id, sequence_type, side, priority, conflict_since_ms }) => {
      const waited = conflict_since_ms === null ? {} : { conflict_since_ms };
      return { enrollment_id, sequence_type, side, priority, ...waited };
    }),
    earlier_count: others.length === 0 ? null : earlierCount(lead, asker),
    cadence_state: cadenceState({
      active_types,
      paused: lead.cadence_paused_at !== null,
      onboarded: lead.customer_since !== null,
    }),
  };
}

/** The lead's sequences are in the order in which they began. */
function earlierCount(lead: LeadSnapshot, asker: Asker): number | null {
  const own = ownOf(lead, asker);
  if (own === undefined) return null;
  const earlier = lead.sequences.slice(0, lead.sequences.indexOf(own));
  return earlier.filter(({ status }) => status === 'active').length;
}

function ownOf({ sequences }: LeadSnapshot, { enrollment_id }: Asker): OpenSequence | undefined {
  return sequences.find((sequence) => sequence.enrollment_id === enrollment_id);
}
