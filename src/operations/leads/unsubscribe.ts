import type { Context } from '../../context.ts';
import { recordEvents } from '../../coordinator/gate/events.ts';
import { coordinatorActor, type Scope } from '../../coordinator/gate/scope.ts';
import { stopLeads } from '../../coordinator/gate/stops.ts';
import { readUnsubscribeToken } from '../../coordinator/sending/unsubscribe_token.ts';
import { systemDb } from '../../db/acting.ts';
import { type Origin, transaction } from '../../db/pool.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { getLead, setUnsubscribed } from '../../db/queries/leads.gen.ts';
import { getOrganization } from '../../db/queries/principals.gen.ts';

export type UnsubscribeView = { email: string; organization: string; is_unsubscribed: boolean };

/** A large import may lock the lead for seconds; a click on this link must not fail because of that. */
const PATIENT = { statement_timeout_ms: 40_000, lock_timeout_ms: 30_000 };

/**
 * Shows the page behind an unsubscribe link. Changes nothing: mail scanners follow links (RFC 8058). Null for a token that
 * this product did not make.
 */
export async function showUnsubscribe(context: Context, token: string): Promise<UnsubscribeView | null> {
  const subject = readUnsubscribeToken(context.secret, token);
  if (subject === null) return null;
  const { org_id, lead_id } = subject;
  const own = systemDb(context.db, org_id);
  const [lead] = await getLead.run({ org_id, id: lead_id, key: null, phone: null }, own);
  const [org] = await getOrganization.run({ org_id }, own);
  if (lead === undefined || org === undefined) return null;
  return { email: lead.email, organization: org.name, is_unsubscribed: lead.unsubscribe_flag };
}

/**
 * Unsubscribes the lead of the link in one transaction: sets the flag and cancels everything open, so that it holds before
 * the next message of any campaign. A repeat changes nothing and answers the same.
 */
export async function confirmUnsubscribe(
  context: Context,
  token: string,
  request_id = '',
): Promise<UnsubscribeView | null> {
  const subject = readUnsubscribeToken(context.secret, token);
  if (subject === null) return null;
  const { org_id, lead_id, queue_id } = subject;
  await transaction(
    { ...context.db, origin: linkOrigin(context, request_id) },
    coordinatorActor(org_id),
    async (tx) => {
      const scope: Scope = { tx, org_id, clock: context.clock };
      await lockLeads.run({ org_id, lead_ids: [lead_id] }, tx);
      const changed = await setUnsubscribed.run({ org_id, id: lead_id, now: context.clock.now() }, tx);
      if (changed.length === 0) return;
      const opted_out = {
        event_type: 'opted_out',
        coordinator_action: 'block',
        resolution: 'one_click',
      } as const;
      await recordEvents(scope, [{ ...opted_out, lead_id, queue_id, compliance_status: 'unsubscribed' }], {
        actor: { kind: 'system', id: 'unsubscribe_link' },
      });
      await stopLeads(scope, [lead_id], 'compliance_block');
    },
    PATIENT,
  );
  return showUnsubscribe(context, token);
}

/** Anyone with the link may use it, so the actor is unknown. */
function linkOrigin({ clock }: Context, request_id: string): Origin {
  const at = clock.now().toISOString();
  return { surface: 'link', operation: 'unsubscribe', request_id, at, asked_by: { kind: 'public', id: '' } };
}
