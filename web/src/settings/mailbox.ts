import { api, read, readVersion } from '../api/client.ts';
import type { PatchMailboxInput } from '../api/schema.d.ts';
import { type MailboxDraft, mailboxDraft } from './mailbox_draft.ts';
import type { Mailbox } from './use_settings.ts';

/** A mailbox, and the version that a change of it is compared with. */
export type ReadMailbox = { mailbox: Mailbox; version: string };

export async function fetchMailbox(id: string): Promise<ReadMailbox> {
  const { body, version } = await readVersion(api.GET('/mailboxes/{id}', { params: { path: { id } } }));
  return { mailbox: body, version };
}

/** Throws `version_changed` where someone else changed the mailbox since it was read. */
export function patchMailbox(
  { mailbox: { id }, version }: ReadMailbox,
  body: PatchMailboxInput,
): Promise<Mailbox> {
  const params = { path: { id }, header: { 'If-Match': version } };
  return read(api.PATCH('/mailboxes/{id}', { params, body }));
}

/** What others changed from one reading to another, of what the form has. */
export function changedFields(before: Mailbox, now: Mailbox): (keyof MailboxDraft)[] {
  return differing(mailboxDraft(before), mailboxDraft(now));
}

/** What was being typed, over what others saved meanwhile: what I did not touch becomes theirs, what I typed stays. */
export function mergedDraft(mine: MailboxDraft, before: Mailbox, now: Mailbox): MailboxDraft {
  const typed = differing(mailboxDraft(before), mine).map((name) => [name, mine[name]]);
  return { ...mailboxDraft(now), ...Object.fromEntries(typed) };
}

function differing(one: MailboxDraft, other: MailboxDraft): (keyof MailboxDraft)[] {
  const names = Object.keys(one) as (keyof MailboxDraft)[];
  return names.filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]));
}
