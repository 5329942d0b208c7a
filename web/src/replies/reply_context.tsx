import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import type { AnsweredTouch } from '../api/schema.d.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { pauseWords } from '../ui/reasons.ts';
import { Time } from '../ui/time.tsx';
import type { Context } from './inbound.ts';

type ReplyContextProps = { context: Context; now_ms: number | undefined; may_decide: boolean };
type Sequence = Context['sequences'][number];

/** The context of a reply: the message it answers, the events that followed, and the lead's enrollments. */
export function ReplyContext({ context, now_ms, may_decide }: ReplyContextProps) {
  const { answered, followed, sequences } = context;
  const open = sequences.filter(({ status }) => status === 'active' || status === 'paused');
  return (
    <>
      {followed.length === 0 ? null : (
        <section className="reply_part">
          <h3>What happened next</h3>
          <ul className="followed">
            {followed.map(({ event_id, at, text }) => (
              <li key={event_id}>
                <span className="muted">
                  <Time iso={at} now_ms={now_ms} />
                </span>
                <span>{text}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {open.length === 0 ? null : (
        <section className="reply_part">
          <h3>Enrollments</h3>
          <ul className="sequences">
            {open.map((sequence) => (
              <SequenceLine key={sequence.id} sequence={sequence} now_ms={now_ms} may_decide={may_decide} />
            ))}
          </ul>
        </section>
      )}
      {answered === null ? null : <Answered answered={answered} now_ms={now_ms} />}
    </>
  );
}

function Answered({ answered, now_ms }: { answered: AnsweredTouch; now_ms: number | undefined }) {
  const { subject, body, sent_at, campaign_name, campaign_slug, step_number } = answered;
  return (
    <section className="reply_part">
      <h3>In reply to</h3>
      <details>
        <summary>
          {subject ?? 'Our message'}{' '}
          <span className="muted">
            step {step_number}
            {sent_at === null ? null : (
              <>
                , sent <Time iso={sent_at} now_ms={now_ms} />
              </>
            )}
          </span>
        </summary>
        <div className="letter letter_body">{body}</div>
      </details>
      <p className="muted">
        Campaign: <Link to={`/campaigns/${campaign_slug}`}>{campaign_name}</Link>
      </p>
    </section>
  );
}

type SequenceLineProps = { sequence: Sequence; now_ms: number | undefined; may_decide: boolean };

function SequenceLine({ sequence, now_ms, may_decide }: SequenceLineProps) {
  const [is_ending, setEnding] = useState(false);
  const { resume, exit } = useSequenceMoves(sequence, () => setEnding(false));
  const { status, campaign_name, campaign_slug, paused_reason, paused_until } = sequence;
  return (
    <li>
      <span>
        <Link to={`/campaigns/${campaign_slug}`}>{campaign_name}</Link>{' '}
        <span className="muted">
          {status === 'active' ? 'active' : 'paused'}
          {status === 'paused' && paused_until !== null ? (
            <>
              {' '}
              until <Time iso={paused_until} now_ms={now_ms} />
            </>
          ) : null}
          {status === 'paused' && paused_reason !== null ? `: ${pauseWords(paused_reason)}` : ''}
        </span>
      </span>
      {may_decide ? (
        <div className="actions">
          {status === 'paused' ? (
            <ActionButton type="button" is_busy={resume.isPending} onClick={() => resume.mutate()}>
              Resume
            </ActionButton>
          ) : null}
          <button type="button" onClick={() => setEnding(true)}>
            End…
          </button>
        </div>
      ) : null}
      <Failure error={resume.error} />
      {is_ending ? (
        <Dialog title={`End “${campaign_name}”?`} onClose={() => setEnding(false)}>
          <p>No more of its messages are sent. Any next campaign still has to pass the gates.</p>
          <Failure error={exit.error} />
          <div className="actions">
            <ActionButton type="button" is_busy={exit.isPending} onClick={() => exit.mutate('converted')}>
              End as won
            </ActionButton>
            <ActionButton type="button" is_busy={exit.isPending} onClick={() => exit.mutate('rejected')}>
              End as rejected
            </ActionButton>
          </div>
        </Dialog>
      ) : null}
    </li>
  );
}

function useSequenceMoves({ id, campaign_name }: Sequence, onEnded: () => void) {
  const params = { path: { id } };
  const readAgain = () => {
    for (const key of ['replies', 'today', 'leads']) cache.invalidateQueries({ queryKey: [key] });
  };
  const resume = useMutation({
    mutationFn: () => read(api.POST('/enrollments/{id}/resume', { params })),
    onSuccess: () => {
      announce(`${campaign_name} resumed. Its next message must pass every gate.`);
      readAgain();
    },
  });
  const exit = useMutation({
    mutationFn: (exit_reason: 'converted' | 'rejected') =>
      read(api.POST('/enrollments/{id}/exit', { params, body: { exit_reason } })),
    onSuccess: () => {
      announce(`${campaign_name} ended.`);
      onEnded();
      readAgain();
    },
  });
  return { resume, exit };
}
