import { isObject, Refusal } from './double_checks.ts';
import { DOMAIN } from './double_values.ts';
import type { HubspotWorld, Kind, Property, Role } from './hubspot_world.ts';

/* Values of the HubSpot double: all are text that must fit its property. */

const ADDRESS = /^[^\s@<>";]{1,64}@([a-z0-9-]+\.)+[a-z]{2,63}$/i;
const TEXT_MAX = 65_536;

const REQUIRED: Readonly<Record<Kind, string[]>> = {
  contacts: ['email'],
  companies: [],
  '0-3': ['dealname', 'dealstage'],
  notes: ['hs_timestamp'],
  tasks: ['hs_timestamp'],
};

export const refused = (message: string, property: string, code = 'VALIDATION_ERROR', status = 400) =>
  new Refusal(status, code, message, ['properties', property]);

export const partsOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(';')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');

/** Checks each value alone. Empty values remove. */
export function readProperties(
  world: HubspotWorld,
  kind: Kind,
  given: unknown,
  role: Role,
): Record<string, string> {
  if (!isObject(given)) throw new Refusal(400, 'VALIDATION_ERROR', 'Expected properties.', ['properties']);
  for (const [name, value] of Object.entries(given)) {
    const property = world.properties.find((one) => one.kind === kind && one.name === name);
    if (property === undefined)
      throw refused(`Property "${name}" does not exist.`, name, 'PROPERTY_DOESNT_EXIST');
    if (property.readOnlyValue && role !== 'user')
      throw refused(`"${name}" is read-only.`, name, 'READ_ONLY_VALUE');
    if (typeof value !== 'string') throw refused('Expected text.', name);
    if (value !== '' && !fits(world, property, value)) throw refused(`"${name}" has an invalid value.`, name);
  }
  return given as Record<string, string>;
}

function fits(world: HubspotWorld, { kind, name, type }: Property, value: string): boolean {
  const options = optionsOf(world, name);
  if (options !== null) return options.includes(value);
  if (name === 'email') return ADDRESS.test(value);
  if (name === 'hs_additional_emails') return partsOf(value).every((part) => ADDRESS.test(part));
  if (name === 'domain') return DOMAIN.test(value);
  if (name === 'hs_timestamp') {
    const ms = /^\d{13}$/.test(value) ? Number(value) : isoInstant(value);
    return !Number.isNaN(ms) && (kind !== 'notes' || ms <= world.now_ms());
  }
  if (type === 'number') return /^-?\d+(\.\d+)?$/.test(value);
  if (type === 'bool') return /^(true|false)$/.test(value);
  if (type === 'phone_number') return /^\+?[\d ().-]{7,30}$/.test(value);
  return value.length <= TEXT_MAX;
}

const isoInstant = (value: string) =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?Z$/.test(value) ? Date.parse(value) : Number.NaN;

function optionsOf(world: HubspotWorld, name: string): string[] | null {
  if (name === 'hubspot_owner_id') return world.owners.map(({ id }) => id);
  if (name === 'pipeline') return world.pipelines.map(({ id }) => id);
  if (name === 'dealstage')
    return world.pipelines.flatMap(({ stages }) =>
      stages.filter(({ archived }) => !archived).map(({ id }) => id),
    );
  if (name === 'deal_currency_code') return [world.currency, ...world.other_currencies];
  if (name === 'hs_task_status') return ['NOT_STARTED', 'IN_PROGRESS', 'WAITING', 'COMPLETED', 'DEFERRED'];
  return null;
}

/** Checks the values of a record together: those that it must have, its stage, and those that no other may have. */
export function refuseUnfit(
  world: HubspotWorld,
  kind: Kind,
  id: string | null,
  properties: Record<string, string>,
): void {
  for (const name of REQUIRED[kind])
    if ((properties[name] ?? '') === '') throw refused(`"${name}" is required.`, name);
  if (kind === '0-3') {
    const pipeline = world.pipelines.find((one) => one.id === (properties.pipeline ?? 'default'));
    if (!pipeline?.stages.some((stage) => stage.id === properties.dealstage))
      throw refused('The stage is not one of the pipeline.', 'dealstage');
  }
  const others = [...world.records.values()].filter((one) => one.kind === kind && one.id !== id);
  if (kind === 'contacts') {
    const own = addressesOf(properties);
    const holder = others.find((one) => addressesOf(one.properties).some((address) => own.includes(address)));
    if (holder !== undefined)
      throw refused(`Contact already exists. Existing ID: ${holder.id}`, 'email', 'CONFLICT', 409);
  }
  for (const { name, hasUniqueValue, kind: of } of world.properties) {
    const value = properties[name] ?? '';
    if (!hasUniqueValue || of !== kind || name === 'email' || value === '') continue;
    const holder = others.find((one) => one.properties[name] === value);
    if (holder !== undefined) throw refused(`${holder.id} already has that value.`, name);
  }
}

const addressesOf = (properties: Record<string, string>) => [
  ...partsOf(properties.email),
  ...partsOf(properties.hs_additional_emails),
];
