import { useQuery } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import type { Lead, ListedEnrollment } from '../api/schema.d.ts';
import { readVersioned } from '../api/versioned.ts';
import { fullName } from '../ui/names.ts';

export type { Explanation, Lead } from '../api/schema.d.ts';

export type Enrollment = ListedEnrollment;

/** The stream reports changes; polling catches those it missed. */
export const REFRESH_MS = 30_000;

/** Reads one lead with its version, which later changes send back. */
export function useLead(lead_id: string) {
  return useQuery({
    queryKey: ['leads', lead_id, 'lead'],
    queryFn: () => fetchLead(lead_id),
    refetchInterval: REFRESH_MS,
  });
}

export function fetchLead(lead_id: string) {
  return readVersioned(api.GET('/leads/{id}', { params: { path: { id: lead_id } } }));
}

export function useExplanation(lead_id: string) {
  return useQuery({
    queryKey: ['leads', lead_id, 'explain'],
    queryFn: () => read(api.GET('/leads/{id}/explain', { params: { path: { id: lead_id } } })),
    refetchInterval: REFRESH_MS,
  });
}

/** Refetches all queries about leads, since one change affects several parts of a page. */
export function leadChanged(): void {
  cache.invalidateQueries({ queryKey: ['leads'] });
}

export function nameOf({
  first_name,
  last_name,
  email,
}: Pick<Lead, 'first_name' | 'last_name' | 'email'>): string {
  return fullName(first_name, last_name) ?? email;
}
