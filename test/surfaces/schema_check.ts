import type { JsonSchema } from '../../src/surfaces/json_schema.ts';

/** Every keyword of the document; an unknown one fails, so that none is ignored. */
const KEYWORDS = new Set([
  ...['$ref', 'type', 'format', 'enum', 'const', 'anyOf', 'properties', 'required', 'additionalProperties'],
  ...[
    'propertyNames',
    'items',
    'minLength',
    'maxLength',
    'pattern',
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'minItems',
    'maxItems',
  ],
  ...['description', 'default', 'deprecated', 'examples', 'title'],
]);

const FORMATS: Record<string, RegExp> = {
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/,
  email: /^[^@\s]+@[^@\s]+$/,
  uri: /^[a-z][a-z0-9+.-]*:/i,
};

/** Differences between a JSON value and the schema, by path: an oracle independent of the schema's generator. */
export function faultsAgainst(
  schema: JsonSchema,
  value: unknown,
  named: Record<string, JsonSchema> = {},
  path = '$',
): string[] {
  if (schema.$ref !== undefined) {
    const target = named[schema.$ref.replace('#/components/schemas/', '')];
    return target ? faultsAgainst(target, value, named, path) : [`${path}: ${schema.$ref} is not there`];
  }
  const unknown = Object.keys(schema).filter((keyword) => !KEYWORDS.has(keyword));
  if (unknown.length > 0) return [`${path}: the schema has ${unknown.join(', ')}`];
  return [
    ...typeFaults(schema, value, path),
    ...choiceFaults(schema, value, named, path),
    ...(typeof value === 'string' ? textFaults(schema, value, path) : []),
    ...(typeof value === 'number' ? numberFaults(schema, value, path) : []),
    ...(Array.isArray(value) ? listFaults(schema, value, named, path) : []),
    ...(isRecord(value) ? recordFaults(schema, value, named, path) : []),
  ];
}

function typeFaults({ type }: JsonSchema, value: unknown, path: string): string[] {
  if (type === undefined) return [];
  const types = [type].flat();
  const own = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const fits = types.includes(own) || (types.includes('integer') && Number.isInteger(value));
  return fits ? [] : [`${path}: is ${own}, not ${types.join(' or ')}`];
}

function choiceFaults(schema: JsonSchema, value: unknown, named: Record<string, JsonSchema>, path: string) {
  const faults: string[] = [];
  if (schema.enum !== undefined && !schema.enum.includes(value))
    faults.push(`${path}: ${value} is no choice`);
  if ('const' in schema && schema.const !== value) faults.push(`${path}: ${value} is not ${schema.const}`);
  const branches = schema.anyOf?.map((branch) => faultsAgainst(branch, value, named, path));
  if (branches?.every((branch) => branch.length > 0)) faults.push(...branches.flat());
  return faults;
}

function textFaults(schema: JsonSchema, value: string, path: string): string[] {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern, format } = schema;
  const faults: string[] = [];
  if (value.length < Number(minLength)) faults.push(`${path}: is too short`);
  if (value.length > Number(maxLength)) faults.push(`${path}: is too long`);
  if (pattern !== undefined && !new RegExp(String(pattern), 'u').test(value))
    faults.push(`${path}: ${pattern}`);
  if (format !== undefined && !FORMATS[format]?.test(value)) faults.push(`${path}: ${value} is no ${format}`);
  return faults;
}

function numberFaults(schema: JsonSchema, value: number, path: string): string[] {
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below } = schema;
  const faults: string[] = [];
  if (minimum !== undefined && value < Number(minimum)) faults.push(`${path}: is less than ${minimum}`);
  if (maximum !== undefined && value > Number(maximum)) faults.push(`${path}: is more than ${maximum}`);
  if (above !== undefined && value <= Number(above)) faults.push(`${path}: is not above ${above}`);
  if (below !== undefined && value >= Number(below)) faults.push(`${path}: is not below ${below}`);
  return faults;
}

function listFaults(schema: JsonSchema, value: unknown[], named: Record<string, JsonSchema>, path: string) {
  const { items, minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema;
  const faults = value.flatMap((part, at) =>
    items ? faultsAgainst(items, part, named, `${path}[${at}]`) : [],
  );
  if (value.length < Number(minItems) || value.length > Number(maxItems))
    faults.push(`${path}: has ${value.length}`);
  return faults;
}

function recordFaults(
  schema: JsonSchema,
  value: Record<string, unknown>,
  named: Record<string, JsonSchema>,
  path: string,
): string[] {
  const { properties = {}, required = [], additionalProperties } = schema;
  const missing = required.filter((name) => !(name in value)).map((name) => `${path}.${name}: is missing`);
  const parts = Object.entries(value).flatMap(([name, part]) => {
    const place = `${path}.${name}`;
    if (properties[name] !== undefined) return faultsAgainst(properties[name], part, named, place);
    if (additionalProperties === false) return [`${place}: is not described`];
    return isRecord(additionalProperties)
      ? faultsAgainst(additionalProperties as JsonSchema, part, named, place)
      : [];
  });
  return [...missing, ...parts];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
