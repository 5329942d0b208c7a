import * as sql from '../../db/queries/crm_incoming.gen.ts';
import { repeatCrmOptOut } from '../../db/queries/crm_incoming.gen.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { suppressForCrm } from '../../db/queries/suppressions.gen.ts';
import { newId } from '../../ids.ts';
import { parseAddress } from '../../mail/addresses.ts';
import { e164 } from '../../phone_number.ts';
import { resolveFlags } from '../gate/flags.ts';
import { setOptOut } from '../gate/opt_out.ts';
import { rowsJson } from '../gate/rows.ts';
import { coordinatorActor } from '../gate/scope.ts';
import { erasedKeys, personKey } from './erased_records.ts';
import { type FieldValues, mayBeImported, valuesOf } from './fields.ts';
import {
  type CrmPersonRecord,
  columnsOf,
  type IncomingFields,
  type IncomingScope,
  type KeptRecord,
  keepRecords,
  type Owners,
  type Reading,
  said,
  unreadOf,
} from './incoming.ts';

/** A lead that was merged in the meantime is looked for again. */
const FIND_ROUNDS_MAX = 5;
export const RECORD_DELETED = 'crm_record_deleted';
const OPTED_OUT = 'Opted out in the CRM';

type Facts = sql.CrmLeadFactsResult;
type Found = sql.FindCrmPeopleResult;
type Email = { value: string; key: string };
type Person = {
  record: CrmPersonRecord;
  record_id: string;
  emails: Email[];
  phone: string | null;
  values: FieldValues;
};
/** A person with the lead that is theirs: known, new (`is_new`), or none (`left_out`). */
type Decided = Person & {
  lead: Facts | null;
  lead_id: string | null;
  is_new: boolean;
  left_out: KeptRecord['left_out'];
  /** Other leads with one of the addresses. */
  others: Facts[];
  held: Map<string, string>;
};

/**
 * Applies people of the CRM: each finds its lead by the ids that the CRM ever gave it, else by an address, or creates one. The CRM's
 * values win, empty ones say nothing. An opt-out in the CRM opts the lead out; the CRM lifts none. Erased people are left out.
 */
export async function applyPeople(
  scope: IncomingScope,
  records: readonly CrmPersonRecord[],
  reading: Reading,
  mapped: IncomingFields,
): Promise<void> {
  if (records.length === 0) return;
  const { tx, org_id } = scope;
  const people = records.map((record) => personOf(record, mapped));
  const keys = people.flatMap(({ record_id, emails, phone }) => [
    ...[personKey(record_id), ...emails.map(({ key }) => key)],
    ...(phone === null ? [] : [phone]),
  ]);
  const erased = await erasedKeys(scope, scope.secret, keys);
  await sql.nameCrmAsSource.run({}, tx);
  const found = await findAndLock(scope, people);
  const lead_ids = [...new Set([...found.values()].flatMap(idsOf))];
  const rows = await sql.crmLeadFacts.run({ org_id, lead_ids, read_at: reading.read_at }, tx);
  const facts = new Map(rows.map((row) => [row.id, row]));
  const decided = decide(scope, people, { found, facts, erased });
  const kept = decided.filter(({ left_out }) => left_out !== 'erased');
  const fresh = await keepRecords(
    scope,
    'person',
    kept.map(({ record_id, lead_id, left_out, values }) => {
      return { record_id, subject_id: lead_id, left_out, unread_fields: unreadOf(values, mapped.owners) };
    }),
    reading,
  );
  const current = kept.filter(({ record_id }) => fresh.has(record_id));
  const own = decided.filter((one) => one.left_out === 'erased' && one.lead !== null);
  await link(scope, current, mapped.owners);
  await optOut(scope, [...current, ...own]);
  await suppressOthers(
    scope,
    current.filter(({ record, lead_id }) => record.is_opted_out && lead_id === null),
  );
}

function personOf(record: CrmPersonRecord, { fields }: IncomingFields): Person {
  const emails = new Map<string, Email>();
  for (const text of record.email_addresses) {
    const parsed = parseAddress(text.trim());
    if ('error' in parsed) continue;
    const key = parsed.address.toLowerCase();
    if (!emails.has(key)) emails.set(key, { value: parsed.address, key });
  }
  const phone = record.phone_numbers.map(e164).find((number) => number !== null) ?? null;
  const values = valuesOf(fields, 'person', record.fields);
  return { record, record_id: record.record_id, emails: [...emails.values()], phone, values };
}

const idsOf = ({ by_record_id, by_address_ids }: Found) =>
  by_record_id === null ? by_address_ids : [by_record_id, ...by_address_ids];

/** Finds the leads and locks them, in one order, until what was found is what is locked. */
async function findAndLock(
  { tx, org_id }: IncomingScope,
  people: readonly Person[],
): Promise<ReadonlyMap<string, Found>> {
  const asked = people.map(({ record_id, emails }) => ({ record_id, emails: emails.map(({ key }) => key) }));
  const find = () => sql.findCrmPeople.run({ org_id, rows: rowsJson(asked) }, tx);
  let found = await find();
  for (let rounds = 0; rounds < FIND_ROUNDS_MAX; rounds += 1) {
    const lead_ids = [...new Set(found.flatMap(idsOf))];
    if (lead_ids.length > 0) await lockLeads.run({ org_id, lead_ids }, tx);
    found = await find();
    if (found.flatMap(idsOf).every((id) => lead_ids.includes(id))) break;
  }
  return new Map(found.map((row) => [row.record_id, row]));
}

function decide(
  scope: IncomingScope,
  people: readonly Person[],
  known: {
    found: ReadonlyMap<string, Found>;
    facts: ReadonlyMap<string, Facts>;
    erased: ReadonlySet<string>;
  },
): Decided[] {
  /** Addresses and leads that another record of this batch has. */
  const taken = new Set<string>();
  return people.map((person): Decided => {
    const { record_id, emails } = person;
    const { by_record_id, by_address_ids, address_keys } = known.found.get(record_id)!;
    const held = new Map(address_keys.map((key, index) => [key, by_address_ids[index]!]));
    const by_record = by_record_id === null ? undefined : known.facts.get(by_record_id);
    const by_address = by_address_ids.flatMap((id) => known.facts.get(id) ?? []);
    const is_erased =
      known.erased.has(personKey(record_id)) || emails.some(({ key }) => known.erased.has(key));
    const phone = person.phone !== null && known.erased.has(person.phone) ? null : person.phone;
    const lead = by_record ?? (is_erased ? undefined : by_address[0]) ?? null;
    const others = [...new Set(by_address)].filter((one) => one !== lead);
    const same = { ...person, phone, lead, others, held };
    if (is_erased) return { ...same, lead_id: lead?.id ?? null, is_new: false, left_out: 'erased' };
    const is_taken = lead === null ? emails.some(({ key }) => taken.has(key)) : taken.has(lead.id);
    const is_other = lead?.crm_contact_id != null && lead.crm_contact_id !== record_id && lead.has_record;
    if (is_taken || is_other)
      return { ...same, lead_id: lead?.id ?? null, is_new: false, left_out: 'other_record' };
    if (lead === null && emails.length === 0)
      return { ...same, lead_id: null, is_new: false, left_out: 'no_address' };
    if (lead === null && !mayBeImported(person.values))
      return { ...same, lead_id: null, is_new: false, left_out: 'not_selected' };
    for (const { key } of emails) taken.add(key);
    if (lead !== null) taken.add(lead.id);
    const lead_id = lead?.id ?? newId(scope.clock);
    return { ...same, lead_id, is_new: lead === null, left_out: null };
  });
}

async function link(scope: IncomingScope, decided: readonly Decided[], owners: Owners): Promise<void> {
  const { tx, org_id, clock } = scope;
  const now = clock.now();
  await suggestMerges(scope, decided);
  const linked = decided.filter(({ left_out }) => left_out === null);
  const fresh = linked.filter(({ is_new }) => is_new).map((one) => rowOf(one, owners));
  const known = linked.filter(({ is_new }) => !is_new).map((one) => rowOf(one, owners));
  if (fresh.length > 0) await sql.insertCrmPeople.run({ org_id, rows: rowsJson(fresh), now }, tx);
  if (known.length > 0) await sql.updateCrmPeople.run({ org_id, rows: rowsJson(known), now }, tx);
  const addresses = linked.flatMap((one) => furtherOf(one).map((row) => ({ ...row, id: newId(clock) })));
  if (addresses.length > 0) await sql.addCrmAddresses.run({ org_id, rows: rowsJson(addresses), now }, tx);
  const back = linked.filter(({ lead }) => lead?.cadence_pause_reason === RECORD_DELETED);
  const subjects = back.map(({ lead_id }) => lead_id!);
  await resolveFlags(scope, { kind: 'crm_record_deleted', subjects, resolution: 'cause_gone' });
}

/**
 * Leads that have addresses of one record. If the other lead's own record is gone, the CRM merged it into this one, so a rule merges
 * the leads; else a person decides.
 */
async function suggestMerges(scope: IncomingScope, decided: readonly Decided[]): Promise<void> {
  const { tx, org_id, clock } = scope;
  const now = clock.now();
  const rows: { lead_id: string; other_lead_id: string; reason: string }[] = [];
  for (const { lead, others, left_out } of decided) {
    if (lead === null) continue;
    for (const other of others) {
      const was_merged = left_out === null && other.crm_contact_id !== null && !other.has_record;
      if (was_merged) {
        const gone = { org_id, lead_id: other.id, record_id: other.crm_contact_id!, now };
        await sql.unlinkCrmPerson.run(gone, tx);
      }
      const reason = was_merged ? 'same_crm_record' : 'same_email';
      rows.push({ lead_id: lead.id, other_lead_id: other.id, reason });
    }
  }
  if (rows.length > 0) await sql.suggestCrmMerges.run({ org_id, rows: rowsJson(rows), now }, tx);
}

function rowOf(
  { record, record_id, lead_id, lead, is_new, emails, phone, held, values }: Decided,
  owners: Owners,
) {
  return {
    ...columnsOf(values, owners),
    lead_id,
    record_id,
    email: is_new ? emails[0]!.value : primaryOf({ record, lead: lead!, emails, held }),
    first_name: said(record.name?.first_name, 200),
    last_name: said(record.name?.last_name, 200),
    title: said(record.job_title, 300),
    phone,
    company_id: record.company_id,
  };
}

/** The CRM's primary address where ours differs and may change; else null. */
function primaryOf({
  record,
  lead,
  emails: [first],
  held,
}: Pick<Decided, 'record' | 'emails' | 'held'> & { lead: Facts }): string | null {
  if (first === undefined || first.key === lead.email_key) return null;
  if (lead.is_opted_out || record.is_opted_out || lead.is_being_sent_to) return null;
  if (lead.ended_emails.includes(first.key) || (held.get(first.key) ?? lead.id) !== lead.id) return null;
  return first.value;
}

function furtherOf({ emails, lead, lead_id }: Decided): { lead_id: string; value: string }[] {
  const has = new Set([...(lead?.emails ?? []), ...(lead?.ended_emails ?? [])]);
  const further = lead === null ? emails.slice(1) : emails.filter(({ key }) => !has.has(key));
  return further.map(({ value }) => ({ lead_id: lead_id!, value }));
}

/** An opt-out on either side wins. While ours is on its way to the CRM, the CRM's says nothing. */
async function optOut(scope: IncomingScope, decided: readonly Decided[]): Promise<void> {
  const { tx, org_id, clock } = scope;
  for (const { record, record_id, lead, lead_id } of decided) {
    if (lead_id === null || lead?.opt_out_is_being_written) continue;
    const is_known = lead?.crm_contact_id === record_id;
    if (record.is_opted_out && !lead?.is_opted_out)
      await setOptOut(scope, coordinatorActor(org_id), lead_id, OPTED_OUT);
    else if (lead?.is_opted_out && !record.is_opted_out && is_known)
      await repeatCrmOptOut.run({ lead_id, now: clock.now() }, tx);
  }
}

/** People who are opted out in the CRM and no leads here: none may be contacted once a lead has the address or number. */
async function suppressOthers(scope: IncomingScope, people: readonly Decided[]): Promise<void> {
  const { tx, org_id, clock } = scope;
  const rows = people.flatMap(({ emails, phone }) => [
    ...emails.map(({ key }) => ({ id: newId(clock), kind: 'address', value: key })),
    ...(phone === null ? [] : [{ id: newId(clock), kind: 'phone', value: phone }]),
  ]);
  if (rows.length === 0) return;
  await suppressForCrm.run(
    { org_id, rows: rowsJson(rows), reason: 'opted out in the CRM', now: clock.now() },
    tx,
  );
}
