import { api, read } from '../api/client.ts';
import { dropFromPages, type Pages, usePages } from '../api/pages.ts';
import type { Reply, ReplyContext, ReplyIntent } from '../api/schema.d.ts';
import { fullName } from '../ui/names.ts';
import { type Scope, useScope } from '../ui/scope.tsx';

export type Inbound = Reply;
export type Context = ReplyContext;
export type Intent = ReplyIntent;

export const SHOWN = ['waiting', 'handled'] as const;
/** Pending or handled messages. */
export type Shown = (typeof SHOWN)[number];

const REFRESH_MS = 30_000;
const PAGE = 50;

export function useInbound(shown: Shown): Pages<Inbound> {
  const scope = useScope();
  const key = [...inboundKey(shown), scope];
  return usePages(key, (cursor) => fetchInbound(shown, scope, cursor), REFRESH_MS);
}

/** Removes a message from the list once the server has confirmed that it is handled. */
export function dropInbound(shown: Shown, id: string): void {
  dropFromPages<Inbound>(inboundKey(shown), (message) => message.id === id);
}

export function fetchContext(id: string, whole: boolean): Promise<Context> {
  const query = whole ? { whole: true } : {};
  return read(api.GET('/inbound/{id}/context', { params: { path: { id }, query } }));
}

/** The lead's name, else its address, else the sender of the message. */
export function personOf({ first_name, last_name, lead_email, from_address }: Inbound): string {
  return fullName(first_name, last_name) ?? (lead_email || from_address || 'Unknown sender');
}

/** True for messages with an intent; delivery reports have none. */
export function isAnswer({ kind }: Inbound): boolean {
  return kind !== 'bounce' && kind !== 'delay' && kind !== 'complaint';
}

function inboundKey(shown: Shown): readonly unknown[] {
  return ['replies', 'list', shown];
}

function fetchInbound(shown: Shown, scope: Scope, cursor: string | undefined) {
  const query = {
    handled: shown === 'handled',
    scope,
    limit: PAGE,
    ...(cursor === undefined ? {} : { cursor }),
  };
  return read(api.GET('/inbound', { params: { query } }));
}
