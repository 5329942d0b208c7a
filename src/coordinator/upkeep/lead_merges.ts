import { toAppError } from '../../db/errors.ts';
import { savepoint } from '../../db/pool.ts';
import { suggestionsByRule } from '../../db/queries/lead_merges.gen.ts';
import { lockFree } from '../gate/facts.ts';
import { mergeLeads } from '../gate/lead_merges.ts';
import type { Batch, Scope } from '../gate/scope.ts';

/** A merge touches everything that two leads have; a few fit into one transaction. */
const MERGES_MAX = 20;
/** A message to one of both is being sent, or a person must confirm its delivery first. */
const LATER = ['already_leaving', 'outcome_unknown'];

/**
 * Merges leads that had one CRM record into the older one. A lead that is locked, or whose message is being sent or of unknown
 * delivery, waits for the next round. Returns the number of merges.
 */
export async function mergeSameCrmRecords(
  scope: Scope,
  { limit, set_aside, claimed }: Batch,
): Promise<number> {
  const { tx, org_id } = scope;
  const most = Math.min(limit, MERGES_MAX);
  const found = await suggestionsByRule.run({ org_id, set_aside, limit: most }, tx);
  claimed(found.map(({ id }) => id));
  const locked = await lockFree(
    scope,
    found.flatMap(({ lead_id, other_lead_id }) => [{ lead_id }, { lead_id: other_lead_id }]),
  );
  const gone = new Set<string>();
  for (const { lead_id: into_lead_id, other_lead_id: lead_id } of found) {
    if (!locked.has(into_lead_id) || !locked.has(lead_id)) continue;
    if (gone.has(into_lead_id) || gone.has(lead_id)) continue;
    try {
      await savepoint(tx, () => mergeLeads(scope, { lead_id, into_lead_id, reason: null }, null));
      gone.add(lead_id);
    } catch (error) {
      if (!LATER.includes(toAppError(error)?.code ?? '')) throw error;
    }
  }
  return gone.size;
}
