import { z } from 'zod';
import { RECORD_DELETED } from '../../coordinator/crm/incoming_people.ts';
import { resolveFlags } from '../../coordinator/gate/flags.ts';
import { setOptOut } from '../../coordinator/gate/opt_out.ts';
import { asCoordinator } from '../../coordinator/gate/scope.ts';
import { endCrmPause, unlinkCrmPerson } from '../../db/queries/crm_incoming.gen.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { actorOf } from '../../principal.ts';
import { reason, requirePerson } from '../fields.ts';
import { leadKey } from '../lead_keys.ts';
import { operation, transact } from '../operation.ts';
import { findLead, leadDetail, readLead } from './access.ts';

const settle = operation({
  name: 'settle_crm_deletion',
  summary:
    'Decide about a lead whose CRM record was deleted, which paused the lead: keep the lead without that record, or opt the lead out.',
  http: { method: 'POST', path: '/leads/{id}/crm_deletion' },
  cli: { command: 'crm deletion', args: ['id'] },
  input: z.object({
    id: leadKey,
    action: z
      .enum(['keep', 'opt_out'])
      .describe('keep: sequences continue, and the next write to the CRM creates a record'),
    reason: reason.optional().describe('why, for an opt-out'),
  }),
  output: leadDetail.extend({ changed: z.boolean().describe('false: there was nothing to decide') }),
  errors: 'not_found',
  run: async ({ context, principal, input }) => {
    const by_user_id = requirePerson(principal);
    const actor = actorOf(principal);
    const settled = await transact({ context, principal }, async (scope) => {
      const { tx, org_id, now } = scope;
      const { id } = await findLead(tx, org_id, input.id);
      await lockLeads.run({ org_id, lead_ids: [id] }, tx);
      const { cadence_pause_reason, crm_contact_id: record_id } = await findLead(tx, org_id, id);
      const changed = cadence_pause_reason === RECORD_DELETED;
      if (changed) {
        if (input.action === 'opt_out') await setOptOut(scope, actor, id, input.reason ?? null);
        // Anyone may forget the id of a record that is gone; other changes of it need the right to merge.
        await asCoordinator(tx, actor, async () => {
          if (record_id !== null) await unlinkCrmPerson.run({ org_id, lead_id: id, record_id, now }, tx);
          await endCrmPause.run({ org_id, lead_id: id, now }, tx);
        });
        const resolution = input.action === 'keep' ? 'kept' : 'opted_out';
        await resolveFlags(scope, { kind: 'crm_record_deleted', subjects: [id], resolution, by_user_id });
      }
      return { ...(await readLead(tx, org_id, id)), changed };
    });
    context.nudge();
    return settled;
  },
});

export const crmDeletionOperations = [settle] as const;
