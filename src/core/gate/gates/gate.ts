/** The form of every gate: its question, its answers, and its words. Each gate is one file, listed in `gates.ts`. */
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

/** Pure, and total over all facts. */
export type Ask = (facts: Facts, policy: Policy) => GateAnswer;

export type GateAnswer = Omit<Decision, 'facts' | 'outcome' | 'touches_in_window' | 'trace'> & {
  trace: GateTrace;
};

type Saw = GateTrace['saw'];
type Says = GateTrace['says'];

/** Context for the words of a case, besides the facts that the gate saw. */
export type About = {
  /** Formats an instant in the lead's zone. */
  when(at_ms: number): string;
  /** Hours of the window if the current policy decided; else null. */
  window_hours: number | null;
};

export type CaseWords = {
  /** One or two self-contained sentences. */
  text: string | ((saw: Saw, about: About, says: Says) => string);
  /** Why the gate stopped, as part of a sentence, if more specific than the reason's own words. */
  why?: string;
  /** The same about many leads. */
  leads?: string;
};

/** A reason not to contact a lead: a label for filters and badges, and words for use in a sentence. */
export type ReasonWords = { label: string; why: string };

type Declared<Name extends GateName, Case extends string, Reason extends SuppressedReason> = {
  name: Name;
  label: string;
  /** The parts of the policy that change the gate's answer, not only the end of a wait. */
  decides_by: readonly (keyof Policy)[];
  cases: Readonly<Record<Case, CaseWords>>;
  reasons: Readonly<Record<Reason, ReasonWords>>;
};

export type Gate<Name extends GateName = GateName> = Omit<
  Declared<Name, string, SuppressedReason>,
  'reasons'
> & { reasons: Readonly<Partial<Record<SuppressedReason, ReasonWords>>>; ask: Ask };

/** Frozen, so all answers share it. */
export const NOTHING: readonly never[] = Object.freeze([]);

/** A pass may name losers and flags for the shell. */
type Extra = {
  losers?: readonly string[];
  loser_until_ms?: number | null;
  outranked?: readonly string[];
  flags: readonly FlagRequest[];
};

type End<Reason> = {
  outcome: Exclude<Outcome, 'allow'>;
  reason: Reason;
  until_ms: number | null;
  wake: Wake | null;
  flags?: readonly FlagRequest[];
  notify_agents?: readonly string[];
};

/** Builds a gate's answers from its words. */
export function declareGate<Name extends GateName, Case extends string, Reason extends SuppressedReason>(
  declared: Declared<Name, Case, Reason>,
) {
  const gate = declared.name;
  return {
    pass: (because: Case, saw: Saw, extra?: Extra): GateAnswer => ({
      trace: { gate, says: 'pass', because, saw },
      reason: null,
      until_ms: null,
      wake: null,
      losers: extra?.losers ?? NOTHING,
      loser_until_ms: extra?.loser_until_ms ?? null,
      outranked: extra?.outranked ?? NOTHING,
      flags: extra?.flags ?? NOTHING,
      notify_agents: NOTHING,
    }),
    stop: (because: Case, saw: Saw, end: End<Reason>): GateAnswer => ({
      trace: { gate, says: end.outcome, because, saw },
      reason: end.reason,
      until_ms: end.until_ms,
      wake: end.wake,
      losers: NOTHING,
      loser_until_ms: null,
      outranked: NOTHING,
      flags: end.flags ?? NOTHING,
      notify_agents: end.notify_agents ?? NOTHING,
    }),
    gate: (ask: Ask) => ({ ...declared, ask }),
  };
}
