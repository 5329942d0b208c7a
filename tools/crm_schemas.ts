import { readFileSync } from 'node:fs';
import { ATTIO_CALLS } from '../src/connectors/crm/attio_calls.ts';
import { ATTIO_SCOPES } from '../src/connectors/crm/attio_describe.ts';
import { ATTIO_INPUT, ATTIO_OUTPUT } from '../src/connectors/crm/attio_shapes.ts';
import type { CrmCall } from '../src/connectors/crm/crm_client.ts';
import { type Difference, type JsonSchema, readDifferences, sentDifferences } from './schema_differences.ts';

/*
 * Compares our schemas of Attio's calls with Attio's description, which is not part of this repository:
 *
 *   node tools/crm_schemas.ts PATH_OF_OPENAPI_JSON
 *
 * Prints each difference with its call and field. Exits with 1 if there is one.
 */

type Operation = {
  description?: string;
  parameters?: { name: string; in: string; required?: boolean; schema: JsonSchema }[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }>;
};

export type Description = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema> };
};

type Schema = { toJSONSchema(options: { io: 'input' }): unknown };

/** One line per difference: call, part, field, and what differs. */
export function crmDifferences(
  description: Description,
  calls: Readonly<Record<string, CrmCall>> = ATTIO_CALLS,
): string[] {
  const resolve = (schema: JsonSchema): JsonSchema =>
    schema.$ref === undefined ? schema : description.components.schemas[schema.$ref.split('/').at(-1)!]!;
  return [
    ...Object.values(calls).flatMap((call) => callDifferences(description, call, resolve)),
    ...valueDifferences(description, resolve),
  ];
}

type Resolve = (schema: JsonSchema) => JsonSchema;

const jsonOf = (schema: Schema) => schema.toJSONSchema({ io: 'input' }) as JsonSchema;
const lines = (where: string, found: Difference[]) =>
  found.map(({ field, message }) => `${where} ${field === '' ? '(whole)' : field}: ${message}`);

function callDifferences(description: Description, call: CrmCall, resolve: Resolve): string[] {
  const name = `${call.method} ${call.path}`;
  const operation = description.paths[call.path]?.[call.method.toLowerCase()];
  if (operation === undefined) return [`${name}: is not in the description`];
  const request = operation.requestBody?.content['application/json']?.schema;
  const answer = operation.responses['200']?.content?.['application/json']?.schema;
  return [
    ...lines(`${name} query`, queryDifferences(call, operation, resolve)),
    ...lines(`${name} request`, requestDifferences(call, request, resolve)),
    ...(answer === undefined
      ? [`${name} answer: is not in the description`]
      : lines(`${name} answer`, readDifferences(jsonOf(call.answer), answer, { field: '', resolve }))),
    ...scopeDifferences(name, operation.description ?? ''),
  ];
}

function requestDifferences(call: CrmCall, theirs: JsonSchema | undefined, resolve: Resolve): Difference[] {
  const [is_ours, is_theirs] = [call.request !== null, theirs !== undefined];
  if (is_ours !== is_theirs)
    return [{ field: '', message: is_ours ? 'is not in the description' : 'is absent, but is required' }];
  if (call.request === null || theirs === undefined) return [];
  return sentDifferences(jsonOf(call.request), theirs, { field: '', resolve });
}

/** A query is compared as an object of its parameters. */
function queryDifferences(call: CrmCall, { parameters = [] }: Operation, resolve: Resolve): Difference[] {
  const known = parameters.filter((parameter) => parameter.in === 'query');
  const theirs: JsonSchema = {
    type: 'object',
    properties: Object.fromEntries(known.map(({ name, schema }) => [name, schema])),
    required: known.filter(({ required }) => required === true).map(({ name }) => name),
    additionalProperties: false,
  };
  const ours = call.query === null ? { type: 'object' } : jsonOf(call.query);
  return sentDifferences(ours, theirs, { field: '', resolve });
}

/** Attio names the scopes of a call in its description. Those of lists, which we do not use, do not count. */
function scopeDifferences(name: string, text: string): string[] {
  const needed = [...text.matchAll(/`([a-z_]+:read(?:-write)?)`/g)].map(([, scope = '']) => scope);
  const has = (scope: string) =>
    ATTIO_SCOPES.includes(scope) || ATTIO_SCOPES.includes(scope.replace(/:read$/, ':read-write'));
  return needed
    .filter((scope) => !scope.startsWith('list_') && !has(scope))
    .map((scope) => `${name} scopes: ${scope} is required, but is not among ours`);
}

function valueDifferences(description: Description, resolve: Resolve): string[] {
  const inputs = description.components.schemas['input-value'] ?? {};
  const outputs = description.components.schemas['output-value']?.anyOf ?? [];
  const sent = Object.entries(ATTIO_INPUT).flatMap(([type, schema]) =>
    lines(`components input-value ${type}`, sentDifferences(jsonOf(schema), inputs, { field: '', resolve })),
  );
  const read = Object.entries(ATTIO_OUTPUT).flatMap(([type, schema]) => {
    const where = `components output-value ${type}`;
    const theirs = outputs.filter(({ properties }) => properties?.attribute_type?.enum?.includes(type));
    if (theirs.length === 0) return [`${where}: is not in the description`];
    return theirs.flatMap((one) =>
      lines(where, readDifferences(jsonOf(schema), one, { field: '', resolve })),
    );
  });
  return [...sent, ...read];
}

if (import.meta.main) {
  const [path] = process.argv.slice(2);
  if (path === undefined) throw new Error('Usage: node tools/crm_schemas.ts PATH_OF_OPENAPI_JSON');
  const found = crmDifferences(JSON.parse(readFileSync(path, 'utf8')) as Description);
  process.stdout.write(found.map((line) => `${line}\n`).join(''));
  process.stdout.write(found.length === 0 ? 'No differences.\n' : `${found.length} differences.\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
