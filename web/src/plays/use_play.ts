import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { MINUTE_MS } from '../ui/durations.ts';
import { fetchPlay } from './play.ts';

/** What happens to plays is told by the server at once; this is for what was missed. */
const REFRESH_MS = 30_000;
const KEPT_MS = 5 * MINUTE_MS;

/** A play, and the version that a change of it is compared with. */
export function usePlay(play_id: string) {
  return useQuery({
    queryKey: ['plays', 'one', play_id],
    queryFn: () => fetchPlay(play_id),
    refetchInterval: REFRESH_MS,
  });
}

/** How many plays each segment has and may have. */
export function usePlayConfig() {
  return useQuery({
    queryKey: ['plays', 'config'],
    queryFn: () => read(api.GET('/plays/config')),
    refetchInterval: REFRESH_MS,
  });
}

/** What a segment is called. */
export function useSegmentName(): (segment: string) => string {
  const config = usePlayConfig();
  return (segment) =>
    config.data?.segments.find((known) => known.segment === segment)?.name ?? segment.replaceAll('_', ' ');
}

/** The brands that messages come from. */
export function useClients() {
  return useQuery({
    queryKey: ['clients'],
    queryFn: () => read(api.GET('/clients', { params: { query: { limit: 200 } } })),
    staleTime: KEPT_MS,
  });
}
