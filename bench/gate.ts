/**
 * Measures how many decisions one core makes in a second, traces included, on typical leads: many zones, no touches to six,
 * conflicts, suppressions, held touches. Options: `--seconds` (default 2), `--seed`.
 */
import { parseArgs } from 'node:util';
import { defaultPolicy } from '../src/coordinator/gate/policy_document.ts';
import { HOUR_MS } from '../src/core/durations.ts';
import type { Moment, Outcome } from '../src/core/gate/decision.ts';
import {
  type ActiveSequence,
  type Facts,
  type IcpTier,
  NOTHING_AGAINST,
  type SequenceType,
  type Side,
  type TouchFact,
} from '../src/core/gate/facts.ts';
import { decide } from '../src/core/gate/gates.ts';
import { localDay } from '../src/core/gate/schedule.ts';

const LEADS = 8192;
const ZONES = [
  ...['America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles', 'America/Sao_Paulo'],
  ...['America/Havana', 'America/St_Johns', 'Europe/London', 'Europe/Berlin', 'Europe/Helsinki'],
  ...['Africa/Lagos', 'Africa/Cairo', 'Africa/Johannesburg', 'Asia/Dubai', 'Asia/Kolkata', 'Asia/Kathmandu'],
  ...['Asia/Singapore', 'Asia/Tokyo', 'Australia/Sydney', 'Australia/Lord_Howe', 'Pacific/Auckland', 'UTC'],
];
const SIDES: Record<SequenceType, Side> = {
  nurture: 'marketing',
  prospecting: 'sales',
  closing: 'sales',
  onboarding: 'service',
  transactional: 'none',
};
/** Monday, 16 November 2026, 12:00 UTC. */
const NOON_MS = 1_794_830_400_000;

export function run(args: string[]): Record<string, unknown> {
  const { values } = parseArgs({
    args,
    options: { seconds: { type: 'string', default: '2' }, seed: { type: 'string', default: '1' } },
  });
  const leads = makeLeads(random(Number(values.seed)));
  const policy = defaultPolicy();
  const tally: Partial<Record<Outcome, number>> = {};
  for (const facts of leads) {
    const { outcome } = decide(facts, policy);
    tally[outcome] = (tally[outcome] ?? 0) + 1;
  }
  measure(leads, 500);
  const { decisions, elapsed_ms, gates_asked } = measure(leads, Number(values.seconds) * 1000);
  return {
    decisions_per_second: Math.round((decisions / elapsed_ms) * 1000),
    nanoseconds_per_decision: Math.round((elapsed_ms * 1e6) / decisions),
    gates_per_decision: Number((gates_asked / decisions).toFixed(2)),
    decisions,
    leads: LEADS,
    zones: ZONES.length,
    outcomes: tally,
    node: process.version,
  };
}

/** Whole rounds over all leads until the time is up. `gates_asked` also keeps the compiler from dropping the work. */
function measure(leads: readonly Facts[], at_least_ms: number) {
  const policy = defaultPolicy();
  const started_ms = performance.now();
  let decisions = 0;
  let gates_asked = 0;
  let elapsed_ms = 0;
  while (elapsed_ms < at_least_ms) {
    for (const facts of leads) gates_asked += decide(facts, policy).trace.length;
    decisions += leads.length;
    elapsed_ms = performance.now() - started_ms;
  }
  return { decisions, elapsed_ms, gates_asked };
}

type Random = { below(limit: number): number; chance(probability: number): boolean };

/** mulberry32: the same seed makes the same leads. */
function random(seed: number): Random {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { below: (limit) => Math.floor(next() * limit), chance: (probability) => next() < probability };
}

function makeLeads(roll: Random): Facts[] {
  return Array.from({ length: LEADS }, () => makeLead(roll));
}

function makeLead(roll: Random): Facts {
  const moments: readonly Moment[] = ['requested', 'dispatched', 'sent'];
  const tiers: readonly (IcpTier | null)[] = ['T1', 'T2', 'T2', 'T3', null];
  const types: readonly SequenceType[] = ['nurture', 'prospecting', 'prospecting', 'closing', 'onboarding'];
  const sequence_type = roll.chance(0.03) ? 'transactional' : types[roll.below(types.length)]!;
  const side = SIDES[sequence_type];
  const now_ms = NOON_MS + roll.below(6 * HOUR_MS);
  const time_zone = ZONES[roll.below(ZONES.length)]!;
  const conflict = roll.chance(0.25);
  return {
    ...NOTHING_AGAINST,
    moment: moments[roll.below(3)]!,
    now_ms,
    time_zone,
    public_holidays: [],
    requested_by: 'roles.sales',
    sequence_type,
    side,
    unsubscribe_flag: roll.chance(0.02),
    opt_out_flag: roll.chance(0.01),
    suppressed_address: roll.chance(0.01),
    organization: 'own',
    abm_active: roll.chance(0.05),
    icp_tier: tiers[roll.below(tiers.length)]!,
    sales_signal_at_ms: roll.chance(0.7) ? now_ms - roll.below(720 * HOUR_MS) : null,
    marketing_signal_at_ms: roll.chance(0.7) ? now_ms - roll.below(720 * HOUR_MS) : null,
    touches: makeTouches(roll, now_ms, time_zone),
    active_sequences: conflict ? [otherSequence(side)] : [],
    cadence_state: roll.chance(0.1) ? 'idle' : sequence_type === 'transactional' ? 'nurture' : sequence_type,
  };
}

/** None to six, over twelve days, so that about half the leads are under both caps. */
function makeTouches(roll: Random, now_ms: number, time_zone: string): TouchFact[] {
  const count = Math.max(0, roll.below(10) - 3);
  const touches = Array.from({ length: count }, () => {
    const at_ms = now_ms - roll.below(288 * HOUR_MS);
    return { at_ms, local_day: localDay(at_ms, time_zone), settled: roll.chance(0.98) };
  });
  return touches.sort((a, b) => b.at_ms - a.at_ms);
}

function otherSequence(side: Side): ActiveSequence {
  const sequence_type = side === 'marketing' ? 'prospecting' : 'nurture';
  return { enrollment_id: 'e-1', sequence_type, side: SIDES[sequence_type], priority: 0 };
}
