import { invalid, isObject, isUuid, Refusal } from './double_checks.ts';
import { attributeOf, holdersOf, readValues, refuseTaken, sameness, slugOf } from './double_values.ts';
import {
  type Actor,
  type Attribute,
  type DoubleWorld,
  instant,
  type Stored,
  type Value,
} from './double_world.ts';

/* Records of the double: what Attio does with values once they fit. */

export type Change = {
  event_type: 'record.created' | 'record.updated' | 'record.deleted' | 'record.merged';
  object: string;
  record_id: string;
  duplicate_record_id?: string;
};

export function objectOf(world: DoubleWorld, key: string): string {
  const slug = slugOf(world, key);
  if (slug === undefined) throw new Refusal(404, 'not_found', `Object with slug/ID "${key}" not found.`);
  return slug;
}

export function storedOf(world: DoubleWorld, object: string, record_id: string): Stored {
  if (!isUuid(record_id)) throw invalid(['record_id'], 'Expected a UUID.');
  const record = world.records.get(record_id);
  if (record?.object !== object)
    throw new Refusal(404, 'not_found', `Record with ID "${record_id}" not found.`);
  return record;
}

export function createRecord(world: DoubleWorld, object: string, given: unknown, actor: Actor): Stored {
  const values = readValues(world, object, given, actor);
  refuseTaken(world, object, null, values);
  return insert(world, object, values);
}

function insert(world: DoubleWorld, object: string, values: Map<Attribute, Value[]>): Stored {
  const has = new Map([...values].map(([attribute, list]) => [attribute.api_slug, list]));
  for (const { object: of, is_required, api_slug, attribute_id } of world.attributes)
    if (of === object && is_required && (has.get(api_slug) ?? []).length === 0)
      throw missing(attribute_id, api_slug);
  const record_id = world.uuid();
  const record: Stored = { object, record_id, created_at: instant(world.now_ms()), values: has };
  world.records.set(record_id, record);
  return record;
}

const missing = (attribute_id: string, slug: string) =>
  new Refusal(
    400,
    'missing_value',
    `Required value for attribute with ID "${attribute_id}" was not provided.`,
    ['data', 'values', slug],
  );

/** `adds`: multiselect values are prepended to those that exist, instead of replacing them. */
export function updateRecord(
  world: DoubleWorld,
  record: Stored,
  values: Map<Attribute, Value[]>,
  adds: (attribute: Attribute) => boolean,
): void {
  refuseTaken(world, record.object, record.record_id, values);
  for (const [{ is_required, attribute_id, api_slug }, list] of values)
    if (is_required && list.length === 0) throw missing(attribute_id, api_slug);
  for (const [attribute, list] of values) {
    const has = record.values.get(attribute.api_slug) ?? [];
    const fresh = adds(attribute) ? union(list, has) : list;
    record.values.set(attribute.api_slug, fresh);
  }
}

function union(first: readonly Value[], second: readonly Value[]): Value[] {
  const byContent = new Map([...second, ...first].map((value) => [sameness(value), value]));
  return [...new Set([...first, ...second].map(sameness))].map((key) => byContent.get(key)!);
}

export function assertRecord(
  world: DoubleWorld,
  object: string,
  matching: string,
  given: unknown,
  actor: Actor,
): { record: Stored; is_new: boolean } {
  const attribute = attributeOf(world, object, matching);
  if (attribute === undefined || !attribute.is_unique)
    throw new Refusal(400, 'value_not_found', `No unique attribute was found for "${matching}".`, [
      'matching_attribute',
    ]);
  const values = readValues(world, object, given, actor);
  const list = values.get(attribute) ?? [];
  if (list.length === 0) throw missing(attribute.attribute_id, attribute.api_slug);
  const [found, ...others] = holdersOf(world, object, attribute, list);
  if (others.length > 0)
    throw new Refusal(400, 'multiple_match_results', 'More than one record matches.', [
      'data',
      'values',
      matching,
    ]);
  if (found === undefined) return { record: insert(world, object, values), is_new: true };
  updateRecord(world, found, values, (one) => one === attribute && one.is_multiselect);
  return { record: found, is_new: false };
}

/** Also what refers to the record. */
export function removeRecord(world: DoubleWorld, record: Stored): void {
  retarget(world, record.record_id, null);
  world.records.delete(record.record_id);
}

/**
 * Merges as Attio does: a new record with the values of both, where the primary's single values win, and both originals
 * vanish. `keeps_primary`: as it was in 2024, when the primary record survived.
 */
export function mergeRecords(
  world: DoubleWorld,
  primary: Stored,
  secondary: Stored,
  keeps_primary: boolean,
): Change[] {
  const { object } = primary;
  const survivor: Stored = keeps_primary
    ? primary
    : { object, record_id: world.uuid(), created_at: instant(world.now_ms()), values: new Map() };
  const values = new Map<string, Value[]>();
  for (const slug of new Set([...primary.values.keys(), ...secondary.values.keys()])) {
    const [own = [], other = []] = [primary.values.get(slug), secondary.values.get(slug)];
    const is_multiselect = attributeOf(world, object, slug)?.is_multiselect === true;
    values.set(slug, is_multiselect ? union(own, other) : own.length > 0 ? own : other);
  }
  survivor.values = values;
  const vanished = [primary, secondary].filter((record) => record !== survivor);
  for (const { record_id } of vanished) {
    retarget(world, record_id, survivor.record_id);
    world.records.delete(record_id);
  }
  world.records.set(survivor.record_id, survivor);
  return vanished.map(({ record_id }) => ({
    event_type: 'record.merged',
    object,
    record_id: survivor.record_id,
    duplicate_record_id: record_id,
  }));
}

/** Points everything that names a record to another one, or removes it. */
function retarget(world: DoubleWorld, from: string, to: string | null): void {
  const moved = <T extends Record<string, unknown>>(links: T[]): T[] =>
    links.flatMap((link) =>
      link.target_record_id !== from ? [link] : to === null ? [] : [{ ...link, target_record_id: to }],
    );
  for (const record of world.records.values())
    for (const [slug, list] of record.values) record.values.set(slug, moved(list));
  for (const task of world.tasks) task.linked_records = moved(task.linked_records);
  if (to === null) world.notes = world.notes.filter(({ parent_record_id }) => parent_record_id !== from);
  else for (const note of world.notes) if (note.parent_record_id === from) note.parent_record_id = to;
}

export function answerOf(world: DoubleWorld, record: Stored) {
  const { object, record_id, created_at } = record;
  const slugs = world.attributes.filter((one) => one.object === object).map(({ api_slug }) => api_slug);
  const values = Object.fromEntries(slugs.map((slug) => [slug, record.values.get(slug) ?? []]));
  return {
    id: { workspace_id: world.workspace_id, object_id: world.objects.get(object), record_id },
    created_at,
    web_url: `https://app.attio.com/double/${object}/${record_id}`,
    values: { ...values, created_at: [{ value: created_at, attribute_type: 'timestamp' }] },
  };
}

/** The records that a query selects, in its order. Records that compare equal are in the order of their ids. */
export function queryRecords(world: DoubleWorld, object: string, filter: unknown, sorts: unknown): Stored[] {
  const fits = filterOf(world, object, filter ?? {});
  const found = [...world.records.values()].filter((record) => record.object === object && fits(record));
  const orders = ((sorts ?? []) as Record<string, unknown>[]).map(({ attribute, direction }) => {
    if (typeof attribute !== 'string' || attributeOf(world, object, attribute) === undefined)
      throw new Refusal(400, 'filter_error', 'Error in sorts: unknown attribute.', ['sorts']);
    return { attribute, sign: direction === 'asc' ? 1 : -1 };
  });
  return found.sort((left, right) => {
    for (const { attribute, sign } of orders) {
      const [a = '', b = ''] = [plain(left, attribute)[0], plain(right, attribute)[0]];
      if (a !== b) return a < b ? -sign : sign;
    }
    return left.record_id < right.record_id ? -1 : 1;
  });
}

function plain(record: Stored, slug: string): string[] {
  if (slug === 'created_at') return [record.created_at];
  return (record.values.get(slug) ?? []).map((value) =>
    String(
      value.email_address ?? value.domain ?? value.full_name ?? value.target_record_id ?? value.value ?? '',
    ),
  );
}

const COMPARE: Record<string, (value: string, wanted: unknown) => boolean> = {
  $eq: (value, wanted) => value === wanted,
  $in: (value, wanted) => Array.isArray(wanted) && wanted.includes(value),
  $gt: (value, wanted) => value > String(wanted),
  $gte: (value, wanted) => value >= String(wanted),
  $lt: (value, wanted) => value < String(wanted),
  $lte: (value, wanted) => value <= String(wanted),
};

function filterOf(world: DoubleWorld, object: string, filter: unknown): (record: Stored) => boolean {
  const fault = (what: string) => new Refusal(400, 'filter_error', `Error in filter: ${what}.`, ['filter']);
  if (!isObject(filter)) throw fault('expected object');
  const parts = Object.entries(filter).map(([key, wanted]) => {
    if (key === '$and' || key === '$or') {
      if (!Array.isArray(wanted)) throw fault(`${key} needs an array`);
      const each = wanted.map((one) => filterOf(world, object, one));
      return (record: Stored) =>
        key === '$and' ? each.every((one) => one(record)) : each.some((one) => one(record));
    }
    if (attributeOf(world, object, key) === undefined) throw fault(`unknown attribute ${key}`);
    const condition = isObject(wanted) ? wanted : { $eq: wanted };
    const tests = Object.entries(condition).map(([operator, value]) => {
      const compare = COMPARE[operator];
      if (compare === undefined) throw fault(`unknown operator ${operator}`);
      if (typeof value === 'object' && operator !== '$in') throw fault(`${operator} needs a plain value`);
      return (one: string) => compare(one, value);
    });
    return (record: Stored) => plain(record, key).some((value) => tests.every((test) => test(value)));
  });
  return (record) => parts.every((part) => part(record));
}
