import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { openIdConfiguration, openIdProvider } from '../../src/connectors/openid.ts';
import { singleSignOn } from '../../src/operations/access/sso.ts';
import { CALLBACK_PATH } from '../../src/surfaces/oidc.ts';
import { testDatabase } from '../database.ts';
import { addPerson, type Door, openDoor } from '../sending/door.ts';
import { createWorld, type World } from '../world.ts';
import { CLIENT, type IdentityProvider, startIdentityProvider } from './identity_provider.ts';

const { db } = await testDatabase();
const CALLBACK = `http://touchline.test${CALLBACK_PATH}`;
let world: World;
let door: Door;
let provider: IdentityProvider;
let person: { user_id: string; email: string };

beforeAll(async () => {
  world = await createWorld(db);
  provider = await startIdentityProvider(CALLBACK);
  door = await openSso(provider.issuer);
  person = await addPerson(db, world.org_id, { password: null });
});
afterAll(async () => {
  await door.close();
  await provider.close();
});

function openSso(issuer: string, client_secret = CLIENT.client_secret, public_url = 'http://touchline.test') {
  const context = { ...world.worker_context, public_url, has_sso: true };
  const provider = openIdProvider(openIdConfiguration({ issuer, ...CLIENT, client_secret }));
  const sso = singleSignOn(context, provider, () => CALLBACK);
  return openDoor(db, { ...world, worker_context: context }, { sso });
}

/** Requests like a browser: with its cookies, without following redirects. */
async function get(path: string, cookie = '', at = door) {
  const response = await fetch(at.url + path, { redirect: 'manual', headers: { cookie } });
  const set = response.headers.getSetCookie();
  const value = (name: string) =>
    set.map((line) => line.split(';')[0]!).find((pair) => pair.startsWith(`${name}=`) && !pair.endsWith('='));
  return {
    status: response.status,
    set,
    location: response.headers.get('location') ?? '',
    session: value('touchline_session'),
    sso: value('touchline_sso') ?? '',
    text: await response.text(),
  };
}

async function begin(email: string, at = door) {
  const started = await get('/api/v1/sessions/oidc/start', '', at);
  const callback = await provider.signIn(started.location, email);
  return { cookie: started.sso, path: callback.pathname + callback.search, callback };
}

async function refusedWith(code: string, status: number, answer: Awaited<ReturnType<typeof get>>) {
  expect([answer.status, answer.session]).toEqual([status, undefined]);
  expect(answer.text).toContain(`<small>${code}</small>`);
}

describe('single sign-on', () => {
  it('uses PKCE, state and nonce, and signs in users that the provider verifies', async () => {
    const started = await get('/api/v1/sessions/oidc/start');
    expect(started.status).toBe(303);
    const asked = Object.fromEntries(new URL(started.location).searchParams);
    expect(asked).toMatchObject({
      code_challenge_method: 'S256',
      redirect_uri: CALLBACK,
      response_type: 'code',
    });
    expect([asked.state!.length, asked.nonce!.length, asked.code_challenge!.length]).toEqual([43, 43, 43]);
    expect(started.set[0]).toMatch(/^touchline_sso=\S+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
    for (const secret of [asked.state!, asked.nonce!]) expect(started.sso).not.toContain(secret);
    const callback = await provider.signIn(started.location, person.email);
    const answer = await get(callback.pathname + callback.search, started.sso);
    expect([answer.status, answer.location]).toEqual([303, '/']);
    expect(answer.set.some((line) => line.startsWith('touchline_sso=; Max-Age=0'))).toBe(true);
    const me = await door.call('GET', '/me', { cookie: answer.session! });
    expect(me.body).toMatchObject({ user_id: person.user_id, email: person.email });
  });

  it('over HTTPS binds its cookie to the host', async () => {
    const secure = await openSso(provider.issuer, CLIENT.client_secret, 'https://touchline.test');
    const { set } = await get('/api/v1/sessions/oidc/start', '', secure);
    await secure.close();
    expect(set[0]).toMatch(
      /^__Host-touchline_sso=\S+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  it('accepts no code in another browser, with or without a sign-in of its own', async () => {
    const stolen = await begin(person.email);
    await refusedWith('sso_state_invalid', 400, await get(stolen.path));
    const own = await get('/api/v1/sessions/oidc/start');
    await refusedWith('sso_state_invalid', 400, await get(stolen.path, own.sso));
    const state = new URL(own.location).searchParams.get('state')!;
    const mixed = new URL(stolen.callback);
    mixed.searchParams.set('state', state);
    await refusedWith('sso_refused', 401, await get(mixed.pathname + mixed.search, own.sso));
  });

  it('accepts a callback once, in any process', async () => {
    const second = await openSso(provider.issuer);
    const { path, cookie } = await begin(person.email);
    const answers = await Promise.all([get(path, cookie), get(path, cookie, second), get(path, cookie)]);
    await second.close();
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 400, 400]);
    await refusedWith('sso_state_invalid', 400, await get(path, cookie));
  });

  it('refuses a wrong state, a changed cookie, and an expired one', async () => {
    const { path, cookie } = await begin(person.email);
    await refusedWith(
      'sso_state_invalid',
      400,
      await get(path.replace(/state=[^&]+/, 'state=guess'), cookie),
    );
    await refusedWith('sso_state_invalid', 400, await get(path, `${cookie.slice(0, -4)}AAAA`));
    world.clock.advance(10 * 60_000);
    await refusedWith('sso_state_invalid', 400, await get(path, cookie));
  });

  it('survives a request that only looks', async () => {
    const { path, cookie } = await begin(person.email);
    const looked = await fetch(door.url + path, { method: 'HEAD', headers: { cookie } });
    expect(looked.status).toBe(404);
    expect((await get(path, cookie)).status).toBe(303);
  });

  it('accepts no address that the provider has not verified', async () => {
    const email = 'unverified@testers.example';
    await addPerson(db, world.org_id, { email, password: null });
    const { path, cookie } = await begin(email);
    await refusedWith('sso_email_unverified', 403, await get(path, cookie));
  });

  it('creates no user, and refuses users who have left or are in two orgs', async () => {
    const before = (await world.rows('users')).length;
    const left = await addPerson(db, world.org_id, { password: null });
    await db.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [left.user_id]);
    const other = await createWorld(db);
    const twice = await addPerson(db, world.org_id, { email: 'twice@testers.example', password: null });
    const away = await addPerson(db, other.org_id, { email: twice.email, password: null });
    for (const email of ['stranger@testers.example', left.email, twice.email]) {
      const { path, cookie } = await begin(email);
      await refusedWith('sso_unknown_person', 403, await get(path, cookie));
    }
    expect(await world.rows('users')).toHaveLength(before + 2);
    await db.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [away.user_id]);
    const { path, cookie } = await begin(twice.email.toUpperCase());
    expect((await get(path, cookie)).status).toBe(303);
  });

  it('reports a refusal by the user or the provider', async () => {
    const started = await get('/api/v1/sessions/oidc/start');
    const state = new URL(started.location).searchParams.get('state')!;
    const denied = `${CALLBACK_PATH}?error=access_denied&error_description=%3Cb%3E&state=${state}&iss=${provider.issuer}`;
    const answer = await get(denied, started.sso);
    await refusedWith('sso_refused', 401, answer);
    expect(answer.text).not.toContain('<b>');
    const wrong_secret = await openSso(provider.issuer, 'not the secret');
    const { path, cookie } = await begin(person.email, wrong_secret);
    await refusedWith('sso_refused', 401, await get(path, cookie, wrong_secret));
    await wrong_secret.close();
  });

  it('reports an unreachable provider, and finds it once it is back', async () => {
    const { issuer, close } = await startIdentityProvider(CALLBACK);
    await close();
    const away = await openSso(issuer);
    await refusedWith('sso_unavailable', 503, await get('/api/v1/sessions/oidc/start', '', away));
    const back = await startIdentityProvider(CALLBACK, Number(new URL(issuer).port));
    expect((await get('/api/v1/sessions/oidc/start', '', away)).status).toBe(303);
    await Promise.all([away.close(), back.close()]);
  });

  it('is announced to the sign-in page', async () => {
    expect((await door.call('GET', '/sign_in_options')).body).toEqual({
      password: true,
      link: true,
      sso: true,
    });
    const plain = await openDoor(db, world);
    expect((await plain.call('GET', '/sign_in_options')).body.sso).toBe(false);
    expect((await get('/api/v1/sessions/oidc/start', '', plain)).status).toBe(404);
    await plain.close();
  });
});

describe('single sign-on settings', () => {
  const all = { OIDC_ISSUER: 'https://id.example', OIDC_CLIENT_ID: 'a', OIDC_CLIENT_SECRET: 'b' };

  it('are all set or none', () => {
    expect(readConfig({}).oidc).toBeNull();
    expect(readConfig(all).oidc).toEqual({
      issuer: 'https://id.example',
      client_id: 'a',
      client_secret: 'b',
    });
    expect(readConfig({ ...all, OIDC_ISSUER: 'http://127.0.0.1:1' }).oidc).not.toBeNull();
  });

  it.each([
    ['OIDC_CLIENT_SECRET', { ...all, OIDC_CLIENT_SECRET: '' }],
    ['OIDC_ISSUER', { OIDC_CLIENT_ID: 'a', OIDC_CLIENT_SECRET: 'b' }],
    ['OIDC_ISSUER', { ...all, OIDC_ISSUER: 'http://id.example' }],
    ['OIDC_ISSUER', { ...all, OIDC_ISSUER: 'id.example' }],
  ])('report an error: %s', (path, env) => {
    expect(() => readConfig(env)).toThrow(`not usable: ${path}.`);
  });
});
