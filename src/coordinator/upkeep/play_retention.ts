import { removePlayContent, removeProposalContent } from '../../db/queries/play_retention.gen.ts';
import { inOrg, type OrgWork } from '../gate/org_work.ts';

/** A few milliseconds of work. */
const REMOVED_AT_ONCE = 200;

/**
 * Removes the words of plays retired seven years ago, and of proposals without a readable play. Their ids, dates, and
 * reasons stay, because touches and events refer to them.
 */
export async function removeOldPlays(work: OrgWork): Promise<void> {
  for (let removed = REMOVED_AT_ONCE; removed === REMOVED_AT_ONCE; ) {
    removed = await inOrg(work, async ({ org_id, tx, clock }) => {
      const now = clock.now();
      const plays = await removePlayContent.run({ org_id, now, limit: REMOVED_AT_ONCE }, tx);
      const proposal_ids = [...new Set(plays.map((row) => row.originating_proposal_id))];
      if (proposal_ids.length > 0) await removeProposalContent.run({ org_id, now, proposal_ids }, tx);
      return plays.length;
    });
  }
}
