import type { Actor } from '../../db/pool.ts';
import { setOptedOut } from '../../db/queries/leads.gen.ts';
import { recordEvents } from './events.ts';
import { asCoordinator, type Scope } from './scope.ts';
import { stopLeads } from './stops.ts';

/** Under the lead's lock: sets the flag, records the event, and ends everything open. False if it was set already. */
export async function setOptOut(
  scope: Scope,
  actor: Actor,
  id: string,
  given: string | null,
): Promise<boolean> {
  const { tx, org_id } = scope;
  const set = await setOptedOut.run({ org_id, id, now: scope.clock.now() }, tx);
  if (set.length === 0) return false;
  const event = { event_type: 'opted_out', coordinator_action: 'block', resolution: 'requested' } as const;
  const detail = given === null ? null : { reason: given };
  await recordEvents(scope, [{ ...event, lead_id: id, compliance_status: 'opted_out', detail }], { actor });
  await asCoordinator(tx, actor, () => stopLeads(scope, [id], 'compliance_block'));
  return true;
}
