import { hubspotCrm } from '../../../src/connectors/crm/hubspot.ts';
import { type HubspotDouble, startHubspotDouble } from '../hubspot_double.ts';
import { benchClock, type CrmBench, deliveriesOf } from './crm_bench.ts';
import type { Kind } from './hubspot_world.ts';

const SEARCH_LAG_MS = 5_000;
const KIND_OF = { person: 'contacts', company: 'companies', deal: '0-3' } as const;
const PATH = '/crm/objects/2026-03';
const TYPE_OF = { text: 'enumeration', boolean: 'bool', owner: 'enumeration' } as const;

/** The HubSpot double with a clock of its own, and a connector to it. */
export async function startHubspotBench(seed: number): Promise<CrmBench & { double: HubspotDouble }> {
  const clock = benchClock();
  const double = await startHubspotDouble({ seed, now_ms: clock.now_ms, search_lag_ms: SEARCH_LAG_MS });
  const { world } = double;
  const { client_secret, app_id } = world;
  const connect: CrmBench['connect'] = (api_key = world.api_key, fields = []) =>
    hubspotCrm({ api_key, app_id: String(app_id), client_secret, base_url: double.url, fields });
  return {
    double,
    crm: connect(),
    connect,
    addAttribute: ({ object, slug: name }, reads_as) =>
      void world.properties.push({
        ...{ kind: KIND_OF[object], name, label: name, type: TYPE_OF[reads_as], fieldType: 'select' },
        ...{ hasUniqueValue: false, readOnlyValue: false },
      }),
    user_id: world.owners[0]!.id,
    now: clock.now,
    advance: clock.advance,
    setFaults: ({ limited = 0, dropped = 0, failed = 0 }) =>
      double.setFaults({ '429': limited, drop: dropped, '500': failed }),
    needed_scope: 'crm.objects.contacts.write',
    dropScope: (scope) => {
      world.scopes = world.scopes.filter((one) => one !== scope);
    },
    writes: () => double.journal.filter(({ actor }) => actor === 'app').length,
    spoilReference: () =>
      void double.asUser('POST', '/crm/properties/2026-03/0-3', {
        name: 'touchline_reference',
        label: 'Taken',
        groupName: 'dealinformation',
        type: 'number',
        fieldType: 'number',
      }),
    user: hubspotUser(double),
    takeDeliveries: (faults) => deliveriesOf(double.takeDeliveries(faults)),
    stop: double.close,
  };
}

/** A user of HubSpot. */
export function hubspotUser({ world, asUser, merge }: HubspotDouble): CrmBench['user'] {
  const create = (object: keyof typeof KIND_OF, properties: Record<string, string>) =>
    (asUser('POST', `${PATH}/${KIND_OF[object]}`, { properties, associations: [] }) as { id: string }).id;
  const change = (kind: Kind, id: string, properties: Record<string, string>) =>
    void asUser('PATCH', `${PATH}/${kind}/${id}`, { properties });
  /** Adds to a list in one property. */
  const add = (kind: Kind, id: string, name: string, value: string) => {
    const has = world.records.get(id)!.properties[name];
    change(kind, id, { [name]: has === undefined ? value : `${has};${value}` });
  };
  return {
    createPerson: (email, jobtitle) =>
      create('person', { email, ...(jobtitle === undefined ? {} : { jobtitle }) }),
    createCompany: (name, domain) => create('company', { name, domain }),
    createDeal: (dealname) => create('deal', { dealname, dealstage: 'appointmentscheduled' }),
    addEmailAddress: (id, address) => add('contacts', id, 'hs_additional_emails', address),
    addPhoneNumber: (id, phone) => change('contacts', id, { phone }),
    setField: ({ object, slug }, id, value) => change(KIND_OF[object], id, { [slug]: value }),
    addDomain: (id, domain) => add('companies', id, 'hs_additional_domains', domain),
    linkPerson: (id, person_id) =>
      void asUser('PUT', `${PATH}/0-3/${id}/associations/contacts/${person_id}`, [
        { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 3 },
      ]),
    moveDeal: (id, dealstage) => change('0-3', id, { dealstage }),
    deleteRecord: (object, id) => void asUser('DELETE', `${PATH}/${KIND_OF[object]}/${id}`),
    merge(object, primary, secondary) {
      merge(KIND_OF[object], primary, secondary);
      return primary;
    },
  };
}
