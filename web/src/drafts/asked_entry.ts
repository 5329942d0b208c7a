import { useQuery } from '@tanstack/react-query';
import { type Entry, fetchEntries, fetchEntry, type Status } from './entries.ts';

/** Pages of a list to search for an item that may have no text. */
const MOST_PAGES = 20;
const PAGE = 200;

/** The touch named in the address, if the pages already read do not contain it; null if this tab does not have it. */
export function useAskedEntry(status: Status, queue_id: string | null) {
  const query = useQuery({
    // Not under the drafts' keys: a change of one draft does not repeat the search.
    queryKey: ['asked_draft', status, queue_id],
    queryFn: async () => {
      if (status === 'held' || status === 'failed' || status === 'unknown')
        return find(status, queue_id ?? '');
      const found = await fetchEntry(queue_id ?? '');
      return found !== null && isIn(status, found) ? found : null;
    },
    enabled: queue_id !== null,
    gcTime: 0,
  });
  return { found: query.data ?? null, is_looking: query.isLoading, error: query.error };
}

/** Approved manual sends are in the same list as pending drafts. */
function isIn(status: Status, entry: Entry): boolean {
  if (status === 'rejected') return entry.rejection !== null;
  return (
    entry.status === status || (status === 'drafted' && entry.status === 'approved' && entry.is_personal)
  );
}

async function find(status: Status, queue_id: string): Promise<Entry | null> {
  let cursor: string | undefined;
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const page = await fetchEntries(status, cursor, PAGE);
    const found = page.items.find((entry) => entry.queue_id === queue_id);
    if (found !== undefined) return found;
    if (page.next_cursor === null) return null;
    cursor = page.next_cursor;
  }
  return null;
}
