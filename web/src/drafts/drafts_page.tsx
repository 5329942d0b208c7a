import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useNow } from '../sessions/me.ts';
import { useArrival } from '../ui/arrival.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { useKeys } from '../ui/keys.ts';
import { go, useRoute } from '../ui/route.ts';
import { Tabs } from '../ui/tabs.tsx';
import { useTitle } from '../ui/title.ts';
import { DraftPanel } from './draft_panel.tsx';
import { DraftsList } from './drafts_list.tsx';
import { dropEntry, type Entry, fetchEntries, STATUSES, type Status, useEntries } from './entries.ts';
import { EMPTY_WORDS, TAB_WORDS } from './words.ts';

const COUNT_LIMIT = 10;
const COUNT_REFRESH_MS = 15_000;

/** What waits for a person, and what became of it. The list on the left, the message itself on the right. */
export function DraftsPage() {
  const { query } = useRoute();
  useTitle('Drafts');
  const status = STATUSES.find((known) => known === query.get('status')) ?? 'drafted';
  return <DraftsOf key={status} status={status} asked={query.get('item')} />;
}

function DraftsOf({ status, asked }: { status: Status; asked: string | null }) {
  const pages = useEntries(status);
  const now_ms = useNow();
  const { entry, index, is_gone, choose } = useChoice(status, pages.items, asked);
  const heading = useRef<HTMLHeadingElement>(null);
  // On a narrow screen it is the opening that brings it on the screen.
  useArrival(heading, entry === null ? null : `${entry.queue_id} ${asked !== null}`);
  const move = (by: number) => {
    const at = is_gone && by > 0 ? index : index + by;
    const next = pages.items[at];
    if (next !== undefined) choose(next, true);
    if (at >= pages.items.length - 3) pages.loadMore();
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  const leave = (done: Entry) => {
    const rest = pages.items.filter((other) => other.queue_id !== done.queue_id);
    dropEntry(status, done.queue_id);
    choose(rest[Math.min(index, rest.length - 1)] ?? null, true);
  };
  return (
    <div className="split" data-open={asked !== null && entry !== null}>
      <section className="pane_list" aria-label={TAB_WORDS[status]}>
        <h1 className="unseen">Drafts</h1>
        <StatusTabs current={status} shown={countText(pages.items.length, pages.has_more)} />
        <Failure error={pages.error} />
        <DraftsList
          pages={pages}
          chosen_id={entry?.queue_id ?? null}
          now_ms={now_ms}
          onChoose={(chosen) => choose(chosen, asked !== null)}
        />
      </section>
      <section className="pane_detail" aria-label="The message">
        {entry === null ? (
          <Nothing status={status} is_loading={pages.is_loading} />
        ) : (
          <DraftPanel
            key={entry.queue_id}
            entry={entry}
            is_gone={is_gone}
            now_ms={now_ms}
            position={is_gone ? null : `${index + 1} of ${countText(pages.items.length, pages.has_more)}`}
            heading={heading}
            back_to={addressOf(status, null)}
            onLeave={() => leave(entry)}
          />
        )}
      </section>
    </div>
  );
}

/**
 * Which touch is on the right. It stays there when the list moves under it, and even when it leaves the list:
 * nobody shall approve a text that slid under the finger.
 */
function useChoice(status: Status, entries: readonly Entry[], asked: string | null) {
  const [kept, setKept] = useState<{ entry: Entry; index: number } | null>(null);
  const chosen_id = asked ?? kept?.entry.queue_id ?? entries[0]?.queue_id ?? null;
  const index = entries.findIndex((entry) => entry.queue_id === chosen_id);
  const found = entries[index] ?? null;
  useEffect(() => {
    if (found !== null) setKept({ entry: found, index });
  }, [found, index]);
  const choose = (entry: Entry | null, replace: boolean) => {
    setKept(entry === null ? null : { entry, index: entries.indexOf(entry) });
    go(addressOf(status, entry?.queue_id ?? null), { replace });
  };
  if (found !== null) return { entry: found, index, is_gone: false, choose };
  const last = kept !== null && kept.entry.queue_id === chosen_id ? kept : null;
  return { entry: last?.entry ?? null, index: last?.index ?? 0, is_gone: last !== null, choose };
}

function StatusTabs({ current, shown }: { current: Status; shown: string }) {
  const counts = useQuery({
    queryKey: ['drafts', 'counts'],
    queryFn: async () => {
      const read = STATUSES.map(async (status) => {
        const { items, next_cursor } = await fetchEntries(status, undefined, COUNT_LIMIT);
        return { status, items, has_more: next_cursor !== null };
      });
      const pages = await Promise.all(read);
      const approved = pages.find(({ status }) => status === 'approved')?.items ?? [];
      const personal = approved.filter((entry) => entry.is_personal).length;
      return new Map(
        pages.map(({ status, items, has_more }) => {
          const others = status === 'drafted' && !has_more ? personal : 0;
          return [status, countText(items.length + others, has_more)];
        }),
      );
    },
    refetchInterval: COUNT_REFRESH_MS,
  });
  const tabs = STATUSES.map((status) => {
    const count = status === current ? shown : (counts.data?.get(status) ?? '0');
    return {
      to: addressOf(status, null),
      label: TAB_WORDS[status],
      is_current: status === current,
      count: count === '0' ? undefined : count,
    };
  });
  return <Tabs label="Drafts by state" tabs={tabs} />;
}

function Nothing({ status, is_loading }: { status: Status; is_loading: boolean }) {
  if (is_loading) return <p className="muted padded">Reading …</p>;
  const { title, text } = EMPTY_WORDS[status];
  return (
    <Empty title={title}>
      <p>{text}</p>
    </Empty>
  );
}

function countText(count: number, has_more: boolean): string {
  return has_more ? `${count}+` : String(count);
}

function addressOf(status: Status, queue_id: string | null): string {
  const query = new URLSearchParams();
  if (status !== 'drafted') query.set('status', status);
  if (queue_id !== null) query.set('item', queue_id);
  return query.size === 0 ? '/drafts' : `/drafts?${query}`;
}
