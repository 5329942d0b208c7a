/**
 * The gate a second time, written from the specification alone and as plainly as it can be said: no shared
 * code with `src/core`, no cache, no arithmetic on days. It is slow, and it is what the gate is compared with.
 */
import type { Facts, TouchFact } from '../../src/core/gate/facts.ts';
import type { Policy } from '../../src/core/gate/policy.ts';

export type Verdict = {
  outcome: string;
  reason: string | null;
  until_ms: number | null;
  wake: string | null;
  losers: string[];
  loser_until_ms: number | null;
  flags: { kind: string; for_agent: string }[];
  notify_agents: string[];
  touches_in_window: number;
  gates_asked: string[];
};

type Ending = { outcome: string; reason: string; until?: Temporal.Instant | null; wake: string | null };

type Conflict = {
  ending: Ending | null;
  losers: string[];
  loser_until: Temporal.Instant | null;
  flags: Verdict['flags'];
};

const GATE_ORDER = ['compliance', 'abm_backstop', 'touch_cap', 'concurrency', 'transition'];

export function oracle(facts: Facts, policy: Policy): Verdict {
  const now = Temporal.Instant.fromEpochMilliseconds(facts.now_ms);
  const conflict = askConcurrency(facts, policy, now);
  const answers = [
    askCompliance(facts),
    askAbm(facts),
    askTouchCap(facts, policy, now),
    conflict.ending,
    askTransition(facts, policy, now),
  ];
  const ended_by = answers.findIndex((answer) => answer !== null);
  const ending = answers[ended_by] ?? null;
  const asked = ended_by === -1 ? GATE_ORDER : GATE_ORDER.slice(0, ended_by + 1);
  return {
    outcome: ending?.outcome ?? 'allow',
    reason: ending?.reason ?? null,
    until_ms: ending?.until?.epochMilliseconds ?? null,
    wake: ending?.wake ?? null,
    losers: ending === null ? conflict.losers : [],
    loser_until_ms: ending === null ? (conflict.loser_until?.epochMilliseconds ?? null) : null,
    flags: asked.includes('concurrency') ? conflict.flags : [],
    notify_agents: ending?.wake === 'abm_ends' ? [facts.requested_by] : [],
    touches_in_window: countWindow(facts.touches, now, now, policy),
    gates_asked: asked,
  };
}

function askCompliance(facts: Facts): Ending | null {
  if (facts.unsubscribe_flag || facts.opt_out_flag || facts.suppressed_address) {
    return { outcome: 'block', reason: 'compliance_block', wake: 'never' };
  }
  if (facts.organization === 'placeholder') {
    return { outcome: 'hold', reason: 'organization_not_set', wake: 'organization_set' };
  }
  return null;
}

function askAbm(facts: Facts): Ending | null {
  if (facts.sequence_type === 'nurture' && facts.abm_active) {
    return { outcome: 'block', reason: 'abm_active_suppression', wake: 'abm_ends' };
  }
  return null;
}

function askTouchCap(facts: Facts, policy: Policy, now: Temporal.Instant): Ending | null {
  if (facts.sequence_type === 'transactional') return null;
  const { max_touches_per_window, max_touches_per_day } = policy.touch_cap;
  if (max_touches_per_window === 0 || max_touches_per_day === 0) {
    return { outcome: 'hold', reason: 'touch_cap_exceeded', wake: 'policy_changes' };
  }
  if (fits(facts, policy, now, now)) return null;
  for (const then of candidates(facts, policy, now)) {
    if (!fits(facts, policy, now, then) || !isOpen(facts, policy, then)) continue;
    return { outcome: 'hold', reason: 'touch_cap_exceeded', until: then, wake: 'at_until' };
  }
  throw new Error('the oracle found no instant at which the touch fits');
}

/** A touch can begin to fit only when another leaves the window, a local day or its hours begin, or the clock is changed. */
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

/** Whether a message may leave to the lead then, as the policy says it in words. */
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
  const day = then.toZonedDateTimeISO(facts.time_zone).toPlainDate().toString();
  const on_day = facts.touches.filter((touch) => {
    const touch_day = timeOf(touch, now).toZonedDateTimeISO(facts.time_zone).toPlainDate().toString();
    return touch_day === day || (touch.settled && touch.local_day === day);
  });
  const in_window = countWindow(facts.touches, now, then, policy);
  const { max_touches_per_window, max_touches_per_day } = policy.touch_cap;
  return in_window < max_touches_per_window && on_day.length < max_touches_per_day;
}

function countWindow(
  touches: readonly TouchFact[],
  now: Temporal.Instant,
  then: Temporal.Instant,
  policy: Policy,
): number {
  const opened = then.subtract({ hours: policy.touch_cap.window_hours });
  return touches.filter((touch) => Temporal.Instant.compare(timeOf(touch, now), opened) > 0).length;
}

function timeOf(touch: TouchFact, now: Temporal.Instant): Temporal.Instant {
  return touch.settled ? Temporal.Instant.fromEpochMilliseconds(touch.at_ms) : now;
}

function askConcurrency(facts: Facts, policy: Policy, now: Temporal.Instant): Conflict {
  const nothing = { ending: null, losers: [], loser_until: null, flags: [] };
  const competes = facts.side === 'sales' || facts.side === 'marketing';
  if (!competes || facts.sequence_type === 'transactional') return nothing;
  const tier = facts.icp_tier ?? policy.unknown_tier;
  const misrouted = tier === 'T3' && facts.side === 'sales';
  const flags = misrouted ? [{ kind: 'routing_error', for_agent: policy.routing_error_agent }] : [];
  const queued = { outcome: 'queue', reason: 'conflict_resolved_queued' };
  if (misrouted && policy.t3_sales === 'refuse') {
    const later = now.add({ hours: policy.retry_hours });
    const refused = { outcome: 'refuse', reason: 'conflict_resolved_queued', wake: null };
    const set_aside = { ...queued, until: later, wake: 'at_until' };
    return { ...nothing, ending: facts.moment === 'requested' ? refused : set_aside, flags };
  }
  const rivals = facts.active_sequences.filter((active) => {
    const other = facts.side === 'sales' ? 'marketing' : 'sales';
    return active.side === other && active.sequence_type !== 'transactional';
  });
  if (rivals.length === 0) return { ...nothing, flags };
  const sales = facts.sales_signal_at_ms ?? Number.NEGATIVE_INFINITY;
  const marketing = facts.marketing_signal_at_ms ?? Number.NEGATIVE_INFINITY;
  const row = policy.conflict_matrix[tier][sales >= marketing ? 'sales_fresher' : 'marketing_fresher'];
  const back = row.loser_queued_hours === null ? null : now.add({ hours: row.loser_queued_hours });
  if (row.winner === facts.side) {
    return { ending: null, losers: rivals.map((rival) => rival.enrollment_id), loser_until: back, flags };
  }
  const ending = { ...queued, until: back, wake: back === null ? 'other_side_ends' : 'at_until' };
  return { ...nothing, ending, flags };
}

function askTransition(facts: Facts, policy: Policy, now: Temporal.Instant): Ending | null {
  const { sequence_type, cadence_state, moment } = facts;
  const running = moment !== 'requested';
  const moves = policy.legal_moves[sequence_type];
  const listed = moves === 'any' || moves.some((state) => state === cadence_state);
  const stays = running && cadence_state === sequence_type;
  if (cadence_state === 'paused' && sequence_type === 'transactional') return null;
  if (cadence_state !== 'paused' && (listed || stays)) return null;
  if (!running) return { outcome: 'refuse', reason: 'illegal_transition', wake: null };
  if (cadence_state === 'paused')
    return { outcome: 'hold', reason: 'illegal_transition', wake: 'lead_resumes' };
  const until = now.add({ hours: policy.retry_hours });
  return { outcome: 'queue', reason: 'illegal_transition', until, wake: 'at_until' };
}
