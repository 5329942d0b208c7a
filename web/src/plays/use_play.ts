import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { MINUTE_MS } from '../ui/durations.ts';
import { fetchPlay } from './play.ts';

/** The server reports changes of plays immediately; polling catches those that were missed. */
const REFRESH_MS = 30_000;
const KEPT_MS = 5 * MINUTE_MS;

/** Reads a play with its version, which later changes send back. */
export function usePlay(play_id: string) {
  return useQuery({
    queryKey: ['plays', 'one', play_id],
    queryFn: () => fetchPlay(play_id),
    refetchInterval: REFRESH_MS,
  });
}

/** Reads the active plays and the cap of each segment. */
export function usePlayConfig() {
  return useQuery({
    queryKey: ['plays', 'config'],
    queryFn: () => read(api.GET('/plays/config')),
    refetchInterval: REFRESH_MS,
  });
}

/** Returns the name of a segment. */
export function useSegmentName(): (segment: string) => string {
  const config = usePlayConfig();
  return (segment) =>
    config.data?.segments.find((known) => known.segment === segment)?.name ?? segment.replaceAll('_', ' ');
}

/** Reads the brands. */
export function useClients() {
  return useQuery({
    queryKey: ['clients'],
    queryFn: () => read(api.GET('/clients', { params: { query: { limit: 200 } } })),
    staleTime: KEPT_MS,
  });
}
