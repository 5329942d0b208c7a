import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import { type LogFilters, logQuery } from './log_filters.tsx';
import type { LogEvent } from './words.ts';

const PAGE = 50;
/** With more new events than this, the log is read again. */
const NEWER_MAX = 100;
const REFRESH_MS = 30_000;
/** From this scroll position on, someone is reading, and no line may move. */
const READING_FROM_PX = 120;

/**
 * The log, newest first. New events appear at the top while the start of the log is visible. A reader who scrolled down
 * sees only their count and adds them with a click.
 */
export function useLog(filters: LogFilters) {
  const query = logQuery(filters);
  const key = JSON.stringify(query);
  const [generation, setGeneration] = useState(0);
  const [added, setAdded] = useState<{ key: string; events: readonly LogEvent[] }>({ key, events: [] });
  const fetchEvents = (more: { cursor?: string; since?: string; limit: number }) =>
    read(api.GET('/events', { params: { query: { words: true, ...query, ...more } } }));
  // A separate key: the lines already read stay as they were.
  const pages = usePages(
    ['log', key, generation],
    (cursor) => fetchEvents({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }),
    false,
  );
  const own = added.key === `${key} ${generation}` ? added.events : [];
  const events = [...own, ...pages.items];
  const newest = events[0];
  const since = newest?.timestamp ?? query.since;
  const head = useQuery({
    queryKey: ['coordinator', 'log', key, since ?? ''],
    queryFn: () => fetchEvents({ limit: NEWER_MAX, ...(since === undefined ? {} : { since }) }),
    enabled: !pages.is_loading && filters.until === null,
    refetchInterval: REFRESH_MS,
  });
  const known = new Set(events.map(({ id }) => id));
  const fresh = (head.data?.items ?? []).filter(({ id }) => !known.has(id));
  const is_too_many = head.data !== undefined && head.data.next_cursor !== null;
  const take = () => {
    if (is_too_many) setGeneration(generation + 1);
    else setAdded({ key: `${key} ${generation}`, events: [...fresh, ...own] });
  };
  const fresh_count = fresh.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when a new event arrives
  useEffect(() => {
    if (fresh_count > 0 && window.scrollY < READING_FROM_PX && !isReading()) take();
  }, [fresh_count]);
  return { pages, events, fresh_count, is_too_many, take, error: pages.error ?? head.error };
}

/** A line that is open or has the keyboard focus also keeps the lines in place. */
function isReading(): boolean {
  return document.querySelector('.log details[open], .log :focus-visible') !== null;
}
