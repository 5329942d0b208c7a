import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ATTIO_CALLS } from '../src/connectors/crm/attio_calls.ts';
import { ATTIO_SCOPES } from '../src/connectors/crm/attio_describe.ts';
import { ATTIO_INPUT, ATTIO_OUTPUT } from '../src/connectors/crm/attio_shapes.ts';
import type { CrmCall } from '../src/connectors/crm/crm_client.ts';
import { HUBSPOT_CALLS, HUBSPOT_TYPES } from '../src/connectors/crm/hubspot_calls.ts';
import { HUBSPOT_SCOPES } from '../src/connectors/crm/hubspot_describe.ts';
import { type Difference, type JsonSchema, readDifferences, sentDifferences } from './schema_differences.ts';

/*
 * Compares our schemas of calls to CRMs with the CRMs' own descriptions, which are not part of this repository:
 *
 *   node tools/crm_schemas.ts PATH...
 *
 * A file is Attio's description; a folder has HubSpot's. Prints each difference with its call and field. Exits with 1 if
 * there is one.
 */

export type Operation = {
  description?: string;
  security?: Record<string, string[]>[];
  parameters?: { name: string; in: string; required?: boolean; schema: JsonSchema }[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }>;
};

export type Description = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema> };
};

type Schema = { toJSONSchema(options: { io: 'input' }): unknown };

/** Attio: one line per difference, with call, part, and field. */
export function crmDifferences(
  description: Description,
  calls: Readonly<Record<string, CrmCall>> = ATTIO_CALLS,
): string[] {
  const resolve = resolveIn(description);
  return [
    ...Object.values(calls).flatMap((call) => {
      const name = `${call.method} ${call.path}`;
      const operation = description.paths[call.path]?.[call.method.toLowerCase()];
      if (operation === undefined) return [`${name}: is not in the description`];
      return [
        ...callDifferences(name, call, operation, resolve),
        ...scopeDifferences(name, operation.description ?? ''),
      ];
    }),
    ...valueDifferences(description, resolve),
  ];
}

/** HubSpot has a file for each object. A path with `{object}` is compared for each type of object. */
export function hubspotDifferences(
  descriptions: readonly Description[],
  calls: Readonly<Record<string, CrmCall>> = HUBSPOT_CALLS,
): string[] {
  return Object.values(calls).flatMap((call) => {
    if (UNDESCRIBED.includes(call.path)) return [];
    const types = call.path.includes('{object}') ? HUBSPOT_TYPES : [''];
    return types.flatMap((type) => {
      const path = call.path.replace('{object}', type);
      const name = `${call.method} ${path}`;
      const found = operationIn(descriptions, call.method, path.replace('/tasks', '/notes'));
      if (found === null) return [`${name}: is not in the descriptions`];
      const { operation, resolve } = found;
      const scopes = (operation.security ?? []).flatMap((one) => Object.values(one).flat());
      const has_scope = scopes.length === 0 || scopes.some((one) => OUR_SCOPES.includes(one));
      return [
        ...callDifferences(name, call, operation, resolve),
        ...(has_scope ? [] : [`${name} scopes: one of ${scopes.join(', ')} is required, but none is ours`]),
      ];
    });
  });
}

/** Documented by HubSpot elsewhere. Tasks, which have no file either, have the form of notes. */
const UNDESCRIBED = ['/oauth/v2/private-apps/get/access-token-info', '/account-info/v3/details'];
/** Apps have those of webhooks without showing them. */
const OUR_SCOPES = [...HUBSPOT_SCOPES, 'private-apps-read', 'private-apps-write'];

/** The operation whose path matches with the fewest parameters. */
export function operationIn(descriptions: readonly Description[], method: string, path: string) {
  const parts = path.split('/');
  const isSame = (part: string, index: number) => part.startsWith('{') || part === parts[index];
  const fits = (theirs: string) =>
    theirs.split('/').length === parts.length && theirs.split('/').every(isSame);
  const found = descriptions.flatMap((description) =>
    Object.entries(description.paths).flatMap(([theirs, operations]) => {
      const operation = fits(theirs) ? operations[method.toLowerCase()] : undefined;
      return operation === undefined ? [] : [{ theirs, operation, resolve: resolveIn(description) }];
    }),
  );
  const parameters = ({ theirs }: { theirs: string }) => theirs.split('{').length;
  return found.sort((one, other) => parameters(one) - parameters(other))[0] ?? null;
}

const resolveIn =
  (description: Description): Resolve =>
  (schema) =>
    schema.$ref === undefined ? schema : description.components.schemas[schema.$ref.split('/').at(-1)!]!;

type Resolve = (schema: JsonSchema) => JsonSchema;

const jsonOf = (schema: Schema) => schema.toJSONSchema({ io: 'input' }) as JsonSchema;
const lines = (where: string, found: Difference[]) =>
  found.map(({ field, message }) => `${where} ${field === '' ? '(whole)' : field}: ${message}`);

function callDifferences(name: string, call: CrmCall, operation: Operation, resolve: Resolve): string[] {
  const request = operation.requestBody?.content['application/json']?.schema;
  return [
    ...lines(`${name} query`, queryDifferences(call, operation, resolve)),
    ...lines(`${name} request`, requestDifferences(call, request, resolve)),
    ...answerDifferences(`${name} answer`, call, operation, resolve),
  ];
}

/** Every successful answer, among them those to a batch that failed in part. */
function answerDifferences(
  name: string,
  call: CrmCall,
  { responses }: Operation,
  resolve: Resolve,
): string[] {
  const answers = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, { content }]) => content?.['application/json']?.schema);
  if (answers.length === 0) return [`${name}: is not in the description`];
  const is_empty = call.answer.safeParse(undefined).success;
  return answers.flatMap((answer) => {
    if ((answer === undefined) !== is_empty)
      return [`${name}: ${is_empty ? 'is expected to be empty' : 'is not in the description'}`];
    return answer === undefined
      ? []
      : lines(name, readDifferences(jsonOf(call.answer), answer, { field: '', resolve }));
  });
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

function differencesAt(path: string): string[] {
  const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Description;
  if (!statSync(path).isDirectory()) return crmDifferences(read(path));
  const files = readdirSync(path).filter((name) => name.endsWith('.json'));
  return hubspotDifferences(files.map((name) => read(join(path, name))));
}

if (import.meta.main) {
  const paths = process.argv.slice(2);
  if (paths.length === 0) throw new Error('Usage: node tools/crm_schemas.ts PATH...');
  const found = paths.flatMap(differencesAt);
  process.stdout.write(found.map((line) => `${line}\n`).join(''));
  process.stdout.write(found.length === 0 ? 'No differences.\n' : `${found.length} differences.\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
