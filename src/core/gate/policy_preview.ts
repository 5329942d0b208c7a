/** Decides a logged decision again under another policy, from the stored facts. */
import type { SuppressedReason } from '../../schema.gen.ts';
import type { GateTrace, Outcome } from './decision.ts';
import type { Facts } from './facts.ts';
import { decide, GATES } from './gates.ts';
import type { Policy } from './policy.ts';

/** A logged decision and the policy that made it. */
export type StoredDecision = { facts: Facts; policy_then: Policy };

export type Replayed = { outcome: Outcome; reason: SuppressedReason | null };

/** The parts of the policy that the gates decide by; the others change send times or unrelated behavior. */
export const REPLAYED_KEYS: readonly (keyof Policy)[] = GATES.flatMap(({ decides_by }) => decides_by);

/** Null: a longer window counts touches that were too old to be read then. The length of waits is not replayed. */
export function replay({ facts, policy_then }: StoredDecision, policy: Policy): Replayed | null {
  const { outcome, reason, trace } = decide(facts, policy);
  const is_longer = policy.touch_cap.window_hours > policy_then.touch_cap.window_hours;
  // More touches could only have held what the touch cap passed.
  const is_untold =
    is_longer && trace.some(({ gate, because }) => gate === 'touch_cap' && because === 'under_cap');
  return is_untold ? null : { outcome, reason };
}

/** The outcome of a stored trace. */
export function outcomeOf(trace: readonly GateTrace[]): Outcome {
  const says = trace.at(-1)?.says ?? 'pass';
  return says === 'pass' ? 'allow' : says;
}
