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

/** Polling interval behind the live updates, since settings rarely change. */
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

/** All users, for viewers who may see them. */
export function useUsers(is_wanted = true) {
  return useQuery({
    queryKey: ['settings', 'users', 'all'],
    queryFn: () => read(api.GET('/users', { params: { query: { limit: 200 } } })),
    enabled: is_wanted,
  });
}

/** Refetches the changed settings. */
export function settingsChanged(...of: readonly string[]): Promise<void> {
  return cache.invalidateQueries({ queryKey: ['settings', ...of] });
}
