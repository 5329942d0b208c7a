import type { AttioClient } from './attio_requests.ts';
import type { AttioRecord } from './attio_shapes.ts';
import {
  given,
  machineOf,
  member,
  OPT_OUT,
  REFERENCE,
  readRecordOf,
  reference,
  SLUG_OF,
} from './attio_values.ts';
import { refusedHere } from './crm_client.ts';
import { absentOf } from './crm_lists.ts';
import type { Crm, CrmOutcome, CrmPlace } from './port.ts';
import type { CrmAmount, CrmDealChanges, CrmObject, CrmPerson, CrmRecord, CrmWritten } from './records.ts';

type Values = ReturnType<typeof given>;

export function attioRecords(
  client: AttioClient,
  fields: readonly CrmPlace[],
): Pick<
  Crm,
  'upsertCompany' | 'upsertPerson' | 'ensureDeal' | 'changeDeal' | 'setOptOut' | 'deleteRecord' | 'readRecord'
> {
  const currencies = dealCurrency(client);
  const update = (object: CrmObject, record_id: string, values: Values) =>
    written(
      client.call('update_record', {
        params: { object: SLUG_OF[object], record_id },
        body: { data: { values } },
      }),
    );
  return {
    async upsertCompany({ record_id, name, domains }) {
      if (domains.length === 0) return refusedHere('value_missing', 'domains', 'A company needs a domain.');
      const plain = { name: name === undefined ? undefined : [{ value: name }] };
      if (record_id === undefined)
        return assert(client, 'company', 'domains', {
          ...plain,
          domains: domains.map((domain) => ({ domain })),
        });
      return await known(client, 'company', record_id, (stored) => {
        const absent = absentOf(domains, stored.object === 'company' ? stored.domains : []);
        return given({ ...plain, domains: absent?.map((domain) => ({ domain })) });
      });
    },
    upsertPerson: (person) => upsertPerson(client, person),
    async ensureDeal(deal) {
      const fault = await currencies.faultOf(deal.amount);
      if (fault !== null) return fault;
      const found = await findDeal(client, deal.reference);
      if (found.kind !== 'ok' || found.value !== null) return found as CrmOutcome<CrmWritten>;
      const values = given({ ...dealValues(deal), [REFERENCE]: [{ value: deal.reference }] });
      const made = await client.call('create_record', {
        params: { object: SLUG_OF.deal },
        body: { data: { values } },
      });
      if (made.kind === 'ok') return { kind: 'ok', value: writtenOf(made.value.data, REFERENCE) };
      if (made.kind !== 'refused') return made;
      // Another writer may have created the deal since the query.
      const again = await findDeal(client, deal.reference);
      return again.kind === 'ok' && again.value !== null ? { kind: 'ok', value: again.value } : made;
    },
    async changeDeal(record_id, changes) {
      return (await currencies.faultOf(changes.amount)) ?? (await changeDeal(client, record_id, changes));
    },
    setOptOut: (person_id, is_opted_out) =>
      update('person', person_id, { [OPT_OUT]: [{ value: is_opted_out }] }),
    async deleteRecord(object, record_id) {
      const gone = await client.call('delete_record', { params: { object: SLUG_OF[object], record_id } });
      return gone.kind === 'ok' ? { kind: 'ok', value: null } : gone;
    },
    readRecord: (object, record_id) => readRecord(client, object, record_id, fields),
  };
}

/** Attio answers "not found" for a merged record and names the survivor only in its event; some servers redirect the id. */
async function readRecord(
  client: AttioClient,
  object: CrmObject,
  record_id: string,
  fields: readonly CrmPlace[],
): Promise<CrmOutcome<CrmRecord> | { kind: 'merged'; merged_into: string }> {
  const got = await client.call('get_record', { params: { object: SLUG_OF[object], record_id } });
  if (got.kind !== 'ok') return got;
  const merged_into = got.value.data.id.record_id;
  if (merged_into !== record_id) return { kind: 'merged', merged_into };
  return { kind: 'ok', value: readRecordOf(object, got.value.data, fields) };
}

/**
 * Asserting adds to the matching attribute but replaces every other list, so an assert contains no other list: numbers are
 * added afterward.
 */
async function upsertPerson(client: AttioClient, person: CrmPerson): Promise<CrmOutcome<CrmWritten>> {
  const { record_id, email_addresses, name, job_title, company_id, phone_numbers = [] } = person;
  if (email_addresses.length === 0)
    return refusedHere('value_missing', 'email_addresses', 'A person needs an email address.');
  const plain = {
    name: name && [{ ...name, full_name: `${name.first_name} ${name.last_name}`.trim() }],
    job_title: job_title === undefined ? undefined : [{ value: job_title }],
    company: company_id === undefined ? undefined : [reference('company', company_id)],
  };
  const added_to = (id: string, own: typeof plain | Record<string, never>) =>
    known(client, 'person', id, (stored) => {
      const has = stored.object === 'person' ? stored : { email_addresses: [], phone_numbers: [] };
      const addresses = absentOf(email_addresses, has.email_addresses);
      return given({
        ...own,
        email_addresses: addresses?.map((email_address) => ({ email_address })),
        phone_numbers: absentOf(phone_numbers, has.phone_numbers)?.map((original_phone_number) => ({
          original_phone_number,
        })),
      });
    });
  if (record_id !== undefined) return await added_to(record_id, plain);
  const addresses = email_addresses.map((email_address) => ({ email_address }));
  const asserted = await assert(client, 'person', 'email_addresses', {
    ...plain,
    email_addresses: addresses,
  });
  if (asserted.kind !== 'ok' || phone_numbers.length === 0) return asserted;
  return await added_to(asserted.value.record_id, {});
}

/** Reads the record first: an update prepends what it is given, also what the record already has. */
async function known(
  client: AttioClient,
  object: CrmObject,
  record_id: string,
  valuesFor: (stored: CrmRecord) => Values,
): Promise<CrmOutcome<CrmWritten>> {
  const stored = await readRecord(client, object, record_id, []);
  if (stored.kind === 'merged')
    return { kind: 'missing', message: 'The record was merged into another one.' };
  if (stored.kind !== 'ok') return stored;
  const values = valuesFor(stored.value);
  if (Object.keys(values).length === 0) return { kind: 'ok', value: { record_id, actor_id: null } };
  const params = { object: SLUG_OF[object], record_id };
  return await written(client.call('update_record', { params, body: { data: { values } } }));
}

function assert(
  client: AttioClient,
  object: CrmObject,
  matching_attribute: string,
  values: Parameters<typeof given>[0],
): Promise<CrmOutcome<CrmWritten>> {
  return written(
    client.call('assert_record', {
      params: { object: SLUG_OF[object] },
      query: { matching_attribute },
      body: { data: { values: given(values) } },
    }),
  );
}

function dealValues(deal: CrmDealChanges): Parameters<typeof given>[0] {
  const { name, stage_id, owner_id, amount, person_ids, company_id } = deal;
  return {
    name: name === undefined ? undefined : [{ value: name }],
    stage: stage_id === undefined ? undefined : [{ status: stage_id }],
    owner: owner_id === undefined ? undefined : [member(owner_id)],
    value: amount && [{ currency_value: amount.value }],
    associated_people: person_ids?.map((id) => reference('person', id)),
    associated_company: company_id === undefined ? undefined : [reference('company', company_id)],
  };
}

function changeDeal(client: AttioClient, record_id: string, changes: CrmDealChanges) {
  return known(client, 'deal', record_id, (stored) => {
    const linked = stored.object === 'deal' ? stored.person_ids : [];
    const { person_ids, ...others } = changes;
    const absent = absentOf(person_ids ?? [], linked);
    return given(dealValues(absent === undefined ? others : { ...others, person_ids: absent }));
  });
}

async function findDeal(client: AttioClient, unique: string): Promise<CrmOutcome<CrmWritten | null>> {
  const found = await client.call('query_records', {
    params: { object: SLUG_OF.deal },
    body: { filter: { [REFERENCE]: unique }, limit: 1, offset: 0 },
  });
  if (found.kind !== 'ok') return found;
  const [first] = found.value.data;
  return { kind: 'ok', value: first === undefined ? null : writtenOf(first, REFERENCE) };
}

async function written(answer: Promise<CrmOutcome<{ data: AttioRecord }>>): Promise<CrmOutcome<CrmWritten>> {
  const got = await answer;
  return got.kind === 'ok' ? { kind: 'ok', value: writtenOf(got.value.data, null) } : got;
}

/** The author of the value of `ours`, an attribute that only Touchline writes. Values of others may have older authors. */
function writtenOf(record: AttioRecord, ours: string | null): CrmWritten {
  const [value] = (ours === null ? [] : (record.values[ours] ?? [])) as { created_by_actor?: unknown }[];
  return { record_id: record.id.record_id, actor_id: machineOf(value?.created_by_actor) };
}

/** Attio keeps one currency for all deals and accepts none with a value. It is read once. */
function dealCurrency(client: AttioClient) {
  let currency: string | null = null;
  return {
    async faultOf(amount: CrmAmount | undefined): Promise<CrmOutcome<never> | null> {
      if (amount === undefined) return null;
      if (currency === null) {
        const params = { target: 'objects', identifier: SLUG_OF.deal, attribute: 'value' };
        const got = await client.call('get_attribute', { params });
        if (got.kind !== 'ok') return got;
        currency = got.value.data.config.currency.default_currency_code;
      }
      if (currency === amount.currency) return null;
      const message = `Deals in Attio have amounts in ${currency ?? 'no currency'} only.`;
      return refusedHere('currency_differs', 'amount.currency', message);
    },
  };
}
