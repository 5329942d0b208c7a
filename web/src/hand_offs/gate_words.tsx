import { reasonWords, wakeWords } from '../ui/reasons.ts';
import { Time } from '../ui/time.tsx';
import type { GateAnswer } from './hand_off.ts';
import { OUTCOME_WORDS } from './words.ts';

type GateWordsProps = { answer: GateAnswer | undefined; is_asking: boolean };

/** Gate preview. The line is there before the decision, so that nothing moves. */
export function GateWords({ answer, is_asking }: GateWordsProps) {
  if (answer === undefined) {
    return <span className="gate_words muted">{is_asking ? 'Checking gates…' : ' '}</span>;
  }
  const { before, is_good } = OUTCOME_WORDS[answer.outcome] ?? { before: answer.outcome, is_good: false };
  return (
    <span className={is_good ? 'gate_words' : 'gate_words gate_words_bad'}>
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
      {reason === null ? '' : `: ${reasonWords(reason)}`}.
    </>
  );
}
