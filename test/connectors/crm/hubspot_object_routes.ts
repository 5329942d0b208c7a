import {
  filled,
  integer,
  invalid,
  listOf,
  matching,
  object,
  oneOf,
  Refusal,
  text,
  whole,
} from './double_checks.ts';
import { type Asked, type Route, route } from './hubspot_asked.ts';
import {
  addLink,
  createObject,
  linksOf,
  removeObject,
  searched,
  storedOf,
  typeIdOf,
  updateObject,
} from './hubspot_objects.ts';
import type { HubspotWorld, Kind, Stored } from './hubspot_world.ts';

/* The calls of the double that read and write records, notes, and tasks. */

/** HubSpot answers more links with an object, but not all. */
const INLINE_MAX = 2;
const KINDS = '(contacts|companies|0-3|notes|tasks)';
const at = (rest: string) => new RegExp(`^/crm/objects/2026-03/${KINDS}${rest}$`);
const ID = '/(\\d{1,20})';
/** Notes and tasks have the scopes of contacts. */
const scopes =
  (access: 'read' | 'write') =>
  ([kind = '']: string[]) => [
    `crm.objects.${kind === '0-3' ? 'deals' : kind === 'companies' ? kind : 'contacts'}.${access}`,
  ];
const [reads, writes] = [scopes('read'), scopes('write')];

/** Checked by value in `readProperties`. */
const properties = (value: unknown, path: readonly (string | number)[]) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(path, 'Expected object.');
};
const spec = object({
  associationCategory: oneOf('HUBSPOT_DEFINED', 'USER_DEFINED', 'INTEGRATOR_DEFINED', 'WORK'),
  associationTypeId: integer(1, 1e6),
});
const id = matching(/^\d{1,20}$/);
const shown = { 'properties?': filled, 'associations?': filled };

/** One condition, with `values` for IN and `value` for others. */
const filter = (value: unknown, path: readonly (string | number)[]) => {
  const is_list = (value as { operator?: unknown } | null)?.operator === 'IN';
  const operand = is_list ? { values: listOf(text) } : { value: text };
  object({ propertyName: filled, operator: oneOf('IN', 'EQ', 'CONTAINS_TOKEN'), ...operand })(value, path);
};

export const OBJECT_ROUTES: Route[] = [
  route('GET', at(''), listObjects, {
    scopes: reads,
    query: object({ 'limit?': whole(1, 100), 'after?': matching(/^\d{1,20}$/), ...shown }),
  }),
  route('POST', at(''), create, {
    scopes: writes,
    status: 201,
    body: object({
      properties,
      associations: listOf(object({ to: object({ id }), types: listOf(spec) })),
    }),
  }),
  route(
    'GET',
    at(ID),
    (asked) => answerOf(asked.world, subject(asked), asked.query.properties, asked.query.associations),
    { scopes: reads, query: object(shown) },
  ),
  route(
    'PATCH',
    at(ID),
    (asked) => {
      const { world, body, role, changed } = asked;
      return answerOf(world, updateObject(world, subject(asked), body, role, changed), '');
    },
    { scopes: writes, body: object({ properties }) },
  ),
  // HubSpot answers the same for a missing record.
  route(
    'DELETE',
    at(ID),
    ({ world, params: [, key = ''], changed }) => {
      const record = world.records.get(key);
      if (record !== undefined) removeObject(world, record, changed);
    },
    { scopes: writes, status: 204 },
  ),
  route(
    'POST',
    /^\/crm\/objects\/2026-03\/(contacts)\/gdpr-delete$/,
    ({ world, body, changed }) =>
      removeObject(world, storedOf(world, 'contacts', String(body.objectId)), changed),
    { scopes: writes, status: 204, body: object({ objectId: id, 'idProperty?': text }) },
  ),
  route('POST', at('/batch/read'), batchRead, {
    scopes: reads,
    is_write: false,
    body: object({
      'idProperty?': filled,
      inputs: listOf(object({ id: filled })),
      properties: listOf(text),
      propertiesWithHistory: listOf(text),
    }),
  }),
  route('POST', at('/search'), search, {
    scopes: reads,
    is_write: false,
    body: object({
      filterGroups: listOf(object({ filters: listOf(filter) })),
      properties: listOf(text),
      sorts: listOf(text),
      limit: integer(1, 200),
      after: matching(/^\d{1,9}$/),
    }),
  }),
  route('GET', at(`${ID}/associations/${KINDS}`), listLinks, {
    scopes: reads,
    query: object({ 'limit?': whole(1, 500), 'after?': whole(0, 1e6) }),
  }),
  route('PUT', at(`${ID}/associations/${KINDS}${ID}`), link, {
    scopes: writes,
    status: 201,
    body: listOf(spec),
  }),
];

const subject = ({ world, params: [kind, key = ''] }: Asked) => storedOf(world, kind as Kind, key);

function create({ world, params: [kind], body, role, changed }: Asked) {
  const list = body.associations as { types: unknown[] }[];
  for (const [index, { types }] of list.entries())
    if (types.length === 0)
      throw invalid(['associations', index, 'types'], 'Expected a kind of association.');
  return answerOf(world, createObject(world, kind as Kind, body, role, changed), '');
}

function listObjects({ world, params: [kind], query }: Asked) {
  const { limit = '10', after = '0' } = query;
  const all = [...world.records.values()].filter(
    (one) => one.kind === kind && Number(one.id) > Number(after),
  );
  all.sort((one, other) => Number(one.id) - Number(other.id));
  const page = all.slice(0, Number(limit));
  const results = page.map((one) => answerOf(world, one, query.properties, query.associations));
  const next = all.length > page.length ? { paging: { next: { after: page.at(-1)!.id } } } : {};
  return { results, ...next };
}

function batchRead({ world, params: [kind], body }: Asked) {
  const inputs = body.inputs as { id: string }[];
  const { idProperty } = body;
  if (inputs.length === 0 || inputs.length > 100) throw invalid(['inputs'], 'Expected 1 to 100 inputs.');
  const unique = world.properties.find((one) => one.kind === kind && one.name === idProperty);
  if (idProperty !== undefined && unique?.hasUniqueValue !== true)
    throw invalid(['idProperty'], `"${idProperty}" is not a unique property.`);
  if (idProperty === undefined)
    for (const [index, input] of inputs.entries()) id(input.id, ['inputs', index, 'id']);
  const has = (record: Stored, key: string) =>
    idProperty === undefined
      ? record.id === (world.merged.get(key) ?? key)
      : record.properties[String(idProperty)]?.toLowerCase() === key.toLowerCase();
  const of = [...world.records.values()].filter((one) => one.kind === kind);
  const found = inputs.map(({ id: key }) => of.find((one) => has(one, key)));
  const names = (body.properties as string[]).join(',');
  const results = found.flatMap((one) => (one === undefined ? [] : [answerOf(world, one, names)]));
  const now = new Date(world.now_ms()).toISOString();
  const missing = inputs.filter((_, index) => found[index] === undefined).map(({ id: key }) => key);
  const errors = [
    {
      status: 'error',
      category: 'OBJECT_NOT_FOUND',
      message: 'Could not get some objects.',
      context: { ids: missing },
      errors: [],
      links: {},
    },
  ];
  const failed = missing.length === 0 ? {} : { numErrors: missing.length, errors };
  return { status: 'COMPLETE', results, ...failed, startedAt: now, completedAt: now };
}

function search({ world, params: [kind], body }: Asked) {
  const groups = body.filterGroups as { filters: { propertyName: string }[] }[];
  if (groups.length === 0 || groups.length > 5) throw invalid(['filterGroups'], 'Expected 1 to 5 groups.');
  for (const { propertyName } of groups.flatMap(({ filters }) => filters))
    if (!world.properties.some((one) => one.kind === kind && one.name === propertyName))
      throw invalid(['filterGroups'], `There is no property "${propertyName}".`);
  const all = searched(world, kind as Kind, groups);
  const from = Number(body.after);
  const page = all.slice(from, from + Number(body.limit));
  const names = (body.properties as string[]).join(',');
  const reached = from + page.length;
  const next = all.length > reached ? { paging: { next: { after: String(reached) } } } : {};
  return { total: all.length, results: page.map((one) => answerOf(world, one, names)), ...next };
}

function listLinks(asked: Asked) {
  const { world, params, query } = asked;
  const { limit = '500', after = '0' } = query;
  const all = linksOf(world, subject(asked), params[2] as Kind);
  const reached = Number(after) + Number(limit);
  const results = all.slice(Number(after), reached).map(({ id: toObjectId, types }) => ({
    toObjectId,
    associationTypes: types.map((type) => ({
      category: 'HUBSPOT_DEFINED',
      typeId: type.id,
      label: type.name,
    })),
  }));
  return { results, ...(all.length > reached ? { paging: { next: { after: String(reached) } } } : {}) };
}

function link(asked: Asked) {
  const { world, params, body, changed } = asked;
  const [, , to_kind = '', to_id = ''] = params;
  const from = subject(asked);
  const to = storedOf(world, to_kind as Kind, to_id);
  const specs = body as unknown as unknown[];
  if (specs.length === 0) throw invalid([], 'Expected a kind of association.');
  for (const one of specs) addLink(world, from, to, typeIdOf(one, from.kind, to.kind));
  changed({ kind: from.kind, id: from.id, what: 'associationChange' });
  return {
    fromObjectTypeId: from.kind,
    fromObjectId: from.id,
    toObjectTypeId: to.kind,
    toObjectId: to.id,
    labels: [],
  };
}

/** With the named properties; null for those that the record lacks. Names that do not exist are passed over. */
function answerOf(world: HubspotWorld, record: Stored, names = '', linked = '') {
  const { id, kind, created_ms, source } = record;
  const created = new Date(created_ms).toISOString();
  const is_ours = source === 'connector';
  const all: Record<string, string> = {
    ...record.properties,
    hs_object_source: is_ours ? 'INTEGRATION' : 'CRM_UI',
    hs_object_source_id: is_ours ? String(world.app_id) : 'userId:7',
    hs_object_id: id,
    createdate: created,
  };
  const known = world.properties.filter((one) => one.kind === kind).map(({ name }) => name);
  const wanted = [...new Set([...names.split(','), 'hs_object_id', 'createdate'])].filter((name) =>
    known.includes(name),
  );
  const to_kinds = linked.split(',').filter((one) => one !== '') as Kind[];
  for (const one of to_kinds)
    if (!['contacts', 'companies', '0-3', 'notes', 'tasks'].includes(one))
      throw new Refusal(400, 'VALIDATION_ERROR', `There is no object "${one}".`, ['associations']);
  const associations = to_kinds.flatMap((to) => {
    const all = linksOf(world, record, to);
    const results = all
      .slice(0, INLINE_MAX)
      .flatMap(({ id: other, types }) => types.map((type) => ({ id: other, type: type.name })));
    const next = all.length > INLINE_MAX ? { paging: { next: { after: 'inline' } } } : {};
    return results.length === 0 ? [] : [[to, { results, ...next }]];
  });
  return {
    id,
    properties: Object.fromEntries(wanted.map((name) => [name, all[name] ?? null])),
    createdAt: created,
    updatedAt: new Date(record.versions.at(-1)!.at_ms).toISOString(),
    archived: false,
    ...(associations.length === 0 ? {} : { associations: Object.fromEntries(associations) }),
  };
}
