import { useQuery } from '@tanstack/react-query';
import { type Entry, fetchEntries, fetchEntry, type Status } from './entries.ts';

/** What may have no text is looked for in so many pages of its list. */
const MOST_PAGES = 20;
const PAGE = 200;

/** The touch that an address asks for, when it is not among those that were read; null when it is not in this tab. */
export function useAskedEntry(status: Status, queue_id: string | null) {
  const query = useQuery({
    // Not under the drafts: it is not looked for again whenever one of them changes.
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

/** What is approved and sent by a person waits for them in the same list. */
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
