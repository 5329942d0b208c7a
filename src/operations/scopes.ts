import type { HttpRoute } from './operation.ts';

/**
 * What a key may be narrowed to: `read` is every operation that changes nothing, `write` every one that does, and
 * `leads:write` those that change one noun. None widens what its principal may do: the table of permissions is asked first.
 * What lets people and keys in has no scope.
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
  'tasks:write',
  'webhooks:write',
] as const;

/** The scopes of which a key needs one for this operation, on whatever surface it is asked for. */
export function scopesOf({ http }: { http?: HttpRoute }): readonly string[] {
  if (http === undefined) return [];
  return http.method === 'GET' ? ['read'] : ['write', `${nounOf(http.path)}:write`];
}

/** The first word of the path. */
function nounOf(path: string): string {
  return path.split('/')[1]!;
}
