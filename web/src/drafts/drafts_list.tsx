import { memo, useEffect, useRef } from 'react';
import type { Pages } from '../api/pages.ts';
import { CHANNELS } from '../channels.gen.ts';
import { More } from '../ui/more.tsx';
import { useRoving } from '../ui/roving.ts';
import { Time } from '../ui/time.tsx';
import type { Entry } from './entries.ts';

/** The next page loads this many rows before the end, for mouse and keyboard alike. */
const LOAD_BEFORE_END = 5;

type DraftsListProps = {
  pages: Pages<Entry>;
  chosen_id: string | null;
  now_ms: number | undefined;
  onChoose(entry: Entry): void;
};

export function DraftsList({ pages, chosen_id, now_ms, onChoose }: DraftsListProps) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (chosen_id === null) return;
    const row = list.current?.querySelector<HTMLElement>('[aria-current="true"]');
    row?.scrollIntoView({ block: 'nearest' });
    // The focus moves only if it was already in the list.
    if (list.current?.contains(document.activeElement)) row?.focus({ preventScroll: true });
  }, [chosen_id]);
  const rowProps = useRoving({
    ids: pages.items.map((entry) => entry.queue_id),
    current: chosen_id,
    onArrow: (id) => {
      const at = pages.items.findIndex((entry) => entry.queue_id === id);
      const entry = pages.items[at];
      if (entry !== undefined) onChoose(entry);
      if (at >= pages.items.length - LOAD_BEFORE_END) pages.loadMore();
    },
  });
  // Rows read their handlers when used, so a new handler redraws no row.
  const acts = useRef<RowActs>({ rowProps, onChoose });
  useEffect(() => {
    acts.current = { rowProps, onChoose };
  });
  return (
    <>
      <ul className="rows" ref={list}>
        {pages.items.map((entry) => (
          <ListRow
            key={entry.queue_id}
            entry={entry}
            is_current={entry.queue_id === chosen_id}
            tab_index={rowProps(entry.queue_id).tabIndex}
            now_ms={now_ms}
            acts={acts}
          />
        ))}
      </ul>
      <More pages={pages} />
    </>
  );
}

type RowActs = { rowProps: ReturnType<typeof useRoving>; onChoose(entry: Entry): void };

type ListRowProps = {
  entry: Entry;
  is_current: boolean;
  tab_index: number;
  now_ms: number | undefined;
  acts: { readonly current: RowActs };
};

const ListRow = memo(function ListRow({ entry, is_current, tab_index, now_ms, acts }: ListRowProps) {
  const { queue_id } = entry;
  return (
    <li className="draft_row">
      <button
        type="button"
        className="row"
        aria-current={is_current}
        tabIndex={tab_index}
        onClick={() => acts.current.onChoose(entry)}
        onFocus={() => acts.current.rowProps(queue_id).onFocus()}
        onKeyDown={(event) => acts.current.rowProps(queue_id).onKeyDown(event)}
      >
        <Row entry={entry} now_ms={now_ms} />
      </button>
    </li>
  );
});

function Row({ entry, now_ms }: { entry: Entry; now_ms: number | undefined }) {
  return (
    <>
      <span className="row_head">
        <strong>{entry.company ?? entry.person}</strong>
        <RowTime entry={entry} now_ms={now_ms} />
      </span>
      <span className="row_text">{entry.company === null ? ' ' : entry.person}</span>
      <span className="row_text muted">
        {entry.campaign} · step {entry.step_number}
        {CHANNELS[entry.channel].sent_by === 'person' ? ` · ${CHANNELS[entry.channel].label}` : ''}
        {entry.is_personal && CHANNELS[entry.channel].sent_by === 'product' ? ' · manual send' : ''}
        {entry.is_personal && entry.status === 'approved' ? ' · approved' : ''}
      </span>
    </>
  );
}

function RowTime({ entry, now_ms }: { entry: Entry; now_ms: number | undefined }) {
  const { status, sent_at, held_until, scheduled_at, rejection } = entry;
  const iso = rejection?.rejected_at ?? sent_at ?? (status === 'held' ? held_until : scheduled_at);
  if (iso === null) return null;
  return (
    <span className="muted">
      <Time iso={iso} now_ms={now_ms} />
    </span>
  );
}
