/** Each gate's answer and the facts it saw, in sentences. */
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
  /** Hours of the window if the current policy decided; else null. */
  window_hours: number | null;
};

/** The display name of a gate; for a gate of an earlier version, its stored name. */
export function gateLabel(name: string): string {
  return GATES.find((gate) => gate.name === name)?.label ?? plainWords(name);
}

/** The exact case of a gate's answer, in one or two self-contained sentences. */
export function gateSentence(trace: GateTrace, { speaker, window_hours }: GateContext): string {
  const words = CASES.get(`${trace.gate}.${trace.because}`);
  // A trace of an earlier version, with a case no longer known.
  if (words === undefined) return `The gate answered “${plainWords(trace.because)}”.`;
  if (typeof words.text === 'string') return words.text;
  return words.text(trace.saw, { when: speaker.when, window_hours }, trace.says);
}

/** Why the gate stopped something, as part of a sentence: from the deciding case if it is more specific than the reason. */
export function reasonWords(reason: string, because?: string | null): string {
  const known: Readonly<Record<string, { why: string }>> = REASONS;
  return BY_CASE.get(because ?? '')?.why ?? known[reason]?.why ?? plainWords(reason);
}

/** Why leads are not enrolled, for a count of them: the gate's case without one lead's facts. */
export function leadsWords(because: string): string {
  if (because === UNREACHABLE) return 'no step can reach them: they have no address for any of its channels';
  return BY_CASE.get(because)?.leads ?? plainWords(because);
}

/** The stored trace. Entries of another form are left out. */
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

/** The cases that end a decision. No two gates share one. */
const BY_CASE: ReadonlyMap<string, CaseWords> = new Map(
  GATES.flatMap(({ cases }) => Object.entries(cases).filter(([, words]) => words.leads ?? words.why)),
);
