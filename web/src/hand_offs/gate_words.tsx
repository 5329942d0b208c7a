import { reasonName, wakeWords } from '../ui/reasons.ts';
import { Time } from '../ui/time.tsx';
import type { GateAnswer } from './hand_off.ts';
import { OUTCOME_WORDS } from './words.ts';

type GateWordsProps = { answer: GateAnswer | undefined; is_asking: boolean };

/** Gate preview. The line is there before the decision, so that nothing moves. */
export function GateWords({ answer, is_asking }: GateWordsProps) {
  if (answer === undefined) {
    return <span className="gate_words muted">{is_asking ? 'Checking gates…' : ' '}</span>;
  }
  const { before, tone } = OUTCOME_WORDS[answer.outcome] ?? { before: answer.outcome, tone: 'bad' };
  return (
    <span className={`gate_words gate_words_${tone}`}>
      {before}
      <Rest {...answer} />
    </span>
  );
}

type RestProps = { outcome: string | null; reason: string | null; until: string | null; wake: string | null };

/** End of the wait, and reason. */
export function Rest({ outcome, reason, until, wake }: RestProps) {
  const is_waiting = outcome === 'hold' || outcome === 'queue';
  return (
    <>
      {is_waiting && until !== null ? (
        <>
          {' '}
          until <Time iso={until} />
        </>
      ) : null}
      {is_waiting && until === null ? `, and continues ${wakeWords(wake)}` : ''}
      {reason === null ? '' : `: ${shortReason(reason)}`}.
    </>
  );
}

/** The label within a sentence: “do not contact”, “account in ABM”. */
function shortReason(reason: string): string {
  const label = reasonName(reason);
  return `${label.charAt(0).toLowerCase()}${label.slice(1)}`;
}
