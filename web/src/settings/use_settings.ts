import { useQuery } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { type Answer, api, read } from '../api/client.ts';

/** A net below what is told live: settings change rarely, and by the one who looks. */
export const REFRESH_MS = 60_000;

export type Policy = Answer<'/policy', 'get'>;
export type Mailbox = Answer<'/mailboxes/{id}', 'get'>;
export type Organization = Answer<'/organization', 'get'>;
export type Brand = Answer<'/clients', 'get'>['items'][number];
export type User = Answer<'/users', 'get'>['items'][number];
export type Agent = Answer<'/agents', 'get'>['items'][number];
export type ApiKey = Answer<'/api_keys', 'get'>['items'][number];
export type Webhook = Answer<'/webhooks', 'get'>['items'][number];
export type Session = Answer<'/sessions', 'get'>['items'][number];

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
