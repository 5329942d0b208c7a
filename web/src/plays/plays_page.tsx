import './plays.css';
import './board.css';
import { type RefObject, useEffect, useId, useRef, useState } from 'react';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { useKeys } from '../ui/keys.ts';
import { Link } from '../ui/link.tsx';
import { go, useRoute } from '../ui/route.ts';
import { Tabs } from '../ui/tabs.tsx';
import { useTitle } from '../ui/title.ts';
import { type BoardFilter, type PlayConfig, STATES } from './play.ts';
import { PlayColumn } from './play_column.tsx';
import { SegmentMeters } from './segment_meters.tsx';
import { usePlayConfig } from './use_play.ts';
import { STATE_WORDS } from './words.ts';

const PAUSE_IN_TYPING_MS = 200;

/** All plays, from proposed to retired. */
export function PlaysPage() {
  const { query } = useRoute();
  const config = usePlayConfig();
  const board = useRef<HTMLDivElement>(null);
  useTitle('Plays');
  useBoardKeys(board);
  const filter: BoardFilter = {
    segment: query.get('segment') ?? '',
    q: query.get('q') ?? '',
    state: STATES.find((known) => known === query.get('state')) ?? 'draft',
  };
  return (
    <div className="page page_wide">
      <div className="page_head">
        <h1>Plays</h1>
        <Filters filter={filter} config={config.data} />
      </div>
      <Failure error={config.error} />
      {config.data === undefined ? null : <SegmentMeters config={config.data} />}
      <div className="board_tabs">
        <Tabs
          label="Plays by state"
          tabs={STATES.map((state) => ({
            to: addressOf({ ...filter, state }),
            label: STATE_WORDS[state],
            is_current: state === filter.state,
          }))}
        />
      </div>
      <div className="board" ref={board}>
        {STATES.map((state) => (
          <PlayColumn key={state} state={state} filter={filter} is_shown={state === filter.state} />
        ))}
      </div>
    </div>
  );
}

function Filters({ filter, config }: { filter: BoardFilter; config: PlayConfig | undefined }) {
  const [typed, setTyped] = useState(filter.q);
  const id = useId();
  useEffect(() => {
    const q = typed.trim();
    if (q === filter.q) return;
    const timer = setTimeout(() => go(addressOf({ ...filter, q }), { replace: true }), PAUSE_IN_TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, filter]);
  return (
    <search className="board_filters">
      <Field label="Segment">
        <select
          value={filter.segment}
          onChange={(event) => go(addressOf({ ...filter, segment: event.target.value }), { replace: true })}
        >
          <option value="">All</option>
          {config?.segments.map(({ segment, name }) => (
            <option key={segment} value={segment}>
              {name}
            </option>
          ))}
        </select>
      </Field>
      <div className="field">
        <label htmlFor={id}>Search plays</label>
        <input
          id={id}
          type="search"
          autoComplete="off"
          value={typed}
          maxLength={200}
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
      <Link className="board_caps" to="/plays/caps">
        Caps
      </Link>
      <Link className="board_caps" to="/plays/outcomes">
        Outcomes
      </Link>
    </search>
  );
}

/** J and K move from play to play, down one column and into the next; left and right arrows move between columns. */
function useBoardKeys(board: RefObject<HTMLElement | null>): void {
  const move = (by: number) => {
    const rows = shownRows(board.current);
    const at = rows.indexOf(document.activeElement as HTMLElement);
    rows[at === -1 ? 0 : Math.max(0, Math.min(at + by, rows.length - 1))]?.focus();
  };
  const across = (by: number) => {
    const own = document.activeElement?.closest('.board_column');
    if (own === null || own === undefined) return;
    const columns = [...(board.current?.querySelectorAll('.board_column') ?? [])].filter(
      (column) => column === own || shownRows(column).length > 0,
    );
    const next = columns[columns.indexOf(own) + by];
    const at = shownRows(own).indexOf(document.activeElement as HTMLElement);
    const rows = shownRows(next ?? null);
    rows[Math.min(at, rows.length - 1)]?.focus();
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowLeft: () => across(-1),
    ArrowRight: () => across(1),
  });
}

function shownRows(within: Element | null): HTMLElement[] {
  return [...(within?.querySelectorAll<HTMLElement>('.row') ?? [])].filter((row) => row.checkVisibility());
}

function addressOf({ segment, q, state }: BoardFilter): string {
  const query = new URLSearchParams();
  if (segment !== '') query.set('segment', segment);
  if (q !== '') query.set('q', q);
  if (state !== 'draft') query.set('state', state);
  return query.size === 0 ? '/plays' : `/plays?${query}`;
}
