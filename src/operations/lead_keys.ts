import { z } from 'zod';
import type { Queryable } from '../db/pool.ts';
import { rowsOfPerson as person } from '../db/queries/lead_merges.gen.ts';
import { type NamedLeadsResult, namedLeads } from '../db/queries/leads.gen.ts';
import { e164 } from '../phone_number.ts';

/** As long as a LinkedIn profile may be. */
const KEY_MAX = 500;

/** How a caller names a lead. */
export const leadKey = z
  .string()
  .trim()
  .min(1)
  .max(KEY_MAX)
  .describe('id, CRM record, or any email address, LinkedIn profile, or phone number of the lead');

/** A key as the database looks it up: an id before an address, an address before a CRM record. */
export function readLeadKey(text: string): { id: string | null; key: string; phone: string | null } {
  return {
    id: z.uuid().safeParse(text).success ? text : null,
    // People copy a profile without its scheme.
    key: /^([a-z0-9_-]+\.)*linkedin\./i.test(text) ? `https://${text}` : text,
    phone: e164(text),
  };
}

/** The leads that keys name, by the key as it was given; a key that names none is missing. */
export async function leadsNamed(
  db: Queryable,
  org_id: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, NamedLeadsResult>> {
  const read = new Map(keys.map((given) => [given, readLeadKey(given)]));
  const rows = await namedLeads.run({ org_id, keys: [...read.values()] }, db);
  const by_key = new Map(rows.map((row) => [row.key, row]));
  return new Map(
    [...read].flatMap(([given, { key }]) => (by_key.has(key) ? [[given, by_key.get(key)!]] : [])),
  );
}

/** The rows of a person by any of them, for the lists of one lead: a merged lead has its history. Null names no lead. */
export async function rowsOfPerson(
  db: Queryable,
  org_id: string,
  lead_id: string | null,
): Promise<string[] | null> {
  return lead_id === null ? null : (await person.one({ org_id, lead_id }, db))!.ids;
}
