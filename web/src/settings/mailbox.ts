import { api, read, readVersion } from '../api/client.ts';
import type { PatchMailboxInput } from '../api/schema.d.ts';
import { type MailboxDraft, mailboxDraft } from './mailbox_draft.ts';
import type { Mailbox } from './use_settings.ts';

/** A mailbox with its version, which later changes send back. */
export type ReadMailbox = { mailbox: Mailbox; version: string };

export async function fetchMailbox(id: string): Promise<ReadMailbox> {
  const { body, version } = await readVersion(api.GET('/mailboxes/{id}', { params: { path: { id } } }));
  return { mailbox: body, version };
}

/** Throws `version_changed` if another user changed the mailbox after it was read. */
export function patchMailbox(
  { mailbox: { id }, version }: ReadMailbox,
  body: PatchMailboxInput,
): Promise<Mailbox> {
  const params = { path: { id }, header: { 'If-Match': version } };
  return read(api.PATCH('/mailboxes/{id}', { params, body }));
}

/** Returns the form fields that another user changed between two reads. */
export function changedFields(before: Mailbox, now: Mailbox): (keyof MailboxDraft)[] {
  return differing(mailboxDraft(before), mailboxDraft(now));
}

/** Merges unsaved edits with another user's save: untouched fields take their values, edited ones stay. */
export function mergedDraft(mine: MailboxDraft, before: Mailbox, now: Mailbox): MailboxDraft {
  const typed = differing(mailboxDraft(before), mine).map((name) => [name, mine[name]]);
  return { ...mailboxDraft(now), ...Object.fromEntries(typed) };
}

function differing(one: MailboxDraft, other: MailboxDraft): (keyof MailboxDraft)[] {
  const names = Object.keys(one) as (keyof MailboxDraft)[];
  return names.filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]));
}
