import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { cache } from '../api/cache.ts';
import { type Answer, api, read } from '../api/client.ts';
import type { Entry } from './entries.ts';

export type Background = Answer<'/drafts/{id}/explain', 'get'>;

/** So many of those that come next are read before someone comes to them. */
const AHEAD = 3;
/** Whoever goes through a list quickly does not stop for each. */
const PAUSE_MS = 120;
const FRESH_MS = 60_000;

/** How a draft arrives, why it is written now, and what was said before it. */
export function useBackground(draft_id: string | null) {
  return useQuery({ ...asked(draft_id ?? ''), enabled: draft_id !== null });
}

/** Reads what belongs to the next few drafts of a list, so that it is there with them. */
export function usePrefetch(entries: readonly Entry[], index: number): void {
  const ids = entries
    .slice(index + 1, index + 1 + AHEAD)
    .flatMap(({ draft_id }) => draft_id ?? [])
    .join(' ');
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const id of ids.split(' ').filter(Boolean)) cache.prefetchQuery(asked(id));
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [ids]);
}

function asked(draft_id: string) {
  return {
    queryKey: ['drafts', 'explain', draft_id],
    queryFn: () => read(api.GET('/drafts/{id}/explain', { params: { path: { id: draft_id } } })),
    staleTime: FRESH_MS,
  };
}
