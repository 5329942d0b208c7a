import type { Context } from '../../context.ts';
import { recordEvents } from '../../coordinator/gate/events.ts';
import { setUnsubscribe } from '../../coordinator/gate/opt_out.ts';
import { coordinatorActor, type Scope } from '../../coordinator/gate/scope.ts';
import { stopLeads } from '../../coordinator/gate/stops.ts';
import {
  readUnsubscribeToken,
  type UnsubscribeSubject,
} from '../../coordinator/sending/unsubscribe_token.ts';
import { systemDb } from '../../db/acting.ts';
import { type Origin, type Tx, transaction } from '../../db/pool.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { unsubscribeSubject } from '../../db/queries/suppressions.gen.ts';

/** `email`: the address that the message went to; null once its lead was erased. */
export type UnsubscribeView = { email: string | null; organization: string; is_unsubscribed: boolean };

/** A large import may lock the lead for seconds; a click on this link must not fail because of that. */
const PATIENT = { statement_timeout_ms: 40_000, lock_timeout_ms: 30_000 };

/**
 * Shows the page behind an unsubscribe link. Changes nothing: mail scanners follow links (RFC 8058). Null for a token that
 * this product did not make.
 */
export async function showUnsubscribe(context: Context, token: string): Promise<UnsubscribeView | null> {
  const subject = readUnsubscribeToken(context.secret, token);
  if (subject === null) return null;
  const found = await unsubscribeSubject.one(subject, systemDb(context.db, subject.org_id));
  if (found === undefined) return null;
  const { email = null, organization, is_unsubscribed } = found;
  return { email, organization, is_unsubscribed };
}

/**
 * Unsubscribes the person of the link in one transaction: sets the flag and cancels everything open, so that it holds before
 * the next message of any campaign. A repeat changes nothing and answers the same, and so does an erased lead's link.
 */
export async function confirmUnsubscribe(
  context: Context,
  token: string,
  request_id = '',
): Promise<UnsubscribeView | null> {
  const subject = readUnsubscribeToken(context.secret, token);
  if (subject === null) return null;
  const { org_id, queue_id } = subject;
  await transaction(
    { ...context.db, origin: linkOrigin(context, request_id) },
    coordinatorActor(org_id),
    async (tx) => {
      const scope: Scope = { tx, org_id, clock: context.clock };
      const lead_id = await lockPerson(tx, subject);
      if (lead_id === null || !(await setUnsubscribe(scope, lead_id, queue_id))) return;
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

/** Locks the lead that the link's lead is by now, because a merge may end while this waits. Null for an erased lead. */
async function lockPerson(tx: Tx, subject: UnsubscribeSubject, locked?: string): Promise<string | null> {
  const found = await unsubscribeSubject.one(subject, tx);
  if (found === undefined || found.is_erased) return null;
  const { lead_id } = found;
  if (lead_id === locked) return lead_id;
  await lockLeads.run({ org_id: subject.org_id, lead_ids: [lead_id] }, tx);
  return lockPerson(tx, subject, lead_id);
}

/** Anyone with the link may use it, so the actor is unknown. */
function linkOrigin({ clock }: Context, request_id: string): Origin {
  const at = clock.now().toISOString();
  return { surface: 'link', operation: 'unsubscribe', request_id, at, asked_by: { kind: 'public', id: '' } };
}
