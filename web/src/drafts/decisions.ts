import { api, read } from '../api/client.ts';
import type { TouchResult } from '../channels.gen.ts';
import type { Draft, DraftDetail } from './entries.ts';

/** The text that a decision is about. Its hash is sent, so that only a text that was read is decided on. */
export type Text = Pick<Draft, 'id' | 'queue_id' | 'content_hash' | 'subject' | 'body' | 'version'> &
  Pick<Draft, 'written_by_agent_id' | 'written_by_user_id' | 'written_by_user_name'> &
  Pick<Draft, 'written_with' | 'fallback_reason' | 'created_at'>;

export function approve({ id, content_hash }: Text): Promise<DraftDetail> {
  return read(api.POST('/drafts/{id}/approve', { params: { path: { id } }, body: { content_hash } }));
}

export function withdrawApproval(draft_id: string): Promise<DraftDetail> {
  return read(api.POST('/drafts/{id}/withdraw_approval', { params: { path: { id: draft_id } } }));
}

/** Saves a new version; resolves to the current draft. */
export function edit(
  { id, content_hash }: Text,
  text: { subject: string | null; body: string },
): Promise<DraftDetail> {
  const { subject, body } = text;
  const changed = { content_hash, body, ...(subject === null ? {} : { subject }) };
  return read(api.POST('/drafts/{id}/versions', { params: { path: { id } }, body: changed }));
}

export function reject({ id, content_hash }: Text, reason: string): Promise<DraftDetail> {
  return read(api.POST('/drafts/{id}/reject', { params: { path: { id } }, body: { content_hash, reason } }));
}

/** `already_sent` records a touch that was sent, even if a gate would have stopped it. */
export function markSent(
  { id, content_hash }: Text,
  already_sent: boolean,
  result: TouchResult | null,
): Promise<DraftDetail> {
  const body = { content_hash, already_sent, ...(result === null ? {} : { result }) };
  return read(api.POST('/drafts/{id}/mark_sent', { params: { path: { id } }, body }));
}

/** Confirms whether a message of unknown delivery was sent. */
export function resolve(queue_id: string, went: boolean) {
  return read(api.POST('/send_queue/{id}/resolve', { params: { path: { id: queue_id } }, body: { went } }));
}

/** Drops a touch that has no text yet. */
export function drop(queue_id: string, reason: string) {
  return read(api.POST('/send_queue/{id}/cancel', { params: { path: { id: queue_id } }, body: { reason } }));
}

export function fetchDraft(id: string): Promise<DraftDetail> {
  return read(api.GET('/drafts/{id}', { params: { path: { id } } }));
}

/** The version that replaced this one. */
export async function currentVersion(draft_id: string): Promise<DraftDetail> {
  const known = await fetchDraft(draft_id);
  const latest = known.versions.at(-1);
  return latest === undefined || latest.id === known.id ? known : fetchDraft(latest.id);
}
