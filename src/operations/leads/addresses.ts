/** The further addresses of a lead: a lead is a person, who has several. */
import { z } from 'zod';
import { refuseErased } from '../../coordinator/sending/erased_addresses.ts';
import { isLinkedinProfile, linkedinKey } from '../../core/gate/unreachable.ts';
import type { Queryable } from '../../db/pool.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import * as sql from '../../db/queries/lead_addresses.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { parseAddress } from '../../mail/addresses.ts';
import { e164, PHONE_EXPECTED } from '../../phone_number.ts';
import { ADDRESS_KIND_VALUES, type AddressKind } from '../../schema.gen.ts';
import { existing, id } from '../fields.ts';
import { leadKey } from '../lead_keys.ts';
import { operation, transact } from '../operation.ts';
import { findLead, leadDetail, readLead } from './access.ts';
import { NOT_LINKEDIN, PROFILE_CHARS_MAX } from './fields.ts';

const add = operation({
  name: 'add_lead_address',
  summary:
    'Add an email address, a LinkedIn profile, or a phone number of a lead. Replies from it are the lead’s.',
  http: { method: 'POST', path: '/leads/{id}/addresses' },
  cli: { command: 'addresses add', args: ['id', 'value'] },
  input: z.object({
    id: leadKey,
    kind: z.enum(ADDRESS_KIND_VALUES).default('email'),
    value: z
      .string()
      .trim()
      .min(1)
      .max(PROFILE_CHARS_MAX)
      .meta({ examples: ['ada@home.example'] }),
    is_primary: z.boolean().default(false).describe('touches go to it from now on'),
    is_verified: z.boolean().default(false).describe('it is known to reach the lead'),
  }),
  output: leadDetail,
  errors: 'not_found address_invalid address_taken already_leaving lead_erased',
  run: async ({ context, principal, input }) => {
    const value = readAddress(input.kind, input.value);
    return transact({ context, principal }, async ({ tx, org_id, now }) => {
      const { id: lead_id } = await findLead(tx, org_id, input.id);
      await refuseErased({ tx, org_id }, context.secret, { path: 'value', address: value });
      await lockLeads.run({ org_id, lead_ids: [lead_id] }, tx);
      const { kind } = input;
      const verified_at = input.is_verified ? now : null;
      const row = { org_id, id: newId(context.clock), lead_id, kind, value, verified_at, now };
      const added = await sql.insertAddress.run(row, tx);
      if (added.length === 0) await refuseIfTaken(tx, { org_id, lead_id, kind, value });
      if (input.is_primary) await sql.setPrimaryAddress.run({ org_id, lead_id, kind, value, now }, tx);
      return readLead(tx, org_id, lead_id);
    });
  },
});

const change = operation({
  name: 'change_lead_address',
  summary: 'Say that an address reaches the lead, that touches go to it, or that it is no longer the lead’s.',
  http: { method: 'PATCH', path: '/leads/addresses/{id}' },
  cli: { command: 'addresses change', args: ['id'] },
  input: z.object({
    id: id.describe('of the address'),
    is_verified: z.boolean().optional(),
    is_primary: z.literal(true).optional().describe('the former primary address stays the lead’s'),
    is_ended: z.literal(true).optional().describe('it is no longer the lead’s; another lead may have it'),
  }),
  output: leadDetail,
  errors: 'not_found address_primary address_ended already_leaving',
  run: ({ context, principal, input }) =>
    transact({ context, principal }, async ({ tx, org_id, now }) => {
      const hint = 'GET /leads/{id} lists the addresses of a lead.';
      const named = existing(await sql.getAddress.one({ org_id, id: input.id }, tx), 'address', hint);
      const { lead_id } = named;
      await lockLeads.run({ org_id, lead_ids: [lead_id] }, tx);
      // Read again under the lock.
      const found = existing(await sql.getAddress.one({ org_id, id: input.id }, tx), 'address', hint);
      if (found.until !== null) throw new AppError('address_ended', 'This address is no longer the lead’s.');
      if (input.is_ended && (found.is_primary || input.is_primary)) {
        throw new AppError('address_primary', 'Touches go to this address.', {
          hint: 'Make another one primary first.',
          errors: [{ path: 'is_ended', message: 'is not possible for a primary address' }],
        });
      }
      const { is_verified } = input;
      const verified_at = is_verified === false ? null : (found.verified_at ?? (is_verified ? now : null));
      const until = input.is_ended ? now : null;
      await sql.changeAddress.run({ org_id, lead_id, id: found.id, verified_at, until }, tx);
      const { kind, value } = found;
      if (input.is_primary) await sql.setPrimaryAddress.run({ org_id, lead_id, kind, value, now }, tx);
      return readLead(tx, org_id, lead_id);
    }),
});

export const leadAddressOperations = [add, change] as const;

type Address = { org_id: string; lead_id: string; kind: AddressKind; value: string };

/** Throws `address_taken` with the id of the lead that has the address; the lead's own address is no fault. */
async function refuseIfTaken(tx: Queryable, { lead_id, ...address }: Address): Promise<void> {
  const [holder] = await sql.leadOfAddress.run(address, tx);
  if (holder === undefined || holder.lead_id === lead_id) return;
  throw new AppError('address_taken', `Another lead has this address (${holder.lead_id}).`, {
    hint: 'If both are one person, merge them: touchline merge leads ID OTHER.',
    errors: [{ path: 'value', message: 'belongs to another lead' }],
  });
}

/** Throws `address_invalid`. */
function readAddress(kind: AddressKind, text: string): string {
  const read = addressOf(kind, text);
  if (typeof read === 'string') return read;
  throw new AppError('address_invalid', 'This is not an address of this kind.', {
    errors: [{ path: 'value', message: read.error }],
  });
}

/** The address as it is kept. */
export function addressOf(kind: AddressKind, text: string): string | { error: string } {
  return text.length > PROFILE_CHARS_MAX
    ? { error: `longer than ${PROFILE_CHARS_MAX} characters` }
    : READERS[kind](text);
}

const READERS: Record<AddressKind, (text: string) => string | { error: string }> = {
  email: (text) => {
    const parsed = parseAddress(text);
    return 'error' in parsed ? { error: parsed.error } : parsed.address;
  },
  linkedin: (text) => {
    const is_url = URL.canParse(text) && /^https?:/i.test(text);
    return is_url && isLinkedinProfile(text) && linkedinKey(text) !== null
      ? text
      : { error: `${NOT_LINKEDIN} of a person` };
  },
  phone: (text) => e164(text) ?? { error: PHONE_EXPECTED },
};
