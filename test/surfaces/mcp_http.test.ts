import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registry } from '../../src/operations/registry.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';
import { connect, type McpWorld, makeKey, startMcpWorld, WAYS } from './mcp_world.ts';

/* MCP over HTTP below the protocol: authentication, and requests refused before they reach a tool. */

const { db } = await testDatabase();
let world: McpWorld;
let key: string;

beforeAll(async () => {
  world = await startMcpWorld(db, await createWorld(db));
  key = await makeKey(world, { agent_id: 'roles.bdr' });
});
afterAll(() => world.close());

type Given = { headers?: Record<string, string>; body?: string | Uint8Array; method?: string };

async function send({ headers = {}, body, method = 'POST' }: Given) {
  const response = await fetch(`${world.url}/mcp`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    ...(body === undefined ? {} : { body: body as string }),
  });
  const text = await response.text();
  const json = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: json ? JSON.parse(text) : undefined,
  };
}

const message = (method: string, params: object = {}, more: object = {}) =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method, params, ...more });

/** The only message of an event stream. */
function fromStream(text: string) {
  const line = text.split('\n').find((one) => one.startsWith('data: {'))!;
  return JSON.parse(line.slice('data: '.length));
}

describe('access', () => {
  it.each([
    ['nobody', { authorization: '' }],
    ['an unknown key', { authorization: 'Bearer tl_unknown_key_0123456789' }],
    ['a token that is not a key', { authorization: 'Basic eDp5' }],
    ['a session of a browser', { authorization: '', cookie: 'touchline_session=abc' }],
  ])('is refused to %s', async (_who, headers) => {
    const answer = await send({ headers, body: message('tools/list') });
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('is refused before a body is read', async () => {
    const answer = await send({ headers: { authorization: '' }, body: 'x'.repeat(2_000_000) }).catch(
      (error: Error) => error,
    );
    if (!(answer instanceof Error)) expect(answer.status).toBe(401);
  });

  it.each(['http://evil.example', 'null', 'http://localhost:1', 'not a url'])(
    'is refused to a page of %s',
    async (origin) => {
      const answer = await send({ headers: { origin }, body: message('tools/list') });
      expect(answer).toMatchObject({ status: 403, body: { code: 'origin_refused' } });
    },
  );

  it('is refused to a page whose name was made to resolve here', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = {
        host: 'evil.example:7300',
        origin: 'http://evil.example:7300',
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
      };
      const request = httpRequest(`${world.url}/mcp`, { method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.end(message('tools/list'));
    });
    expect(status).toBe(403);
  });

  it('is granted to its own page, and to programs', async () => {
    for (const headers of [{ origin: world.url }, {}] as Record<string, string>[]) {
      const answer = await send({ headers, body: message('tools/list') });
      expect(answer.status).toBe(200);
      expect(fromStream(answer.text).result.tools.length).toBeGreaterThan(5);
    }
  });

  it('is limited per minute', async () => {
    const limited = await startMcpWorld(db, world, { limits: { per_minute: 3 } });
    const statuses: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const response = await fetch(`${limited.url}/mcp`, { method: 'POST', headers, body: '{}' });
      statuses.push(response.status);
      if (response.status === 429) expect(response.headers.get('retry-after')).not.toBeNull();
    }
    expect(statuses.slice(3)).toEqual([429, 429]);
    await limited.close();
  });
});

describe('a refused request', () => {
  it.each(['GET', 'DELETE'])('%s, since nothing is kept', async (method) => {
    const answer = await send({ method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
  });

  it('a message of more than 1 MiB', async () => {
    const arguments_ = { q: 'x'.repeat(1_048_576) };
    const body = message('tools/call', { name: 'search_leads', arguments: arguments_ });
    expect(await send({ body })).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
  });

  it.each([
    ['garbage', 'so what', -32_700],
    ['nothing', '', -32_700],
    ['a body that is not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), -32_700],
    [
      'a pit',
      `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${'['.repeat(64)}${']'.repeat(64)}}}`,
      -32_600,
    ],
    [
      'too many values',
      `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":[${'1,'.repeat(5_000)}1]}}`,
      -32_600,
    ],
    ['a prototype', '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"__proto__":{}}}', -32_700],
    ['endlessly nested JSON', `${'['.repeat(400_000)}${']'.repeat(400_000)}`, -32_600],
    ['several messages at once', `[${message('tools/list')},${message('tools/list')}]`, -32_600],
  ])('%s', async (_what, body, code) => {
    const answer = await send({ body: body as string });
    expect(answer).toMatchObject({ status: 400, body: { jsonrpc: '2.0', error: { code } } });
  });

  it.each(['true', 'null', '7', '{}', '{"jsonrpc":"1.0","id":1,"method":"tools/list"}', '"x"'])(
    '%s, which is not a message',
    async (body) => {
      const answer = await send({ body });
      expect(answer.status).toBe(400);
      expect(answer.body.error.code).toBeLessThan(-32_000 + 1);
    },
  );

  it('a body that is not declared as JSON', async () => {
    const answer = await send({ headers: { 'content-type': 'text/plain' }, body: message('tools/list') });
    expect(answer).toMatchObject({ status: 415, body: { code: 'media_type_unsupported' } });
  });

  it('an unsupported protocol version', async () => {
    const headers = { 'mcp-protocol-version': '1999-01-01' };
    expect((await send({ headers, body: message('tools/list') })).status).toBe(400);
  });

  it('a stream of changes', async () => {
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' };
    const body = message('subscriptions/listen', { notifications: { toolsListChanged: true }, _meta: meta });
    const answer = await send({ headers, body });
    expect(answer.body.error.code).toBe(-32_603);
  });

  it.each([
    ['a NUL', '{"q":"\\u0000"}'],
    ['half a character', '{"q":"\\ud800"}'],
    ['a number too large', '{"limit":1e999}'],
  ])('%s as input, and continues', async (_what, given) => {
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_leads","arguments":${given}}}`;
    const answer = await send({ body });
    expect(answer.status).toBe(200);
    expect(fromStream(answer.text).result).toMatchObject({
      isError: true,
      structuredContent: { code: 'input_invalid' },
    });
  });
});

describe('an internal error', () => {
  it.each(WAYS.filter(({ transport }) => transport === 'http'))(
    'is logged, and its response only says where to look ($revision)',
    async (way) => {
      const broken = registry.map((one) => ({
        ...one,
        run: async () => {
          throw new Error('secret detail of a bug');
        },
      }));
      const server = await startMcpWorld(db, world, { registry: broken });
      const client = await connect(server.url, key, way);
      const answer = await client.callTool({ name: 'list_campaigns', arguments: {} });
      expect(answer).toMatchObject({ isError: true, structuredContent: { code: 'internal', status: 500 } });
      const refusal = await client.readResource({ uri: 'touchline://policy' }).catch((error) => error);
      expect(refusal).toMatchObject({ code: -32_603, data: { code: 'internal' } });
      expect(JSON.stringify([answer, refusal, refusal.message])).not.toContain('secret');
      const { request_id } = answer.structuredContent as { request_id: string };
      const line = server.logged.find((one) => one.includes('secret detail'));
      expect(line).toContain(request_id);
      await client.close();
      await server.close();
    },
  );
});
