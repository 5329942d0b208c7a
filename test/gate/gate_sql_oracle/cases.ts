/**
 * Cases for the gate and its oracle: leads and policies with their edges on each other. A touch is at the edge of
 * the window to the millisecond, now is beside midnight or a change of the clock, signals are equal, lists empty.
 */
import { defaultPolicy } from '../../../src/coordinator/gate/policy_document.ts';
import type {
  ActiveSequence,
  CadenceState,
  Facts,
  SequenceType,
  Side,
  TouchFact,
} from '../../../src/core/gate/facts.ts';
import type { MatrixRow, Policy } from '../../../src/core/gate/policy.ts';
import { CADENCE_STATE_VALUES, SEQUENCE_TYPE_VALUES, SIDE_VALUES } from '../../../src/schema.gen.ts';
import { type Random, random } from './random.ts';
import { clockChanges, dateIn, type Period, zoned } from './zones.ts';

/** One question to the gate; `policy` is a place in the batch's policies. */
type Case = { facts: Facts; policy: number };
export type Batch = { policies: Policy[]; cases: Case[] };

/** Makes the batches of a seed. The same seed, number, count and periods make the same batch, in any order. */
export type CaseMaker = (number: number, count: number) => Batch;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CASES_PER_POLICY = 12;

export function caseMaker(seed: number, periods: readonly Period[]): CaseMaker {
  const places = periods.map((period) => ({ ...period, changes: clockChanges(period) }));
  return (number, count) => {
    const roll = random(seed, number);
    const policies = Array.from({ length: Math.ceil(count / CASES_PER_POLICY) }, () => makePolicy(roll));
    const cases = Array.from({ length: count }, (_, index) => {
      const policy = Math.floor(index / CASES_PER_POLICY);
      return { facts: makeFacts(roll, policies[policy]!, places), policy };
    });
    return { policies, cases };
  };
}

type Place = Period & { changes: readonly number[] };

const SIDE_OF: Record<SequenceType, Side> = {
  nurture: 'marketing',
  prospecting: 'sales',
  closing: 'sales',
  onboarding: 'service',
  transactional: 'none',
};
const TYPES: readonly SequenceType[] = [
  'nurture',
  'nurture',
  'prospecting',
  'prospecting',
  ...SEQUENCE_TYPE_VALUES,
];

function makeFacts(roll: Random, policy: Policy, places: readonly Place[]): Facts {
  const place = roll.pick(places);
  const now_ms = makeNow(roll, place);
  const sequence_type = roll.pick(TYPES);
  const signals = makeSignals(roll, now_ms);
  const facts: Facts = {
    moment: roll.pick(['requested', 'dispatched', 'sent']),
    now_ms,
    time_zone: place.time_zone,
    public_holidays: makeHolidays(roll, now_ms, place.time_zone),
    requested_by: roll.pick(['AGT-304', 'AGT-301', 'roles.sales', 'roles.bdr']),
    sequence_type,
    side: roll.chance(0.75) ? SIDE_OF[sequence_type] : roll.pick(SIDE_VALUES),
    unsubscribe_flag: roll.chance(0.03),
    opt_out_flag: roll.chance(0.03),
    suppressed_address: roll.chance(0.03),
    organization: roll.chance(0.03) ? 'placeholder' : roll.pick(['own', 'not_asked']),
    abm_active: roll.chance(0.25),
    icp_tier: roll.pick(['T1', 'T2', 'T3', null]),
    sales_signal_at_ms: signals.sales,
    marketing_signal_at_ms: signals.marketing,
    touches: makeTouches(roll, { now_ms, place, policy }, places),
    active_sequences: makeSequences(roll),
    cadence_state: roll.chance(0.3) ? stateOf(sequence_type) : roll.pick(CADENCE_STATE_VALUES),
  };
  // A clock that gives no number: what is close to the truth must not pass for it.
  if (roll.chance(0.004)) facts.now_ms = roll.pick([Number.NaN, Number.POSITIVE_INFINITY]);
  return facts;
}

function stateOf(type: SequenceType): CadenceState {
  return type === 'transactional' ? 'idle' : type;
}

function makeNow(roll: Random, { time_zone, first_year, last_year, changes }: Place): number {
  const anywhere = roll.int(Date.UTC(first_year, 0, 1), Date.UTC(last_year + 1, 0, 1) - 1);
  const near = changes.length === 0 || roll.chance(0.4) ? anywhere : roll.pick(changes);
  const kind = roll.int(0, 3);
  if (kind === 0) return near + roll.pick([-1, 0, 1, roll.int(-HOUR_MS, HOUR_MS)]);
  if (kind === 1) return midnight(near + roll.int(-9, 9) * DAY_MS, time_zone) + roll.pick([-1, 0, 1]);
  if (kind === 2) return near + roll.int(-9 * DAY_MS, 9 * DAY_MS);
  return near + roll.int(-9 * 24, 9 * 24) * HOUR_MS;
}

type Asked = { now_ms: number; place: Place; policy: Policy };

/** None to twelve, more where more fit; newest first, as they are read. */
function makeTouches(roll: Random, asked: Asked, places: readonly Place[]): TouchFact[] {
  const { max_touches_per_window } = asked.policy.touch_cap;
  const most = roll.chance(0.3) ? 12 : Math.min(12, max_touches_per_window + 1);
  const touches = Array.from({ length: roll.int(0, most) }, () => makeTouch(roll, asked, places));
  // Two messages of one instant.
  if (touches.length > 0 && touches.length < 12 && roll.chance(0.1)) touches.push({ ...roll.pick(touches) });
  return touches.sort((a, b) => b.at_ms - a.at_ms);
}

function makeTouch(roll: Random, { now_ms, place, policy }: Asked, places: readonly Place[]): TouchFact {
  const window_ms = policy.touch_cap.window_hours * HOUR_MS;
  const at_ms = makeTouchedAt(roll, now_ms, window_ms, place.time_zone);
  // A lead that moved: the day was recorded in another zone, so it may be yesterday's or tomorrow's here.
  const zone = roll.chance(0.85) ? place.time_zone : roll.pick(places).time_zone;
  return { at_ms, local_day: dateIn(at_ms, zone), settled: roll.chance(0.94) };
}

function makeTouchedAt(roll: Random, now_ms: number, window_ms: number, time_zone: string): number {
  switch (roll.int(0, 7)) {
    case 0:
      return now_ms - window_ms + roll.pick([-1, 0, 1, -HOUR_MS, HOUR_MS]);
    case 1:
      return midnight(now_ms - roll.int(0, 9) * DAY_MS, time_zone) + roll.pick([-1, 0, 1]);
    case 2:
      return now_ms - roll.pick([0, 1, 2, HOUR_MS, DAY_MS, DAY_MS - 1]);
    case 3:
      return now_ms - roll.int(0, 2 * DAY_MS);
    case 4:
      // It leaves the window at a midnight to come, or beside it.
      return midnight(now_ms + roll.int(0, 9) * DAY_MS, time_zone) - window_ms + roll.pick([-1, 0, 1]);
    default:
      return now_ms - roll.int(0, window_ms + DAY_MS);
  }
}

function makeSignals(roll: Random, now_ms: number): { sales: number | null; marketing: number | null } {
  const sales = roll.chance(0.2) ? null : roll.pick([0, now_ms, now_ms - roll.int(0, 60 * DAY_MS)]);
  if (roll.chance(0.2)) return { sales, marketing: null };
  const near = (sales ?? now_ms) + roll.pick([-1, 0, 1]);
  return { sales, marketing: roll.pick([near, near, 0, now_ms - roll.int(0, 60 * DAY_MS)]) };
}

/** Of any side, the asking one's included, and more than one of each. */
function makeSequences(roll: Random): ActiveSequence[] {
  const length = roll.pick([0, 0, 1, 1, 1, 2, 3, 5]);
  return Array.from({ length }, (_, index) => {
    const sequence_type = roll.pick(TYPES);
    const side = roll.chance(0.75) ? SIDE_OF[sequence_type] : roll.pick(SIDE_VALUES);
    return { enrollment_id: `e-${(index * 7) % 5}`, sequence_type, side };
  });
}

function makePolicy(roll: Random): Policy {
  const shipped = defaultPolicy();
  const policy: Policy = {
    ...shipped,
    unknown_tier: roll.pick(['T1', 'T2', 'T2', 'T3']),
    t3_sales: roll.pick(['refuse', 'flag_only']),
    routing_error_agent: roll.pick(['AGT-202', 'AGT-203']),
    retry_hours: roll.pick([1, 24, 24, 100]),
  };
  if (roll.chance(0.75)) {
    policy.touch_cap = {
      max_touches_per_window: roll.chance(0.04) ? 0 : roll.pick([1, 2, 3, 3, 5, 8]),
      window_hours: roll.pick([24, 25, 48, 167, 168, 168, 400, roll.int(24, 400)]),
      max_touches_per_day: roll.chance(0.04) ? 0 : roll.pick([1, 1, 2, 3, 8]),
    };
  }
  if (roll.chance(0.75)) Object.assign(policy, makeHours(roll));
  if (roll.chance(0.5)) {
    const rows = () => ({ sales_fresher: makeRow(roll), marketing_fresher: makeRow(roll) });
    policy.conflict_matrix = { T1: rows(), T2: rows(), T3: rows() };
  }
  if (roll.chance(0.5)) {
    const moves = SEQUENCE_TYPE_VALUES.map((type) => [type, makeMoves(roll)] as const);
    policy.legal_moves = Object.fromEntries(moves) as Policy['legal_moves'];
  }
  return policy;
}

/** Days and hours on which messages leave, their edges where clocks are changed. */
function makeHours(roll: Random): Pick<Policy, 'business_hours' | 'holidays'> {
  const start_minute = roll.pick([0, 60, 120, 150, 480, 480, 615]);
  return {
    business_hours: {
      enforce: roll.chance(0.6),
      weekdays: roll.pick([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6, 7], [2, 6], [7]]),
      start_minute,
      end_minute: roll.pick([start_minute + 5, 1080, 1440]),
    },
    holidays: {
      enforce: roll.chance(0.6),
      dates: ['2025-04-21', '2026-11-02', '2027-01-01'],
      public: roll.chance(0.8),
      country: null,
    },
  };
}

function makeHolidays(roll: Random, now_ms: number, time_zone: string): string[] {
  if (!Number.isFinite(now_ms)) return [];
  return Array.from({ length: roll.int(0, 5) }, () => dateIn(now_ms + roll.int(-1, 12) * DAY_MS, time_zone));
}

function makeRow(roll: Random): MatrixRow {
  return { winner: roll.pick(['sales', 'marketing']), loser_queued_hours: roll.pick([null, 1, 48, 200]) };
}

function makeMoves(roll: Random): 'any' | CadenceState[] {
  return roll.chance(0.2) ? 'any' : CADENCE_STATE_VALUES.filter(() => roll.chance(0.5));
}

function midnight(ms: number, time_zone: string): number {
  return zoned(ms, time_zone).startOfDay().epochMilliseconds;
}
