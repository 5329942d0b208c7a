import { isObject, Refusal } from './double_checks.ts';
import { partsOf, readProperties, refused, refuseUnfit } from './hubspot_values.ts';
import type { HubspotWorld, Kind, Link, Role, Stored } from './hubspot_world.ts';

/* Records of the HubSpot double: what HubSpot does with values once they fit. */

export type Change = {
  kind: Kind;
  id: string;
  what: 'creation' | 'deletion' | 'merge' | 'propertyChange' | 'associationChange';
  propertyName?: string;
  secondary?: string;
};

type Changed = (change: Change) => void;

/** Kinds of links by their ids, with HubSpot's names. A primary link is also the one that follows it here. */
const LINKS: readonly { id: number; from: Kind; to: Kind; name: string; plain?: number }[] = [
  { id: 1, from: 'contacts', to: 'companies', name: 'contact_to_company', plain: 279 },
  { id: 279, from: 'contacts', to: 'companies', name: 'contact_to_company_unlabeled' },
  { id: 3, from: '0-3', to: 'contacts', name: 'deal_to_contact' },
  { id: 5, from: '0-3', to: 'companies', name: 'deal_to_company', plain: 341 },
  { id: 341, from: '0-3', to: 'companies', name: 'deal_to_company_unlabeled' },
  { id: 202, from: 'notes', to: 'contacts', name: 'note_to_contact' },
  { id: 190, from: 'notes', to: 'companies', name: 'note_to_company' },
  { id: 214, from: 'notes', to: '0-3', name: 'note_to_deal' },
  { id: 204, from: 'tasks', to: 'contacts', name: 'task_to_contact' },
  { id: 192, from: 'tasks', to: 'companies', name: 'task_to_company' },
  { id: 216, from: 'tasks', to: '0-3', name: 'task_to_deal' },
];

/** Also by the id of a merged record. */
export function storedOf(world: HubspotWorld, kind: Kind, id: string): Stored {
  const record = world.records.get(world.merged.get(id) ?? id);
  if (record?.kind !== kind) throw new Refusal(404, 'OBJECT_NOT_FOUND', `There is no ${kind} ${id}.`);
  return record;
}

export function createObject(
  world: HubspotWorld,
  kind: Kind,
  { properties, associations }: Record<string, unknown>,
  role: Role,
  changed: Changed,
): Stored {
  const given = readProperties(world, kind, properties, role);
  const values = { ...given, ...(kind === '0-3' ? { pipeline: given.pipeline ?? 'default' } : {}) };
  refuseUnfit(world, kind, null, values);
  const specs = (associations as { to: { id: string }; types: unknown[] }[]).map(({ to, types }) => ({
    id: to.id,
    type_ids: types.map((type) => typeIdOf(type, kind, null)),
  }));
  const targets = specs.map(({ id, type_ids }) => {
    const to = LINKS.find((one) => one.id === type_ids[0])!.to;
    const target = world.records.get(id);
    if (target?.kind !== to) throw refused(`There is no ${to} ${id}.`, 'associations');
    return { target, type_ids };
  });
  const created_ms = world.now_ms();
  const record: Stored = { kind, id: world.nextId(), created_ms, properties: {}, source: role, versions: [] };
  world.records.set(record.id, record);
  store(world, record, values);
  for (const { target, type_ids } of targets) for (const id of type_ids) addLink(world, record, target, id);
  changed({ kind, id: record.id, what: 'creation' });
  for (const propertyName of Object.keys(record.properties))
    changed({ kind, id: record.id, what: 'propertyChange', propertyName });
  return record;
}

export function updateObject(
  world: HubspotWorld,
  record: Stored,
  { properties }: Record<string, unknown>,
  role: Role,
  changed: Changed,
): Stored {
  const given = readProperties(world, record.kind, properties, role);
  const values = { ...record.properties, ...given };
  refuseUnfit(world, record.kind, record.id, values);
  const different = Object.keys(given).filter((name) => given[name] !== (record.properties[name] ?? ''));
  store(world, record, values);
  for (const propertyName of different)
    changed({ kind: record.kind, id: record.id, what: 'propertyChange', propertyName });
  return record;
}

function store(world: HubspotWorld, record: Stored, values: Record<string, string>): void {
  record.properties = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
  record.versions.push({ at_ms: world.now_ms(), properties: record.properties });
}

export function removeObject(world: HubspotWorld, record: Stored, changed: Changed): void {
  world.records.delete(record.id);
  world.links = world.links.filter(({ from, to }) => from !== record.id && to !== record.id);
  changed({ kind: record.kind, id: record.id, what: 'deletion' });
}

/** The id of a kind of link between these; refused for another. */
export function typeIdOf(spec: unknown, from: Kind, to: Kind | null): number {
  const { associationCategory, associationTypeId } = isObject(spec) ? spec : {};
  const found = LINKS.find(({ id }) => id === associationTypeId);
  if (associationCategory !== 'HUBSPOT_DEFINED' || found?.from !== from || (to !== null && found.to !== to))
    throw refused('The kind of association does not fit these objects.', 'associations');
  return found.id;
}

export function addLink(world: HubspotWorld, from: Stored, to: Stored, type_id: number): void {
  const { plain } = LINKS.find(({ id }) => id === type_id)!;
  if (plain !== undefined)
    for (const link of world.links)
      if (link.from === from.id) link.type_ids = link.type_ids.filter((id) => id !== type_id);
  const added = plain === undefined ? [type_id] : [type_id, plain];
  const existing = world.links.find((link) => link.from === from.id && link.to === to.id);
  if (existing === undefined) world.links.push({ from: from.id, to: to.id, type_ids: added });
  else existing.type_ids = [...new Set([...existing.type_ids, ...added])];
}

/** The links of a record to a kind, in either direction. */
export function linksOf(world: HubspotWorld, record: Stored, to: Kind) {
  return world.links.flatMap((link: Link) => {
    if (link.from !== record.id && link.to !== record.id) return [];
    const id = link.from === record.id ? link.to : link.from;
    if (world.records.get(id)?.kind !== to) return [];
    return [{ id, types: link.type_ids.map((type) => LINKS.find((one) => one.id === type)!) }];
  });
}

/** The primary record keeps its id and values, and takes lacking values and addresses of the secondary one. */
export function mergeObjects(
  world: HubspotWorld,
  primary: Stored,
  secondary: Stored,
  changed: Changed,
): void {
  const addresses = new Set([
    ...partsOf(primary.properties.hs_additional_emails),
    ...partsOf(secondary.properties.email),
    ...partsOf(secondary.properties.hs_additional_emails),
  ]);
  const values = { ...secondary.properties, ...primary.properties };
  const more = primary.kind === 'contacts' ? { hs_additional_emails: [...addresses].join(';') } : {};
  world.records.delete(secondary.id);
  world.merged.set(secondary.id, primary.id);
  for (const [old, survivor] of world.merged)
    if (survivor === secondary.id) world.merged.set(old, primary.id);
  for (const link of world.links) {
    if (link.from === secondary.id) link.from = primary.id;
    if (link.to === secondary.id) link.to = primary.id;
  }
  store(world, primary, { ...values, ...more });
  changed({ kind: primary.kind, id: primary.id, what: 'merge', secondary: secondary.id });
}

/** The search finds records as they were before its lag. */
export function searched(world: HubspotWorld, kind: Kind, groups: unknown): Stored[] {
  const before_ms = world.now_ms() - world.search_lag_ms;
  const list = groups as { filters: Record<string, unknown>[] }[];
  return [...world.records.values()].filter((record) => {
    const known = record.versions.findLast(({ at_ms }) => at_ms <= before_ms)?.properties;
    if (record.kind !== kind || known === undefined) return false;
    return list.some(({ filters }) => filters.every((filter) => matches(known, filter)));
  });
}

function matches(properties: Record<string, string>, filter: Record<string, unknown>): boolean {
  const has = (properties[String(filter.propertyName)] ?? '').toLowerCase();
  if (filter.operator === 'IN') return (filter.values as string[]).includes(has);
  if (filter.operator === 'EQ') return filter.value === has;
  return partsOf(has).includes(String(filter.value).toLowerCase());
}
