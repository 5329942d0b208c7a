import type { RefObject } from 'react';
import type { WaitingWork } from '../api/schema.d.ts';
import { useMe, useNow } from '../sessions/me.ts';
import { canRoute } from '../sessions/roles.ts';
import { Link } from '../ui/link.tsx';
import { keepScope } from '../ui/scope.tsx';
import { Time } from '../ui/time.tsx';
import { type Count, countText, type Today } from './use_today.ts';

type First = Today['drafts']['first'];

type Kind = {
  name: 'drafts' | 'personal_sends' | 'replies' | 'hand_offs';
  label: string;
  /** The address of the page, with its first item if there is one. */
  to(first: First): string;
  action: string;
  since: string;
  nothing: string;
};

const KINDS: readonly Kind[] = [
  {
    name: 'drafts',
    label: 'Drafts to approve',
    to: (first) => (first === null ? '/drafts' : `/drafts?item=${first.id}`),
    action: 'Review',
    since: 'due',
    nothing: 'Drafts appear here when a step is due.',
  },
  {
    name: 'replies',
    label: 'Replies to handle',
    to: (first) => (first === null ? '/replies' : `/replies?message=${first.id}`),
    action: 'Read',
    since: 'received',
    nothing: 'Leads who reply are paused until you classify the reply.',
  },
  {
    name: 'hand_offs',
    label: 'Leads to route',
    to: (first) => (first === null ? '/hand-offs' : `/hand-offs?task=${first.id}`),
    action: 'Route',
    since: 'created',
    nothing:
      'Leads with a booked meeting, and enrollment requests for a restricted campaign, appear here until you route them.',
  },
  {
    name: 'personal_sends',
    label: 'Manual sends',
    to: (first) => (first === null ? '/personal' : `/personal?item=${first.id}`),
    action: 'Send',
    since: 'due',
    nothing: 'LinkedIn messages and steps you send by hand.',
  },
];

type WaitingProps = { today: Today | undefined; list: RefObject<HTMLUListElement | null> };

/** Pending work: counts, first items, and links. Its space is reserved while it loads. */
export function Waiting({ today, list }: WaitingProps) {
  const me = useMe();
  const kinds = KINDS.filter(({ name }) => name !== 'hand_offs' || canRoute(me));
  return (
    <section aria-labelledby="waits">
      <h2 id="waits">Waiting for you</h2>
      <ul className="waiting" ref={list}>
        {kinds.map((kind) => (
          <li key={kind.name}>
            <Kind kind={kind} waiting={today?.[kind.name]} />
          </li>
        ))}
        {today === undefined ? null : <Plays count={today.plays} />}
        {today === undefined ? null : <Rest today={today} />}
      </ul>
    </section>
  );
}

function Kind({ kind, waiting }: { kind: Kind; waiting: WaitingWork | undefined }) {
  const first = waiting?.first ?? null;
  const is_empty = waiting !== undefined && waiting.count === 0;
  return (
    <Link className="waiting_row" to={keepScope(kind.to(first))} data-empty={is_empty}>
      <span className="waiting_count">{waiting === undefined ? '–' : countText(waiting)}</span>
      <span className="waiting_text">
        <strong>{kind.label}</strong>
        <span className="muted">
          {is_empty ? kind.nothing : first === null ? ' ' : <Foremost first={first} since={kind.since} />}
        </span>
      </span>
      {first === null ? null : <span className="waiting_action">{kind.action}</span>}
    </Link>
  );
}

function Foremost({ first, since }: { first: NonNullable<First>; since: string }) {
  const now_ms = useNow();
  return (
    <>
      <bdi>{first.person}</bdi>
      {first.person && first.company ? ', ' : ''}
      <bdi>{first.company}</bdi>
      {first.campaign_name === null ? '' : ` · ${first.campaign_name}`} · {since}{' '}
      <Time iso={first.since} now_ms={now_ms} />
    </>
  );
}

/** Few users approve plays, so this appears only if one is pending. */
function Plays({ count }: { count: Count }) {
  if (count.count === 0) return null;
  return (
    <Row
      count={count}
      label="Plays to approve"
      text="Each needs a sales leader and RevOps. Your approval is missing."
      to="/plays?state=under_review"
      action="Review"
    />
  );
}

/** Messages being sent, and problems; shown only if there are any. */
function Rest({ today: { sending, unknown, dead_ends } }: { today: Today }) {
  return (
    <>
      {sending.count === 0 ? null : (
        <Row
          count={sending}
          label="Being sent"
          text="No other worker sends these until their leases end."
          to="/drafts?status=approved"
          action="View"
        />
      )}
      {unknown.count === 0 ? null : (
        <Row
          count={unknown}
          label="Delivery unknown"
          text="Check the Sent folder, then confirm what happened."
          to="/drafts?status=unknown"
          action="View"
        />
      )}
      {dead_ends.count === 0 ? null : (
        <Row
          count={dead_ends}
          label="Failed tasks"
          text="Fix the cause, then retry."
          to="/hand-offs?show=failed"
          action="View"
        />
      )}
    </>
  );
}

type RowProps = { count: Count; label: string; text: string; to: string; action: string };

function Row({ count, label, text, to, action }: RowProps) {
  return (
    <li>
      <Link className="waiting_row" to={to}>
        <span className="waiting_count">{countText(count)}</span>
        <span className="waiting_text">
          <strong>{label}</strong>
          <span className="muted">{text}</span>
        </span>
        <span className="waiting_action">{action}</span>
      </Link>
    </li>
  );
}
