import type { z } from 'zod';
import type { AttioClient } from './attio_requests.ts';
import type { attribute, status } from './attio_shapes.ts';
import { OPT_OUT, REFERENCE, SLUG_OF } from './attio_values.ts';
import { crmAttributes } from './crm_attributes.ts';
import type { Crm, CrmAttribute, CrmDescription, CrmOutcome, CrmReadAs, CrmStage } from './port.ts';
import type { CrmObject } from './records.ts';

type Attribute = z.output<typeof attribute>;
type Status = z.output<typeof status>;

/** `object_configuration` is written only to create attributes. `:read-write` includes `:read`. */
export const ATTIO_SCOPES = [
  'record_permission:read-write',
  'object_configuration:read-write',
  'note:read-write',
  'task:read-write',
  'user_management:read',
  'webhook:read-write',
];

const ATTRIBUTE_PAGE = 100;
/** No object has more; Attio allows a few hundred. */
const ATTRIBUTES_MAX = 2_000;

const NEEDED = [
  { object: 'deal', slug: REFERENCE, title: 'Touchline reference', type: 'text', is_unique: true },
  {
    object: 'person',
    slug: OPT_OUT,
    title: 'Do not contact (Touchline)',
    type: 'checkbox',
    is_unique: false,
  },
] as const;

export function attioDescribe(
  client: AttioClient,
): Pick<Crm, 'check' | 'describe' | 'planAttributes' | 'createAttribute'> {
  return {
    async check() {
      const got = await client.call('self', {});
      if (got.kind !== 'ok') return got;
      if (!got.value.active || !('scope' in got.value))
        return {
          kind: 'refused',
          status: 200,
          code: 'key_inactive',
          path: null,
          message: 'The key is not active.',
        };
      const scopes = got.value.scope.split(/\s+/).filter((scope) => scope !== '');
      const has = (scope: string) =>
        scopes.includes(scope) || scopes.includes(scope.replace(/:read$/, ':read-write'));
      const { workspace_id, workspace_name } = got.value;
      const missing_scopes = ATTIO_SCOPES.filter((scope) => !has(scope));
      return { kind: 'ok', value: { workspace_id, workspace_name, scopes, missing_scopes } };
    },
    describe: () => describe(client),
    ...crmAttributes(NEEDED, {
      nameOf: SLUG_OF,
      async find(needed) {
        const all = await attributesOf(client, needed.object);
        if (all.kind !== 'ok') return all;
        const value = all.value.map((one) => ({ slug: one.api_slug, fault: unfitness(needed, one) }));
        return { kind: 'ok', value };
      },
      create: (needed) => create(client, needed),
    }),
  };
}

function create(client: AttioClient, needed: (typeof NEEDED)[number]) {
  const { object, slug, title, type, is_unique } = needed;
  return client.call('create_attribute', {
    params: { target: 'objects', identifier: SLUG_OF[object] },
    body: {
      data: {
        title,
        description: 'Written by Touchline.',
        api_slug: slug,
        type,
        is_required: false,
        is_unique,
        is_multiselect: false,
        config: {},
      },
    },
  });
}

function unfitness({ type, is_unique }: (typeof NEEDED)[number], found: Attribute): string | null {
  if (found.type !== type) return `The attribute has type ${found.type} but must have type ${type}.`;
  if (found.is_archived) return 'The attribute is archived.';
  if (is_unique && !found.is_unique) return 'The attribute must be unique.';
  if (found.is_multiselect) return 'The attribute must have a single value.';
  return found.is_writable ? null : 'The attribute cannot be written.';
}

async function describe(client: AttioClient): Promise<CrmOutcome<CrmDescription>> {
  const attributes: CrmAttribute[] = [];
  let deal_currency: string | null = null;
  for (const object of ['person', 'company', 'deal'] as const) {
    const found = await attributesOf(client, object);
    if (found.kind !== 'ok') return found;
    const live = found.value.filter(({ is_archived }) => !is_archived);
    attributes.push(...live.map((one) => attributeOf(object, one)));
    const value = object === 'deal' ? live.find(({ api_slug }) => api_slug === 'value') : undefined;
    deal_currency = value?.config.currency.default_currency_code ?? deal_currency;
  }
  const statuses = await client.call('list_statuses', {
    params: { target: 'objects', identifier: SLUG_OF.deal, attribute: 'stage' },
  });
  if (statuses.kind !== 'ok') return statuses;
  const members = await client.call('list_members', {});
  if (members.kind !== 'ok') return members;
  const owners = members.value.data.map(({ id, email_address, first_name, last_name, access_level }) => ({
    owner_id: id.workspace_member_id,
    email_address,
    name: `${first_name} ${last_name}`.trim(),
    is_active: access_level !== 'suspended',
  }));
  // Attio leaves archived ones out.
  const stages = statuses.value.data.map(stageOf);
  return { kind: 'ok', value: { attributes, stages, owners, deal_currency } };
}

const READS_AS: Readonly<Record<string, CrmReadAs>> = {
  text: 'text',
  select: 'text',
  checkbox: 'boolean',
  'actor-reference': 'owner',
};

function attributeOf(object: CrmObject, found: Attribute): CrmAttribute {
  const { api_slug, title, type, is_required, is_unique, is_multiselect, is_writable } = found;
  return {
    object,
    slug: api_slug,
    title,
    type,
    reads_as: READS_AS[type] ?? null,
    is_required,
    is_unique,
    is_multiple: is_multiselect,
    is_writable,
  };
}

/** Attio's stages have no end of their own: titles and celebrations are only a hint. */
function stageOf({ id, title, celebration_enabled }: Status): CrmStage {
  const end = /\blost\b/i.test(title)
    ? 'lost'
    : celebration_enabled || /\bwon\b/i.test(title)
      ? 'won'
      : 'open';
  return { stage_id: id.status_id, title, pipeline_id: null, end, is_end_certain: false };
}

async function attributesOf(client: AttioClient, object: CrmObject): Promise<CrmOutcome<Attribute[]>> {
  const all: Attribute[] = [];
  for (let offset = 0; offset < ATTRIBUTES_MAX; offset += ATTRIBUTE_PAGE) {
    const got = await client.call('list_attributes', {
      params: { target: 'objects', identifier: SLUG_OF[object] },
      query: { limit: ATTRIBUTE_PAGE, offset },
    });
    if (got.kind !== 'ok') return got;
    all.push(...got.value.data);
    if (got.value.data.length < ATTRIBUTE_PAGE) break;
  }
  return { kind: 'ok', value: all };
}
