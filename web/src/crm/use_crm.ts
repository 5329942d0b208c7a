import { useQuery } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import { isRefusal } from '../api/refusal.ts';
import type { CrmConnection, CrmWriteStatus } from '../api/schema.d.ts';

/** Writes leave within seconds, and no event of the stream reports them. */
const REFRESH_MS = 5_000;

const CONNECTION = ['crm', 'connection'];

/** The connection; null: no CRM is connected. */
export function useCrm() {
  return useQuery({
    queryKey: CONNECTION,
    queryFn: async (): Promise<CrmConnection | null> => {
      try {
        return await read(api.GET('/crm'));
      } catch (error) {
        if (isRefusal(error, 'not_found')) return null;
        throw error;
      }
    },
    refetchInterval: ({ state }) => (state.data === null ? false : REFRESH_MS),
  });
}

export type WriteFilters = { status: CrmWriteStatus | null; lead_id: string | null };

export function useCrmWrites({ status, lead_id }: WriteFilters, limit: number) {
  return usePages(
    ['crm', 'writes', status, lead_id, limit],
    (cursor) =>
      read(
        api.GET('/crm/writes', {
          params: {
            query: {
              limit,
              ...(status === null ? {} : { status }),
              ...(lead_id === null ? {} : { lead_id }),
              ...(cursor === undefined ? {} : { cursor }),
            },
          },
        }),
      ),
    REFRESH_MS,
  );
}

/** Open warnings that nothing reaches the CRM. */
export function useCrmWarnings() {
  return useQuery({
    queryKey: ['flags', 'crm_unreachable'],
    queryFn: () =>
      read(api.GET('/flags', { params: { query: { kind: 'crm_unreachable', open_only: true, limit: 1 } } })),
    refetchInterval: REFRESH_MS,
  });
}

/** Refetches after a decision about a write. */
export function writesChanged(): void {
  cache.invalidateQueries({ queryKey: ['crm'] });
  cache.invalidateQueries({ queryKey: ['flags'] });
  cache.invalidateQueries({ queryKey: ['leads'] });
}

export function crmDisconnected(): void {
  cache.setQueryData(CONNECTION, null);
  cache.invalidateQueries({ queryKey: ['crm', 'writes'] });
}
