import { z } from 'zod';
import type { Queryable } from '../db/pool.ts';
import { rowsOfPerson as person } from '../db/queries/lead_merges.gen.ts';
import { type NamedLeadsResult, namedLeads } from '../db/queries/leads.gen.ts';
import { parseAddress } from '../mail/addresses.ts';
import { e164 } from '../phone_number.ts';
import { inputInvalid } from './fields.ts';

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
    key: storedKey(text),
    phone: e164(text),
  };
}

/** People copy a profile without its scheme, and write a domain in its own script. A CRM record stays as it is. */
function storedKey(text: string): string {
  if (/^([a-z0-9_-]+\.)*linkedin\./i.test(text)) return `https://${text}`;
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const parsed = parseAddress(text);
  return 'error' in parsed ? text : parsed.address;
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

/** The filter of a list by a lead. */
export const leadFilter = leadKey.optional();

/** The id in a lead filter, known or not, or that of the lead with this key. Throws `input_invalid` if none has the key. */
export async function filteredLead(
  db: Queryable,
  org_id: string,
  key: string | null,
): Promise<string | null> {
  if (key === null || readLeadKey(key).id !== null) return key;
  const lead = (await leadsNamed(db, org_id, [key])).get(key);
  if (lead === undefined) throw inputInvalid({ path: 'lead_id', message: 'names no lead' });
  return lead.id;
}

/** The rows of a person by a key of any, for the lists of one lead: a merged lead has its history. Null names no lead. */
export async function rowsOfPerson(
  db: Queryable,
  org_id: string,
  key: string | null,
): Promise<string[] | null> {
  const lead_id = await filteredLead(db, org_id, key);
  return lead_id === null ? null : (await person.one({ org_id, lead_id }, db))!.ids;
}
