import { z } from 'zod';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { getMailbox, leadMailbox, setLeadMailbox } from '../../db/queries/mailboxes.gen.ts';
import { AppError } from '../../errors.ts';
import { existing, id, instant, noun, nullableInstant, reason, requirePerson } from '../fields.ts';
import { leadKey } from '../lead_keys.ts';
import { operation, transactWork } from '../operation.ts';
import { findLead } from './access.ts';

export const getLeadMailboxOperation = operation({
  name: 'get_lead_mailbox',
  summary: 'Show which mailbox sends to a lead, and since when. Null until its first message.',
  http: { method: 'GET', path: '/leads/{id}/mailbox' },
  input: z.object({ id: leadKey }),
  output: noun('LeadMailbox', {
    lead_id: id,
    mailbox_id: id.nullable(),
    address: z.string().nullable(),
    chosen_at: nullableInstant.describe('when the first mailbox was chosen'),
    reason: z.string().nullable().describe('why a person changed the mailbox'),
    changed_by_user_id: id.nullable(),
  }),
  errors: 'not_found',
  run: async ({ context, principal: { org_id }, input }) => {
    const { id: lead_id } = await findLead(context.db, org_id, input.id);
    const row = await leadMailbox.one({ org_id, lead_id }, context.db);
    const none = { mailbox_id: null, address: null, chosen_at: null, reason: null, changed_by_user_id: null };
    return { lead_id, ...(row ?? none) };
  },
});

export const setLeadMailboxOperation = operation({
  name: 'set_lead_mailbox',
  summary:
    'Change the mailbox that sends to a lead, with a reason. Without this, a lead keeps its first mailbox.',
  http: { method: 'POST', path: '/leads/{id}/mailbox' },
  cli: { command: 'lead mailbox', args: ['id', 'mailbox_id'] },
  input: z.object({ id: leadKey, mailbox_id: id, reason }),
  output: z.object({
    lead_id: id,
    mailbox_id: id,
    address: z.string(),
    chosen_at: instant.describe('when the first mailbox was chosen'),
    reason: z.string().nullable(),
    changed_by_user_id: id.nullable(),
  }),
  errors: 'not_found not_human already_leaving mailbox_retired',
  run: async ({ context, principal, input }) => {
    const changed_by_user_id = requirePerson(principal);
    const { mailbox_id, reason } = input;
    return transactWork({ context, principal }, async ({ tx, org_id, now }) => {
      const { id: lead_id } = await findLead(tx, org_id, input.id);
      await lockLeads.run({ org_id, lead_ids: [lead_id] }, tx);
      const mailbox = existing(await getMailbox.one({ org_id, id: mailbox_id }, tx), 'mailbox');
      const { address, retired_at } = mailbox;
      if (retired_at !== null) {
        throw new AppError('mailbox_retired', `The mailbox ${address} is retired and sends nothing.`, {
          hint: 'Choose an active mailbox: touchline mailboxes lists them.',
        });
      }
      await setLeadMailbox.run({ org_id, lead_id, mailbox_id, now, reason, changed_by_user_id }, tx);
      return (await leadMailbox.one({ org_id, lead_id }, tx))!;
    });
  },
});
