/**
 * A second version of the gate, written from the specification alone and as plainly as possible: no code shared with
 * `src/core`, no cache, no arithmetic on days. It is slow, and the gate is compared with it
 * (docs/decisions/0016-one-oracle-in-typescript.md).
 */
import type { Facts, TouchFact } from '../../src/core/gate/facts.ts';
import type { Policy } from '../../src/core/gate/policy.ts';
import type { GateName } from '../../src/schema.gen.ts';

type Traced = [gate: GateName, says: string, because: string];

export type Verdict = {
  outcome: string;
  reason: string | null;
  until_ms: number | null;
  wake: string | null;
  losers: string[];
  loser_until_ms: number | null;
  outranked: string[];
  flags: { kind: string; for_agent: string }[];
  notify_agents: string[];
  touches_in_window: number;
  trace: Traced[];
};

type Now = Temporal.Instant | null;
type Ending = {
  outcome: string;
  reason: string;
  until?: Temporal.Instant | null;
  wake: string | null;
  notify_agents?: string[];
};
/** One gate's answer: why it passes, or why and how it ends the decision. */
type Said = {
  because: string;
  ending?: Ending;
  losers?: string[];
  loser_until?: Temporal.Instant | null;
  outranked?: string[];
  flags?: Verdict['flags'];
};

/** In the order of the specification. */
const ASK: Readonly<Record<GateName, (facts: Facts, policy: Policy, now: Now) => Said>> = {
  compliance: askCompliance,
  abm_backstop: askAbm,
  touch_cap: askTouchCap,
  concurrency: askConcurrency,
  transition: askTransition,
};

export function oracle(facts: Facts, policy: Policy): Verdict {
  // A clock that returns no number.
  const now = Number.isFinite(facts.now_ms) ? Temporal.Instant.fromEpochMilliseconds(facts.now_ms) : null;
  const said = Object.entries(ASK).map(([gate, ask]) => ({
    gate: gate as GateName,
    ...ask(facts, policy, now),
  }));
  const ended_by = said.findIndex(({ ending }) => ending !== undefined);
  const asked = ended_by === -1 ? said : said.slice(0, ended_by + 1);
  const ending = said[ended_by]?.ending;
  const winner = ending === undefined ? said.find(({ gate }) => gate === 'concurrency') : undefined;
  return {
    outcome: ending?.outcome ?? 'allow',
    reason: ending?.reason ?? null,
    until_ms: ending?.until?.epochMilliseconds ?? null,
    wake: ending?.wake ?? null,
    losers: winner?.losers ?? [],
    loser_until_ms: winner?.loser_until?.epochMilliseconds ?? null,
    outranked: winner?.outranked ?? [],
    flags: asked.flatMap(({ flags = [] }) => flags),
    notify_agents: ending?.notify_agents ?? [],
    touches_in_window: countWindow(facts.touches, now, now, policy),
    trace: asked.map((one) => [one.gate, one.ending?.outcome ?? 'pass', one.because]),
  };
}

function askCompliance(facts: Facts): Said {
  const blocked = { outcome: 'block', reason: 'compliance_block', wake: 'never' };
  if (facts.unsubscribe_flag) return { because: 'unsubscribed', ending: blocked };
  if (facts.opt_out_flag) return { because: 'opted_out', ending: blocked };
  if (facts.suppressed_address) return { because: 'suppressed_address', ending: blocked };
  if (facts.moment === 'requested' && facts.entry_lacks !== null) {
    const ending = { outcome: 'refuse', reason: 'entry_restricted', wake: null };
    return { because: `entry_needs_${facts.entry_lacks}`, ending };
  }
  if (facts.organization !== 'placeholder') return { because: 'clear' };
  const held = { outcome: 'hold', reason: 'organization_not_set', wake: 'organization_set' };
  return { because: 'organization_not_set', ending: held };
}

function askAbm(facts: Facts): Said {
  if (facts.sequence_type !== 'nurture') return { because: 'not_nurture' };
  if (!facts.abm_active) return { because: 'abm_inactive' };
  const ending = { outcome: 'block', reason: 'abm_active_suppression', wake: 'abm_ends' };
  return { because: 'nurture_under_abm', ending: { ...ending, notify_agents: [facts.requested_by] } };
}

function askTouchCap(facts: Facts, policy: Policy, now: Now): Said {
  if (facts.sequence_type === 'transactional') return { because: 'transactional' };
  const { max_touches_per_window, max_touches_per_day } = policy.touch_cap;
  const held = { outcome: 'hold', reason: 'touch_cap_exceeded' };
  if (max_touches_per_window === 0 || max_touches_per_day === 0)
    return { because: 'cap_zero', ending: { ...held, wake: 'policy_changes' } };
  if (now === null) return { because: 'clock_unreadable', ending: { ...held, wake: 'never' } };
  const window_is_full = countWindow(facts.touches, now, now, policy) >= max_touches_per_window;
  const day_is_full = touchesOnDayOf(facts, now, now).length >= max_touches_per_day;
  if (!window_is_full && !day_is_full) return { because: 'under_cap' };
  const because =
    window_is_full && day_is_full ? 'window_and_day_full' : window_is_full ? 'window_full' : 'day_full';
  for (const until of candidates(facts, policy, now)) {
    if (fits(facts, policy, now, until) && isOpen(facts, policy, until))
      return { because, ending: { ...held, until, wake: 'at_until' } };
  }
  throw new Error('the oracle found no instant at which the touch fits');
}

/**
 * A touch can begin to fit only when another leaves the window, a local day or its sending hours begin, or the clock
 * changes.
 */
function* candidates(facts: Facts, policy: Policy, now: Temporal.Instant): Generator<Temporal.Instant> {
  const { time_zone } = facts;
  const leaving = facts.touches.map((touch) =>
    timeOf(touch, now).add({ hours: policy.touch_cap.window_hours }),
  );
  const minutes = policy.business_hours.start_minute;
  const today = now.toZonedDateTimeISO(time_zone).toPlainDate();
  for (let days = 0; days < 80; days += 1) {
    const day = today.add({ days });
    const morning = day.toZonedDateTime(time_zone);
    const evening = day.add({ days: 1 }).toZonedDateTime(time_zone).toInstant();
    const opening = day.toPlainDateTime().add({ minutes });
    const changes = [morning.getTimeZoneTransition('next')].filter((change) => change !== null);
    const openings = (['earlier', 'later'] as const).map((disambiguation) =>
      opening.toZonedDateTime(time_zone, { disambiguation }),
    );
    const of_day = [morning, ...changes, ...openings].map((then) => then.toInstant());
    yield* [...of_day, ...leaving]
      .filter((then) => Temporal.Instant.compare(then, now) > 0)
      .filter((then) => Temporal.Instant.compare(then, morning.toInstant()) >= 0 || days === 0)
      .filter((then) => Temporal.Instant.compare(then, evening) < 0)
      .sort(Temporal.Instant.compare);
  }
}

/** Whether a message may be sent to the lead at that time, following the words of the policy. */
function isOpen({ time_zone, public_holidays }: Facts, policy: Policy, then: Temporal.Instant): boolean {
  const { business_hours: hours, holidays } = policy;
  const local = then.toZonedDateTimeISO(time_zone);
  const date = local.toPlainDate().toString();
  if (holidays.enforce && holidays.dates.includes(date)) return false;
  if (holidays.enforce && holidays.public && public_holidays.includes(date)) return false;
  if (!hours.enforce) return true;
  const minute = local.hour * 60 + local.minute;
  const is_day = hours.weekdays.includes(local.dayOfWeek);
  return is_day && minute >= hours.start_minute && minute < hours.end_minute;
}

function fits(facts: Facts, policy: Policy, now: Temporal.Instant, then: Temporal.Instant): boolean {
  const in_window = countWindow(facts.touches, now, then, policy);
  const { max_touches_per_window, max_touches_per_day } = policy.touch_cap;
  return in_window < max_touches_per_window && touchesOnDayOf(facts, now, then).length < max_touches_per_day;
}

function touchesOnDayOf(facts: Facts, now: Temporal.Instant, then: Temporal.Instant): TouchFact[] {
  const dayOf = (at: Temporal.Instant) => at.toZonedDateTimeISO(facts.time_zone).toPlainDate().toString();
  const day = dayOf(then);
  return facts.touches.filter(
    (touch) => dayOf(timeOf(touch, now)) === day || (touch.settled && touch.local_day === day),
  );
}

/** Without a readable current time, only pending touches are known to be in the window. */
function countWindow(touches: readonly TouchFact[], now: Now, then: Now, policy: Policy): number {
  if (now === null || then === null) return touches.filter(({ settled }) => !settled).length;
  const opened = then.subtract({ hours: policy.touch_cap.window_hours });
  return touches.filter((touch) => Temporal.Instant.compare(timeOf(touch, now), opened) > 0).length;
}

function timeOf(touch: TouchFact, now: Temporal.Instant): Temporal.Instant {
  return touch.settled ? Temporal.Instant.fromEpochMilliseconds(touch.at_ms) : now;
}

function askConcurrency(facts: Facts, policy: Policy, now: Now): Said {
  if (facts.sequence_type === 'transactional') return { because: 'transactional' };
  if (facts.side !== 'sales' && facts.side !== 'marketing') return { because: 'side_conflicts_with_none' };
  const tier = facts.icp_tier ?? policy.unknown_tier;
  const misrouted = tier === 'T3' && facts.side === 'sales';
  const flags = misrouted ? [{ kind: 'routing_error', for_agent: policy.routing_error_agent }] : [];
  if (misrouted && policy.t3_sales === 'refuse') {
    const later = after(now, policy.retry_hours);
    const reason = 'sales_on_t3';
    const refused = { outcome: 'refuse', reason, wake: null };
    const set_aside = { outcome: 'queue', reason, until: later, wake: 'at_until' };
    return { because: 't3_sales', ending: facts.moment === 'requested' ? refused : set_aside, flags };
  }
  const places = policy.sequences_per_side[facts.side];
  const own_side = places === null ? null : lineUp(facts);
  const place = own_side?.indexOf(null) ?? 0;
  if (own_side !== null && place >= places!) {
    const ending = { outcome: 'queue', reason: 'same_side_queued', until: null, wake: 'same_side_ends' };
    return { because: 'side_full', ending, flags };
  }
  const outranked = own_side?.slice(places!).map((one) => one!.enrollment_id) ?? [];
  return { ...settleByMatrix(facts, policy, now, outranked), flags, outranked };
}

/** The sequences of the asker's side, the first to run first; null is the asker. Each is put before the first it precedes. */
function lineUp({ active_sequences, side, priority, sequence_type, earlier_count }: Facts) {
  const ORDER = ['onboarding', 'closing', 'prospecting', 'nurture'];
  const asker = { priority, sequence_type, one: null };
  const all = active_sequences.map((one) => ({
    priority: one.priority,
    sequence_type: one.sequence_type,
    one: one.side === side && one.sequence_type !== 'transactional' ? one : undefined,
  }));
  const begun = [
    ...all.slice(0, earlier_count ?? all.length),
    asker,
    ...(earlier_count === null ? [] : all.slice(earlier_count)),
  ];
  const line: typeof begun = [];
  for (const next of begun) {
    if (next.one === undefined) continue;
    const before = line.findIndex(
      (other) =>
        other.priority < next.priority ||
        (other.priority === next.priority &&
          ORDER.indexOf(other.sequence_type) > ORDER.indexOf(next.sequence_type)),
    );
    line.splice(before === -1 ? line.length : before, 0, next);
  }
  return line.map(({ one }) => one ?? null);
}

function settleByMatrix(facts: Facts, policy: Policy, now: Now, outranked: readonly string[]): Said {
  const tier = facts.icp_tier ?? policy.unknown_tier;
  const reason = 'conflict_resolved_queued';
  const rivals = facts.active_sequences.filter((active) => {
    const other = facts.side === 'sales' ? 'marketing' : 'sales';
    return active.side === other && active.sequence_type !== 'transactional';
  });
  if (rivals.length === 0)
    return { because: outranked.length === 0 ? 'other_side_inactive' : 'outranks_same_side' };
  const sales = facts.sales_signal_at_ms ?? Number.NEGATIVE_INFINITY;
  const marketing = facts.marketing_signal_at_ms ?? Number.NEGATIVE_INFINITY;
  const fresher = sales >= marketing ? 'sales_fresher' : 'marketing_fresher';
  const because = `${tier.toLowerCase()}_${fresher}`;
  const row = policy.conflict_matrix[tier][fresher];
  const back = row.loser_queued_hours === null ? null : after(now, row.loser_queued_hours);
  const hours = row.loser_queued_hours;
  const hasWaited = (since: number | null | undefined) =>
    hours !== null && since != null && facts.now_ms >= since + hours * 3_600_000;
  if (row.winner === facts.side) {
    const waiting = rivals.filter((rival) => !hasWaited(rival.conflict_since_ms));
    if (waiting.length === 0) return { because };
    return { because, losers: waiting.map((rival) => rival.enrollment_id), loser_until: back };
  }
  if (hasWaited(facts.conflict_since_ms)) return { because: 'wait_over' };
  const wake = row.loser_queued_hours === null ? 'other_side_ends' : 'at_until';
  return { because, ending: { outcome: 'queue', reason, until: back, wake } };
}

function askTransition(facts: Facts, policy: Policy, now: Now): Said {
  const { sequence_type, cadence_state, moment } = facts;
  const reason = 'illegal_transition';
  const refused = { outcome: 'refuse', reason, wake: null };
  if (cadence_state === 'paused') {
    if (sequence_type === 'transactional') return { because: 'paused_admits_transactional' };
    const held = { outcome: 'hold', reason, wake: 'lead_resumes' };
    return { because: 'lead_paused', ending: moment === 'requested' ? refused : held };
  }
  const moves = policy.legal_moves[sequence_type];
  if (moves === 'any' || moves.some((state) => state === cadence_state)) return { because: 'legal_move' };
  if (moment === 'requested') return { because: 'illegal_move', ending: refused };
  if (cadence_state === sequence_type) return { because: 'own_state' };
  const until = after(now, policy.retry_hours);
  return { because: 'out_of_place', ending: { outcome: 'queue', reason, until, wake: 'at_until' } };
}

function after(now: Now, hours: number): Now {
  return now === null ? null : now.add({ hours });
}
