import { GATES, SAYS } from '../ui/gate_words.gen.ts';

/** Gates of a newer server have no label here. */
const LABELS: Readonly<Record<string, string>> = GATES;
const ANSWERS: Readonly<Record<string, string>> = SAYS;

/** A wait is no refusal. */
const TONES: Readonly<Record<string, string>> = {
  pass: 'badge',
  hold: 'badge badge_strong',
  queue: 'badge badge_strong',
};

export type Gate = { gate: string; says: string; text: string };

/** Folds the checked gates in their order; the last one decided. */
export function FoldedGates({ gates }: { gates: readonly Gate[] }) {
  if (gates.length === 0) return null;
  return (
    <details className="gates_fold">
      <summary>{gates.length === 1 ? '1 gate checked' : `${gates.length} gates checked`}</summary>
      <Gates gates={gates} />
    </details>
  );
}

export function Gates({ gates }: { gates: readonly Gate[] }) {
  return (
    <ol className="gates">
      {gates.map(({ gate, says, text }) => (
        <li key={gate} data-says={says}>
          <strong>{LABELS[gate] ?? gate.replaceAll('_', ' ')}</strong>{' '}
          <span className={TONES[says] ?? 'badge badge_bad'}>{ANSWERS[says] ?? says}</span>
          <br />
          {text}
        </li>
      ))}
    </ol>
  );
}
