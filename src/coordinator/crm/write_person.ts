import type { Crm, CrmOutcome } from '../../connectors/crm/port.ts';
import type { CrmPerson, CrmRecord } from '../../connectors/crm/records.ts';
import type { CrmWriteFactsResult } from '../../db/queries/crm_writes.gen.ts';

export type KnownPerson = { record_id: string; actor_ids: string[] };

/**
 * The CRM's record of a person: the known one, the one into which it was merged, one with their address, or a new one. The CRM
 * wins: only empty values of a record are filled in, when a sequence begins or the record is first found. `missing`: the known
 * record was deleted, so none is created again.
 */
export async function ensurePerson(
  crm: Crm,
  facts: CrmWriteFactsResult,
  { is_enrolling }: { is_enrolling: boolean },
): Promise<CrmOutcome<KnownPerson>> {
  const known = facts.crm_contact_id;
  if (known !== null && !is_enrolling) return { kind: 'ok', value: { record_id: known, actor_ids: [] } };
  if (known !== null) {
    const read = await crm.readRecord('person', known);
    if (read.kind === 'merged') return { kind: 'ok', value: { record_id: read.merged_into, actor_ids: [] } };
    return read.kind === 'ok' ? fill(crm, facts, read.value, []) : read;
  }
  const email_addresses = facts.email_addresses.length > 0 ? facts.email_addresses : [facts.email!];
  const found = await crm.upsertPerson({ email_addresses });
  if (found.kind !== 'ok') return found;
  const { record_id, actor_id } = found.value;
  const read = await crm.readRecord('person', record_id);
  if (read.kind === 'merged') return { kind: 'unreachable', response: 'The record was merged just now.' };
  return read.kind === 'ok' ? fill(crm, facts, read.value, actor_id === null ? [] : [actor_id]) : read;
}

async function fill(
  crm: Crm,
  facts: CrmWriteFactsResult,
  record: CrmRecord,
  actor_ids: string[],
): Promise<CrmOutcome<KnownPerson>> {
  const { record_id } = record;
  const values = record.object === 'person' ? missingValues(facts, record) : {};
  if (Object.keys(values).length === 0) return { kind: 'ok', value: { record_id, actor_ids } };
  const email_addresses = facts.email_addresses.length > 0 ? facts.email_addresses : [facts.email!];
  const filled = await crm.upsertPerson({ record_id, email_addresses, ...values });
  if (filled.kind !== 'ok') return filled;
  const { actor_id } = filled.value;
  return {
    kind: 'ok',
    value: { record_id, actor_ids: actor_id === null ? actor_ids : [...actor_ids, actor_id] },
  };
}

function missingValues(
  facts: CrmWriteFactsResult,
  record: Extract<CrmRecord, { object: 'person' }>,
): Partial<CrmPerson> {
  const { first_name, last_name, title, phone, crm_account_id } = facts;
  const values: Partial<CrmPerson> = {};
  const has_name = `${record.name?.first_name ?? ''}${record.name?.last_name ?? ''}`.trim() !== '';
  if (!has_name && (first_name !== null || last_name !== null))
    values.name = { first_name: first_name ?? '', last_name: last_name ?? '' };
  if (record.job_title === null && title !== null) values.job_title = title;
  if (record.phone_numbers.length === 0 && phone !== null) values.phone_numbers = [phone];
  if (record.company_id === null && crm_account_id !== null) values.company_id = crm_account_id;
  const has = new Set(record.email_addresses.map((address) => address.toLowerCase()));
  if (facts.email_addresses.some((address) => !has.has(address.toLowerCase())))
    values.email_addresses = facts.email_addresses;
  return values;
}
