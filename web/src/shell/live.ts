import { useEffect } from 'react';
import { cache } from '../api/cache.ts';

/** What the server tells of, and what was read of it. The keys are the first words of query keys. */
const CONCERNED: Readonly<Record<string, readonly string[]>> = {
  event: ['today', 'drafts', 'leads', 'coordinator', 'campaigns', 'replies', 'hand_offs'],
  flag: ['today', 'flags', 'hand_offs', 'coordinator'],
  notification: ['today', 'notifications'],
  play: ['today', 'plays'],
};
/** A burst of changes is read once: soon enough to seem immediate, and no more often than this. */
const GATHER_MS = 400;
/** What takes a month of the log to count is counted anew with the changes of so long. */
const COUNTED = ['funnel'];
const COUNT_MS = 4_000;

/**
 * Reads again what changed on the server, as it tells of it. A line that was lost is found again by the browser, which
 * says where it was; what else was missed is read by the intervals of the pages themselves.
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
