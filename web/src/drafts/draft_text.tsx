import { useAgentName } from '../agents/names.ts';
import type { Me } from '../sessions/me.ts';
import { Link, OutLink } from '../ui/link.tsx';
import { Time } from '../ui/time.tsx';
import type { Text } from './decisions.ts';
import { type Draft, type DraftDetail, type Entry, personOf } from './entries.ts';
import { goalWords } from './words.ts';

type DraftTextProps = {
  entry: Entry;
  draft: Draft | DraftDetail;
  shown: Text;
  me: Me | undefined;
  now_ms: number | undefined;
  /** While it is being edited, the fields stand in its place. */
  is_hidden: boolean;
};

/** The message as it will arrive, and why it is written now. */
export function DraftText({ entry, draft, shown, me, now_ms, is_hidden }: DraftTextProps) {
  return (
    <>
      <dl className="facts">
        <dt>To</dt>
        <dd>
          {personOf(draft)}
          {draft.title ? `, ${draft.title}` : ''}
          <br />
          {draft.channel === 'linkedin' ? (
            <OutLink href={draft.to_id}>{draft.to_id}</OutLink>
          ) : (
            <span className="address">{draft.to_id}</span>
          )}
        </dd>
        <dt>Why now</dt>
        <dd>
          {draft.campaign_name}, step {draft.step_number}, due{' '}
          <Time iso={draft.scheduled_at} now_ms={now_ms} />
          <Goal context={draft.context} />
          <br />
          <Link to={`/leads/${draft.lead_id}`}>What happened so far, and what comes next</Link>
        </dd>
        <dt>Text</dt>
        <dd>
          Version {shown.version}, by <Writer shown={shown} me={me} /> <Badges entry={entry} />
        </dd>
      </dl>
      {is_hidden ? null : (
        <section className="letter" aria-label="Text of the message">
          {shown.subject === null ? null : <h3>{shown.subject}</h3>}
          <div className="letter_body">{shown.body}</div>
          {entry.is_personal || entry.status === 'sent' ? null : (
            <p className="letter_foot muted">
              Postal address and unsubscribe link are added below when it leaves.
            </p>
          )}
        </section>
      )}
    </>
  );
}

function Badges({ entry }: { entry: Entry }) {
  return (
    <>
      {entry.channel === 'linkedin' ? <span className="badge">LinkedIn</span> : null}{' '}
      {entry.is_personal ? <span className="badge badge_strong">You send it yourself</span> : null}
    </>
  );
}

function Goal({ context }: { context: unknown }) {
  const goal = typeof context === 'object' && context !== null && 'goal' in context ? context.goal : null;
  return typeof goal === 'string' && goal !== '' ? <>. Their goal: {goalWords(goal)}</> : null;
}

function Writer({ shown, me }: { shown: Text; me: Me | undefined }) {
  const agentName = useAgentName();
  const { written_by_user_id, written_by_agent_id } = shown;
  if (written_by_user_id !== null) return written_by_user_id === me?.user_id ? 'you' : 'a colleague';
  return written_by_agent_id === null ? 'Touchline' : agentName(written_by_agent_id);
}
