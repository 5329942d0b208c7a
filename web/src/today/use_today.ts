import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import type { Scope } from '../ui/scope.tsx';

export type { Today } from '../api/schema.d.ts';

export type Count = { count: number; is_more: boolean };

/** The server reports changes; polling catches those that were missed. */
const REFRESH_MS = 30_000;

/** Counts of pending work in a scope. */
export function useToday(scope: Scope) {
  return useQuery({
    queryKey: ['today', scope],
    queryFn: () => read(api.GET('/today', { params: { query: { scope } } })),
    refetchInterval: REFRESH_MS,
  });
}

/** Formats "12", or "1,000+" if the server stopped counting. */
export function countText({ count, is_more }: Count): string {
  return `${count.toLocaleString('en')}${is_more ? '+' : ''}`;
}
