import { deleteInboundSources } from '../../db/queries/inbound.gen.ts';
import { inOrg, type OrgWork } from '../gate/org_work.ts';

/** Some of them have files in them. */
const DELETED_AT_ONCE = 500;

/** Forgets the sources of messages that came back a month ago. What the product made of them stays. */
export async function removeInboundSources(work: OrgWork): Promise<void> {
  const now = work.clock.now();
  for (let deleted = DELETED_AT_ONCE; deleted === DELETED_AT_ONCE; ) {
    deleted = await inOrg(work, ({ org_id, tx }) =>
      deleteInboundSources.count({ org_id, now, limit: DELETED_AT_ONCE }, tx),
    );
  }
}
