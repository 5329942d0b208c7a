import { z } from 'zod';
import { LEAD_COLUMNS } from '../../core/lead_columns.ts';
import type { Queryable } from '../../db/pool.ts';
import { type GetLeadResult, getLead, leadSuppressed } from '../../db/queries/leads.gen.ts';
import { existing, noun } from '../fields.ts';
import { answerOf } from './fields.ts';

export const leadKey = z.string().trim().min(1).max(254).describe('id or email address');

export const lead = noun('ListedLead', answerOf(LEAD_COLUMNS));

export const leadDetail = noun('Lead', {
  ...lead.shape,
  suppressed_address: z.boolean().describe('its address or domain is suppressed, regardless of the flags'),
});

/** Throws `not_found`. */
export async function readLead(db: Queryable, org_id: string, key: string) {
  const found = await findLead(db, org_id, key);
  const row = await leadSuppressed.one({ org_id, id: found.id }, db);
  return { ...found, suppressed_address: row?.suppressed ?? false };
}

/** Finds a lead by id or address. Throws `not_found` (404), also for a lead of another organization. */
export async function findLead(db: Queryable, org_id: string, key: string): Promise<GetLeadResult> {
  const by_id = z.uuid().safeParse(key).success;
  const found = await getLead.one({ org_id, id: by_id ? key : null, email: by_id ? null : key }, db);
  return existing(found, 'lead', 'Give its id or its email address.');
}
