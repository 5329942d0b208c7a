import { useEffect, useRef } from 'react';
import type { Pages } from '../api/pages.ts';
import { More } from '../ui/more.tsx';
import { useRoving } from '../ui/roving.ts';
import { Time } from '../ui/time.tsx';
import { type Inbound, personOf } from './inbound.ts';
import { labelOf } from './words.ts';

type RepliesListProps = {
  pages: Pages<Inbound>;
  chosen_id: string | null;
  now_ms: number | undefined;
  onChoose(message: Inbound): void;
};

export function RepliesList({ pages, chosen_id, now_ms, onChoose }: RepliesListProps) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (chosen_id === null) return;
    const row = list.current?.querySelector<HTMLElement>('[aria-current="true"]');
    row?.scrollIntoView({ block: 'nearest' });
    if (list.current?.contains(document.activeElement)) row?.focus({ preventScroll: true });
  }, [chosen_id]);
  const rowProps = useRoving({
    ids: pages.items.map(({ id }) => id),
    current: chosen_id,
    onArrow: (id) => {
      const at = pages.items.findIndex((message) => message.id === id);
      const message = pages.items[at];
      if (message !== undefined) onChoose(message);
      if (at >= pages.items.length - 3) pages.loadMore();
    },
  });
  return (
    <>
      <ul className="rows" ref={list}>
        {pages.items.map((message) => (
          <li key={message.id}>
            <button
              type="button"
              className="row"
              aria-current={message.id === chosen_id}
              onClick={() => onChoose(message)}
              {...rowProps(message.id)}
            >
              <Row message={message} now_ms={now_ms} />
            </button>
          </li>
        ))}
      </ul>
      <More pages={pages} />
    </>
  );
}

function Row({ message, now_ms }: { message: Inbound; now_ms: number | undefined }) {
  const label = labelOf(message);
  return (
    <>
      <span className="row_head">
        <strong>{personOf(message)}</strong>
        <span className="muted">
          <Time iso={message.received_at} now_ms={now_ms} />
        </span>
      </span>
      <span className="row_head">
        <span className="row_text">{message.company ?? ' '}</span>
        {label === null ? null : <span className="badge">{label}</span>}
      </span>
      <span className="row_text row_words muted">
        {message.text || message.subject || message.fault || ' '}
      </span>
    </>
  );
}
