import { z } from 'zod';
import { noteOf } from '../../coordinator/drafts/manual_sends.ts';
import { notify, resolveFlags } from '../../coordinator/gate/flags.ts';
import { assignSend } from '../../db/queries/personal_sends.gen.ts';
import { getQueueItem } from '../../db/queries/send_queue.gen.ts';
import { AppError } from '../../errors.ts';
import { existing, id, noun, requirePerson, underLeadLock } from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { userKey } from '../user_keys.ts';

export const assignPersonalSend = operation({
  name: 'assign_personal_send',
  summary: 'Assign a manual send to a user, who is notified. Only that user marks it sent.',
  http: { method: 'POST', path: '/personal_sends/{id}/assign' },
  cli: { command: 'personal assign', args: ['id'] },
  input: z.object({
    id: id.describe('the touch: queue_id of list_personal_sends'),
    assigned_to_user_id: userKey.optional().describe('default: you'),
  }),
  output: noun('AssignedSend', { queue_id: id, assigned_to_user_id: id, assigned_to_name: z.string() }),
  errors: 'not_found illegal_status_move not_personal person_inactive',
  run: async ({ context, principal, input }) => {
    const by_user_id = requirePerson(principal);
    const { assigned_to_user_id: user_id = by_user_id } = input;
    return transact({ context, principal }, async (scope) => {
      const { org_id, tx } = scope;
      const item = await underLeadLock(scope, getQueueItem, 'manual send', input.id);
      if (!item.requires_personal_send) throw new AppError('not_personal', 'Touchline sends this touch.');
      if (['sent', 'canceled'].includes(item.status)) throw tooLate(item.status);
      const assigned = existing(await assignSend.one({ org_id, id: item.id, user_id }, tx), 'user');
      const { assigned_to_name } = assigned;
      const cause = { kind: 'send_unassigned', subjects: [item.id] } as const;
      await resolveFlags(scope, { ...cause, resolution: 'assigned', by_user_id });
      if (assigned.is_due && user_id !== by_user_id) {
        await notify(scope, noteOf({ ...assigned, assigned_to_user_id: user_id }));
      }
      return { queue_id: item.id, assigned_to_user_id: user_id, assigned_to_name };
    });
  },
});

const tooLate = (status: string) =>
  new AppError('illegal_status_move', `A manual send that is ${status} cannot be assigned.`, {
    hint: 'touchline personal lists the manual sends that are due.',
  });
