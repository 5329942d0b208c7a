import { endFormerCrmIds, replaceCrmWorkspace } from '../../db/queries/crm_workspaces.gen.ts';
import type { Scope } from '../gate/scope.ts';

/** Rows of each table that one transaction locks. */
const BATCH = 500;

/**
 * Ends ids of a workspace that is no longer connected: the connected one may give them to other people. Nothing is read or
 * written until none is left. Returns whether some are.
 */
export async function endFormerIds({ tx, org_id, clock }: Scope): Promise<boolean> {
  const now = clock.now();
  const [batch] = await endFormerCrmIds.run({ org_id, most: BATCH, now }, tx);
  if (batch!.ended_count > 0) return true;
  return (await replaceCrmWorkspace.run({ org_id }, tx)).length === 0;
}
