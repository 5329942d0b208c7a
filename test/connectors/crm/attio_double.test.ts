import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { ATTIO_CALLS } from '../../../src/connectors/crm/attio_calls.ts';
import type { Description } from '../../../tools/crm_schemas.ts';
import { type JsonSchema, sentDifferences } from '../../../tools/schema_differences.ts';
import { type AttioDouble, startAttioDouble } from '../attio_double.ts';
import { randomFrom } from './double_world.ts';
import { KIND_NAMES, mutate } from './mutations.ts';
import { validRequests } from './valid_requests.ts';
import { newSubjects, type ValidRequest } from './valid_subjects.ts';

/* The double against requests that Attio refuses. With Attio's description in TOUCHLINE_ATTIO_OPENAPI, the valid requests
   and the double's answers are compared with it, too. */

const MUTATIONS = 200;
const START_MS = Date.UTC(2027, 0, 11, 9);
const path = process.env.TOUCHLINE_ATTIO_OPENAPI;
const description = path === undefined ? null : (JSON.parse(readFileSync(path, 'utf8')) as Description);

let double: AttioDouble;
let now_ms = START_MS;

beforeEach(async () => {
  now_ms = START_MS;
  double = await startAttioDouble({ seed: inject('seed'), now_ms: () => now_ms });
});
afterEach(() => double.close());

/** A request after every window of the limits. */
async function ask({ method, path, body }: { method: string; path: string; body: unknown }) {
  now_ms += 1_000;
  const headers = { authorization: `Bearer ${double.world.api_key}` };
  const text = body === null ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${double.url}${path}`, { method, headers, ...text });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

test(`the double refuses ${MUTATIONS} of ${MUTATIONS} mutations and accepts what they were made of`, async () => {
  const random = randomFrom(inject('seed'));
  const subjects = newSubjects(double);
  const kinds = new Set<string>();
  for (let turn = 0; turn < MUTATIONS; turn += 1) {
    const requests = validRequests(subjects, turn);
    const request = requests[turn % requests.length]!;
    const fit = KIND_NAMES.map((kind) => mutate(request, kind, random)).filter((mutant) => mutant !== null);
    const mutant = fit[Math.floor(random() * fit.length)]!;
    kinds.add(mutant.kind);
    const shown = `${turn} ${JSON.stringify(mutant)}`;
    double.takeDeliveries();
    const before = stateOf(double);
    const refused = await ask(mutant);
    expect([400, 404, 409], shown).toContain(refused.status);
    expect(Object.keys(refused.answer), shown).toEqual(
      expect.arrayContaining(['status_code', 'type', 'code', 'message']),
    );
    expect(stateOf(double), shown).toBe(before);
    const accepted = await ask(request);
    expect(accepted, shown).toMatchObject({ status: 200 });
    expect(undescribed(request, accepted.answer), shown).toEqual([]);
  }
  expect(kinds.size).toBe(KIND_NAMES.length);
});

test('the valid requests cover every call of the connector, apart from deletions', () => {
  const covered = validRequests(newSubjects(double), 1).map(
    ({ method, described }) => `${method} ${described}`,
  );
  const calls = Object.values(ATTIO_CALLS).filter(({ method }) => method !== 'DELETE');
  expect([...new Set(covered)].sort()).toEqual(calls.map(({ method, path }) => `${method} ${path}`).sort());
});

/** Everything that an accepted write changes. */
function stateOf({ world, journal, takeDeliveries }: AttioDouble): string {
  const { attributes, notes, tasks, webhooks } = world;
  const records = [...world.records.values()].map((record) => ({ ...record, values: [...record.values] }));
  return JSON.stringify([journal.length, attributes, records, notes, tasks, webhooks, takeDeliveries()]);
}

/** Differences of a request and its answer from Attio's description, if there is one. Attio may answer more keys. */
function undescribed({ method, described, body }: ValidRequest, answer: unknown): string[] {
  if (description === null) return [];
  const resolve = (schema: JsonSchema) =>
    schema.$ref === undefined ? schema : description.components.schemas[schema.$ref.split('/').at(-1)!]!;
  const operation = description.paths[described]![method.toLowerCase()]!;
  const request = operation.requestBody?.content['application/json']?.schema;
  const sent = request === undefined ? [] : sentDifferences(literal(body), request, { field: '', resolve });
  const { schema = {} } = operation.responses['200']?.content?.['application/json'] ?? {};
  const received = sentDifferences(literal(answer), schema, { field: '', resolve });
  return [
    ...sent.map(({ field, message }) => `request ${field}: ${message}`),
    ...received
      .filter(({ message }) => message !== 'is not in the description')
      .map(({ field, message }) => `answer ${field}: ${message}`),
  ];
}

/** The schema of exactly this value. */
function literal(value: unknown): JsonSchema {
  if (Array.isArray(value))
    return { type: 'array', ...(value.length === 0 ? {} : { items: { anyOf: value.map(literal) } }) };
  if (typeof value !== 'object' || value === null) {
    const is_id = typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
    return {
      type: value === null ? 'null' : typeof value,
      const: value,
      ...(is_id ? { format: 'uuid' } : {}),
    };
  }
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const properties = Object.fromEntries(entries.map(([key, inner]) => [key, literal(inner)]));
  return { type: 'object', properties, required: Object.keys(properties) };
}
