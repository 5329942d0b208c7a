import { z } from 'zod';
import type { Queryable } from '../../db/pool.ts';
import { type GetLeadResult, getLead, leadSuppressed } from '../../db/queries/leads.gen.ts';
import { CADENCE_STATE_VALUES, ICP_TIER_VALUES } from '../../schema.gen.ts';
import { id, instant, notFound, nullableInstant } from '../fields.ts';

export const leadKey = z.string().trim().min(1).max(254).describe('id or e-mail address');

export const lead = z.object({
  id,
  email: z.string(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  title: z.string().nullable(),
  account_id: id.nullable(),
  company: z.string().nullable(),
  company_domain: z.string().nullable(),
  abm_active: z.boolean().describe('of the account'),
  icp_tier: z.enum(ICP_TIER_VALUES).nullable(),
  effective_icp_tier: z.enum(ICP_TIER_VALUES).nullable().describe('its own, else its account’s'),
  segment: z.string().nullable(),
  effective_segment: z.string().nullable().describe('its own, else its account’s'),
  vertical: z.string().nullable(),
  lifecycle_stage: z.string().nullable(),
  country: z.string().nullable(),
  time_zone: z.string().nullable(),
  effective_time_zone: z.string().describe('its own, else its account’s, else the organization’s'),
  linkedin_url: z.string().nullable(),
  crm_contact_id: z.string().nullable(),
  owner_user_id: id.nullable(),
  unsubscribe_flag: z.boolean(),
  unsubscribed_at: nullableInstant,
  opt_out_flag: z.boolean(),
  opted_out_at: nullableInstant,
  sales_signal_at: nullableInstant,
  marketing_signal_at: nullableInstant,
  intent_signals: z.array(z.string()).describe('what it has shown interest by'),
  cadence_state: z.enum(CADENCE_STATE_VALUES),
  active_sequence_id: id.nullable(),
  current_step: z.number().nullable(),
  last_touch_at: nullableInstant,
  customer_since: nullableInstant,
  cadence_paused_at: nullableInstant,
  cadence_pause_reason: z.string().nullable(),
  erased_at: nullableInstant.describe('since when it is a shell without a person'),
  created_at: instant,
  updated_at: instant,
});

export const leadDetail = lead.extend({
  suppressed_address: z
    .boolean()
    .describe('its address or domain is never contacted, whatever the flags say'),
});

/** A lead as it is answered. Throws `not_found`. */
export async function readLead(db: Queryable, org_id: string, key: string) {
  const found = await findLead(db, org_id, key);
  const row = await leadSuppressed.one({ org_id, id: found.id }, db);
  return { ...found, suppressed_address: row?.suppressed ?? false };
}

/** A lead by its id or its address. Throws `not_found` (404), also for another organization's. */
export async function findLead(db: Queryable, org_id: string, key: string): Promise<GetLeadResult> {
  const by_id = z.uuid().safeParse(key).success;
  const found = await getLead.one({ org_id, id: by_id ? key : null, email: by_id ? null : key }, db);
  if (found === undefined) throw notFound('lead', 'It is found by its id or its e-mail address.');
  return found;
}
