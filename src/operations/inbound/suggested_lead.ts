import { z } from 'zod';
import { resolveFlags } from '../../coordinator/gate/flags.ts';
import type { Scope } from '../../coordinator/gate/scope.ts';
import { refuseErased } from '../../coordinator/sending/erased_addresses.ts';
import {
  type GetInboundResult,
  getInbound,
  handleInbound,
  linkSuggestedLead,
} from '../../db/queries/inbound.gen.ts';
import { insertSuggestedLead } from '../../db/queries/leads.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { requireAddress } from '../../mail/addresses.ts';
import { existing, headerLine, id, requirePerson } from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { inboundShape } from './output.ts';

const NAME_CHARS_MAX = 200;

export const addSuggestedLead = operation({
  name: 'add_suggested_lead',
  summary:
    'Add the person that a reply suggests as a lead, with the account of its lead. An existing lead with this address is linked instead.',
  http: { method: 'POST', path: '/inbound/{id}/suggested_lead' },
  cli: { command: 'add suggested lead', args: ['id'] },
  input: z.object({
    id,
    email: z.string().trim().min(3).max(254).optional().describe('default: the suggested address'),
    first_name: headerLine(NAME_CHARS_MAX).optional().describe('default: from the suggested name'),
    last_name: headerLine(NAME_CHARS_MAX).optional().describe('default: from the suggested name'),
  }),
  output: inboundShape.extend({ is_new: z.boolean().describe('false: the lead already existed') }),
  errors: 'not_found not_human mail_address_invalid suggestion_missing lead_erased',
  run: async ({ context, principal, input }) => {
    const user_id = requirePerson(principal, 'Only people add leads that a reply suggests.');
    return transact({ context, principal }, async (scope) => {
      const { tx, org_id } = scope;
      const asked = { org_id, id: input.id, task_role: null };
      const found = existing(await getInbound.one(asked, tx), 'message');
      const { suggested_name, suggested_email, suggested_lead_id } = found;
      if (suggested_name === null && suggested_email === null) throw notSuggesting();
      // Again, for example by a second click: the first answer.
      if (suggested_lead_id !== null) return { ...found, is_new: false };
      const { address } = requireAddress(input.email ?? suggested_email ?? '', 'email');
      await refuseErased(scope, context.secret, { path: 'email', address });
      const names = namesOf(input, suggested_name);
      const row = { org_id, id: newId(scope.clock), inbound_id: found.id, email: address, ...names };
      const [made] = await insertSuggestedLead.run({ ...row, now: scope.clock.now() }, tx);
      await linkSuggestedLead.run({ org_id, id: found.id, email: address }, tx);
      await finish(scope, found, user_id);
      return { ...(await getInbound.one(asked, tx))!, is_new: made !== undefined };
    });
  },
});

/** A message that took effect already waited only for this. */
async function finish(scope: Scope, { id, reason, handled_at }: GetInboundResult, user_id: string) {
  if (reason !== 'left_company' || handled_at !== null) return;
  const said = { intent: 'wrong_person', intent_source: 'person', return_date: null, note: null } as const;
  const { org_id, tx } = scope;
  await handleInbound.run({ org_id, id, ...said, user_id, agent_id: null, now: scope.clock.now() }, tx);
  await resolveFlags(scope, {
    kind: 'reply_waiting',
    subjects: [id],
    resolution: 'handled',
    by_user_id: user_id,
  });
}

/** The first word of the suggested name is the first name. */
function namesOf(
  { first_name, last_name }: { first_name?: string | undefined; last_name?: string | undefined },
  suggested: string | null,
) {
  const [first = null, ...rest] = (suggested ?? '').split(' ').filter((word) => word !== '');
  return { first_name: first_name ?? first, last_name: last_name ?? (rest.join(' ') || null) };
}

const notSuggesting = () =>
  new AppError('suggestion_missing', 'The message suggests no one.', {
    hint: 'touchline inbound --suggesting lists messages that do.',
  });
