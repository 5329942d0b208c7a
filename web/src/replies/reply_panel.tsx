import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type RefObject, useState } from 'react';
import { useMe } from '../sessions/me.ts';
import { canDecide } from '../sessions/roles.ts';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { OwnerOf } from '../ui/owner_of.tsx';
import { Time } from '../ui/time.tsx';
import { fetchContext, type Inbound, isAnswer, personOf } from './inbound.ts';
import { JudgeBounce } from './judge_bounce.tsx';
import { ReplyContext } from './reply_context.tsx';
import { ReplyHandling } from './reply_handling.tsx';
import { Suggested } from './suggested.tsx';
import { causeWords, guessWords, matchWords, reasonWords } from './words.ts';

type ReplyPanelProps = {
  message: Inbound;
  is_gone: boolean;
  now_ms: number | undefined;
  heading: RefObject<HTMLHeadingElement | null>;
  back_to: string;
  onLeave(): void;
};

/** One inbound message: its sender, text, and intent, the message it answers, and what happened next. */
export function ReplyPanel({ message, is_gone, now_ms, heading, back_to, onLeave }: ReplyPanelProps) {
  const me = useMe();
  const context = useQuery({
    queryKey: ['replies', 'context', message.id],
    queryFn: () => fetchContext(message.id, false),
  });
  return (
    <article className="panel">
      <div className="panel_bar">
        <Link className="back" to={back_to}>
          ‹ All
        </Link>
        <span className="keys muted">
          <kbd className="key">J</kbd> <kbd className="key">K</kbd> next, previous
        </span>
      </div>
      <h2 ref={heading} tabIndex={-1}>
        <bdi>{personOf(message)}</bdi>
        {message.company === null ? null : (
          <>
            , <bdi>{message.company}</bdi>
          </>
        )}
      </h2>
      <OwnerOf name={message.owner_name} />
      {is_gone ? (
        <p className="notice" role="status">
          This reply is already handled. Press J for the next one.
        </p>
      ) : null}
      <Who message={message} now_ms={now_ms} />
      <Words message={message} kept_until={context.data?.kept_until ?? null} />
      {message.kind === 'bounce' && message.handled_at === null && canDecide(me) && !is_gone ? (
        <JudgeBounce message={message} onLeave={onLeave} />
      ) : null}
      <Suggested message={message} may_decide={canDecide(me)} onAdded={onLeave} />
      {isAnswer(message) && canDecide(me) && !is_gone ? (
        <ReplyHandling message={message} onLeave={onLeave} />
      ) : null}
      <Failure error={context.error} />
      {context.data === undefined ? null : (
        <ReplyContext context={context.data} now_ms={now_ms} may_decide={canDecide(me)} />
      )}
    </article>
  );
}

function Who({ message, now_ms }: { message: Inbound; now_ms: number | undefined }) {
  const guess = guessWords(message);
  const notes = [matchWords(message), causeWords(message), reasonWords(message)].filter(
    (note) => note !== null,
  );
  return (
    <dl className="facts">
      <dt>From</dt>
      <dd>
        <span className="address">{message.from_address || 'unknown'}</span>
        {message.title === null || !isAnswer(message) || message.reason === 'other_sender'
          ? ''
          : `, ${message.title}`}
        {message.lead_id === null ? null : (
          <>
            <br />
            <Link to={`/leads/${message.lead_id}`}>View lead</Link>
          </>
        )}
      </dd>
      <dt>Received</dt>
      <dd>
        <Time iso={message.received_at} now_ms={now_ms} />
      </dd>
      {guess === null ? null : (
        <>
          <dt>Classified as</dt>
          <dd>{guess}</dd>
        </>
      )}
      {notes.length === 0 ? null : (
        <>
          <dt>Note</dt>
          <dd>{notes.join(' ')}</dd>
        </>
      )}
      {message.handled_at === null || message.handled_by_user_id === null ? null : (
        <>
          <dt>Handled</dt>
          <dd>
            <Time iso={message.handled_at} now_ms={now_ms} />
            {message.handled_by_name === null ? '' : `, by ${message.handled_by_name}`}
            {message.note === null ? '' : `: ${message.note}`}
          </dd>
        </>
      )}
    </dl>
  );
}

/** Shows the lead's own text; the quoted rest is available while the message is kept. Always plain text. */
function Words({ message, kept_until }: { message: Inbound; kept_until: string | null }) {
  const [is_whole, setWhole] = useState(false);
  const whole = useQuery({
    queryKey: ['replies', 'whole', message.id],
    queryFn: () => fetchContext(message.id, true),
    enabled: is_whole,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
  const text = is_whole ? (whole.data?.whole ?? message.text) : message.text;
  return (
    <section className="letter" aria-label="Text of the message">
      {message.subject === '' ? null : <h3>{message.subject}</h3>}
      <div className="letter_body">{text || message.fault || 'No text.'}</div>
      {kept_until === null ? null : (
        <p className="letter_foot reply_foot">
          <button
            type="button"
            className="quiet reply_whole"
            aria-expanded={is_whole}
            onClick={() => setWhole(!is_whole)}
          >
            {is_whole ? 'Hide quoted text' : 'Show full message'}
          </button>
        </p>
      )}
      <Failure error={whole.error} />
    </section>
  );
}
