import { z } from 'zod';
import { recordEvents } from '../../coordinator/gate/events.ts';
import { setOptOut } from '../../coordinator/gate/opt_out.ts';
import type { Scope } from '../../coordinator/gate/scope.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { liftOptOut, suppressedLeads } from '../../db/queries/leads.gen.ts';
import { AppError } from '../../errors.ts';
import { actorOf, type Principal } from '../../principal.ts';
import { reason, requirePerson } from '../fields.ts';
import { leadKey } from '../lead_keys.ts';
import { ENDS, operation, transact } from '../operation.ts';
import { findLead, leadDetail, readLead } from './access.ts';

export const optOutLead = operation({
  name: 'opt_out_lead',
  summary:
    'Opt a lead out of all messages at once, or lift the opt-out. Lifting it lifts the suppressions that it made, and restarts nothing.',
  http: { method: 'POST', path: '/leads/{id}/opt_out' },
  cli: { command: 'opt out', args: ['id'] },
  mcp: {
    tool: 'opt_out_lead',
    title: 'Opt a lead out',
    description:
      'Opt a lead out of all messages at once and end its enrollments. Only a person may lift an opt-out.',
    fixed: { action: 'set' },
    effect: ENDS,
  },
  input: z.object({
    id: leadKey,
    action: z.enum(['set', 'lift']).default('set').describe('lift: people only'),
    reason: reason.optional().describe('why; required to lift'),
  }),
  output: leadDetail.extend({ changed: z.boolean().describe('false: nothing changed') }),
  errors: 'not_found not_human reason_required',
  run: async ({ context, principal, input }) => {
    if (input.action === 'lift') refuseLift(principal, input.reason);
    return transact({ context, principal }, async (scope) => {
      const { tx, org_id } = scope;
      const { id } = await findLead(tx, org_id, input.id);
      await lockLeads.run({ org_id, lead_ids: [id] }, tx);
      const given = input.reason ?? null;
      const changed =
        input.action === 'lift'
          ? await lift(scope, principal, id, given)
          : await setOptOut(scope, actorOf(principal), id, given);
      return { ...(await readLead(tx, org_id, id)), changed };
    });
  },
});

function refuseLift(principal: Principal, given: string | undefined): void {
  requirePerson(principal, 'Only a person may lift an opt-out.');
  if (given === undefined) {
    throw new AppError('reason_required', 'Lifting an opt-out needs a reason.', {
      errors: [{ path: 'reason', message: 'say how this person agreed to be contacted again' }],
    });
  }
}

/** Ended enrollments stay ended; lifting only allows new requests. */
async function lift(scope: Scope, principal: Principal, id: string, given: string | null): Promise<boolean> {
  const { tx, org_id } = scope;
  const lifted = await liftOptOut.run({ org_id, id, now: scope.clock.now() }, tx);
  if (lifted.length === 0) return false;
  const event = { event_type: 'opt_out_lifted', coordinator_action: 'lift', resolution: 'person' } as const;
  const suppressed = await suppressedLeads.run({ org_id, lead_ids: [id] }, tx);
  const compliance_status = suppressed.length > 0 ? 'suppressed_address' : 'clear';
  await recordEvents(scope, [{ ...event, lead_id: id, compliance_status, detail: { reason: given } }], {
    actor: actorOf(principal),
  });
  return true;
}
