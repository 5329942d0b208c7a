import { z } from 'zod';
import { LEAD_COLUMNS } from '../../core/lead_columns.ts';
import type { Queryable } from '../../db/pool.ts';
import { leftCompanyAt } from '../../db/queries/inbound.gen.ts';
import { addressesOfLeads } from '../../db/queries/lead_addresses.gen.ts';
import { type GetLeadResult, getLead, suppressedLeads } from '../../db/queries/leads.gen.ts';
import { ADDRESS_KIND_VALUES, ADDRESS_SOURCE_VALUES } from '../../schema.gen.ts';
import { existing, id, instant, noun, nullableInstant } from '../fields.ts';
import { readLeadKey } from '../lead_keys.ts';
import { answerOf } from './fields.ts';

export const lead = noun('ListedLead', {
  ...answerOf(LEAD_COLUMNS),
  suppressed_address: z.boolean().describe('its address or domain is suppressed, regardless of the flags'),
});

const leadAddress = noun('LeadAddress', {
  id,
  kind: z.enum(ADDRESS_KIND_VALUES),
  value: z.string(),
  is_primary: z
    .boolean()
    .describe('touches go to it; the lead has it as `email`, `linkedin_url`, or `phone`'),
  is_verified: z.boolean().describe('it is known to reach the lead'),
  verified_at: nullableInstant,
  source: z.enum(ADDRESS_SOURCE_VALUES).describe('who named it; earlier: before sources were recorded'),
  since: instant,
  is_ended: z.boolean().describe('it is no longer the lead’s'),
  until: nullableInstant,
  is_suppressed: z.boolean().describe('it, or its domain, is on the suppression list'),
});

export const leadDetail = noun('Lead', {
  ...lead.shape,
  addresses: z.array(leadAddress).describe('every address of the lead; the primary one of each kind first'),
  left_company_at: nullableInstant.describe(
    'when the lead wrote, from its primary address, that they left the company or are the wrong person',
  ),
});

/** Throws `not_found`. */
export async function readLead(db: Queryable, org_id: string, key: string) {
  const found = await findLead(db, org_id, key);
  const suppressed = await suppressedLeads.run({ org_id, lead_ids: [found.id] }, db);
  const addresses = await addressesOfLeads.run({ org_id, lead_ids: [found.id] }, db);
  const left = await leftCompanyAt.one({ org_id, id: found.id }, db);
  return { ...found, ...left!, addresses, suppressed_address: suppressed.length > 0 };
}

/** Finds a lead by its key; the id of a merged lead finds the lead that it became. Throws `not_found` (404), also for a lead of another organization. */
export async function findLead(db: Queryable, org_id: string, key: string): Promise<GetLeadResult> {
  const found = await getLead.one({ org_id, ...readLeadKey(key) }, db);
  return existing(found, 'lead', 'Give its id, its CRM record, or any of its addresses.');
}
