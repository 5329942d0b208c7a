import { refusedHere } from './crm_client.ts';
import { absentOf } from './crm_lists.ts';
import type { HubspotReads } from './hubspot_reads.ts';
import type { HubspotClient } from './hubspot_requests.ts';
import type { HubspotObject } from './hubspot_shapes.ts';
import { changes, DOMAINS, listOf, PROPERTIES, REFERENCE, readRecordOf, TYPE_OF } from './hubspot_values.ts';
import type { HubspotWrites } from './hubspot_writes.ts';
import type { Crm, CrmOutcome } from './port.ts';
import type { CrmCompany, CrmWritten } from './records.ts';

const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i;
/** Domains per search: HubSpot accepts five groups of filters, and each domain needs two. */
const SEARCHED_MAX = 2;
const FOUND_MAX = 10;

/**
 * HubSpot keeps several companies with one domain and finds a domain only by its search, which lags. So each company that
 * Touchline writes has its first domain as a unique reference, and domains that HubSpot does not let us add have a property
 * of their own.
 */
export function hubspotCompanies(
  client: HubspotClient,
  reads: HubspotReads,
  writes: HubspotWrites,
): Pick<Crm, 'upsertCompany'> {
  const updated = async (company: CrmCompany, id: string): Promise<CrmOutcome<CrmWritten>> => {
    const stored = await reads.live('company', id);
    if (stored.kind !== 'ok') return stored;
    const absent = absentOf(company.domains, domainsOf(stored.value)) ?? [];
    const holders = await searched(client, absent);
    if (holders.kind !== 'ok') return holders;
    if (holders.value.some((holder) => holder.id !== id)) return severalCompanies();
    const properties = valuesWith(stored.value, company, absent);
    return await writes.update('company', stored.value, changes(stored.value.properties, properties), {});
  };
  return {
    async upsertCompany(company) {
      const { record_id, name, domains } = company;
      const [domain = '', ...others] = domains;
      const fault = faultOf(domains);
      if (fault !== null) return fault;
      if (record_id !== undefined) return await updated(company, record_id);
      const ours = await reads.byUnique('company', REFERENCE, domains);
      if (ours.kind !== 'ok') return ours;
      const absent = absentOf(domains, ours.value.flatMap(domainsOf)) ?? [];
      const theirs = await searched(client, absent);
      if (theirs.kind !== 'ok') return theirs;
      const ids = new Set([...ours.value, ...theirs.value].map(({ id }) => id));
      const [id] = ids;
      if (ids.size > 1) return severalCompanies();
      if (id !== undefined) return await updated(company, id);
      const more = others.length === 0 ? undefined : others.join(';');
      const properties = changes({}, { name, domain, [DOMAINS]: more, [REFERENCE]: domain.toLowerCase() });
      const made = await writes.create('company', properties, {});
      if (made.kind !== 'refused') return made;
      // Another writer may have created the company since the read.
      const again = await reads.byUnique('company', REFERENCE, [domain]);
      const [found] = again.kind === 'ok' ? again.value : [];
      return found === undefined ? made : await updated(company, found.id);
    },
  };
}

function faultOf(domains: readonly string[]): CrmOutcome<never> | null {
  if (domains.length === 0) return refusedHere('value_missing', 'domains', 'A company needs a domain.');
  const index = domains.findIndex((domain) => !DOMAIN.test(domain));
  if (index < 0) return null;
  return refusedHere('domain_invalid', `domains.${index}`, 'The domain is malformed.');
}

function severalCompanies() {
  return refusedHere('several_records', 'domains', 'The domains belong to several companies.');
}

/** Companies that have one of the domains, as far as HubSpot's search knows. */
async function searched(
  client: HubspotClient,
  domains: readonly string[],
): Promise<CrmOutcome<HubspotObject[]>> {
  const found = new Map<string, HubspotObject>();
  for (let index = 0; index < domains.length; index += SEARCHED_MAX) {
    const some = domains.slice(index, index + SEARCHED_MAX).map((domain) => domain.toLowerCase());
    const filters = [
      { propertyName: 'domain', operator: 'IN' as const, values: some },
      ...some.flatMap((value) =>
        ['hs_additional_domains', DOMAINS].map((propertyName) => ({
          propertyName,
          operator: 'CONTAINS_TOKEN' as const,
          value,
        })),
      ),
    ];
    const got = await client.call('search', {
      params: { object: TYPE_OF.company },
      body: {
        filterGroups: filters.map((filter) => ({ filters: [filter] })),
        properties: PROPERTIES.company,
        sorts: [],
        limit: FOUND_MAX,
        after: '0',
      },
    });
    if (got.kind !== 'ok') return got;
    // A token may be only a part of a domain.
    for (const one of got.value.results)
      if (absentOf(some, domainsOf(one))?.length !== some.length) found.set(one.id, one);
  }
  return { kind: 'ok', value: [...found.values()] };
}

function domainsOf(stored: HubspotObject): string[] {
  const company = readRecordOf('company', stored, '');
  return company.object === 'company' ? company.domains : [];
}

function valuesWith({ properties }: HubspotObject, { name, domains }: CrmCompany, absent: readonly string[]) {
  const is_first = (properties.domain ?? '') === '';
  const more = [...listOf(properties[DOMAINS]), ...(is_first ? absent.slice(1) : absent)];
  return {
    name,
    domain: is_first ? absent[0] : undefined,
    [DOMAINS]: more.length === 0 ? undefined : more.join(';'),
    [REFERENCE]: (properties[REFERENCE] ?? '') === '' ? domains[0]?.toLowerCase() : undefined,
  };
}
