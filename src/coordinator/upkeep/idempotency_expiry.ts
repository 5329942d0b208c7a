import { deleteExpiredIdempotencyKeys } from '../../db/queries/idempotency_keys.gen.ts';
import { inOrg, type OrgWork } from '../gate/org_work.ts';

/** Some tens of milliseconds of work. */
const DELETED_AT_ONCE = 5_000;

/** Forgets the idempotency keys whose day is over. Until then they only take room: a claim takes over an expired one. */
export async function forgetIdempotencyKeys(work: OrgWork): Promise<void> {
  const now = work.clock.now();
  for (let deleted = DELETED_AT_ONCE; deleted === DELETED_AT_ONCE; ) {
    deleted = await inOrg(work, ({ org_id, tx }) =>
      deleteExpiredIdempotencyKeys.count({ org_id, now, limit: DELETED_AT_ONCE }, tx),
    );
  }
}
