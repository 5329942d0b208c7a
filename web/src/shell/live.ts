import { useEffect } from 'react';
import { cache } from '../api/cache.ts';

/** Maps each kind of server event to the first words of the query keys it affects. */
const CONCERNED: Readonly<Record<string, readonly string[]>> = {
  event: ['today', 'drafts', 'leads', 'coordinator', 'campaigns', 'replies', 'hand_offs'],
  flag: ['today', 'flags', 'hand_offs', 'coordinator'],
  notification: ['today', 'notifications'],
  play: ['today', 'plays'],
};
/** Refetches once per burst of changes, and at most this often. */
const GATHER_MS = 400;
/** Queries that count a month of the log refetch only this often. */
const COUNTED = ['funnel'];
const COUNT_MS = 4_000;

/**
 * Refetches what changed on the server, by its event stream. After a lost connection, the browser resumes the stream where
 * it stopped; polling catches what else was missed.
 */
export function useLive(is_wanted: boolean): void {
  useEffect(() => {
    if (!is_wanted) return;
    const source = new EventSource('/api/v1/stream');
    const waiting = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let count_timer: ReturnType<typeof setTimeout> | undefined;
    const readAgain = () => {
      timer = undefined;
      const keys = new Set(waiting);
      waiting.clear();
      cache.invalidateQueries({ predicate: ({ queryKey }) => keys.has(String(queryKey[0])) });
    };
    const countAgain = () => {
      count_timer = undefined;
      for (const key of COUNTED) cache.invalidateQueries({ queryKey: [key] });
    };
    source.onmessage = (message: MessageEvent<string>) => {
      const { type } = JSON.parse(message.data) as { type: string };
      const concerned = CONCERNED[type] ?? Object.values(CONCERNED).flat();
      for (const key of concerned) waiting.add(key);
      timer ??= setTimeout(readAgain, GATHER_MS);
      if (type === 'event' || type === 'reset') count_timer ??= setTimeout(countAgain, COUNT_MS);
    };
    return () => {
      clearTimeout(timer);
      clearTimeout(count_timer);
      source.close();
    };
  }, [is_wanted]);
}
