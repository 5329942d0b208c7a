import * as sql from '../../db/queries/mailboxes.gen.ts';
import type { Json } from '../../schema.gen.ts';
import { inOrg, type OrgWork } from '../gate/org_work.ts';
import { orgPolicy, type Scope } from '../gate/scope.ts';
import { readBounceStop } from '../sending/mailbox_turns.ts';
import { raiseMailboxHealth, UNREACHABLE_FLAG_AT } from '../sending/mailboxes.ts';
import { endWhereGone } from './walks.ts';

const MAILBOXES_MAX = 10_000;

/** The flag lasts exactly as long as a mailbox is refused, unreachable, or over its bounce rate. */
export async function checkMailboxes(work: OrgWork): Promise<void> {
  await endWhereGone(work, 'mailbox_health', async (scope) => {
    // Locked first: a pause raises its flag in the same transaction, so each implies the other.
    await sql.lockMailboxes.run({ org_id: scope.org_id, limit: MAILBOXES_MAX }, scope.tx);
    return [...(await unhealthy(scope)).map((row) => row.id), ...(await bouncing(scope))];
  });
  await inOrg(work, async (scope) => {
    for (const row of await unhealthy(scope)) {
      await raiseMailboxHealth(scope, row.id, troubleOf(row));
    }
  });
}

function troubleOf(row: sql.UnhealthyMailboxesResult): Record<string, Json> {
  const { address, paused_by, unreachable_count, reading_error } = row;
  if (paused_by !== null && row.paused_reason !== null) {
    return { address, cause: 'paused', reason: row.paused_reason };
  }
  if (unreachable_count >= UNREACHABLE_FLAG_AT) {
    return { address, cause: 'unreachable', reason: row.unreachable_error, unreachable_count };
  }
  return { address, cause: 'unreadable', reason: reading_error };
}

function unhealthy({ org_id, tx }: Scope) {
  return sql.unhealthyMailboxes.run(
    { org_id, unreachable_count: UNREACHABLE_FLAG_AT, limit: MAILBOXES_MAX },
    tx,
  );
}

/** Mailboxes whose bounce flag still has its cause; sending raises the flag. */
async function bouncing(scope: Scope): Promise<string[]> {
  const { org_id, tx } = scope;
  const { policy } = await orgPolicy(scope);
  const flagged = await sql.bounceFlags.run({ org_id, limit: MAILBOXES_MAX }, tx);
  const stops = [];
  for (const { id } of flagged) if ((await readBounceStop(scope, id, policy)) !== null) stops.push(id);
  return stops;
}
