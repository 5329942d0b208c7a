import { z } from 'zod';
import type { Queryable } from '../../db/pool.ts';
import { type ShownMailboxGrantsResult, shownMailboxGrants } from '../../db/queries/mailbox_grants.gen.ts';
import { OAUTH_PROVIDER_VALUES } from '../../schema.gen.ts';
import { id, noun, nullableInstant } from '../fields.ts';

export const oauthOutput = noun('MailboxGrant', {
  provider: z.enum(OAUTH_PROVIDER_VALUES),
  user: z.string().describe('as whom the mail servers are entered'),
  connected_at: nullableInstant.describe('null: it is not connected, and has to be before it sends'),
  connected_by: id.nullable(),
  failed_at: nullableInstant.describe('when the provider last gave no token'),
  failure: z.string().nullable().describe('why, in one stable word; invalid_grant: connect it again'),
});

/** What is shown of the grants of these mailboxes, by their ids. */
export async function shownGrants(
  db: Queryable,
  mailboxes: readonly { org_id: string; id: string }[],
): Promise<ReadonlyMap<string, z.input<typeof oauthOutput>>> {
  const [first] = mailboxes;
  if (first === undefined) return new Map();
  const asked = { org_id: first.org_id, mailbox_ids: mailboxes.map((mailbox) => mailbox.id) };
  return new Map((await shownMailboxGrants.run(asked, db)).map((grant) => [grant.mailbox_id, shown(grant)]));
}

function shown({ mailbox_id: _, login_user: user, ...rest }: ShownMailboxGrantsResult) {
  return { ...rest, user };
}
