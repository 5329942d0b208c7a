/**
 * What the gate may say. Pure data: the shell stores it as it is, and `explain` reads it back.
 */

import type { GateMoment, GateName, SuppressedReason, WakeCondition } from '../../schema.gen.ts';
import type { Facts } from './facts.ts';

/** The three moments at which the gate is asked. A pass at one is never carried to the next. */
export type Moment = GateMoment;

/** In the order of the schema, the gates are asked (specification of AGT-302). */
export type { GateName };

/**
 * - `allow`: go on.
 * - `hold`: not now; the same thing is asked again at `until` (touch cap).
 * - `queue`: the other side goes first; asked again at `until`, or when the winner's sequence ends.
 * - `block`: never in this state of the lead or its account (compliance, ABM).
 * - `refuse`: the request itself is wrong (illegal move, sales on T3).
 */
export type Outcome = 'allow' | 'hold' | 'queue' | 'block' | 'refuse';

/** The specification's four suppression reasons, and ours; `REASONS` in gates.ts has their words. */
export type { SuppressedReason };

/**
 * What has to happen before the same question is worth asking again. `at_until` names an instant, `never`
 * means that the answer stands; null goes with `allow` and `refuse`, after which nothing is waiting.
 */
export type Wake = WakeCondition;

/** One gate's answer with the facts it saw, for the trace. Values are plain JSON. */
export type GateTrace = {
  gate: GateName;
  says: 'pass' | Exclude<Outcome, 'allow'>;
  /** A stable word for the exact case, such as `window_full`, `t2_sales_fresher`. */
  because: string;
  saw: Record<string, string | number | boolean | null | readonly string[]>;
};

/** A flag that the decision asks the shell to raise, such as a routing error to AGT-202. */
export type FlagRequest = { kind: 'routing_error' | 'concurrency'; for_agent: string };

export type Decision = {
  /** What was decided upon; the log keeps it with the trace. */
  facts: Facts;
  outcome: Outcome;
  /** Null exactly when the outcome is `allow`. */
  reason: SuppressedReason | null;
  /**
   * Epoch milliseconds at which the same question is to be asked again. Null when no instant is known:
   * then `wake` says what has to happen first.
   */
  until_ms: number | null;
  wake: Wake | null;
  /** Enrollments of the other side that lose to this one and are to be paused until `loser_until_ms`. */
  losers: readonly string[];
  loser_until_ms: number | null;
  flags: readonly FlagRequest[];
  /** Agents to be told of the suppression (the ABM backstop tells the requesting agent). */
  notify_agents: readonly string[];
  /** Touches that counted in the window when the gate was asked: the event's `touch_cap_at_event`. */
  touches_in_window: number;
  trace: readonly GateTrace[];
};
