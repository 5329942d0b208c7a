import type { Actor } from '../../db/pool.ts';
import { setOptedOut, setUnsubscribed } from '../../db/queries/leads.gen.ts';
import { suppressRecipient } from '../../db/queries/suppressions.gen.ts';
import { newId } from '../../ids.ts';
import { recordEvents } from './events.ts';
import { asCoordinator, type Scope } from './scope.ts';
import { stopLeads } from './stops.ts';

/**
 * Under the lead's lock: sets the flag, records the event, and ends everything open. `queue_id`: the touch that the lead refused.
 * False if the flag was set already.
 */
export async function setOptOut(
  scope: Scope,
  actor: Actor,
  id: string,
  given: string | null,
  queue_id: string | null = null,
): Promise<boolean> {
  const { tx, org_id } = scope;
  const set = await setOptedOut.run({ org_id, id, now: scope.clock.now() }, tx);
  await refuseRecipient(scope, id, queue_id, 'opted out');
  if (set.length === 0) return false;
  const event = { event_type: 'opted_out', coordinator_action: 'block', resolution: 'requested' } as const;
  const detail = given === null ? null : { reason: given };
  await recordEvents(scope, [{ ...event, lead_id: id, compliance_status: 'opted_out', detail }], { actor });
  await asCoordinator(tx, actor, () => stopLeads(scope, [id], 'compliance_block'));
  return true;
}

/**
 * Under the lead's lock: sets the flag, and suppresses the address that the refused message went to, which another lead may
 * have by now. False if the flag was set already.
 */
export async function setUnsubscribe(scope: Scope, id: string, queue_id: string | null): Promise<boolean> {
  const { tx, org_id } = scope;
  const set = await setUnsubscribed.run({ org_id, id, now: scope.clock.now() }, tx);
  await refuseRecipient(scope, id, queue_id, 'unsubscribed');
  return set.length > 0;
}

async function refuseRecipient(
  scope: Scope,
  lead_id: string,
  queue_id: string | null,
  reason: string,
): Promise<void> {
  if (queue_id === null) return;
  const { tx, org_id, clock } = scope;
  const row = { org_id, id: newId(clock), lead_id, queue_id, reason, now: clock.now() };
  await suppressRecipient.run(row, tx);
}
