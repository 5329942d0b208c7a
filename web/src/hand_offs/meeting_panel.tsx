import { useQuery } from '@tanstack/react-query';
import type { RefObject } from 'react';
import { useMe } from '../sessions/me.ts';
import { usePeople } from '../sessions/people.ts';
import { canRoute } from '../sessions/roles.ts';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { OwnerOf } from '../ui/owner_of.tsx';
import { Time } from '../ui/time.tsx';
import { askerOf, fetchHandOff, type HandOff, type HandOffDetail, personOf } from './hand_off.ts';
import { RoutedView } from './routed_view.tsx';
import { RoutingForm } from './routing_form.tsx';
import { GOALS } from './words.ts';

type MeetingPanelProps = {
  hand_off: HandOff;
  now_ms: number | undefined;
  heading: RefObject<HTMLHeadingElement | null>;
};

/** The gates decide within a moment of routing; until then, the page polls at this rate. */
const SOON_MS = 1_000;

/** One hand-off: lead, background, and routing. */
export function MeetingPanel({ hand_off, now_ms, heading }: MeetingPanelProps) {
  const detail = useQuery({
    queryKey: ['hand_offs', 'one', hand_off.id],
    queryFn: () => fetchHandOff(hand_off.id),
    refetchInterval: (query) => (isAnswered(query.state.data) ? false : SOON_MS),
  });
  const me = useMe();
  const routed = detail.data?.routed ?? hand_off.routed;
  return (
    <article className="panel">
      <div className="panel_bar">
        <Link className="back" to="/hand-offs">
          ‹ All
        </Link>
        <span className="keys muted">
          <kbd className="key">J</kbd> <kbd className="key">K</kbd> next, previous
        </span>
      </div>
      <h2 ref={heading} tabIndex={-1}>
        <bdi>{personOf(hand_off)}</bdi>
        {hand_off.company === null ? null : (
          <>
            , <bdi>{hand_off.company}</bdi>
          </>
        )}
      </h2>
      <OwnerOf name={hand_off.owner_name} />
      <Facts hand_off={hand_off} now_ms={now_ms} />
      <Failure error={detail.error} />
      {routed === null && !canRoute(me) ? (
        <WhoDecides />
      ) : routed === null ? (
        <RoutingForm hand_off={hand_off} onRouted={() => detail.refetch()} />
      ) : (
        <RoutedView routed={routed} now_ms={now_ms} />
      )}
    </article>
  );
}

/** For people who may not route: the people who may. */
function WhoDecides() {
  const people = usePeople();
  const executives = people.filter(({ roles }) => roles.includes('exec'));
  const named = (executives.length > 0 ? executives : people.filter(({ roles }) => roles.includes('admin')))
    .map(({ name }) => name)
    .slice(0, NAMED_MAX);
  const who = named.length === 0 ? 'An executive or an admin' : NAMES.format(named);
  return (
    <p className="notice">
      <strong>Pending.</strong> {who} decides whether and where the lead is enrolled.
    </p>
  );
}

const NAMED_MAX = 5;
const NAMES = new Intl.ListFormat('en-US', { type: 'disjunction' });

/** True if no gate decision is pending. */
function isAnswered(hand_off: HandOffDetail | undefined): boolean {
  const routed = hand_off?.routed ?? null;
  return routed === null || routed.campaigns.every(({ task_status }) => task_status !== 'open');
}

function Facts({ hand_off, now_ms }: { hand_off: HandOff; now_ms: number | undefined }) {
  const { title, lead_email, lead_id, icp_tier, from_campaign, goal, notes, answer } = hand_off;
  const { type, earlier_decline } = hand_off;
  return (
    <dl className="facts">
      <dt>Lead</dt>
      <dd>
        {title === null ? '' : `${title}, `}
        <span className="address">{lead_email}</span>
        {icp_tier === null ? null : (
          <>
            {' '}
            <span className="badge">{icp_tier}</span>
          </>
        )}
        <br />
        <Link to={`/leads/${lead_id}`}>Lead history</Link>
      </dd>
      <dt>From</dt>
      <dd>
        {type === 'entry_requested' ? (
          <>{askerOf(hand_off)} requested the enrollment</>
        ) : from_campaign === null ? (
          'no campaign: the lead wrote after all enrollments had ended'
        ) : (
          <Link to={`/campaigns/${from_campaign.slug}`}>{from_campaign.name}</Link>
        )}
        , <Time iso={hand_off.created_at} now_ms={now_ms} />
      </dd>
      {earlier_decline === null ? null : (
        <>
          <dt>Declined before</dt>
          <dd>
            by {earlier_decline.by_name ?? 'a person'}, <Time iso={earlier_decline.at} now_ms={now_ms} />
            {earlier_decline.reason === null ? '' : `: ${earlier_decline.reason}`}
          </dd>
        </>
      )}
      {goal === null ? null : (
        <>
          <dt>Goal</dt>
          <dd>{GOALS.find((known) => known.goal === goal)?.label ?? goal}</dd>
        </>
      )}
      {notes === null || notes === '' ? null : (
        <>
          <dt>Notes</dt>
          <dd className="said">{notes}</dd>
        </>
      )}
      {answer === null ? null : (
        <>
          <dt>Reply</dt>
          <dd>
            <span className="said">{answer.text || '(no text)'}</span>
            <br />
            <span className="muted">
              <Time iso={answer.received_at} now_ms={now_ms} />
              {answer.note === null ? '' : `; note: ${answer.note}`}
            </span>
          </dd>
        </>
      )}
    </dl>
  );
}
