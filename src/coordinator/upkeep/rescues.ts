import { listMissedAbmEnds, wakeMissedAbmEnds } from '../../db/queries/enrollments.gen.ts';
import { lockFreeLeads } from '../../db/queries/facts.gen.ts';
import type { OrgWork } from '../gate/org_work.ts';
import { FIRST_ID, PAGE, walk } from './walks.ts';

/**
 * Wakes waits for the end of ABM on accounts outside ABM. The row that ends ABM wakes existing waits, but misses one that
 * begins at the same moment from the old state; this check finds it.
 */
export async function rescueAbmWaits(work: OrgWork): Promise<void> {
  await walk(work, FIRST_ID, async ({ org_id, tx, clock }, after) => {
    const rows = await listMissedAbmEnds.run({ org_id, after, limit: PAGE }, tx);
    const lead_ids = rows.map((row) => row.lead_id);
    if (lead_ids.length === 0) return lead_ids;
    const locked = await lockFreeLeads.run({ org_id, lead_ids }, tx);
    const now = clock.now();
    await wakeMissedAbmEnds.run({ org_id, lead_ids: locked.map((row) => row.id), now }, tx);
    return lead_ids;
  });
}
