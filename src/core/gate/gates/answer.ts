/** The form in which every gate answers: what it says and saw, and what follows if it ends the decision. */
import type {
  Decision,
  FlagRequest,
  GateName,
  GateTrace,
  Outcome,
  SuppressedReason,
  Wake,
} from '../decision.ts';
import type { Facts } from '../facts.ts';
import type { Policy } from '../policy.ts';

/** A gate: pure, and total over all facts. */
export type Gate = (facts: Facts, policy: Policy) => GateAnswer;

export type GateAnswer = Omit<Decision, 'outcome' | 'touches_in_window' | 'trace'> & { trace: GateTrace };

type Saw = GateTrace['saw'];

/** The one empty list: frozen, shared by all answers. */
export const NOTHING: readonly never[] = Object.freeze([]);

/** The gate lets it through. `extra` is what a pass may still ask of the shell: losers and flags. */
export function pass(
  gate: GateName,
  because: string,
  saw: Saw,
  extra?: { losers: readonly string[]; loser_until_ms: number | null; flags: readonly FlagRequest[] },
): GateAnswer {
  return {
    trace: { gate, says: 'pass', because, saw },
    reason: null,
    until_ms: null,
    wake: null,
    losers: extra?.losers ?? NOTHING,
    loser_until_ms: extra?.loser_until_ms ?? null,
    flags: extra?.flags ?? NOTHING,
    notify_agents: NOTHING,
  };
}

/** The gate ends the decision. */
export function stop(
  gate: GateName,
  because: string,
  saw: Saw,
  end: {
    outcome: Exclude<Outcome, 'allow'>;
    reason: SuppressedReason;
    until_ms: number | null;
    wake: Wake | null;
    flags?: readonly FlagRequest[];
    notify_agents?: readonly string[];
  },
): GateAnswer {
  return {
    trace: { gate, says: end.outcome, because, saw },
    reason: end.reason,
    until_ms: end.until_ms,
    wake: end.wake,
    losers: NOTHING,
    loser_until_ms: null,
    flags: end.flags ?? NOTHING,
    notify_agents: end.notify_agents ?? NOTHING,
  };
}
