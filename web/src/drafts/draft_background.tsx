import { useAgentName } from '../agents/names.ts';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { Time } from '../ui/time.tsx';
import { type Background, useBackground } from './background.ts';
import type { Entry } from './entries.ts';
import { CONTENT_WORDS, goalWords, INTENT_WORDS } from './words.ts';

type DraftBackgroundProps = { entry: Entry; now_ms: number | undefined };

/** Background beside a draft: gate decision, conversation, and meeting notes. */
export function DraftBackground({ entry, now_ms }: DraftBackgroundProps) {
  const background = useBackground(entry);
  if (background.data === undefined) {
    return (
      <section className="background" aria-label="Context">
        <Failure error={background.isFetching ? null : background.error} onAgain={background.refetch} />
        {background.isFetching || background.error === null ? <p className="muted">Loading…</p> : null}
      </section>
    );
  }
  return (
    <section className="background" aria-label="Context">
      <WhyNow background={background.data} now_ms={now_ms} is_left={entry.status === 'sent'} />
      <Thread background={background.data} now_ms={now_ms} entry={entry} />
      <Agreed background={background.data} />
    </section>
  );
}

type PartProps = { background: Background; now_ms: number | undefined };

function WhyNow({ background: { decision }, now_ms, is_left }: PartProps & { is_left: boolean }) {
  return (
    <section>
      <h3>Why now</h3>
      {decision === null ? (
        <p className="muted">No gate has checked this touch yet. Every gate checks it before it is sent.</p>
      ) : (
        <>
          <p className="muted">
            Gates checked {MOMENT_WORDS[decision.moment]} <Time iso={decision.at} now_ms={now_ms} />
            {is_left ? '.' : ', and again before sending.'}
          </p>
          <ol className="gate_list">
            {decision.gates.map(({ gate, label, says, verdict, text }) => (
              <li key={gate} data-says={says}>
                <span className="gate_mark" aria-hidden="true">
                  {says === 'pass' ? '✓' : '✕'}
                </span>
                <span>
                  <strong>{label}</strong> <span className="unseen">{verdict}: </span>
                  <span className="gate_text">{text}</span>
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

const MOMENT_WORDS: Record<NonNullable<Background['decision']>['moment'], string> = {
  requested: 'when the campaign was requested,',
  dispatched: 'when this step was due,',
  sent: 'before sending,',
};

function Thread({ background: { thread }, now_ms, entry }: PartProps & { entry: Entry }) {
  return (
    <section>
      <h3>Conversation</h3>
      {thread.length === 0 ? (
        <p className="muted">No messages yet. This is the first touch.</p>
      ) : (
        <ol className="thread">
          {thread.map((message) => (
            <li key={`${message.direction} ${message.id}`} data-direction={message.direction}>
              <details>
                <summary>
                  <span className="thread_who">
                    {message.direction === 'sent' ? 'We wrote' : 'They replied'}
                  </span>{' '}
                  <span className="muted">
                    <Time iso={message.at} now_ms={now_ms} />
                    {message.outcome === 'unknown' ? ' · delivery unknown' : ''}
                    {message.kind === 'out_of_office' || message.kind === 'auto_reply' ? ' · automatic' : ''}
                    {message.intent === null ? '' : ` · ${INTENT_WORDS[message.intent]}`}
                  </span>
                  <span className="thread_line">{message.subject || message.text}</span>
                </summary>
                <p className="thread_text">{message.text}</p>
              </details>
            </li>
          ))}
        </ol>
      )}
      <p>
        <Link to={`/leads/${entry.lead_id}`}>Lead history and next step</Link>
      </p>
    </section>
  );
}

function Agreed({ background }: { background: Background }) {
  const agentName = useAgentName();
  const { goal, notes, requested_by, requested_by_user_name, content_type, template_instructions } =
    background;
  return (
    <section>
      <h3>Meeting notes</h3>
      <dl className="facts">
        <dt>Requested by</dt>
        <dd>{requested_by_user_name ?? agentName(requested_by)}</dd>
        <dt>Goal</dt>
        <dd>{goal === null ? <span className="muted">None</span> : goalWords(goal)}</dd>
        <dt>Notes</dt>
        <dd className="notes">{notes ?? <span className="muted">None</span>}</dd>
        {content_type === null ? null : (
          <>
            <dt>This step</dt>
            <dd>
              {CONTENT_WORDS[content_type]}
              {template_instructions ? <span className="muted">: {template_instructions}</span> : null}
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}
