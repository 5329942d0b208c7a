import { expect, inject, test } from 'vitest';
import type { CrmCall } from '../../../src/connectors/crm/crm_client.ts';
import type { Operation } from '../../../tools/crm_schemas.ts';
import { type JsonSchema, sentDifferences } from '../../../tools/schema_differences.ts';
import { randomFrom } from './double_world.ts';
import { type Ids, KIND_NAMES, mutate } from './mutations.ts';
import type { ValidRequest } from './valid_request.ts';

/* A double against requests that its CRM refuses. */

const MUTATIONS = 200;
const START_MS = Date.UTC(2027, 0, 11, 9);

type Described = { operation: Operation; resolve: (schema: JsonSchema) => JsonSchema };

type Subject = {
  url: string;
  api_key: string;
  /** Valid requests with values that no other turn has. */
  requests(turn: number): ValidRequest[];
  /** Everything that an accepted write changes, with the webhooks since the last call. */
  state(): string;
  close(): Promise<void>;
};

export function mutationCases(crm: {
  start(seed: number, now_ms: () => number): Promise<Subject>;
  ids: Ids;
  /** Keys of every refusal. */
  refusal_keys: readonly string[];
  /** The calls of the connector that the valid requests must cover. */
  calls: readonly CrmCall[];
  /** The CRM's own description of a request; null if there is none here. */
  describedBy(request: ValidRequest): Described | null;
}): void {
  test(`the double refuses ${MUTATIONS} of ${MUTATIONS} mutations and accepts what they were made of`, async () => {
    let now_ms = START_MS;
    const subject = await crm.start(inject('seed'), () => now_ms);
    const random = randomFrom(inject('seed'));
    const kinds = new Set<string>();
    for (let turn = 0; turn < MUTATIONS; turn += 1) {
      const requests = subject.requests(turn);
      const request = requests[turn % requests.length]!;
      const fit = KIND_NAMES.map((kind) => mutate(request, kind, random, crm.ids)).filter(
        (mutant) => mutant !== null,
      );
      const mutant = fit[Math.floor(random() * fit.length)]!;
      kinds.add(mutant.kind);
      const shown = `${turn} ${JSON.stringify(mutant)}`;
      subject.state();
      const before = subject.state();
      // A request after every window of the limits.
      now_ms += 1_000;
      const refused = await ask(subject, mutant);
      expect([400, 404, 409], shown).toContain(refused.status);
      expect(Object.keys(refused.answer), shown).toEqual(expect.arrayContaining([...crm.refusal_keys]));
      expect(subject.state(), shown).toBe(before);
      now_ms += 1_000;
      const accepted = await ask(subject, request);
      expect([200, 201, 204, 207], `${shown} ${JSON.stringify(accepted)}`).toContain(accepted.status);
      const described = crm.describedBy(request);
      expect(described === null ? [] : undescribed(described, request, accepted), shown).toEqual([]);
    }
    expect(kinds.size).toBe(KIND_NAMES.length);
    await subject.close();
  });

  test('the valid requests cover every call of the connector, apart from deletions', async () => {
    const subject = await crm.start(1, () => START_MS);
    const covered = subject.requests(1).map(({ method, described }) => `${method} ${described}`);
    const calls = crm.calls.map(({ method, path }) => `${method} ${path}`);
    expect([...new Set(covered)].sort()).toEqual(calls.sort());
    await subject.close();
  });
}

type Answer = { status: number; answer: Record<string, unknown> };

async function ask(
  { url, api_key }: Subject,
  { method, path, body }: { method: string; path: string; body: unknown },
): Promise<Answer> {
  const headers = { authorization: `Bearer ${api_key}` };
  const given = body === null ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${url}${path}`, { method, headers, ...given });
  const text = await response.text();
  return { status: response.status, answer: text === '' ? {} : JSON.parse(text) };
}

/** Differences of a request and its answer from the CRM's description. The CRM may answer more keys. */
function undescribed({ operation, resolve }: Described, { body }: ValidRequest, accepted: Answer): string[] {
  const request = operation.requestBody?.content['application/json']?.schema;
  const sent = request === undefined ? [] : sentDifferences(literal(body), request, { field: '', resolve });
  const { schema = {} } = operation.responses[accepted.status]?.content?.['application/json'] ?? {};
  const received = sentDifferences(literal(accepted.answer), schema, { field: '', resolve });
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
      type: typeOf(value),
      const: value,
      ...(is_id ? { format: 'uuid' } : {}),
    };
  }
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const properties = Object.fromEntries(entries.map(([key, inner]) => [key, literal(inner)]));
  return { type: 'object', properties, required: Object.keys(properties) };
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
