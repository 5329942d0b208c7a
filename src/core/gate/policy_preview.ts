/**
 * What a decision of the log would have been by another policy. A decision keeps what its gates saw, and the gates after the one
 * that ended it saw nothing: so much can be told, and no more.
 */
import type { GateMoment, SuppressedReason } from '../../schema.gen.ts';
import type { GateName, GateTrace, Outcome } from './decision.ts';
import type { CadenceState, Facts, IcpTier, SequenceType, Side } from './facts.ts';
import { concurrency } from './gates/concurrency.ts';
import { transition } from './gates/transition.ts';
import type { Policy } from './policy.ts';

/** A decision as it lies in the log. */
export type StoredDecision = {
  moment: GateMoment;
  at_ms: number;
  trace: readonly GateTrace[];
  /** By which it was made. */
  policy_then: Policy;
};

/** `is_certain` false: it gets past the gate that ended it, and what comes after that one was never asked. */
export type Replayed = { outcome: Outcome; reason: SuppressedReason | null; is_certain: boolean };

type Answer = { says: GateTrace['says']; reason: SuppressedReason | null };

/** The parts of the policy that these gates read; what else changes is about when messages leave, or about other things. */
export const REPLAYED_KEYS: readonly (keyof Policy)[] = [
  'touch_cap',
  'conflict_matrix',
  'unknown_tier',
  't3_sales',
  'legal_moves',
];

/** Null: what the gates saw does not tell it. How long something waits is not replayed. */
export function replay(stored: StoredDecision, policy: Policy): Replayed | null {
  for (const gate of GATES) {
    const seen = stored.trace.find((trace) => trace.gate === gate);
    if (seen === undefined) return { outcome: 'allow', reason: null, is_certain: false };
    const answer = REPLAY[gate](seen, stored, policy);
    if (answer === null) return null;
    if (answer.says !== 'pass') return { outcome: answer.says, reason: answer.reason, is_certain: true };
  }
  return { outcome: 'allow', reason: null, is_certain: true };
}

/** What it was. */
export function outcomeOf(trace: readonly GateTrace[]): Outcome {
  const says = trace.at(-1)?.says ?? 'pass';
  return says === 'pass' ? 'allow' : says;
}

const GATES: readonly GateName[] = ['compliance', 'abm_backstop', 'touch_cap', 'concurrency', 'transition'];
const PASS: Answer = { says: 'pass', reason: null };

const REPLAY: Record<GateName, (seen: GateTrace, stored: StoredDecision, policy: Policy) => Answer | null> = {
  // The law and ABM ask no policy.
  compliance: ({ says, because }) => ({
    says,
    reason: says === 'pass' ? null : because === 'organization_not_set' ? because : 'compliance_block',
  }),
  abm_backstop: ({ says }) => ({ says, reason: says === 'pass' ? null : 'abm_active_suppression' }),
  touch_cap: replayTouchCap,
  concurrency: replayConcurrency,
  transition: ({ saw }, { moment, at_ms }, policy) => {
    const { sequence_type, cadence_state } = saw;
    if (typeof sequence_type !== 'string' || typeof cadence_state !== 'string') return null;
    const asked = { moment, now_ms: at_ms, sequence_type: sequence_type as SequenceType };
    return answerOf(
      transition.ask({ ...NOBODY, ...asked, cadence_state: cadence_state as CadenceState }, policy),
    );
  },
};

/** A window of another length holds fewer or more of the touches that were counted: then only bounds are known. */
function replayTouchCap({ because, saw, says }: GateTrace, stored: StoredDecision, policy: Policy) {
  const { max_touches_per_window, max_touches_per_day, window_hours } = policy.touch_cap;
  const held: Answer = { says: 'hold', reason: 'touch_cap_exceeded' };
  if (because === 'transactional') return PASS;
  if (max_touches_per_window <= 0 || max_touches_per_day <= 0) return held;
  if (because === 'clock_unreadable') return says === 'pass' ? PASS : held;
  const { touches_in_window, touches_today } = saw;
  if (typeof touches_in_window !== 'number' || typeof touches_today !== 'number') return null;
  if (touches_today >= max_touches_per_day) return held;
  const hours_then = stored.policy_then.touch_cap.window_hours;
  const is_full = touches_in_window >= max_touches_per_window;
  if (is_full) return window_hours >= hours_then ? held : null;
  return window_hours <= hours_then ? PASS : null;
}

function replayConcurrency({ because, saw }: GateTrace, stored: StoredDecision, policy: Policy) {
  const { side, icp_tier, sales_signal_at_ms, marketing_signal_at_ms, other_side_active } = saw;
  if (because === 'transactional' || because === 'side_conflicts_with_none') return PASS;
  if (typeof side !== 'string') return null;
  if (because === 'other_side_inactive')
    return side !== 'sales' || wasNotT3(stored.policy_then, policy) ? PASS : null;
  if (icp_tier === undefined) return null;
  const other_side: Side = side === 'sales' ? 'marketing' : 'sales';
  const others = Array.isArray(other_side_active) ? (other_side_active as readonly string[]) : [];
  return answerOf(
    concurrency.ask(
      {
        ...NOBODY,
        moment: stored.moment,
        now_ms: stored.at_ms,
        side: side as Side,
        icp_tier: icp_tier as IcpTier | null,
        sales_signal_at_ms: numberOf(sales_signal_at_ms),
        marketing_signal_at_ms: numberOf(marketing_signal_at_ms),
        active_sequences: others.map((enrollment_id) => ({
          enrollment_id,
          sequence_type: 'prospecting',
          side: other_side,
        })),
      },
      policy,
    ),
  );
}

/** Sales got through and its tier was not written down: whether the new policy takes none of these for a T3 that it refuses. */
function wasNotT3(then: Policy, now: Policy): boolean {
  if (now.t3_sales === 'flag_only') return true;
  return then.t3_sales === 'refuse' && (now.unknown_tier !== 'T3' || then.unknown_tier === 'T3');
}

function answerOf({ trace, reason }: { trace: GateTrace; reason: SuppressedReason | null }): Answer {
  return { says: trace.says, reason };
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

/** What the gate that is asked does not look at. */
const NOBODY: Facts = {
  moment: 'requested',
  now_ms: 0,
  time_zone: 'UTC',
  public_holidays: [],
  requested_by: '',
  sequence_type: 'prospecting',
  side: 'none',
  unsubscribe_flag: false,
  opt_out_flag: false,
  suppressed_address: false,
  organization: 'not_asked',
  abm_active: false,
  icp_tier: null,
  sales_signal_at_ms: null,
  marketing_signal_at_ms: null,
  touches: [],
  active_sequences: [],
  cadence_state: 'idle',
};
