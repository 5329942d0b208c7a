import { deleteInboundSources } from '../../db/queries/inbound.gen.ts';
import { inOrg, type OrgWork } from '../gate/org_work.ts';

/** Some of them have attachments. */
const DELETED_AT_ONCE = 500;

/** Deletes the sources of inbound messages after a month. Their classification stays. */
export async function removeInboundSources(work: OrgWork): Promise<void> {
  const now = work.clock.now();
  for (let deleted = DELETED_AT_ONCE; deleted === DELETED_AT_ONCE; ) {
    deleted = await inOrg(work, ({ org_id, tx }) =>
      deleteInboundSources.count({ org_id, now, limit: DELETED_AT_ONCE }, tx),
    );
  }
}
