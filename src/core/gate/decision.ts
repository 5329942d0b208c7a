/** The gate's decisions. Pure data: the shell stores them unchanged, and `explain` reads them back. */

import type { GateMoment, GateName, SuppressedReason, WakeCondition } from '../../schema.gen.ts';
import type { Facts } from './facts.ts';

/** The three moments at which the gates run. A pass at one never carries over to the next. */
export type Moment = GateMoment;

/** The gates run in the order of the schema (specification of AGT-302). */
export type { GateName };

/**
 * - `allow`: every gate passed.
 * - `hold`: not now; the gates run again at `until` (touch cap).
 * - `queue`: another sequence has priority; the gates run again at `until`, or when the winner's sequence ends.
 * - `block`: never in this state of the lead or its account (compliance, ABM).
 * - `refuse`: the request itself is wrong (illegal move, sales on T3).
 */
export type Outcome = 'allow' | 'hold' | 'queue' | 'block' | 'refuse';

/** The specification's four suppression reasons and ours; `REASONS` in gates.ts has their words. */
export type { SuppressedReason };

/**
 * The condition for the gates to run again. `at_until` names an instant, `never` makes the answer final; null goes with
 * `allow` and `refuse`, which leave nothing waiting.
 */
export type Wake = WakeCondition;

/** One gate's answer with the facts it saw, for the trace. Values are plain JSON. */
export type GateTrace = {
  gate: GateName;
  says: 'pass' | Exclude<Outcome, 'allow'>;
  /** A stable word for the exact case (`window_full`, `t2_sales_fresher`). */
  because: string;
  saw: Record<string, string | number | boolean | null | readonly string[]>;
};

/** A flag for the shell to raise (a routing error for AGT-202). */
export type FlagRequest = { kind: 'routing_error' | 'concurrency'; for_agent: string };

export type Decision = {
  /** The facts decided upon; the log keeps them with the trace. */
  facts: Facts;
  outcome: Outcome;
  /** Null exactly when the outcome is `allow`. */
  reason: SuppressedReason | null;
  /** Epoch milliseconds at which the gates run again. Null if no instant is known: then `wake` names the condition. */
  until_ms: number | null;
  wake: Wake | null;
  /** Enrollments of the other side that lose to this one and pause until `loser_until_ms`. */
  losers: readonly string[];
  loser_until_ms: number | null;
  /** Enrollments of the same side that find no place beside this one and pause until a place is free. */
  outranked: readonly string[];
  flags: readonly FlagRequest[];
  /** Agents to notify of the suppression (the ABM backstop notifies the requesting agent). */
  notify_agents: readonly string[];
  /** Touches that counted in the window at the decision: the event's `touch_cap_at_event`. */
  touches_in_window: number;
  trace: readonly GateTrace[];
};
