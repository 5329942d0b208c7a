import type { z } from 'zod';
import { crmAttributes } from './crm_attributes.ts';
import { refusedHere } from './crm_client.ts';
import type { HubspotAccount } from './hubspot_account.ts';
import type { HubspotCalls } from './hubspot_calls.ts';
import type { HubspotClient } from './hubspot_requests.ts';
import { DOMAINS, OPT_OUT, REFERENCE, TYPE_OF } from './hubspot_values.ts';
import type { Crm, CrmAttribute, CrmDescription, CrmOutcome, CrmReadAs, CrmStage } from './port.ts';
import type { CrmObject } from './records.ts';

type Answer<N extends keyof HubspotCalls> = z.output<HubspotCalls[N]['answer']>;
type Property = Answer<'list_properties'>['results'][number];
type Pipeline = Answer<'list_pipelines'>['results'][number];
type Owner = Answer<'list_owners'>['results'][number];

/** `schemas` are written only to create properties. Notes and tasks have the scopes of contacts. */
export const HUBSPOT_SCOPES = [
  ...['contacts', 'companies', 'deals'].flatMap((object) => [
    `crm.objects.${object}.read`,
    `crm.objects.${object}.write`,
    `crm.schemas.${object}.read`,
    `crm.schemas.${object}.write`,
  ]),
  'crm.objects.owners.read',
];

const OWNER_PAGE = 100;
const OWNER_PAGES_MAX = 50;

const NEEDED = [
  { object: 'deal', slug: REFERENCE, title: 'Touchline reference', type: 'string', is_unique: true },
  { object: 'company', slug: REFERENCE, title: 'Touchline reference', type: 'string', is_unique: true },
  { object: 'company', slug: DOMAINS, title: 'More domains (Touchline)', type: 'string', is_unique: false },
  { object: 'person', slug: OPT_OUT, title: 'Do not contact (Touchline)', type: 'bool', is_unique: false },
] as const;

const GROUP_OF = {
  person: 'contactinformation',
  company: 'companyinformation',
  deal: 'dealinformation',
} as const;

export function hubspotDescribe(
  client: HubspotClient,
  account: HubspotAccount,
  { api_key, app_id }: { api_key: string; app_id: string },
): Pick<Crm, 'check' | 'describe' | 'planAttributes' | 'createAttribute'> {
  return {
    async check() {
      const got = await client.call('token', { body: { tokenKey: api_key } });
      if (got.kind !== 'ok') return got;
      const { hubId, appId, scopes } = got.value;
      if (String(appId) !== app_id)
        return refusedHere('app_differs', 'app_id', `The key belongs to the app ${appId}.`);
      // HubSpot gives no name with a key.
      const [workspace_id, workspace_name] = [String(hubId), `HubSpot account ${hubId}`];
      const missing_scopes = HUBSPOT_SCOPES.filter((scope) => !scopes.includes(scope));
      return { kind: 'ok', value: { workspace_id, workspace_name, scopes, missing_scopes } };
    },
    describe: () => describe(client, account),
    ...crmAttributes(NEEDED, {
      nameOf: { person: 'contacts', company: 'companies', deal: 'deals' },
      async find(needed) {
        const all = await propertiesOf(client, needed.object);
        if (all.kind !== 'ok') return all;
        const value = all.value.map((one) => ({ slug: one.name, fault: unfitness(needed, one) }));
        return { kind: 'ok', value };
      },
      create: ({ object, slug, title, type, is_unique }) =>
        client.call('create_property', {
          params: { object: TYPE_OF[object] },
          body: {
            name: slug,
            label: title,
            description: 'Written by Touchline.',
            groupName: GROUP_OF[object],
            type,
            fieldType: type === 'bool' ? 'booleancheckbox' : 'text',
            hasUniqueValue: is_unique,
            options: type === 'bool' ? YES_AND_NO : [],
          },
        }),
    }),
  };
}

const YES_AND_NO = [
  { label: 'Yes', value: 'true', displayOrder: 0, hidden: false },
  { label: 'No', value: 'false', displayOrder: 1, hidden: false },
];

function unfitness({ type, is_unique }: (typeof NEEDED)[number], found: Property): string | null {
  if (found.type !== type) return `The property has type ${found.type} but must have type ${type}.`;
  if (is_unique && found.hasUniqueValue !== true) return 'The property must have unique values.';
  return found.modificationMetadata?.readOnlyValue === true ? 'The property cannot be written.' : null;
}

async function propertiesOf(client: HubspotClient, object: CrmObject): Promise<CrmOutcome<Property[]>> {
  const got = await client.call('list_properties', { params: { object: TYPE_OF[object] } });
  return got.kind === 'ok' ? { kind: 'ok', value: got.value.results } : got;
}

async function describe(client: HubspotClient, account: HubspotAccount): Promise<CrmOutcome<CrmDescription>> {
  const attributes: CrmAttribute[] = [];
  for (const object of ['person', 'company', 'deal'] as const) {
    const found = await propertiesOf(client, object);
    if (found.kind !== 'ok') return found;
    attributes.push(
      ...found.value.filter(({ archived }) => archived !== true).map((one) => attributeOf(object, one)),
    );
  }
  const pipelines = await client.call('list_pipelines', { params: { object: TYPE_OF.deal } });
  if (pipelines.kind !== 'ok') return pipelines;
  const owners = await ownersOf(client);
  if (owners.kind !== 'ok') return owners;
  const currencies = await account.currencies();
  if (currencies.kind !== 'ok') return currencies;
  const { own, others } = currencies.value;
  return {
    kind: 'ok',
    value: {
      attributes,
      stages: stagesOf(pipelines.value.results),
      owners: owners.value.flatMap(({ id, email, firstName = '', lastName = '', archived }) =>
        // A queue has no address.
        email === undefined
          ? []
          : [
              {
                owner_id: id,
                email_address: email,
                name: `${firstName} ${lastName}`.trim(),
                is_active: !archived,
              },
            ],
      ),
      deal_currency: others.length === 0 ? own : null,
    },
  };
}

/** HubSpot's own property of each object. Others that name a user have the same type as a list of texts. */
const OWNER = 'hubspot_owner_id';
const READS_AS: Readonly<Record<string, CrmReadAs>> = {
  string: 'text',
  enumeration: 'text',
  bool: 'boolean',
};

function attributeOf(object: CrmObject, found: Property): CrmAttribute {
  return {
    object,
    slug: found.name,
    title: found.label,
    type: found.type,
    reads_as: found.name === OWNER ? 'owner' : (READS_AS[found.type] ?? null),
    is_required: false,
    is_unique: found.hasUniqueValue === true,
    is_multiple: found.fieldType === 'checkbox',
    is_writable: found.modificationMetadata?.readOnlyValue !== true,
  };
}

function stagesOf(pipelines: readonly Pipeline[]): CrmStage[] {
  const inOrder = <T extends { displayOrder: number; archived: boolean }>(list: readonly T[]) =>
    list.filter(({ archived }) => !archived).sort((one, other) => one.displayOrder - other.displayOrder);
  return inOrder(pipelines).flatMap(({ id: pipeline_id, stages }) =>
    inOrder(stages).map(({ id: stage_id, label: title, metadata }) => {
      const is_closed = metadata.isClosed === 'true';
      const end = !is_closed ? 'open' : Number(metadata.probability) > 0 ? 'won' : 'lost';
      return { stage_id, title, pipeline_id, end, is_end_certain: true };
    }),
  );
}

async function ownersOf(client: HubspotClient): Promise<CrmOutcome<Owner[]>> {
  const all: Owner[] = [];
  let after: string | undefined;
  for (let index = 0; index < OWNER_PAGES_MAX; index += 1) {
    const query = { limit: OWNER_PAGE, ...(after === undefined ? {} : { after }) };
    const got = await client.call('list_owners', { query });
    if (got.kind !== 'ok') return got;
    all.push(...got.value.results);
    after = got.value.paging?.next?.after;
    if (after === undefined) break;
  }
  return { kind: 'ok', value: all };
}
