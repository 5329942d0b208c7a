import type { HttpRoute } from './operation.ts';

/**
 * Scopes of keys: `read` covers operations that change nothing, `write` all others, `leads:write` those that change one
 * noun. A scope narrows permissions and never grants any. Grants of access have no scope.
 */
export const SCOPES = [
  'read',
  'write',
  'accounts:write',
  'agents:write',
  'campaigns:write',
  'clients:write',
  'drafts:write',
  'enrollments:write',
  'erased_mentions:write',
  'flags:write',
  'hand_offs:write',
  'inbound:write',
  'leads:write',
  'mailboxes:write',
  'notifications:write',
  'organization:write',
  'plays:write',
  'policy:write',
  'send_queue:write',
  'sequence_requests:write',
  'suppressions:write',
  'tasks:write',
  'webhooks:write',
] as const;

/** A scoped key needs one of these for the operation, on any surface. */
export function scopesOf({ http }: { http?: HttpRoute }): readonly string[] {
  if (http === undefined) return [];
  return http.method === 'GET' ? ['read'] : ['write', `${nounOf(http.path)}:write`];
}

function nounOf(path: string): string {
  return path.split('/')[1]!;
}
