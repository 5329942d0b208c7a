import { afterAll, describe, expect, test } from 'vitest';
import { BALL, ORG } from './ball_operations.ts';
import { type CallOptions, startWorld } from './world.ts';

const limits = { per_minute: 10_000, sign_in_per_minute: 10_000 };
const world = await startWorld({ limits });
afterAll(() => world.close());

const THROW = `/api/v1/balls/${BALL}/throw`;
const steps = [{ delay_days: 0 }];
const json = { 'content-type': 'application/json' };

type Row = [name: string, method: string, path: string, options: CallOptions, status: number, code: string];

const REFUSALS: Row[] = [
  ['no credential', 'GET', '/api/v1/balls', { key: null }, 401, 'unauthenticated'],
  ['an unknown key', 'GET', '/api/v1/balls', { key: 'tl_other' }, 401, 'unauthenticated'],
  [
    'another scheme',
    'GET',
    '/api/v1/balls',
    { key: null, headers: { authorization: 'Basic eA==' } },
    401,
    'unauthenticated',
  ],
  ['a key of 10 kB', 'GET', '/api/v1/balls', { key: 'x'.repeat(10_000) }, 401, 'unauthenticated'],
  ['another role', 'POST', THROW, { key: 'tl_admin', body: { steps } }, 403, 'forbidden'],
  ['an agent where only people may', 'POST', THROW, { key: 'tl_agent', body: { steps } }, 403, 'not_human'],
  ['a person where only agents may', 'DELETE', `/api/v1/balls/${BALL}`, {}, 403, 'forbidden'],
  ['access before body', 'POST', THROW, { key: null, body: '{', headers: json }, 401, 'unauthenticated'],
  ['an unknown id', 'GET', `/api/v1/balls/${BALL.replace('b1', 'b2')}`, {}, 404, 'not_found'],
  ['a malformed id', 'GET', '/api/v1/balls/7', {}, 422, 'input_invalid'],
  ['an unknown query field', 'GET', '/api/v1/balls?colour=red', {}, 422, 'input_invalid'],
  ['a query value outside', 'GET', '/api/v1/balls?color=green', {}, 422, 'input_invalid'],
  ['a limit that is too large', 'GET', '/api/v1/balls?limit=201', {}, 422, 'input_invalid'],
  ['a limit twice', 'GET', '/api/v1/balls?limit=1&limit=2', {}, 422, 'input_invalid'],
  ['a query where a body belongs', 'POST', `${THROW}?note=x`, { body: { steps } }, 422, 'input_invalid'],
  ['a path input in the body', 'POST', THROW, { body: { steps, id: BALL } }, 422, 'input_invalid'],
  ['an unknown body field', 'POST', THROW, { body: { steps, x: 1 } }, 422, 'input_invalid'],
  ['no body', 'POST', THROW, {}, 422, 'input_invalid'],
  ['a list as body', 'POST', THROW, { body: [] }, 422, 'input_invalid'],
  ['a number as body', 'POST', THROW, { body: 7 }, 422, 'input_invalid'],
  ['null as body', 'POST', THROW, { body: 'null', headers: json }, 422, 'input_invalid'],
  ['NUL in a text', 'POST', THROW, { body: { steps, note: 'a\u0000b' } }, 422, 'input_invalid'],
  ['NUL in a query', 'GET', '/api/v1/balls?cursor=%00', {}, 422, 'input_invalid'],
  ['half a character', 'POST', THROW, { body: '{"note":"\\ud800"}', headers: json }, 422, 'input_invalid'],
  ['broken JSON', 'POST', THROW, { body: '{"steps":', headers: json }, 400, 'json_invalid'],
  [
    'JSON that is not UTF-8',
    'POST',
    THROW,
    { body: Uint8Array.of(0x22, 0xff, 0x22), headers: json },
    400,
    'json_invalid',
  ],
  [
    'a prototype in JSON',
    'POST',
    THROW,
    { body: '{"__proto__":{"x":1}}', headers: json },
    400,
    'json_invalid',
  ],
  ['2 MiB of JSON', 'POST', THROW, { body: { steps, note: 'x'.repeat(2 ** 21) } }, 413, 'body_too_large'],
  [
    'a form',
    'POST',
    THROW,
    { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    415,
    'media_type_unsupported',
  ],
  [
    'plain text',
    'POST',
    THROW,
    { body: '{}', headers: { 'content-type': 'text/plain' } },
    415,
    'media_type_unsupported',
  ],
  [
    'a compressed body',
    'POST',
    THROW,
    { body: '{}', headers: { ...json, 'content-encoding': 'gzip' } },
    415,
    'media_type_unsupported',
  ],
  ['an unknown path', 'GET', '/api/v1/bats', {}, 404, 'route_unknown'],
  ['an unknown path outside', 'GET', '/bats.js', {}, 404, 'route_unknown'],
  ['a broken path', 'GET', '/api/v1/balls/%zz', {}, 400, 'url_invalid'],
  ['a path part of 10 kB', 'GET', `/api/v1/balls/${'x'.repeat(10_000)}`, {}, 414, 'url_invalid'],
  ['20 kB of query', 'GET', `/api/v1/balls?cursor=${'x'.repeat(20_000)}`, {}, 431, 'headers_too_large'],
  ['another method', 'PUT', `/api/v1/balls/${BALL}`, { body: {} }, 405, 'method_not_allowed'],
  ['an import without a body', 'POST', '/api/v1/leads/import', {}, 400, 'body_missing'],
  [
    'an import of another type',
    'POST',
    '/api/v1/leads/import',
    { body: 'a', headers: { 'content-type': 'text/plain' } },
    415,
    'media_type_unsupported',
  ],
  ['a refusal', 'POST', THROW, { body: { steps, note: 'flat' } }, 409, 'ball_flat'],
  ['a bug', 'POST', THROW, { body: { steps, note: 'bug' } }, 500, 'internal'],
  ['a response that violates its schema', 'GET', '/api/v1/lies', {}, 500, 'internal'],
];

describe('refusals', () => {
  test.each(REFUSALS)('%s', async (_name, method, path, options, status, code) => {
    const answer = await world.call(method, path, options);
    expect([answer.status, answer.body?.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    // Input that is not a request has no id.
    if (status !== 431) expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.body).toMatchObject({ type: `urn:touchline:problem:${code}`, status });
    expect(answer.body.title).toEqual(expect.any(String));
    expect(answer.body.detail).toEqual(expect.any(String));
  });

  test('name the path of every error', async () => {
    const body = { steps: [{ delay_days: 1 }, { delay_days: 'soon', x: 1 }], note: 5, y: 2 };
    const answer = await world.call('POST', THROW, { body });
    expect(answer.body.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      'note',
      'steps[1].delay_days',
      'y',
    ]);
    const missing = await world.call('POST', THROW, { body: {} });
    expect(missing.body.errors).toEqual([{ path: 'steps', message: 'is required' }]);
  });

  test('carry hint, errors and members of their own, which displace nothing', async () => {
    const { body } = await world.call('POST', THROW, { body: { steps, note: 'flat' } });
    expect(body).toEqual({
      type: 'urn:touchline:problem:ball_flat',
      title: 'Ball flat',
      status: 409,
      code: 'ball_flat',
      detail: 'The ball is flat.',
      errors: [{ path: 'steps[0]', message: 'needs a full ball' }],
      hint: 'Pump it up.',
      pressure: 0,
    });
  });

  test('for a bug tell the caller nothing and the log everything', async () => {
    const answer = await world.call('POST', THROW, { body: { steps, note: 'bug' } });
    expect(answer.text).not.toContain('secret detail');
    expect(answer.body.request_id).toBe(answer.headers.get('x-request-id'));
    const line = world.logged.find(
      (text) => text.includes(answer.body.request_id) && text.includes('secret detail'),
    );
    expect(line).toBeDefined();
  });

  test('name the allowed methods, and the scheme of a missing credential', async () => {
    const wrong = await world.call('PUT', `/api/v1/balls/${BALL}`, { body: {} });
    expect(wrong.headers.get('allow')).toBe('GET, HEAD, DELETE');
    const missing = await world.call('GET', '/api/v1/balls', { key: null });
    expect(missing.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('refuse ten thousand nested lists at once', async () => {
    const body = `{"steps":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    const answer = await world.call('POST', THROW, { body, headers: json });
    expect([400, 422]).toContain(answer.status);
  });
});

describe('responses', () => {
  test('contain the fields of the output schema only, with instants as text', async () => {
    const { status, body } = await world.call('GET', `/api/v1/balls/${BALL}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      id: BALL,
      name: 'red',
      size: 3,
      made_at: '2026-05-04T09:00:00.000Z',
      lost_at: null,
    });
  });

  test.each([
    ['', ['red', 'blue']],
    ['?limit=1', ['red']],
    ['?color=blue', ['blue']],
    ['?sizes=3', ['red']],
    ['?sizes=3&sizes=12', ['red', 'blue']],
    ['?lost=true', ['blue']],
    ['?lost=false', ['red']],
  ])('read the query %s', async (query, names) => {
    const { body } = await world.call('GET', `/api/v1/balls${query}`);
    expect(body.items.map(({ name }: { name: string }) => name)).toEqual(names);
  });

  test('merge path and body', async () => {
    const { body } = await world.call('POST', THROW, { body: { steps, note: 'hi' } });
    expect(body).toEqual({ id: BALL, by: 'rep', steps: 1, note: 'hi' });
  });

  test('without content are 204', async () => {
    const answer = await world.call('DELETE', `/api/v1/balls/${BALL}?far=true`, { key: 'tl_agent' });
    expect([answer.status, answer.text]).toEqual([204, '']);
  });

  test('may stream more than any JSON body', async () => {
    const body = `email\n${'a@b.test\n'.repeat(400_000)}`;
    const headers = { 'content-type': 'text/csv; charset=utf-8' };
    const answer = await world.call('POST', '/api/v1/leads/import?dry_run=true&mapping=%7B%7D', {
      body,
      headers,
    });
    expect(answer.body).toMatchObject({
      bytes: body.length,
      rows: 400_000,
      dry_run: true,
      mapping: '{}',
      media_type: 'text/csv',
    });
  });

  test('carry the headers that keep foreign pages out', async () => {
    const { headers } = await world.call('GET', '/healthz');
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toBeNull();
  });

  test('log the route and not the address', async () => {
    await world.call('GET', '/u/good-secret-token', { key: null });
    await world.call('GET', `/api/v1/balls/${ORG}`);
    const text = world.logged.join('\n');
    expect(text).not.toMatch(/good-secret-token|tl_rep/);
    expect(text).not.toContain(`balls/${ORG}`);
    expect(text).toContain('/api/v1/balls/:id');
  });
});

describe('limits', () => {
  test('stop one request too many and let others pass', async () => {
    const small = await startWorld({ limits: { per_minute: 2, sign_in_per_minute: 1 } });
    const statuses = async (key: string | null, path = '/api/v1/balls', method = 'GET') =>
      await small.call(method, path, { key, ...(method === 'POST' ? { body: { password: 'x' } } : {}) });
    expect((await statuses('tl_rep')).status).toBe(200);
    expect((await statuses('tl_rep')).status).toBe(200);
    const third = await statuses('tl_rep');
    expect([third.status, third.body.code]).toEqual([429, 'rate_limited']);
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await statuses('tl_agent')).status).toBe(200);
    expect((await statuses(null, '/api/v1/sessions', 'POST')).status).toBe(200);
    expect((await statuses(null, '/api/v1/sessions', 'POST')).status).toBe(429);
    expect((await small.call('GET', '/healthz', { key: null })).status).toBe(200);
    await small.close();
  });

  test('are in every response', async () => {
    const small = await startWorld({ limits: { per_minute: 3, sign_in_per_minute: 5 } });
    const told = async (path: string, key: string | null, method = 'GET') => {
      const { headers } = await small.call(method, path, { key, ...(method === 'GET' ? {} : { body: {} }) });
      return [headers.get('ratelimit-policy'), headers.get('ratelimit')?.replace(/t=\d+/, 't=...')];
    };
    const general = '"default";q=3;w=60';
    expect(await told('/api/v1/balls', 'tl_rep')).toEqual([general, '"default";r=2;t=...']);
    expect(await told('/api/v1/balls/7', 'tl_rep')).toEqual([general, '"default";r=1;t=...']);
    expect(await told(THROW, 'tl_rep', 'POST')).toEqual([general, '"default";r=0;t=...']);
    expect(await told('/api/v1/balls', 'tl_rep')).toEqual([general, '"default";r=0;t=...']);
    expect(await told('/api/v1/openapi.json', null)).toEqual([general, '"default";r=2;t=...']);
    expect(await told('/api/v1/unknown', null)).toEqual([general, '"default";r=1;t=...']);
    expect(await told('/api/v1/sessions', null, 'POST')).toEqual([
      '"sign_in";q=5;w=60',
      '"sign_in";r=4;t=...',
    ]);
    await small.close();
  });
});
