import { useAgentName } from '../agents/names.ts';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { Time } from '../ui/time.tsx';
import { type Background, useBackground } from './background.ts';
import type { Entry } from './entries.ts';
import { CONTENT_WORDS, goalWords, INTENT_WORDS } from './words.ts';

type DraftBackgroundProps = { entry: Entry; now_ms: number | undefined };

/** Beside a text: why it is written now, what was said before, and what was agreed about this person. */
export function DraftBackground({ entry, now_ms }: DraftBackgroundProps) {
  const background = useBackground(entry);
  if (background.data === undefined) {
    return (
      <section className="background" aria-label="Why, and what came before">
        <Failure error={background.isFetching ? null : background.error} onAgain={background.refetch} />
        {background.isFetching || background.error === null ? <p className="muted">Reading …</p> : null}
      </section>
    );
  }
  return (
    <section className="background" aria-label="Why, and what came before">
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
        <p className="muted">
          The gate has not been asked about this touch yet; it is before anything leaves.
        </p>
      ) : (
        <>
          <p className="muted">
            The gate was asked {MOMENT_WORDS[decision.moment]} <Time iso={decision.at} now_ms={now_ms} />
            {is_left ? '.' : ', and is asked again before it leaves.'}
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
  requested: 'when the campaign was asked for,',
  dispatched: 'when this step fell due,',
  sent: 'when it was about to leave,',
};

function Thread({ background: { thread }, now_ms, entry }: PartProps & { entry: Entry }) {
  return (
    <section>
      <h3>So far</h3>
      {thread.length === 0 ? (
        <p className="muted">Nothing yet: this would be the first they hear from us.</p>
      ) : (
        <ol className="thread">
          {thread.map((message) => (
            <li key={`${message.direction} ${message.id}`} data-direction={message.direction}>
              <details>
                <summary>
                  <span className="thread_who">
                    {message.direction === 'sent' ? 'We wrote' : 'They answered'}
                  </span>{' '}
                  <span className="muted">
                    <Time iso={message.at} now_ms={now_ms} />
                    {message.outcome === 'unknown' ? ' · may not have arrived' : ''}
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
        <Link to={`/leads/${entry.lead_id}`}>What happened so far, and what comes next</Link>
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
      <h3>What was agreed</h3>
      <dl className="facts">
        <dt>Asked for by</dt>
        <dd>{requested_by_user_name ?? agentName(requested_by)}</dd>
        <dt>Goal</dt>
        <dd>{goal === null ? <span className="muted">None was given</span> : goalWords(goal)}</dd>
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
