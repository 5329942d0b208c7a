import { refusedHere } from './crm_client.ts';
import { absentOf } from './crm_lists.ts';
import type { HubspotReads } from './hubspot_reads.ts';
import type { HubspotObject } from './hubspot_shapes.ts';
import { changes, listOf, readRecordOf } from './hubspot_values.ts';
import type { HubspotWrites } from './hubspot_writes.ts';
import type { Crm, CrmOutcome } from './port.ts';
import type { CrmPerson, CrmWritten } from './records.ts';

/** HubSpot has two numbers of a person: a number beyond these is left out. */
const PHONES = ['phone', 'mobilephone'] as const;

export function hubspotPeople(reads: HubspotReads, writes: HubspotWrites): Pick<Crm, 'upsertPerson'> {
  /** Adds what the record lacks. Refused if an address belongs to another person. */
  const updated = async (person: CrmPerson, id: string): Promise<CrmOutcome<CrmWritten>> => {
    const stored = await reads.live('person', id);
    if (stored.kind !== 'ok') return stored;
    const absent = absentOf(person.email_addresses, addressesOf(stored.value)) ?? [];
    if (absent.length > 0) {
      const holders = await reads.byUnique('person', 'email', absent);
      if (holders.kind !== 'ok') return holders;
      if (holders.value.length > 0) return severalPeople();
    }
    const properties = {
      ...plainOf(person),
      ...addressesWith(stored.value, absent),
      ...phonesWith(stored.value, person),
    };
    const links = { company_id: person.company_id };
    return await writes.update('person', stored.value, changes(stored.value.properties, properties), links);
  };
  return {
    async upsertPerson(person) {
      const { record_id, email_addresses, phone_numbers = [] } = person;
      const [email = '', ...others] = email_addresses;
      if (email_addresses.length === 0)
        return refusedHere('value_missing', 'email_addresses', 'A person needs an email address.');
      if (record_id !== undefined) return await updated(person, record_id);
      const holders = await reads.byUnique('person', 'email', email_addresses);
      if (holders.kind !== 'ok') return holders;
      const [holder, another] = holders.value;
      if (another !== undefined) return severalPeople();
      if (holder !== undefined) return await updated(person, holder.id);
      const phones = Object.fromEntries(phone_numbers.map((one, index) => [PHONES[index] ?? '', one]));
      const properties = {
        ...plainOf(person),
        email,
        hs_additional_emails: others.length === 0 ? undefined : others.join(';'),
        ...phones,
        '': undefined,
      };
      const made = await writes.create('person', changes({}, properties), { company_id: person.company_id });
      const existing = holderIn(made);
      return existing === null ? made : await updated(person, existing);
    },
  };
}

/** HubSpot names the holder of an address, also of one that is not its first, which no read by property finds. */
function holderIn(made: CrmOutcome<CrmWritten>): string | null {
  if (made.kind !== 'refused' || made.status !== 409) return null;
  return /Existing ID: (\d{1,20})/.exec(made.message)?.[1] ?? null;
}

function severalPeople() {
  return refusedHere('several_records', 'email_addresses', 'The addresses belong to several people.');
}

const plainOf = ({ name, job_title }: CrmPerson) => ({
  firstname: name?.first_name,
  lastname: name?.last_name,
  jobtitle: job_title,
});

function addressesOf(stored: HubspotObject): string[] {
  const person = readRecordOf('person', stored, '');
  return person.object === 'person' ? person.email_addresses : [];
}

function addressesWith({ properties }: HubspotObject, absent: readonly string[]) {
  if (absent.length === 0) return {};
  const [first = '', ...others] = absent;
  const is_first = (properties.email ?? '') === '';
  const more = [...listOf(properties.hs_additional_emails), ...(is_first ? others : absent)];
  return { ...(is_first ? { email: first } : {}), hs_additional_emails: more.join(';') };
}

function phonesWith(
  { properties }: HubspotObject,
  { phone_numbers = [] }: CrmPerson,
): Record<string, string> {
  const free = PHONES.filter((name) => (properties[name] ?? '') === '');
  const has = PHONES.map((name) => properties[name] ?? '');
  const absent = absentOf(phone_numbers, has) ?? [];
  return Object.fromEntries(free.slice(0, absent.length).map((name, index) => [name, absent[index]!]));
}
