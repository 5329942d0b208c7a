import { refusedHere } from './crm_client.ts';
import type { HubspotAccount } from './hubspot_account.ts';
import { BATCH_MAX, type HubspotType } from './hubspot_calls.ts';
import type { HubspotClient } from './hubspot_requests.ts';
import type { HubspotObject } from './hubspot_shapes.ts';
import { LINKED, linkSpec, NAME_OF, PROPERTIES, readRecordOf, TYPE_OF } from './hubspot_values.ts';
import type { CrmOutcome, CrmPlace } from './port.ts';
import type { CrmObject, CrmRecord } from './records.ts';

const LINK_PAGE = 500;
/** Beyond this, a record takes more than the limit of ten seconds. */
const LINK_PAGES_MAX = 50;

type Link = { id: string; type_ids: number[] };
type Read<T> = Promise<CrmOutcome<T>>;

export type HubspotReads = {
  /** The object with all its links. HubSpot answers the id of a merged record with its survivor. */
  one(object: CrmObject, id: string): Read<HubspotObject>;
  /** As `one`, but `missing` if the record was merged. */
  live(object: CrmObject, id: string): Read<HubspotObject>;
  /** A page in the order of HubSpot, which is that of ids. */
  page(
    object: CrmObject,
    after: string | null,
    limit: number,
  ): Read<{ found: HubspotObject[]; after: string | null }>;
  /** Those that have one of the values of a unique property. HubSpot reads its records at once, unlike its search. */
  byUnique(object: CrmObject, idProperty: string, values: readonly string[]): Read<HubspotObject[]>;
  record(object: CrmObject, found: HubspotObject): Read<CrmRecord>;
  /** Everything of a type that a record is linked to, with the kinds of its links. */
  links(from: HubspotType, id: string, to: HubspotType): Read<Link[]>;
};

export function hubspotReads(
  client: HubspotClient,
  account: HubspotAccount,
  fields: readonly CrmPlace[],
): HubspotReads {
  const queryOf = (object: CrmObject) => {
    const own = fields.filter((place) => place.object === object).map(({ slug }) => slug);
    const associations = LINKED[object].map((to) => TYPE_OF[to]);
    return {
      properties: [...PROPERTIES[object], ...own],
      ...(associations.length === 0 ? {} : { associations }),
    };
  };
  const one: HubspotReads['one'] = async (object, id) => {
    const got = await client.call('get_object', {
      params: { object: TYPE_OF[object], id },
      query: queryOf(object),
    });
    return got.kind === 'ok' ? await whole(client, object, got.value) : got;
  };
  return {
    one,
    links: (from, id, to) => linksFrom(client, from, id, to),
    async live(object, id) {
      const got = await one(object, id);
      if (got.kind !== 'ok' || got.value.id === id) return got;
      return { kind: 'missing', message: 'The record was merged into another one.' };
    },
    async page(object, after, limit) {
      const query = {
        ...queryOf(object),
        limit: Math.min(limit, BATCH_MAX),
        ...(after === null ? {} : { after }),
      };
      const got = await client.call('list_objects', { params: { object: TYPE_OF[object] }, query });
      if (got.kind !== 'ok') return got;
      const found: HubspotObject[] = [];
      for (const part of got.value.results) {
        const full = await whole(client, object, part);
        if (full.kind !== 'ok') return full;
        found.push(full.value);
      }
      return { kind: 'ok', value: { found, after: got.value.paging?.next?.after ?? null } };
    },
    async byUnique(object, idProperty, values) {
      const got = await client.call('batch_read', {
        params: { object: TYPE_OF[object] },
        body: {
          idProperty,
          inputs: values.map((id) => ({ id })),
          properties: PROPERTIES[object],
          propertiesWithHistory: [],
        },
      });
      if (got.kind !== 'ok') return got;
      const byId = new Map(got.value.results.map((found) => [found.id, found]));
      return { kind: 'ok', value: [...byId.values()] };
    },
    async record(object, found) {
      const got = object === 'deal' ? await account.currencies() : null;
      if (got !== null && got.kind !== 'ok') return got;
      return { kind: 'ok', value: readRecordOf(object, found, got?.value.own ?? '', fields) };
    },
  };
}

async function linksFrom(
  client: HubspotClient,
  object: HubspotType,
  id: string,
  to_object: HubspotType,
): Read<Link[]> {
  const all: Link[] = [];
  let after: string | undefined;
  for (let index = 0; index < LINK_PAGES_MAX; index += 1) {
    const query = { limit: LINK_PAGE, ...(after === undefined ? {} : { after }) };
    const got = await client.call('list_links', { params: { object, id, to_object }, query });
    if (got.kind !== 'ok') return got;
    for (const { toObjectId, associationTypes } of got.value.results)
      all.push({ id: toObjectId, type_ids: associationTypes.map(({ typeId }) => typeId) });
    after = got.value.paging?.next?.after;
    if (after === undefined) return { kind: 'ok', value: all };
  }
  return refusedHere('too_many_records', 'record_id', 'The record has too many links to search.');
}

/** An object has only the first links with it. */
async function whole(client: HubspotClient, object: CrmObject, found: HubspotObject): Read<HubspotObject> {
  const associations = { ...found.associations };
  for (const to of LINKED[object]) {
    const type = TYPE_OF[to];
    if (associations[type]?.paging?.next === undefined) continue;
    const got = await linksFrom(client, TYPE_OF[object], found.id, type);
    if (got.kind !== 'ok') return got;
    const own = linkSpec(TYPE_OF[object], to).associationTypeId;
    const name = `${NAME_OF[object]}_to_${NAME_OF[to]}`;
    const nameOf = ({ type_ids }: Link) => (type_ids.includes(own) ? name : `${name}_unlabeled`);
    associations[type] = { results: got.value.map((link) => ({ id: link.id, type: nameOf(link) })) };
  }
  return { kind: 'ok', value: { ...found, associations } };
}
