import { deleteExpiredIdempotencyKeys } from '../../db/queries/idempotency_keys.gen.ts';
import { inOrg, type OrgWork } from '../gate/org_work.ts';

/** Several tens of milliseconds of work. */
const DELETED_AT_ONCE = 5_000;

/** Deletes expired idempotency keys. Until then they only take space: a claim replaces an expired one. */
export async function forgetIdempotencyKeys(work: OrgWork): Promise<void> {
  const now = work.clock.now();
  for (let deleted = DELETED_AT_ONCE; deleted === DELETED_AT_ONCE; ) {
    deleted = await inOrg(work, ({ org_id, tx }) =>
      deleteExpiredIdempotencyKeys.count({ org_id, now, limit: DELETED_AT_ONCE }, tx),
    );
  }
}
