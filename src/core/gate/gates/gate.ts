/** The form of every gate: what it asks, how it answers, and its words. A gate is one file; `gates.ts` lists them. */
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

/** What the words of a case may need besides the facts that the gate saw. */
export type About = {
  /** An instant in the lead's zone, as text. */
  when(at_ms: number): string;
  /** Hours of the window, where the decision was made by the policy in force; else null. */
  window_hours: number | null;
};

/** One case of a gate in words. */
export type CaseWords = {
  /** One or two sentences that stand alone. */
  text: string | ((saw: Saw, about: About, says: Says) => string);
  /** Why the gate stopped, within a sentence, where the reason's own words say less. */
  why?: string;
  /** The same of many leads, within a sentence. */
  leads?: string;
};

/** A reason for not contacting someone: a label for filters and badges, and the words within a sentence. */
export type ReasonWords = { label: string; why: string };

type Declared<Name extends GateName, Case extends string, Reason extends SuppressedReason> = {
  name: Name;
  label: string;
  /** The parts of the policy that change the gate's answer, not only until when something waits. */
  decides_by: readonly (keyof Policy)[];
  cases: Readonly<Record<Case, CaseWords>>;
  reasons: Readonly<Record<Reason, ReasonWords>>;
};

export type Gate<Name extends GateName = GateName> = Omit<
  Declared<Name, string, SuppressedReason>,
  'reasons'
> & { reasons: Readonly<Partial<Record<SuppressedReason, ReasonWords>>>; ask: Ask };

/** The one empty list: frozen, shared by all answers. */
export const NOTHING: readonly never[] = Object.freeze([]);

/** What a pass may ask of the shell: losers and flags. */
type Extra = { losers: readonly string[]; loser_until_ms: number | null; flags: readonly FlagRequest[] };

type End<Reason> = {
  outcome: Exclude<Outcome, 'allow'>;
  reason: Reason;
  until_ms: number | null;
  wake: Wake | null;
  flags?: readonly FlagRequest[];
  notify_agents?: readonly string[];
};

/** A gate's words, the two answers that it can give by them, and what makes it a gate. */
export function declareGate<Name extends GateName, Case extends string, Reason extends SuppressedReason>(
  declared: Declared<Name, Case, Reason>,
) {
  const gate = declared.name;
  return {
    /** The gate passes. */
    pass: (because: Case, saw: Saw, extra?: Extra): GateAnswer => ({
      trace: { gate, says: 'pass', because, saw },
      reason: null,
      until_ms: null,
      wake: null,
      losers: extra?.losers ?? NOTHING,
      loser_until_ms: extra?.loser_until_ms ?? null,
      flags: extra?.flags ?? NOTHING,
      notify_agents: NOTHING,
    }),
    /** The gate ends the decision. */
    stop: (because: Case, saw: Saw, end: End<Reason>): GateAnswer => ({
      trace: { gate, says: end.outcome, because, saw },
      reason: end.reason,
      until_ms: end.until_ms,
      wake: end.wake,
      losers: NOTHING,
      loser_until_ms: null,
      flags: end.flags ?? NOTHING,
      notify_agents: end.notify_agents ?? NOTHING,
    }),
    gate: (ask: Ask) => ({ ...declared, ask }),
  };
}
