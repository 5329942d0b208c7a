import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { dropFromPages, type Pages, usePages } from '../api/pages.ts';
import type { GateAnswer, Goal, HandOff, ListedTask, RoutedHandOff } from '../api/schema.d.ts';
import { fullName } from '../ui/names.ts';
import { type Scope, useScope } from '../ui/scope.tsx';

export type { GateAnswer, Goal, HandOff } from '../api/schema.d.ts';

export type HandOffDetail = HandOff;
export type Routed = RoutedHandOff;
export type Task = ListedTask;

/** A person's routing of a lead. */
export type Routing = { campaigns: string[]; goal?: Goal; notes?: string };

const REFRESH_MS = 30_000;
const PAGE = 50;
const KEY = ['hand_offs', 'list'] as const;

export function useHandOffs(): Pages<HandOff> {
  const scope = useScope();
  return usePages([...KEY, scope], (cursor) => fetchHandOffs('waiting', scope, cursor), REFRESH_MS);
}

/** Routed hand-offs, latest first. */
export function useRoutedHandOffs(): Pages<HandOff> {
  const scope = useScope();
  const key = ['hand_offs', 'routed', scope];
  return usePages(key, (cursor) => fetchHandOffs('routed', scope, cursor), REFRESH_MS);
}

/** Removes a meeting from the list, once the server has confirmed its routing. */
export function dropHandOff(id: string): void {
  dropFromPages<HandOff>(KEY, (hand_off) => hand_off.id === id);
}

/** One hand-off by its id: also a decided one, or one outside the list’s scope. Idle without an id. */
export function useHandOff(id: string | null) {
  return useQuery({
    queryKey: ['hand_offs', 'one', id],
    queryFn: () => fetchHandOff(id!),
    enabled: id !== null,
  });
}

export function fetchHandOff(id: string): Promise<HandOffDetail> {
  return read(api.GET('/hand_offs/{id}', { params: { path: { id } } }));
}

export function route(id: string, routing: Routing) {
  return read(api.POST('/tasks/{id}/route', { params: { path: { id } }, body: routing }));
}

export function decline(id: string, reason: string) {
  return read(api.POST('/tasks/{id}/route', { params: { path: { id } }, body: { decline: true, reason } }));
}

/** Gate decisions if the lead were routed now. */
export async function askGate(id: string, campaigns: string[]): Promise<GateAnswer[]> {
  const { items } = await read(
    api.POST('/hand_offs/{id}/preview', { params: { path: { id } }, body: { campaigns } }),
  );
  return items;
}

/** The requester of the enrollment: the person if one requested it, else the agent. */
export function askerOf({ requested_by, requested_by_name, requested_by_person }: HandOff): string {
  return requested_by_person ?? requested_by_name ?? requested_by ?? 'an agent';
}

export function personOf(one: {
  first_name: string | null;
  last_name: string | null;
  lead_email: string;
}): string {
  return fullName(one.first_name, one.last_name) ?? one.lead_email;
}

function fetchHandOffs(status: 'waiting' | 'routed', scope: Scope, cursor: string | undefined) {
  const query = { status, scope, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
  return read(api.GET('/hand_offs', { params: { query } }));
}
