import { Link } from '../ui/link.tsx';
import { Time } from '../ui/time.tsx';
import { Rest } from './gate_words.tsx';
import type { Routed } from './hand_off.ts';
import { GOALS, OUTCOME_WORDS } from './words.ts';

/** A routing and the gate decisions on it. */
export function RoutedView({ routed, now_ms }: { routed: Routed; now_ms: number | undefined }) {
  const by = routed.by_name === null ? '' : ` by ${routed.by_name}`;
  return (
    <section className="routed" aria-live="polite">
      <p className={routed.declined ? 'notice' : 'notice notice_good'}>
        {routed.declined ? 'Declined' : 'Routed'}
        {by}
        {routed.at === null ? null : (
          <>
            {' '}
            <Time iso={routed.at} now_ms={now_ms} />
          </>
        )}
        {routed.reason === null ? '' : `: ${routed.reason.replace(/[.\s]+$/, '')}`}.
      </p>
      <RoutedTo routed={routed} />
      <Said routed={routed} />
    </section>
  );
}

/** Campaigns with their gate decisions. */
export function RoutedTo({ routed: { campaigns } }: { routed: Routed }) {
  if (campaigns.length === 0) return null;
  return (
    <ul className="sequences">
      {campaigns.map((one) => (
        <li key={one.campaign}>
          <Link to={`/campaigns/${one.campaign}`}>{one.campaign_name ?? one.campaign}</Link>
          <span>
            <Outcome one={one} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** The router's goal and notes, for colleagues and for drafting. */
export function Said({ routed: { goal, notes } }: { routed: Routed }) {
  const wanted = GOALS.find((known) => known.goal === goal)?.label;
  if (wanted === undefined && notes === null) return null;
  return (
    <p className="said">
      {wanted === undefined ? null : <span className="muted">Goal: {wanted.toLowerCase()}. </span>}
      {notes}
    </p>
  );
}

function Outcome({ one }: { one: Routed['campaigns'][number] }) {
  if (one.task_status === 'failed') return <>Failed: {one.error ?? 'no reason recorded'}.</>;
  if (one.outcome === null) return <span className="muted">Checking gates…</span>;
  return (
    <>
      {OUTCOME_WORDS[one.outcome]?.after ?? one.outcome}
      <Rest {...one} />
    </>
  );
}
