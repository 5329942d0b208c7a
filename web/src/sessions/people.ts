import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { MINUTE_MS } from '../ui/durations.ts';

const KEPT_MS = 5 * MINUTE_MS;

/** The first 200 active users. */
export function usePeople() {
  const people = useQuery({
    queryKey: ['people'],
    queryFn: () => read(api.GET('/people', { params: { query: { limit: 200 } } })),
    staleTime: KEPT_MS,
  });
  return people.data?.items ?? [];
}
