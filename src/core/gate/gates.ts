/**
 * Every touch passes the gates three times: when its sequence is requested, when its step is dispatched, and when the
 * approved message is sent.
 */
import { GATE_NAME_VALUES } from '../../schema.gen.ts';
import type { Decision, GateName, GateTrace, SuppressedReason } from './decision.ts';
import type { Facts } from './facts.ts';
import { abmBackstop } from './gates/abm_backstop.ts';
import { compliance } from './gates/compliance.ts';
import { concurrency } from './gates/concurrency.ts';
import { type Gate, NOTHING, type ReasonWords } from './gates/gate.ts';
import { touchCap } from './gates/touch_cap.ts';
import { transition } from './gates/transition.ts';
import type { Policy } from './policy.ts';
import { touchesInWindow } from './touch_window.ts';

const BY_NAME = {
  compliance,
  abm_backstop: abmBackstop,
  touch_cap: touchCap,
  concurrency,
  transition,
} satisfies { [Name in GateName]: Gate<Name> };

/** In the order of the schema, which is that of the AGT-302 specification. */
export const GATES: readonly Gate[] = GATE_NAME_VALUES.map((name) => BY_NAME[name]);

/** The words of every reason, from the gate that gives it. A reason without a gate fails the type check here. */
export const REASONS: Readonly<Record<SuppressedReason, ReasonWords>> = reasonsOf(BY_NAME);

/**
 * Runs the gates in order; the first that does not pass ends the decision. Pure and total: the same facts and policy give
 * the same decision on any machine at any time, and no facts make it throw. The trace holds every gate that ran. An `allow`
 * may name enrollments to pause, and any decision may request flags.
 */
export function decide(facts: Facts, policy: Policy): Decision {
  const touches_in_window = touchesInWindow(facts.touches, facts.now_ms, policy.touch_cap.window_hours);
  const trace: GateTrace[] = [];
  let losers: Decision['losers'] = NOTHING;
  let loser_until_ms: number | null = null;
  let outranked: Decision['outranked'] = NOTHING;
  let flags: Decision['flags'] = NOTHING;
  for (const gate of GATES) {
    const answer = gate.ask(facts, policy);
    const { says } = answer.trace;
    trace.push(answer.trace);
    if (answer.flags.length > 0) flags = answer.flags;
    if (says !== 'pass') {
      return {
        facts,
        outcome: says,
        reason: answer.reason,
        until_ms: answer.until_ms,
        wake: answer.wake,
        losers: NOTHING,
        loser_until_ms: null,
        outranked: NOTHING,
        flags,
        notify_agents: answer.notify_agents,
        touches_in_window,
        trace,
      };
    }
    if (answer.losers.length > 0) {
      losers = answer.losers;
      loser_until_ms = answer.loser_until_ms;
    }
    if (answer.outranked.length > 0) outranked = answer.outranked;
  }
  return {
    facts,
    outcome: 'allow',
    reason: null,
    until_ms: null,
    wake: null,
    losers,
    loser_until_ms,
    outranked,
    flags,
    notify_agents: NOTHING,
    touches_in_window,
    trace,
  };
}

type ReasonIn<Known> = Known extends { reasons: infer Reasons } ? keyof Reasons : never;

function reasonsOf<Named extends Readonly<Record<string, Gate>>>(gates: Named) {
  const reasons = Object.values(gates).flatMap((gate) => Object.entries(gate.reasons));
  return Object.fromEntries(reasons) as Record<ReasonIn<Named[keyof Named]>, ReasonWords>;
}
