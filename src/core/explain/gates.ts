/** What each gate said, and the facts it saw, in sentences. */
import type { Json } from '../../schema.gen.ts';
import type { GateTrace } from '../gate/decision.ts';
import type { CaseWords } from '../gate/gates/gate.ts';
import { GATES, REASONS } from '../gate/gates.ts';
import { UNREACHABLE } from '../gate/unreachable.ts';
import { plainWords } from '../gate/words.ts';
import { isRecord } from '../json.ts';
import type { Speaker } from './words.ts';

export type GateContext = {
  speaker: Speaker;
  /** Hours of the window, where the decision was made by the policy that is in force; else null. */
  window_hours: number | null;
};

/** The name of a gate as people read it; that of an earlier version as it was stored. */
export function gateLabel(name: string): string {
  return GATES.find((gate) => gate.name === name)?.label ?? plainWords(name);
}

/** The exact case of a gate's answer, in one or two sentences that stand alone. */
export function gateSentence(trace: GateTrace, { speaker, window_hours }: GateContext): string {
  const words = CASES.get(`${trace.gate}.${trace.because}`);
  // A trace of an earlier version, whose word is no longer known.
  if (words === undefined) return `The gate answered “${plainWords(trace.because)}”.`;
  if (typeof words.text === 'string') return words.text;
  return words.text(trace.saw, { when: speaker.when, window_hours }, trace.says);
}

/** Why the gate stopped something, within a sentence: by the case that decided, where that says more than the reason. */
export function reasonWords(reason: string, because?: string | null): string {
  const known: Readonly<Record<string, { why: string }>> = REASONS;
  return BY_CASE.get(because ?? '')?.why ?? known[reason]?.why ?? plainWords(reason);
}

/** Why leads are not let in, for a count of them: the case that the gate named, without the facts of any one lead. */
export function leadsWords(because: string): string {
  if (because === UNREACHABLE) return 'no step reaches them: they lack the address for each';
  return BY_CASE.get(because)?.leads ?? plainWords(because);
}

/** The trace as it lies in the log. What has another form is left out: then there is nothing to say about it. */
export function readTrace(stored: Json | null): GateTrace[] {
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((entry) => {
    if (!isRecord(entry)) return [];
    const { gate, says, because, saw } = entry;
    if (typeof gate !== 'string' || typeof says !== 'string' || typeof because !== 'string') return [];
    return [{ gate, says, because, saw: isRecord(saw) ? saw : {} } as GateTrace];
  });
}

const CASES: ReadonlyMap<string, CaseWords> = new Map(
  GATES.flatMap(({ name, cases }) =>
    Object.entries(cases).map(([because, words]) => [`${name}.${because}`, words] as const),
  ),
);

/** Those that end a decision, by the case alone: no two gates end one by the same. */
const BY_CASE: ReadonlyMap<string, CaseWords> = new Map(
  GATES.flatMap(({ cases }) => Object.entries(cases).filter(([, words]) => words.leads ?? words.why)),
);
