import about from '../../package.json' with { type: 'json' };
import { CHANGES_PERMISSION, change } from '../operations/log/changes.ts';
import type { Operation, Permission } from '../operations/operation.ts';
import { AGENT_KIND_VALUES, USER_ROLE_VALUES } from '../schema.gen.ts';
import {
  addName,
  fieldsOf,
  type JsonSchema,
  jsonSchemaOf,
  type NamedSchemas,
  pascalCase,
  refTo,
} from './json_schema.ts';
import {
  ANSWER_HEADERS,
  answerHeadersOf,
  HEADER_PARAMETERS,
  headersOf,
  unchanged,
} from './openapi_headers.ts';
import { PROBLEM_TYPE, problemSchema } from './problem.ts';
import { API_BASE, inputsInQuery, pathParams, type RoutedOperation, routed } from './routing.ts';
import { SET_SESSION } from './session_cookie.ts';

export type OpenApiDocument = {
  openapi: '3.1.0';
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  security: Record<string, string[]>[];
  tags: { name: string }[];
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: Record<string, JsonSchema>; [part: string]: unknown };
};

/** The OpenAPI 3.1 document of the operations, in registry order: the same registry gives the same text. */
export function openApiDocument(registry: readonly Operation[]): OpenApiDocument {
  const named: NamedSchemas = {};
  const paths: OpenApiDocument['paths'] = {};
  const operations = routed(registry);
  for (const operation of operations) {
    const path = paths[operation.http.path] ?? {};
    path[operation.http.method.toLowerCase()] = describe(operation, named);
    paths[operation.http.path] = path;
  }
  // `GET /stream` is not an operation because its answer never ends. Present where the log can be read.
  const has_stream = registry.some(({ name }) => name === 'list_events');
  if (has_stream) paths['/stream'] = { get: describeStream(named) };
  const tags = [...new Set([...operations.map(tagOf), ...(has_stream ? ['stream'] : [])])].sort();
  return {
    openapi: '3.1.0',
    info: {
      title: 'Touchline',
      version: about.version,
      description:
        'Agents propose, people approve, every touch passes one gate, every decision can be explained. ' +
        'A refusal is a problem document (RFC 9457) whose `code` is stable.',
    },
    servers: [{ url: API_BASE }],
    security: [{ bearer: [] }, { cookie: [] }],
    tags: tags.map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'an API key, tl_...' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'touchline_session' },
      },
      parameters: HEADER_PARAMETERS,
      headers: ANSWER_HEADERS,
      responses: {
        Problem: {
          description: 'The request is refused, with the reason.',
          content: { [PROBLEM_TYPE]: { schema: jsonSchemaOf(problemSchema, 'output', named) } },
        },
      },
      // After everything above, which puts names there.
      schemas: Object.fromEntries(Object.entries(named).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}

function describe(operation: RoutedOperation, named: NamedSchemas): Record<string, unknown> {
  const input = jsonSchemaOf(operation.input, 'input', named);
  const in_path = pathParams(operation.http.path);
  const by_query = inputsInQuery(operation);
  const flags = new Set(fieldsOf(operation.input).flatMap(({ name, is_flag }) => (is_flag ? [name] : [])));
  const required = new Set(input.required ?? []);
  const rest = Object.entries(input.properties ?? {}).filter(([name]) => !in_path.includes(name));
  const parameters = [
    ...in_path.map((name) => parameter(name, 'path', input.properties?.[name] ?? { type: 'string' }, true)),
    ...(by_query
      ? rest.map(([name, schema]) =>
          parameter(name, 'query', asRead(schema, flags.has(name)), required.has(name)),
        )
      : []),
    ...headersOf(operation),
  ];
  return {
    operationId: operation.name,
    summary: operation.summary,
    description: `${whoText(operation.permission)}${errorText(operation.errors)}`,
    tags: [tagOf(operation)],
    ...(operation.permission.is_public ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...requestBody(operation, rest, required, named),
    responses: { ...success(operation, named), default: { $ref: '#/components/responses/Problem' } },
  };
}

function parameter(name: string, place: 'path' | 'query', schema: JsonSchema, required: boolean) {
  const { description, ...rest } = schema;
  return { name, in: place, required, ...(description ? { description } : {}), schema: rest };
}

/** Booleans in a query are words, which every client writes as `true` and `false`. */
function asRead(schema: JsonSchema, is_flag: boolean): JsonSchema {
  return is_flag ? { ...schema, type: 'boolean' } : schema;
}

function requestBody(
  operation: RoutedOperation,
  rest: [string, JsonSchema][],
  required: Set<string>,
  named: NamedSchemas,
) {
  if (operation.http.stream) {
    const content = { 'text/csv': {}, 'application/json': {}, 'application/octet-stream': {} };
    return { requestBody: { required: true, description: 'a stream of any size', content } };
  }
  if (inputsInQuery(operation) || rest.length === 0) return {};
  const needed = rest.map(([name]) => name).filter((name) => required.has(name));
  const own = {
    type: 'object',
    properties: Object.fromEntries(rest),
    ...(needed.length === 0 ? {} : { required: needed }),
    additionalProperties: false,
  };
  const schema = underName(`${pascalCase(operation.name)}Input`, own, named);
  return { requestBody: { required: needed.length > 0, content: { 'application/json': { schema } } } };
}

function success(operation: RoutedOperation, named: NamedSchemas): Record<string, unknown> {
  const type = operation.output.def.type;
  if (type === 'void' || type === 'undefined' || type === 'null') {
    return { '204': { description: 'Done.', headers: answerHeadersOf(operation) } };
  }
  const own = withoutSession(jsonSchemaOf(operation.output, 'output', named));
  const schema = underName(`${pascalCase(operation.name)}Output`, own, named);
  const content = { 'application/json': { schema } };
  return {
    '200': { description: 'Done.', headers: answerHeadersOf(operation), content },
    ...unchanged(operation),
  };
}

/** Bodies and answers that are no noun of their own have the name of their operation. */
function underName(name: string, schema: JsonSchema, named: NamedSchemas): JsonSchema {
  if (schema.$ref !== undefined) return schema;
  addName(named, name, schema);
  return { $ref: refTo(name) };
}

/** It becomes a cookie and appears in no body. */
function withoutSession(schema: JsonSchema): JsonSchema {
  if (schema.properties?.[SET_SESSION] === undefined) return schema;
  const { [SET_SESSION]: _cookie, ...properties } = schema.properties;
  return { ...schema, properties, required: (schema.required ?? []).filter((name) => name !== SET_SESSION) };
}

/** The noun: the first word of the path. */
function tagOf({ http }: RoutedOperation): string {
  return http.path.split('/')[1]!;
}

function whoText({ people, agents, is_public, credential }: Permission): string {
  if (is_public) return 'For everyone, signed in or not.';
  const roles = people.length === USER_ROLE_VALUES.length ? 'every person' : people.join(', ') || 'no person';
  const kinds =
    agents.length === AGENT_KIND_VALUES.length ? 'agents' : agents.map((kind) => `${kind} agents`).join(', ');
  const only = credential === undefined ? '' : ' Not with an API key.';
  const machine =
    credential === 'session_or_machine_key' ? ' Not with an API key but the machine’s own.' : only;
  return `For ${roles}; ${kinds || 'never agents'}.${machine}`;
}

function errorText(errors: readonly string[]): string {
  return errors.length === 0 ? '' : ` Possible refusals: ${errors.map((code) => `\`${code}\``).join(', ')}.`;
}

function describeStream(named: NamedSchemas): Record<string, unknown> {
  return {
    operationId: 'stream_changes',
    summary: 'Stream changes in the organization at once: events, warnings, and your notifications.',
    description:
      `${whoText(CHANGES_PERMISSION)} Server-sent events, each with one small change that names what to read again. Delivery is at least once: nothing is missed, ` +
      'but a change may repeat. To continue after a break, send the last `id` as Last-Event-ID, as browsers do, within 24 ' +
      'hours; `reset` means that more changed than is listed. The stream ends within seconds of a sign-out or a revoked key, and ' +
      'if you read too slowly. Ten may be open at a time. Possible refusal: `streams_exceeded`.',
    tags: ['stream'],
    parameters: [
      {
        name: 'last_event_id',
        in: 'query',
        required: false,
        description: 'instead of the header Last-Event-ID',
        schema: { type: 'string' },
      },
    ],
    responses: {
      '200': {
        description: 'The `data` of each event, as JSON.',
        content: {
          'text/event-stream': {
            schema: jsonSchemaOf(change.meta({ id: 'StreamedChange' }), 'output', named),
          },
        },
      },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}
