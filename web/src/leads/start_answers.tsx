import { unreachableWords } from '../steps/words.ts';
import { countWords } from '../ui/count.ts';
import { Link } from '../ui/link.tsx';
import { reasonWords } from '../ui/reasons.ts';
import { Time } from '../ui/time.tsx';
import type { Item, Outcome, Reason, Told } from './start_portions.ts';

/** Up to this many leads are listed without a click. */
const FEW = 10;

/** `entry`: a request that an executive decides. */
type Words = Readonly<Record<Outcome | 'entry', (count: number) => string>>;

type AnswersProps = {
  told: Told;
  words: Words;
  /** More results follow; screen readers announce them once complete. */
  is_busy: boolean;
};

/** Counts the leads by outcome and reason, and names them. */
export function Answers({ told, words, is_busy }: AnswersProps) {
  const allowed = told.counts.allow;
  const reasons = told.reasons.toSorted((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
  const is_few = reasons.reduce((sum, { count }) => sum + count, 0) <= FEW;
  return (
    <div className="start_many" role={is_busy ? undefined : 'status'}>
      {allowed === undefined ? null : (
        <p>
          <strong>{allowed.toLocaleString('en')}</strong> {words.allow(allowed)}
        </p>
      )}
      {told.lacking.map(({ count, ...step }) => (
        <p key={`${step.step_number} ${step.missing}`}>
          {countWords(count, 'lead')}: {unreachableWords(step)}
        </p>
      ))}
      {reasons.length === 0 ? null : (
        <ul className="start_many_others" aria-label="Not enrolled yet">
          {reasons.map((one) => (
            <li key={`${one.outcome} ${one.reason}`}>
              <ReasonView
                reason={one}
                words={words[one.reason === 'entry_restricted' ? 'entry' : one.outcome](one.count)}
                is_open={is_few}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function ReasonView({
  reason: { reason, count, named },
  words,
  is_open,
}: {
  reason: Reason;
  words: string;
  is_open: boolean;
}) {
  return (
    <details open={is_open}>
      <summary>
        <strong>{count.toLocaleString('en')}</strong> {words}
        {reason === null || SAID_ALREADY.includes(reason) ? '' : `: ${reasonWords(reason)}`}
      </summary>
      <ul className="start_many_named">
        {named.map((item) => (
          <li key={item.lead}>
            <OtherLine item={item} />
          </li>
        ))}
        {count > named.length ? (
          <li className="muted">And {(count - named.length).toLocaleString('en')} more.</li>
        ) : null}
      </ul>
    </details>
  );
}

/** Reasons that the words of the outcome already state. */
const SAID_ALREADY: readonly Reason['reason'][] = ['compliance_block', 'entry_restricted'];

function OtherLine({ item: { lead, lead_id, name, company, why, until } }: { item: Item }) {
  const who = [name ?? lead, company].filter(Boolean).join(', ');
  return (
    <>
      {lead_id === null ? <strong>{who}</strong> : <Link to={`/leads/${lead_id}`}>{who}</Link>}: {why}
      {until === null ? null : (
        <>
          {' '}
          Retried <Time iso={until} />.
        </>
      )}
    </>
  );
}

const ORDER: readonly Outcome[] = [
  'allow',
  'hold',
  'queue',
  'refuse',
  'block',
  'already_enrolled',
  'already_waiting',
  'unreachable',
  'unknown_lead',
];

/** Chooses the singular or the plural form. */
function of(one: string, many: string): (count: number) => string {
  return (count) => (count === 1 ? one : many);
}

export const WOULD_WORDS: Words = {
  entry: of('needs an executive’s decision', 'need an executive’s decision'),
  allow: () => 'would start now',
  hold: () => 'would be held',
  queue: () => 'would be queued until another sequence is done',
  refuse: () => 'would be refused',
  block: () => 'would be blocked: do not contact',
  already_enrolled: of('is already in this campaign', 'are already in this campaign'),
  already_waiting: of('already has a pending request', 'already have a pending request'),
  unreachable: of('has no address for any step', 'have no address for any step'),
  unknown_lead: of('is unknown', 'are unknown'),
};

export const DONE_WORDS: Words = {
  ...WOULD_WORDS,
  entry: of('was requested: an executive decides', 'were requested: an executive decides'),
  allow: () => 'enrolled',
  hold: of('is held and retried automatically', 'are held and retried automatically'),
  queue: of(
    'is queued until another sequence is done, then retried automatically',
    'are queued until another sequence is done, then retried automatically',
  ),
  refuse: of('was refused', 'were refused'),
};
