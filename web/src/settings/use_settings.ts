import { useQuery } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';

export type {
  Agent,
  ApiKey,
  Brand,
  Mailbox,
  Organization,
  Policy,
  Session,
  User,
  Webhook,
} from '../api/schema.d.ts';

/** A net below what is told live: settings change rarely, and by the one who looks. */
export const REFRESH_MS = 60_000;

export function usePolicy() {
  return useQuery({ queryKey: ['settings', 'policy'], queryFn: () => read(api.GET('/policy')) });
}

export function useShippedPolicy() {
  return useQuery({
    queryKey: ['settings', 'policy', 'default'],
    queryFn: () => read(api.GET('/policy/default')),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useAgents() {
  return useQuery({ queryKey: ['agents'], queryFn: () => read(api.GET('/agents')) });
}

/** Everyone; for those who may know. */
export function useUsers(is_wanted = true) {
  return useQuery({
    queryKey: ['settings', 'users', 'all'],
    queryFn: () => read(api.GET('/users', { params: { query: { limit: 200 } } })),
    enabled: is_wanted,
  });
}

/** Reads again what was just changed. */
export function settingsChanged(...of: readonly string[]): Promise<void> {
  return cache.invalidateQueries({ queryKey: ['settings', ...of] });
}
