import { attioCrm } from '../../../src/connectors/crm/attio.ts';
import { type AttioDouble, startAttioDouble } from '../attio_double.ts';
import { benchClock, type CrmBench, deliveriesOf } from './crm_bench.ts';

const SLUG_OF = { person: 'people', company: 'companies', deal: 'deals' } as const;

const TYPE_OF = { text: 'select', boolean: 'checkbox', owner: 'actor-reference' } as const;

/** Adds an attribute as a user does in the settings of Attio. */
export function addAttioAttribute(
  { world }: AttioDouble,
  object: string,
  api_slug: string,
  type: string,
): void {
  const flags = { is_required: false, is_unique: false, is_multiselect: false, is_writable: true };
  const others = { is_archived: false, is_system_attribute: false, allowed_object: null, currency: null };
  world.attributes.push({
    attribute_id: world.uuid(),
    object,
    api_slug,
    title: api_slug,
    type,
    ...flags,
    ...others,
  });
}

/** The Attio double with a clock of its own, and a connector to it. */
export async function startAttioBench(seed: number): Promise<CrmBench & { double: AttioDouble }> {
  const clock = benchClock();
  const double = await startAttioDouble({ seed, now_ms: clock.now_ms });
  const { world } = double;
  const connect: CrmBench['connect'] = (api_key = world.api_key, fields = []) =>
    attioCrm({ api_key, base_url: double.url, fields });
  return {
    double,
    crm: connect(),
    connect,
    addAttribute: ({ object, slug }, reads_as) =>
      addAttioAttribute(double, SLUG_OF[object], slug, TYPE_OF[reads_as]),
    user_id: world.members[0]!.id,
    now: clock.now,
    advance: clock.advance,
    setFaults: ({ limited = 0, dropped = 0, failed = 0 }) =>
      double.setFaults({ '429': limited, drop: dropped, '500': failed }),
    needed_scope: 'record_permission:read-write',
    dropScope: (scope) => {
      world.scopes = world.scopes.filter((one) => one !== scope);
    },
    writes: () => double.journal.filter(({ actor }) => actor === 'api-token').length,
    spoilReference: () =>
      void double.asMember('POST', '/v2/objects/deals/attributes', {
        data: {
          title: 'Taken',
          description: null,
          api_slug: 'touchline_reference',
          type: 'number',
          is_required: false,
          is_unique: false,
          is_multiselect: false,
          config: {},
        },
      }),
    user: userOf(double),
    takeDeliveries: (faults) => deliveriesOf(double.takeDeliveries(faults)),
    stop: double.close,
  };
}

function userOf({ world, asMember, merge }: AttioDouble): CrmBench['user'] {
  const create = (object: keyof typeof SLUG_OF, values: Record<string, unknown>) =>
    asMember('POST', `/v2/objects/${SLUG_OF[object]}/records`, { data: { values } }).data.id.record_id;
  const add = (object: keyof typeof SLUG_OF, record_id: string, values: Record<string, unknown>) =>
    void asMember('PATCH', `/v2/objects/${SLUG_OF[object]}/records/${record_id}`, { data: { values } });
  return {
    createPerson: (email_address, job_title) =>
      create('person', {
        email_addresses: [email_address],
        ...(job_title === undefined ? {} : { job_title }),
      }),
    createCompany: (name, domain) => create('company', { name, domains: [domain] }),
    createDeal: (name) =>
      create('deal', {
        name,
        stage: 'Lead',
        owner: { workspace_member_email_address: world.members[0]!.email_address },
      }),
    addEmailAddress: (id, email_address) => add('person', id, { email_addresses: [email_address] }),
    addPhoneNumber: (id, original_phone_number) =>
      add('person', id, { phone_numbers: [{ original_phone_number }] }),
    addDomain: (id, domain) => add('company', id, { domains: [domain] }),
    setField({ object, slug }, id, value) {
      const { type } = world.attributes.find(
        (one) => one.object === SLUG_OF[object] && one.api_slug === slug,
      )!;
      const by_email = {
        workspace_member_email_address: world.members.find((one) => one.id === value)?.email_address,
      };
      add(object, id, { [slug]: type === 'actor-reference' ? by_email : value });
    },
    linkPerson: (id, target_record_id) =>
      add('deal', id, { associated_people: [{ target_object: 'people', target_record_id }] }),
    moveDeal: (id, stage_id) => add('deal', id, { stage: stage_id }),
    deleteRecord: (object, id) => void asMember('DELETE', `/v2/objects/${SLUG_OF[object]}/records/${id}`),
    merge(object, primary, secondary) {
      const before = new Set(world.records.keys());
      merge(SLUG_OF[object], primary, secondary);
      return [...world.records.keys()].find((id) => !before.has(id))!;
    },
  };
}
