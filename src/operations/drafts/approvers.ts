import type { Queryable } from '../../db/pool.ts';
import { type ApproversOfItemsResult, approversOfItems } from '../../db/queries/drafts.gen.ts';
import type { Principal } from '../../principal.ts';

/** Agents decide nothing, so no user has this id. */
const NO_USER = '00000000-0000-0000-0000-000000000000';

/** The caller as a person; an agent may decide nothing. */
export function askerId(principal: Principal): string {
  return principal.kind === 'human' ? principal.user_id : NO_USER;
}

/** Those who decide about the drafts of these touches, by touch, as the caller sees it. */
export async function approversOf(db: Queryable, principal: Principal, queue_ids: string[]) {
  const user_id = askerId(principal);
  const rows = await approversOfItems.run({ org_id: principal.org_id, user_id, queue_ids }, db);
  return new Map(rows.map((row) => [row.queue_id, row] as const)) as ReadonlyMap<
    string,
    ApproversOfItemsResult
  >;
}
