import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { FLAG_CHECKS } from '../../src/coordinator/upkeep/checks.ts';
import { sqlState } from '../../src/db/errors.ts';
import { AppError } from '../../src/errors.ts';
import { type Claim, idempotencyKeys } from '../../src/operations/idempotency.ts';
import { type Operation, operation } from '../../src/operations/operation.ts';
import { registry } from '../../src/operations/registry.ts';
import { jsonSchemaOf } from '../../src/surfaces/json_schema.ts';
import { testDatabase } from '../database.ts';
import { AGENT_OF_KIND, type ServedProduct, serveProduct } from './product.ts';

/** An operation that waits until the test releases it, with the result that the test sets. */
const gate = { runs: 0, opened: Promise.resolve(), fails: null as Error | null };
const wait = operation({
  name: 'wait',
  summary: 'Waits.',
  http: { method: 'POST', path: '/wait' },
  input: z.object({ note: z.string().optional() }),
  output: z.object({ run: z.int() }),
  run: async () => {
    gate.runs += 1;
    const run = gate.runs;
    await gate.opened;
    if (gate.fails !== null) throw gate.fails;
    return { run };
  },
});
const waiting = {
  ...wait,
  permission: { people: ['admin'], agents: ['brain', 'role'] },
} as unknown as Operation;

const { db } = await testDatabase();
let product: ServedProduct;
let keys = 0;
let key = '';

beforeAll(async () => {
  product = await serveProduct(db, { registry: [...registry, waiting] });
});
afterAll(() => product.close());
beforeEach(() => {
  Object.assign(gate, { runs: 0, opened: Promise.resolve(), fails: null });
  keys += 1;
  key = `request ${keys}`;
});

const post = (path: string, body: unknown, options: { key?: string; name?: string } = {}) =>
  product.call('POST', `/api/v1${path}`, {
    ...(options.key === undefined ? {} : { key: options.key }),
    headers: { 'idempotency-key': options.name ?? key },
    body,
  });

const kept = () =>
  product.world.rows<{ key: string; body: string | null }>('idempotency_keys', `key = '${key}'`);

describe('the same request again', () => {
  test('gets the first response, and runs once', async () => {
    const lead_id = await product.world.addLead();
    const body = { lead_id, campaign: 'b2bea_membership_close' };
    const first = await post('/sequence_requests', body);
    const second = await post('/sequence_requests', body);
    expect([first.status, first.body.outcome]).toEqual([200, 'allow']);
    expect([second.status, second.text]).toEqual([200, first.text]);
    expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect([first, second].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    expect(await product.world.rows('campaign_contacts', `lead_id = '${lead_id}'`)).toHaveLength(1);
    expect((await post('/sequence_requests', body, { name: `${key} b` })).body.code).toBe('already_enrolled');
  });

  test('gets the first refusal, even after the cause is fixed', async () => {
    const body = { lead_id: `${keys}@nobody.example`, campaign: 'b2bea_membership_close' };
    const first = await post('/sequence_requests', body);
    await product.world.addLead({ email: body.lead_id });
    const second = await post('/sequence_requests', body);
    expect([first.status, first.body.code]).toEqual([404, 'not_found']);
    expect([second.status, second.text]).toEqual([404, first.text]);
    expect(second.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  test('with another body or on another path is refused', async () => {
    expect((await post('/wait', { note: 'a' })).status).toBe(200);
    for (const [path, body] of [
      ['/wait', { note: 'b' }],
      ['/wait', {}],
      ['/sequence_requests', { note: 'a' }],
    ] as const) {
      const other = await post(path, body);
      expect([other.status, other.body.code]).toEqual([409, 'idempotency_key_reused']);
    }
    expect(gate.runs).toBe(1);
  });

  test('at the same time is asked to wait, however many there are', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate.opened = promise;
    const asked = Array.from({ length: 12 }, () => post('/wait', {}));
    const others = await Promise.all(
      asked.map((one) => Promise.race([one, new Promise<null>((late) => setTimeout(late, 1_500, null))])),
    );
    const refused = others.flatMap((answer) => (answer === null ? [] : [answer]));
    expect(refused).toHaveLength(11);
    for (const answer of refused) {
      expect([answer.status, answer.body.code]).toEqual([409, 'idempotency_in_progress']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    resolve();
    const answers = await Promise.all(asked);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await post('/wait', {})).body).toEqual({ run: 1 });
    expect(gate.runs).toBe(1);
  });

  test('after an internal error runs again', async () => {
    gate.fails = new Error('a bug');
    expect((await post('/wait', {})).status).toBe(500);
    gate.fails = new AppError('busy', 'Try again.', { status: 503 });
    expect((await post('/wait', {})).status).toBe(503);
    gate.fails = null;
    expect((await post('/wait', {})).body).toEqual({ run: 3 });
    expect((await post('/wait', {})).body).toEqual({ run: 3 });
  });
});

describe('a key', () => {
  test('belongs to the principal and the org', async () => {
    const other = await serveProduct(db, { registry: [waiting] });
    try {
      const agent = await product.keyOf(AGENT_OF_KIND.brain);
      expect((await post('/wait', {})).body).toEqual({ run: 1 });
      expect((await post('/wait', {}, { key: agent })).body).toEqual({ run: 2 });
      const foreign = await other.call('POST', '/api/v1/wait', {
        headers: { 'idempotency-key': key },
        body: {},
      });
      expect(foreign.body).toEqual({ run: 3 });
      expect((await post('/wait', {})).body).toEqual({ run: 1 });
    } finally {
      await other.close();
    }
  });

  test.each([
    ['', 'empty'],
    ['x'.repeat(256), 'too long'],
    ['caf\u00e9', 'not ASCII'],
  ])('that is %s is refused', async (name) => {
    const answer = await post('/wait', {}, { name });
    expect([answer.status, answer.body.code]).toEqual([400, 'idempotency_key_invalid']);
    expect(gate.runs).toBe(0);
  });

  test('is ignored on requests that change nothing', async () => {
    const headers = { 'idempotency-key': 'x'.repeat(300) };
    expect((await product.call('GET', '/api/v1/leads', { headers })).status).toBe(200);
  });

  test('keeps no response that holds a secret', async () => {
    const first = await post('/sign_in_links', {});
    expect(first.status).toBe(200);
    const second = await post('/sign_in_links', {});
    expect([second.status, second.body.code]).toEqual([409, 'idempotency_not_replayable']);
    expect(await kept()).toMatchObject([{ body: null }]);
  });

  test('of an import records that it ran, since files are not compared', async () => {
    const send = (file: string) =>
      product.call('POST', '/api/v1/leads/import', {
        headers: { 'idempotency-key': key, 'content-type': 'text/csv' },
        body: file,
      });
    expect((await send('email\nimported@idem.example\n')).status).toBe(200);
    const again = await send('email\nanother@idem.example\n');
    expect([again.status, again.body]).toMatchObject([409, { code: 'idempotency_not_replayable' }]);
    expect(await product.world.rows('leads', `email = 'another@idem.example'`)).toEqual([]);
  });

  test('expires after a day', async () => {
    const { clock, org_id } = product.world;
    expect((await post('/wait', {})).body).toEqual({ run: 1 });
    clock.advance(24 * 3_600_000 - 1);
    expect((await post('/wait', {})).body).toEqual({ run: 1 });
    const expiry = FLAG_CHECKS.find(({ name }) => name === 'idempotency_expiry')!;
    await expiry.run({ db: db.app, clock, org_id });
    expect(await kept()).toHaveLength(1);
    clock.advance(1);
    expect((await post('/wait', { note: 'other' })).body).toEqual({ run: 2 });
    clock.advance(24 * 3_600_000);
    await expiry.run({ db: db.app, clock, org_id });
    expect(await kept()).toEqual([]);
  });
});

describe('a claim of a dead process', () => {
  const request = () => ({
    principal: product.world.person,
    operation: waiting,
    key,
    request: JSON.stringify([{}, {}, {}]),
  });

  test('is taken over a minute later, and its own response is then discarded', async () => {
    const claim = idempotencyKeys({ ...product.world.context, db: db.app });
    const died = (await claim(request())) as Claim;
    product.world.clock.advance(59_000);
    const early = await post('/wait', {});
    expect([early.body.code, early.headers.get('retry-after')]).toEqual(['idempotency_in_progress', '1']);
    product.world.clock.advance(1_000);
    expect((await post('/wait', { note: 'other' })).body.code).toBe('idempotency_key_reused');
    expect((await post('/wait', {})).body).toEqual({ run: 1 });
    await died.answer({ status: 200, body: '"late"' });
    await died.release();
    expect((await post('/wait', {})).body).toEqual({ run: 1 });
  });

  test('keeps its response unchanged', async () => {
    await post('/wait', {});
    const change = `UPDATE idempotency_keys SET body = '"forged"' WHERE key = '${key}'`;
    await expect(db.query(change).catch((error) => Promise.reject(sqlState(error)))).rejects.toBe('TL003');
  });
});

test('every operation whose response looks like a secret declares that it holds one', () => {
  const looks_secret = /token|secret|password|private|^key$|^url$|^link$|set_session/;
  const found = registry.flatMap((one) => {
    const names = namesIn(jsonSchemaOf(one.output, 'output'));
    const secret =
      one.http?.method === 'POST' &&
      names.some((name) => looks_secret.test(name) && !name.startsWith('has_'));
    return secret && one.answers_secret !== true ? [one.name] : [];
  });
  expect(found).toEqual([]);
});

function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { properties } = value as { properties?: Record<string, unknown> };
  return [...Object.keys(properties ?? {}), ...Object.values(value).flatMap(namesIn)];
}
