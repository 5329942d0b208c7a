import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessTokens } from '../../src/connectors/access_tokens.ts';
import { openIdConfiguration } from '../../src/connectors/openid.ts';
import { accessTokenLookup } from '../../src/operations/access/sso.ts';
import { mcpResource } from '../../src/surfaces/mcp_oauth.ts';
import { testDatabase } from '../database.ts';
import { addPerson } from '../sending/door.ts';
import { createWorld } from '../world.ts';
import { CLIENT, type IdentityProvider, startIdentityProvider } from './identity_provider.ts';
import { call, connect, type McpWorld, makeKey, startMcpWorld, WAYS } from './mcp_world.ts';

/* Access tokens of the identity provider at /mcp: RFC 9728, RFC 8707, RFC 9068. */

const { db } = await testDatabase();
const CALLBACK = 'http://127.0.0.1/callback';
const WAY = WAYS[1]!;
let provider: IdentityProvider;
let other_provider: IdentityProvider;
let own: McpWorld;
let person: { user_id: string; email: string };

beforeAll(async () => {
  provider = await startIdentityProvider(CALLBACK);
  other_provider = await startIdentityProvider(CALLBACK);
  own = await startWithTokens(provider.issuer);
  person = await addPerson(db, own.org_id, { email: 'bearer@testers.example', password: null });
});
afterAll(() => Promise.all([own.close(), provider.close(), other_provider.close()]));

async function startWithTokens(issuer: string): Promise<McpWorld> {
  const world = await createWorld(db);
  let audience = '';
  const tokens = accessTokens(openIdConfiguration({ issuer, ...CLIENT }));
  const byToken = accessTokenLookup({ db: db.app }, tokens, () => audience);
  const server = await startMcpWorld(db, world, { oauth: { issuer, byToken } });
  audience = mcpResource(server.url);
  return server;
}

/** The claims of a valid token, and changes that make it invalid. */
function claims(given: Record<string, unknown> = {}) {
  const now_s = Math.floor(Date.now() / 1_000);
  const about = {
    iss: provider.issuer,
    aud: mcpResource(own.url),
    sub: person.email,
    client_id: 'x',
    jti: 'one',
  };
  return { ...about, email: person.email, email_verified: true, iat: now_s, exp: now_s + 60, ...given };
}

function ask(token: string | null, body: object = { jsonrpc: '2.0', id: 1, method: 'tools/list' }) {
  return fetch(`${own.url}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
}

describe('a client without a key', () => {
  it('learns where to get tokens', async () => {
    const refused = await ask(null);
    const metadata = `${own.url}/.well-known/oauth-protected-resource/mcp`;
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe(`Bearer resource_metadata="${metadata}"`);
    for (const url of [metadata, metadata.replace(/\/mcp$/, '')]) {
      const answer = await fetch(url);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual({
        resource: `${own.url}/mcp`,
        authorization_servers: [provider.issuer],
        bearer_methods_supported: ['header'],
        scopes_supported: ['read', 'write'],
        resource_name: 'Touchline',
      });
    }
  });

  it('discovers the provider automatically, and acts as the user who signed in', async () => {
    const { transport, token } = await authorized(person.email);
    const client = new Client(
      { name: 'test', version: '1' },
      { versionNegotiation: { mode: { pin: WAY.revision } } },
    );
    await client.connect(transport);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('opt_out_lead');
    const lead_id = await own.addLead();
    const answer = await call(client, 'opt_out_lead', { id: lead_id });
    expect(answer.isError ?? false).toBe(false);
    const events = await own.rows('cadence_event_log', `lead_id = '${lead_id}' AND event_type = 'opted_out'`);
    expect(events).toMatchObject([{ actor_kind: 'human', actor_id: person.user_id }]);
    await client.close();
    expectUnlogged(token());
  });

  it('learns of no provider where there is none', async () => {
    const plain = await startMcpWorld(db, await createWorld(db));
    const refused = await fetch(`${plain.url}/mcp`, { method: 'POST', body: '{}' });
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect((await fetch(`${plain.url}/.well-known/oauth-protected-resource`)).status).toBe(404);
    await plain.close();
  });
});

describe('a token', () => {
  it('that is valid grants access; so does a key beside it', async () => {
    expect((await ask(await provider.signed(claims()))).status).toBe(200);
    const client = await connect(own.url, await makeKey(own, { agent_id: 'roles.bdr' }), WAY);
    expect((await client.listTools()).tools.length).toBeGreaterThan(0);
    await client.close();
  });

  it('with our scopes is limited to them', async () => {
    const client = await connect(own.url, await provider.signed(claims({ scope: 'openid read' })), WAY);
    expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('opt_out_lead');
    const refused = await call(client, 'opt_out_lead', { id: await own.addLead() });
    expect(refused.structuredContent.code).toBe('scope_missing');
    await client.close();
  });

  it('is for tools only: no route accepts it', async () => {
    const authorization = `Bearer ${await provider.signed(claims())}`;
    for (const path of ['me', 'leads', 'sessions']) {
      expect((await fetch(`${own.url}/api/v1/${path}`, { headers: { authorization } })).status).toBe(401);
    }
  });

  const now_s = () => Math.floor(Date.now() / 1_000);
  const unsigned = (header: object, payload: object) =>
    `${[header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;
  const none = { alg: 'none', typ: 'at+jwt' };
  it.each<[string, () => Promise<string> | string]>([
    ['for another audience', () => provider.signed(claims({ aud: 'http://elsewhere.example/mcp' }))],
    ['for our base address', () => provider.signed(claims({ aud: own.url }))],
    ['without an audience', () => provider.signed(claims({ aud: undefined }))],
    ['that has expired', () => provider.signed(claims({ iat: now_s() - 120, exp: now_s() - 60 }))],
    ['that never expires', () => provider.signed(claims({ exp: undefined }))],
    ['that is not valid yet', () => provider.signed(claims({ nbf: now_s() + 600 }))],
    ['of another issuer', () => other_provider.signed(claims({ iss: other_provider.issuer }))],
    ['that another issuer signed in its name', () => other_provider.signed(claims())],
    ['with alg none', () => unsigned(none, claims())],
    ['without its signature', async () => (await provider.signed(claims())).replace(/[^.]+$/, '')],
    ['signed with a shared secret', () => hmac(claims())],
    ['that was changed', async () => changed(await provider.signed(claims()))],
    ['that is an ID token', () => provider.signed(claims(), { typ: 'JWT' })],
    ['bound to a key', () => provider.signed(claims({ cnf: { jkt: 'x' } }))],
    ['that is opaque', () => 'Zm9yIG5vYm9keQ'],
    ['with an unverified address', () => provider.signed(claims({ email_verified: false }))],
    ['with no address', () => provider.signed(claims({ email: undefined }))],
    ['of a stranger', () => provider.signed(claims({ email: 'stranger@testers.example' }))],
    ['longer than any valid one', () => provider.signed(claims({ groups: 'x'.repeat(9_000) }))],
  ])('%s is refused', async (_name, make) => {
    const token = await make();
    const refused = await ask(token);
    expect([refused.status, await refused.json()]).toEqual([401, await problem()]);
    expect(refused.headers.get('www-authenticate')).toMatch(
      /^Bearer resource_metadata=".*", error="invalid_token"$/,
    );
    expectUnlogged(token);
  });

  it('of a user who has left, or who is in two orgs, is refused the same way', async () => {
    const left = await addPerson(db, own.org_id, { password: null });
    const token = await provider.signed(claims({ email: left.email }));
    expect((await ask(token)).status).toBe(200);
    await db.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [left.user_id]);
    const refused = await ask(token);
    expect([refused.status, await refused.json()]).toEqual([401, await problem()]);
    const other = await createWorld(db);
    const twice = await addPerson(db, own.org_id, { password: null });
    await addPerson(db, other.org_id, { email: twice.email, password: null });
    const ambiguous = await ask(await provider.signed(claims({ email: twice.email })));
    expect([ambiguous.status, await ambiguous.json()]).toEqual([401, await problem()]);
  });

  it('is undecided while its provider is unreachable, unless it cannot be valid', async () => {
    const away = await startIdentityProvider(CALLBACK);
    await away.close();
    const world = await startWithTokens(away.issuer);
    const headers = { 'content-type': 'application/json' };
    const answer = async (token: string) => {
      const authorization = `Bearer ${token}`;
      const response = await fetch(`${world.url}/mcp`, {
        method: 'POST',
        headers: { ...headers, authorization },
        body: '{}',
      });
      return [response.status, ((await response.json()) as { code: string }).code];
    };
    const plausible = await away.signed(claims({ iss: away.issuer, aud: mcpResource(world.url) }));
    expect(await answer(plausible)).toEqual([503, 'sso_unavailable']);
    expect(await answer('opaque')).toEqual([401, 'unauthenticated']);
    expect(await answer(unsigned(none, claims()))).toEqual([401, 'unauthenticated']);
    await world.close();
  });
});

/** The same response to every invalid token. */
async function problem(): Promise<unknown> {
  return (await ask(null)).json();
}

function hmac(payload: Record<string, unknown>): Promise<string> {
  const secret = new TextEncoder().encode(CLIENT.client_secret.padEnd(32, 'x'));
  return new SignJWT(payload).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' }).sign(secret);
}

function changed(token: string): string {
  const [header, payload, signature] = token.split('.') as [string, string, string];
  const read = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const other = Buffer.from(JSON.stringify({ ...read, email: 'admin@testers.example' })).toString(
    'base64url',
  );
  return [header, other, signature].join('.');
}

function expectUnlogged(token: string): void {
  const parts = token.split('.').filter((part) => part.length > 8);
  expect(parts.length).toBeGreaterThan(0);
  expect(own.logged.filter((line) => parts.some((part) => line.includes(part)))).toEqual([]);
}

/** The public client's own path to a token: from the refusal to the metadata to the provider, and back with a code. */
async function authorized(email: string) {
  const kept: { verifier?: string; token?: string; url?: URL } = {};
  const make = () =>
    new StreamableHTTPClientTransport(new URL('/mcp', own.url), {
      authProvider: {
        redirectUrl: CALLBACK,
        clientMetadata: { redirect_uris: [CALLBACK], client_name: 'test' },
        clientInformation: () => ({ ...CLIENT, issuer: provider.issuer }),
        tokens: () =>
          kept.token === undefined
            ? undefined
            : { access_token: kept.token, token_type: 'Bearer', issuer: provider.issuer },
        saveTokens: ({ access_token }) => {
          kept.token = access_token;
        },
        redirectToAuthorization: (url) => {
          kept.url = url;
        },
        saveCodeVerifier: (verifier) => {
          kept.verifier = verifier;
        },
        codeVerifier: () => kept.verifier!,
      },
    });
  const first = make();
  const client = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: { pin: WAY.revision } } },
  );
  await expect(client.connect(first)).rejects.toThrow(UnauthorizedError);
  const callback = await provider.signIn(kept.url!.href, email);
  await first.finishAuth(callback.searchParams);
  return { transport: make(), token: () => kept.token! };
}
