import type { HttpRoute } from './operation.ts';

const CHANGED = `
  accounts agents assignment_rules campaigns clients crm drafts enrollments erased_mentions flags hand_offs inbound leads mailboxes
  notification_preferences notifications opportunities organization personal_sends plays policy send_queue sequence_requests service_records suppressions tasks
  webhooks`.match(/\S+/g)!;

/**
 * Scopes of keys: `read` covers operations that change nothing, `write` all others, `leads:write` those that change one
 * noun. A scope narrows permissions and never grants any. Grants of access have no scope.
 */
export const SCOPES: readonly string[] = ['read', 'write', ...CHANGED.map((noun) => `${noun}:write`)];

/** A scoped key needs one of these for the operation, on any surface. */
export function scopesOf({ http }: { http?: HttpRoute }): readonly string[] {
  if (http === undefined) return [];
  return http.method === 'GET' ? ['read'] : ['write', `${http.path.split('/')[1]}:write`];
}
