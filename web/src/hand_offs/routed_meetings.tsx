import type { ReactNode } from 'react';
import { useNow } from '../sessions/me.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { More } from '../ui/more.tsx';
import { Time } from '../ui/time.tsx';
import { type HandOff, personOf, type Routed, useRoutedHandOffs } from './hand_off.ts';
import { RoutedTo, Said } from './routed_view.tsx';
import { EMPTY_WORDS } from './words.ts';

/** Routed meetings, latest first: lead, campaigns, router, and notes. */
export function RoutedMeetings({ tabs }: { tabs: ReactNode }) {
  const pages = useRoutedHandOffs();
  const now_ms = useNow();
  const { title, text } = EMPTY_WORDS.routed;
  return (
    <div className="work">
      <h1 className="unseen">Hand-offs</h1>
      {tabs}
      <Failure error={pages.error} />
      {pages.items.length === 0 && !pages.is_loading ? (
        <Empty title={title}>
          <p>{text}</p>
        </Empty>
      ) : (
        <div className="page">
          {pages.is_loading ? <p className="muted">Loading…</p> : null}
          <ul className="rows_wide" aria-label="Routed meetings">
            {pages.items.map((hand_off) => (
              <RoutedLine key={hand_off.id} hand_off={hand_off} now_ms={now_ms} />
            ))}
          </ul>
          <More pages={pages} />
        </div>
      )}
    </div>
  );
}

function RoutedLine({ hand_off, now_ms }: { hand_off: HandOff; now_ms: number | undefined }) {
  const { lead_id, company, from_campaign, routed } = hand_off;
  return (
    <li className="task_line routed_line">
      <div>
        <Link to={`/leads/${lead_id}`}>
          <strong>{personOf(hand_off)}</strong>
        </Link>
        {company === null ? '' : `, ${company}`}
        {from_campaign === null ? null : <span className="muted"> · from {from_campaign.name}</span>}
        {routed === null ? null : <Decision routed={routed} />}
      </div>
      {routed === null ? null : (
        <div className="task_state muted">
          {routed.at === null ? null : <Time iso={routed.at} now_ms={now_ms} />}
          {routed.by_name === null ? null : (
            <>
              <br />
              by {routed.by_name}
            </>
          )}
        </div>
      )}
    </li>
  );
}

function Decision({ routed }: { routed: Routed }) {
  return (
    <div className="routed">
      {routed.declined ? <p className="said">Not enrolled: {routed.reason ?? 'no reason given'}</p> : null}
      <RoutedTo routed={routed} />
      <Said routed={routed} />
    </div>
  );
}
