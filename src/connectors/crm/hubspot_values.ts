import type { HubspotType } from './hubspot_calls.ts';
import type { HubspotObject } from './hubspot_shapes.ts';
import type { CrmPlace } from './port.ts';
import type { CrmObject, CrmRecord } from './records.ts';

/** Types of the standard objects. HubSpot's description of deals has only the number. */
export const TYPE_OF = { person: 'contacts', company: 'companies', deal: '0-3' } as const satisfies Record<
  CrmObject,
  HubspotType
>;

/** HubSpot's names of objects in events and in kinds of links. */
export const NAME_OF = { person: 'contact', company: 'company', deal: 'deal' } as const satisfies Record<
  CrmObject,
  string
>;

/** The properties that Touchline creates. */
export const REFERENCE = 'touchline_reference';
export const OPT_OUT = 'touchline_opt_out';
export const DOMAINS = 'touchline_domains';

/** The properties that a record is read from. */
export const PROPERTIES: Readonly<Record<CrmObject, string[]>> = {
  person: [
    'email',
    'hs_additional_emails',
    'firstname',
    'lastname',
    'jobtitle',
    'phone',
    'mobilephone',
    OPT_OUT,
  ],
  company: ['name', 'domain', 'hs_additional_domains', DOMAINS, REFERENCE],
  deal: ['dealname', 'dealstage', 'pipeline', 'amount', 'deal_currency_code', 'hubspot_owner_id', REFERENCE],
};

/** The objects that a record is linked to. */
export const LINKED: Readonly<Record<CrmObject, ('person' | 'company')[]>> = {
  person: ['company'],
  company: [],
  deal: ['person', 'company'],
};

/** Ids of HubSpot's own kinds of links; to a company, the primary one. Other links stay when a primary one is set. */
const LINK_KIND = {
  contacts: { contacts: 449, companies: 1, '0-3': 4 },
  companies: { contacts: 2, companies: 450, '0-3': 6 },
  '0-3': { contacts: 3, companies: 5, '0-3': 451 },
  notes: { contacts: 202, companies: 190, '0-3': 214 },
  tasks: { contacts: 204, companies: 192, '0-3': 216 },
} as const;

export const linkSpec = (from: HubspotType, to: CrmObject) => ({
  associationCategory: 'HUBSPOT_DEFINED' as const,
  associationTypeId: LINK_KIND[from][TYPE_OF[to]] as number,
});

export const linkTo = (from: HubspotType, to: CrmObject, id: string) => ({
  to: { id },
  types: [linkSpec(from, to)],
});

/** HubSpot's lists in one property. */
export const listOf = (text: string | null | undefined): string[] =>
  (text ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** The properties of `wanted` that differ from the record's, without those that are not given. */
export function changes(
  stored: Readonly<Record<string, string | null>>,
  wanted: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const entries = Object.entries(wanted).filter(
    ([name, value]) => value !== undefined && value !== (stored[name] ?? ''),
  );
  return Object.fromEntries(entries) as Record<string, string>;
}

/** A record as the port has it. `currency`: of amounts without their own. */
export function readRecordOf(
  object: CrmObject,
  found: HubspotObject,
  currency: string,
  asked: readonly CrmPlace[] = [],
): CrmRecord {
  const { id: record_id, createdAt: created_at, properties: has } = found;
  const text = (name: string) => has[name] || null;
  const own = asked.filter((place) => place.object === object);
  const fields = Object.fromEntries(own.map(({ slug }) => [slug, text(slug)]));
  if (object === 'company') {
    const domains = [...listOf(has.domain), ...listOf(has.hs_additional_domains), ...listOf(has[DOMAINS])];
    return { object, record_id, created_at, name: text('name'), domains: unique(domains), fields };
  }
  if (object === 'person') {
    const name = { first_name: text('firstname') ?? '', last_name: text('lastname') ?? '' };
    return {
      object,
      record_id,
      created_at,
      name: name.first_name === '' && name.last_name === '' ? null : name,
      email_addresses: unique([...listOf(has.email), ...listOf(has.hs_additional_emails)]),
      phone_numbers: unique([...listOf(has.phone), ...listOf(has.mobilephone)]),
      job_title: text('jobtitle'),
      company_id: companyOf(found),
      is_opted_out: has[OPT_OUT] === 'true',
      fields,
    };
  }
  const amount = Number(has.amount || Number.NaN);
  return {
    object,
    record_id,
    created_at,
    name: text('dealname'),
    reference: text(REFERENCE),
    stage_id: text('dealstage'),
    owner_id: text('hubspot_owner_id'),
    amount: Number.isNaN(amount) ? null : { value: amount, currency: text('deal_currency_code') ?? currency },
    person_ids: unique(linksOf(found, 'person').map(({ id }) => id)),
    company_id: companyOf(found),
  };
}

export const linksOf = ({ associations = {} }: HubspotObject, to: 'person' | 'company') =>
  associations[TYPE_OF[to]]?.results ?? [];

/** The primary company, whose kind of link has no suffix; otherwise any. */
function companyOf(found: HubspotObject): string | null {
  const links = linksOf(found, 'company');
  const primary = links.find(({ type }) => /^(contact|deal)_to_company$/.test(type));
  return (primary ?? links[0])?.id ?? null;
}

const unique = (values: readonly string[]) => [...new Set(values)];
