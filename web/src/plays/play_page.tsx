import './plays.css';
import { useAgentName } from '../agents/names.ts';
import { isRefusal } from '../api/refusal.ts';
import { useCampaignName } from '../campaigns/use_campaigns.ts';
import { useNow } from '../sessions/me.ts';
import { StepsView } from '../steps/steps_view.tsx';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { Time } from '../ui/time.tsx';
import { useTitle } from '../ui/title.ts';
import { Approvals } from './approvals.tsx';
import { Audience } from './audience.tsx';
import { CriteriaTable } from './criteria_table.tsx';
import type { Cadence, Play } from './play.ts';
import { PlayActions } from './play_actions.tsx';
import { PlayChanges } from './play_changes.tsx';
import { PlayHistory } from './play_history.tsx';
import { Proposal } from './proposal.tsx';
import { useClients, usePlay, useSegmentName } from './use_play.ts';
import { dayWords, pathWords, STATE_WORDS, whereWords } from './words.ts';

/** One play: its hypothesis, audience, steps, results, and edits. */
export function PlayPage({ play_id }: { play_id: string }) {
  const read = usePlay(play_id);
  const play = read.data?.play;
  useTitle(play?.name ?? 'Play');
  if (isRefusal(read.error, 'not_found') || isRefusal(read.error, 'input_invalid')) return <NoSuchPlay />;
  return (
    <div className="page page_wide">
      <p className="crumbs">
        <Link to="/plays">‹ Plays</Link>
      </p>
      <Failure error={read.error} />
      {play === undefined ? <h1 className="muted">Loading…</h1> : <PlayView play={play} />}
    </div>
  );
}

function PlayView({ play }: { play: Play }) {
  return (
    <>
      <PlayHead play={play} />
      <PlayActions key={play.play_id} play={play} />
      <div className="play">
        <div className="play_main">
          <section>
            <h2>Hypothesis</h2>
            <p className="play_text">{play.hypothesis}</p>
          </section>
          <Audience play={play} />
          <section>
            <h2>Steps</h2>
            <CadenceView cadence={play.suggested_cadence} />
          </section>
          <CriteriaTable play={play} />
          <PlayChanges play={play} />
          <Proposal play={play} />
        </div>
        <aside className="play_side" aria-label="Status">
          <Approvals play={play} />
          <Lacking play={play} />
          <PlayFacts play={play} />
          <PlayHistory play={play} />
        </aside>
      </div>
    </>
  );
}

function PlayHead({ play }: { play: Play }) {
  const nameOf = useSegmentName();
  const agentName = useAgentName();
  const now_ms = useNow();
  return (
    <div>
      <h1>{play.name}</h1>
      <p className="muted">
        {whereWords(play, nameOf)}. Proposed by {agentName(play.writer_agent_id)}{' '}
        <Time iso={play.created_at} now_ms={now_ms} />.
      </p>
      <p className="badges">
        <span className={play.state === 'active' ? 'badge badge_strong' : 'badge'}>
          {STATE_WORDS[play.state]}
        </span>
      </p>
    </div>
  );
}

function CadenceView({ cadence }: { cadence: Cadence }) {
  const nameOf = useCampaignName();
  if (cadence.steps !== undefined) return <StepsView steps={cadence.steps} />;
  const slug = cadence.campaign_template ?? '';
  return (
    <p>
      Steps of the campaign <Link to={`/campaigns/${slug}`}>{nameOf(slug)}</Link>, as of the play’s
      activation.
    </p>
  );
}

/** Shows what blocks activation before the second approval fails on it. */
function Lacking({ play: { lacking } }: { play: Play }) {
  if (lacking.length === 0) return null;
  return (
    <section className="notice">
      <h2>Still needed</h2>
      <ul>
        {lacking.map(({ path, message }) => (
          <li key={path + message}>
            {pathWords(path)}: {message}
          </li>
        ))}
      </ul>
    </section>
  );
}

function PlayFacts({ play }: { play: Play }) {
  const clients = useClients();
  const brand = clients.data?.items.find(({ client_id }) => client_id === play.client_id)?.name;
  const { active_period_start, active_period_end, campaign_slug, copied_from_play_id } = play;
  return (
    <section>
      <h2>Facts</h2>
      <dl className="facts">
        <dt>Brand</dt>
        <dd>{brand ?? play.client_id ?? 'Not set'}</dd>
        <dt>First day</dt>
        <dd>{active_period_start === null ? 'On activation' : dayWords(active_period_start)}</dd>
        <dt>Last day</dt>
        <dd>{active_period_end === null ? 'Until retired' : dayWords(active_period_end)}</dd>
        {campaign_slug === null ? null : (
          <>
            <dt>Runs as</dt>
            <dd>
              <Link to={`/campaigns/${campaign_slug}`}>View campaign</Link>
            </dd>
          </>
        )}
        {copied_from_play_id === null ? null : (
          <>
            <dt>Copy of</dt>
            <dd>
              <Link to={`/plays/${copied_from_play_id}`}>An earlier play</Link>
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function NoSuchPlay() {
  useTitle('Play not found');
  return (
    <Empty title="Play not found">
      <p>
        The link may be incomplete. <Link to="/plays">View all plays</Link>.
      </p>
    </Empty>
  );
}
