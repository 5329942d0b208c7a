import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import type { DraftExplanation } from '../api/schema.d.ts';
import type { Entry } from './entries.ts';

export type Background = DraftExplanation;

/** Number of following drafts to read ahead. */
const AHEAD = 3;
/** Moving through the list quickly does not read each draft. */
const PAUSE_MS = 120;
const FRESH_MS = 60_000;

/** The message as it will arrive, the gates' decision, and the conversation before it. */
export function useBackground({ draft_id, status }: Pick<Entry, 'draft_id' | 'status'>) {
  return useQuery({ ...asked(draft_id ?? '', status), enabled: draft_id !== null });
}

/** Reads the background of the next few drafts ahead of time. */
export function usePrefetch(entries: readonly Entry[], index: number): void {
  const ids = entries
    .slice(index + 1, index + 1 + AHEAD)
    .flatMap(({ draft_id, status }) => (draft_id === null ? [] : `${draft_id}:${status}`))
    .join(' ');
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const next of ids.split(' ').filter(Boolean)) {
        const [draft_id, status] = next.split(':') as [string, Entry['status']];
        cache.prefetchQuery(asked(draft_id, status));
      }
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [ids]);
}

/** The last gate decision differs between statuses. */
function asked(draft_id: string, status: Entry['status']) {
  return {
    queryKey: ['drafts', 'explain', draft_id, status],
    queryFn: () => read(api.GET('/drafts/{id}/explain', { params: { path: { id: draft_id } } })),
    staleTime: FRESH_MS,
  };
}
