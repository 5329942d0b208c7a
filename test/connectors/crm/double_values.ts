import { invalid, isObject, isUuid, Refusal } from './double_checks.ts';
import {
  type Actor,
  type Attribute,
  type DoubleWorld,
  instant,
  type Stored,
  type Value,
} from './double_world.ts';

/* Values of records: whether they fit their attribute, and how Attio answers them. */

type Path = readonly (string | number)[];

/** The values of one write, by slug. Throws `Refusal` for each value that does not fit. */
export function readValues(
  world: DoubleWorld,
  object: string,
  given: unknown,
  actor: Actor,
): Map<Attribute, Value[]> {
  if (!isObject(given)) throw invalid(['data', 'values'], 'Expected object.');
  const values = new Map<Attribute, Value[]>();
  for (const [key, raw] of Object.entries(given)) {
    const path = ['data', 'values', key];
    const attribute = attributeOf(world, object, key);
    if (attribute === undefined)
      throw new Refusal(400, 'value_not_found', `Cannot find attribute with slug/ID "${key}".`, path);
    if (!attribute.is_writable) throw invalid(path, 'The attribute is not writable.');
    const list = Array.isArray(raw) ? raw : raw === null ? [] : [raw];
    if (list.length > 1 && !attribute.is_multiselect) throw invalid(path, 'Expected a single value.');
    const read = list.map((value, index) => ({
      active_from: instant(world.now_ms()),
      active_until: null,
      created_by_actor: actor,
      ...outputOf(world, attribute, value, [...path, index]),
      attribute_type: attribute.type,
    }));
    values.set(attribute, read);
  }
  return values;
}

export function attributeOf(world: DoubleWorld, object: string, key: string): Attribute | undefined {
  return world.attributes.find(
    (one) => one.object === object && !one.is_archived && [one.api_slug, one.attribute_id].includes(key),
  );
}

/** Equal for two values with the same content, also by different authors. */
export function sameness(value: Value): string {
  const { active_from, active_until, created_by_actor, ...content } = value;
  return JSON.stringify(content).toLowerCase();
}

/** Throws if a unique value belongs to another record. */
export function refuseTaken(
  world: DoubleWorld,
  object: string,
  own_id: string | null,
  values: Map<Attribute, Value[]>,
): void {
  for (const [attribute, list] of values) {
    if (!attribute.is_unique) continue;
    const holder = holdersOf(world, object, attribute, list).find(({ record_id }) => record_id !== own_id);
    if (holder !== undefined)
      throw new Refusal(
        400,
        'uniqueness_conflict',
        `A value for attribute "${attribute.api_slug}" conflicts with one already in the system.`,
        ['data', 'values', attribute.api_slug],
      );
  }
}

export function holdersOf(
  world: DoubleWorld,
  object: string,
  { api_slug }: Attribute,
  list: readonly Value[],
): Stored[] {
  const wanted = new Set(list.map(sameness));
  return [...world.records.values()].filter(
    (record) =>
      record.object === object &&
      (record.values.get(api_slug) ?? []).some((value) => wanted.has(sameness(value))),
  );
}

export const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i;

function outputOf(
  world: DoubleWorld,
  attribute: Attribute,
  value: unknown,
  path: Path,
): Record<string, unknown> {
  const keyed = (key: string, others: string[] = []) => {
    if (!isObject(value)) return value;
    for (const name of Object.keys(value))
      if (name !== key && !others.includes(name)) throw invalid([...path, name], 'Unrecognized key.');
    return value[key];
  };
  const fits = <T>(holds: boolean, output: T): T => {
    if (!holds) throw invalid(path, `The value does not fit the type ${attribute.type}.`);
    return output;
  };
  switch (attribute.type) {
    case 'text': {
      const text = keyed('value');
      return fits(typeof text === 'string', { value: text });
    }
    case 'checkbox': {
      const checked = keyed('value');
      return fits([true, false, 'true', 'false'].includes(checked as string), {
        value: String(checked) === 'true',
      });
    }
    case 'currency': {
      const amount = keyed('currency_value') as number;
      const is_amount = typeof amount === 'number' && Number(amount.toFixed(4)) === amount;
      return fits(is_amount, { currency_value: amount, currency_code: attribute.currency });
    }
    case 'domain': {
      const domain = keyed('domain') as string;
      const is_domain = typeof domain === 'string' && DOMAIN.test(domain);
      return fits(is_domain, {
        domain: is_domain ? domain.toLowerCase() : '',
        root_domain: rootOf(String(domain)),
      });
    }
    case 'email-address':
      return emailOf(keyed('email_address'), fits);
    case 'phone-number': {
      const number = keyed('original_phone_number', ['country_code']);
      const is_number = typeof number === 'string' && /^\+[1-9]\d{6,14}$/.test(number);
      return fits(is_number, { original_phone_number: number, country_code: 'US', phone_number: number });
    }
    case 'personal-name':
      return nameOf(value, path, fits);
    case 'status': {
      const wanted = keyed('status') as string;
      const status = world.statuses.find((one) => [one.status_id, one.title].includes(wanted));
      if (typeof wanted === 'string' && (status === undefined || status.is_archived))
        throw new Refusal(400, 'value_not_found', `Cannot find status "${wanted}".`, path);
      return fits(status !== undefined, { status: status && statusOf(world, attribute, status) });
    }
    case 'select': {
      const title = keyed('option');
      return fits(typeof title === 'string', { option: { title, is_archived: false } });
    }
    case 'record-reference':
      return referenceOf(world, attribute, value, path);
    case 'actor-reference':
      return memberOf(world, value, path);
    default:
      throw invalid(path, `Values of type ${attribute.type} cannot be written.`);
  }
}

export function statusOf(world: DoubleWorld, attribute: Attribute, status: DoubleWorld['statuses'][number]) {
  const { status_id, title, celebration_enabled, is_archived } = status;
  return {
    id: {
      workspace_id: world.workspace_id,
      object_id: world.objects.get(attribute.object),
      attribute_id: attribute.attribute_id,
      status_id,
    },
    title,
    is_archived,
    celebration_enabled,
    target_time_in_status: null,
  };
}

type Fits = <T>(holds: boolean, output: T) => T;

const rootOf = (domain: string) => domain.toLowerCase().split('.').slice(-2).join('.');

function emailOf(address: unknown, fits: Fits): Record<string, unknown> {
  const [local = '', domain = '', ...rest] = typeof address === 'string' ? address.split('@') : [];
  const is_address = rest.length === 0 && /^[^\s@<>"]{1,64}$/.test(local) && DOMAIN.test(domain);
  return fits(is_address, {
    original_email_address: address,
    email_address: String(address).toLowerCase(),
    email_domain: domain.toLowerCase(),
    email_root_domain: rootOf(domain),
    email_local_specifier: local.toLowerCase(),
  });
}

function nameOf(value: unknown, path: Path, fits: Fits): Record<string, unknown> {
  if (typeof value === 'string') {
    const [last_name = '', first_name = ''] = value.split(',').map((part) => part.trim());
    return { first_name, last_name, full_name: `${first_name} ${last_name}`.trim() };
  }
  if (!isObject(value)) return fits(false, {});
  const keys = ['first_name', 'last_name', 'full_name'];
  for (const name of Object.keys(value))
    if (!keys.includes(name)) throw invalid([...path, name], 'Unrecognized key.');
  const is_whole = keys.every((key) => typeof value[key] === 'string');
  return fits(is_whole, { ...value });
}

function onlyKeys(value: unknown, path: Path, keys: readonly string[]): Record<string, unknown> {
  if (!isObject(value)) throw invalid(path, 'Expected object.');
  for (const name of Object.keys(value))
    if (!keys.includes(name)) throw invalid([...path, name], 'Unrecognized key.');
  for (const name of keys) if (!(name in value)) throw invalid([...path, name], 'Required.');
  return value;
}

export function referenceOf(world: DoubleWorld, attribute: Attribute | null, value: unknown, path: Path) {
  const { target_object, target_record_id } = onlyKeys(value, path, ['target_object', 'target_record_id']);
  if (typeof target_object !== 'string') throw invalid([...path, 'target_object'], 'Expected string.');
  if (!isUuid(target_record_id)) throw invalid([...path, 'target_record_id'], 'Expected a UUID.');
  const slug = slugOf(world, target_object);
  if (slug === undefined || (attribute !== null && attribute.allowed_object !== slug))
    throw invalid([...path, 'target_object'], 'The object is not allowed here.');
  if (world.records.get(target_record_id as string)?.object !== slug)
    throw new Refusal(400, 'value_not_found', `Cannot find record "${target_record_id}".`, path);
  return { target_object: slug, target_record_id };
}

export function memberOf(world: DoubleWorld, value: unknown, path: Path) {
  if (isObject(value) && 'workspace_member_email_address' in value) {
    const { workspace_member_email_address } = onlyKeys(value, path, ['workspace_member_email_address']);
    const found = world.members.find((member) => member.email_address === workspace_member_email_address);
    if (found === undefined) throw new Refusal(400, 'value_not_found', 'Cannot find workspace member.', path);
    return { referenced_actor_type: 'workspace-member', referenced_actor_id: found.id };
  }
  const given = onlyKeys(value, path, ['referenced_actor_type', 'referenced_actor_id']);
  if (given.referenced_actor_type !== 'workspace-member')
    throw invalid([...path, 'referenced_actor_type'], 'Expected workspace-member.');
  if (!isUuid(given.referenced_actor_id)) throw invalid([...path, 'referenced_actor_id'], 'Expected a UUID.');
  if (!world.members.some(({ id }) => id === given.referenced_actor_id))
    throw new Refusal(400, 'value_not_found', 'Cannot find workspace member.', path);
  return { ...given };
}

/** The slug of an object given by slug or id. */
export function slugOf(world: DoubleWorld, key: string): string | undefined {
  return [...world.objects].find(([slug, id]) => slug === key || id === key)?.[0];
}
