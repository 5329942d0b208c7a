import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useNow } from '../sessions/me.ts';
import { useArrival } from '../ui/arrival.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { useKeys } from '../ui/keys.ts';
import { More } from '../ui/more.tsx';
import { go } from '../ui/route.ts';
import { useRoving } from '../ui/roving.ts';
import { keepScope } from '../ui/scope.tsx';
import { Time } from '../ui/time.tsx';
import { askerOf, type HandOff, personOf, useHandOff, useHandOffs } from './hand_off.ts';
import { MeetingPanel } from './meeting_panel.tsx';
import { EMPTY_WORDS } from './words.ts';

/** Leads to route on the left, the chosen one with its form on the right. */
export function Meetings({ asked, tabs }: { asked: string | null; tabs: ReactNode }) {
  const pages = useHandOffs();
  const now_ms = useNow();
  const { hand_off, index, choose, linked } = useChoice(pages.items, asked, pages.is_loading);
  const heading = useRef<HTMLHeadingElement>(null);
  useArrival(heading, hand_off === null ? null : `${hand_off.id} ${asked !== null}`);
  const move = (by: number) => {
    // A meeting just routed is on the right, but no longer in the list.
    const next = pages.items[index === -1 ? 0 : index + by];
    if (next !== undefined) choose(next, true);
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  const rowProps = useRoving({
    ids: pages.items.map(({ id }) => id),
    current: hand_off?.id ?? null,
    onArrow: (id) => {
      const found = pages.items.find((other) => other.id === id);
      if (found !== undefined) choose(found, asked !== null);
    },
  });
  return (
    <div className="split split_meetings" data-open={asked !== null && hand_off !== null}>
      <h1 className="unseen">Hand-offs</h1>
      <section className="pane_list" aria-label="Leads to route">
        {tabs}
        <Failure error={pages.error} />
        <ul className="rows">
          {pages.items.map((one) => (
            <li key={one.id}>
              <button
                type="button"
                className="row"
                aria-current={one.id === hand_off?.id}
                onClick={() => choose(one, asked !== null)}
                {...rowProps(one.id)}
              >
                <Row hand_off={one} now_ms={now_ms} />
              </button>
            </li>
          ))}
        </ul>
        {pages.items.length === 0 && hand_off !== null ? (
          <p className="muted padded">No other hand-offs to route.</p>
        ) : null}
        <More pages={pages} />
      </section>
      <section className="pane_detail" aria-label="The meeting">
        {hand_off === null ? (
          <>
            <Failure error={linked.error} />
            {linked.error === null ? <Nothing is_loading={pages.is_loading || linked.isLoading} /> : null}
          </>
        ) : (
          <MeetingPanel key={hand_off.id} hand_off={hand_off} now_ms={now_ms} heading={heading} />
        )}
      </section>
    </div>
  );
}

/** A routed meeting stays on the right, so that the gate decisions are visible; a link also opens one that is not listed. */
function useChoice(hand_offs: readonly HandOff[], asked: string | null, is_loading: boolean) {
  const [kept, setKept] = useState<HandOff | null>(null);
  const chosen_id = asked ?? kept?.id ?? hand_offs[0]?.id ?? null;
  const index = hand_offs.findIndex(({ id }) => id === chosen_id);
  const found = hand_offs[index] ?? null;
  useEffect(() => {
    if (found !== null) setKept(found);
  }, [found]);
  const choose = (hand_off: HandOff, replace: boolean) => {
    setKept(hand_off);
    go(keepScope(`/hand-offs?task=${hand_off.id}`), { replace });
  };
  const known = found ?? (kept?.id === chosen_id ? kept : null);
  const linked = useHandOff(known === null && !is_loading ? asked : null);
  return { hand_off: known ?? linked.data ?? null, index, choose, linked };
}

function Row({ hand_off, now_ms }: { hand_off: HandOff; now_ms: number | undefined }) {
  return (
    <>
      <span className="row_head">
        <strong>{personOf(hand_off)}</strong>
        <span className="muted">
          <Time iso={hand_off.created_at} now_ms={now_ms} />
        </span>
      </span>
      <span className="row_text">{hand_off.company ?? ' '}</span>
      <span className="row_text muted">{originOf(hand_off)}</span>
    </>
  );
}

function originOf(hand_off: HandOff): string {
  const { type, from_campaign } = hand_off;
  if (type === 'entry_requested') return `requested by ${askerOf(hand_off)}`;
  return from_campaign === null ? 'from no campaign' : `from ${from_campaign.name}`;
}

function Nothing({ is_loading }: { is_loading: boolean }) {
  if (is_loading) return <p className="muted padded">Loading…</p>;
  const { title, text } = EMPTY_WORDS.meetings;
  return (
    <Empty title={title}>
      <p>{text}</p>
    </Empty>
  );
}
