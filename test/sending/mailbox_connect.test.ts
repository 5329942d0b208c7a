import { afterAll, describe, expect, it } from 'vitest';
import { MAILBOX_CALLBACK } from '../../src/operations/sending/mailbox_connection.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';
import { openConnecting } from './connecting.ts';
import { addKey, addPerson } from './door.ts';
import { byToken, customClient, grantOf, operate } from './mailbox_oauth_world.ts';

/* A mailbox is connected through the product's own HTTP server, and a provider that consents without a browser. */

const { db } = await testDatabase();
const connecting = await openConnecting(db);
const { tokens, world, door, admin, cookie, path, begin, shown, comeBack, consented } = connecting;
afterAll(connecting.close);

const refusedWith = (code: string, status: number, answer: Awaited<ReturnType<typeof comeBack>>) =>
  expect([answer.status, /<small>(\w+)<\/small>/.exec(answer.text)?.[1]]).toEqual([status, code]);

describe('connecting a mailbox', () => {
  it('uses a link with PKCE by the user who began it, and shows no secret', async () => {
    expect((await shown()).oauth).toBeNull();
    const { status, body } = await begin();
    expect([status, body.redirect_uri]).toEqual([200, `http://touchline.test${MAILBOX_CALLBACK}`]);
    const asked = Object.fromEntries(new URL(body.authorize_url).searchParams);
    expect(asked).toMatchObject({
      response_type: 'code',
      client_id: `client of ${world.org_id}`,
      code_challenge_method: 'S256',
      redirect_uri: body.redirect_uri,
    });
    expect([asked.state!.length, asked.code_challenge!.length]).toEqual([43, 43]);
    expect((await shown()).oauth).toMatchObject({ provider: 'custom', connected_at: null });

    const answer = await comeBack(await tokens.consent(body.authorize_url));
    expect(answer.text).toContain('justin@sender.example');
    expect(answer.status).toBe(200);
    const now = world.clock.now().toISOString();
    expect((await shown()).oauth).toEqual({
      provider: 'custom',
      user: 'justin@sender.example',
      connected_at: now,
      connected_by: admin.user_id,
      failed_at: null,
      failure: null,
    });
    const list = await door.call('GET', '/mailboxes', { cookie });
    const audit = await door.call('GET', '/audit?limit=200', { cookie });
    const lines = audit.body.items.filter(
      ({ subject_table }: { subject_table: string }) => subject_table === 'mailbox_grants',
    );
    expect(lines.map(({ operation }: { operation: string }) => operation)).toContain('connect_mailbox');
    expect(lines[0]).toMatchObject({ subject_key: world.mailbox_id, actor_id: admin.user_id });
    const said = JSON.stringify([body, await shown(), list.body, audit.body, answer.text]);
    for (const secret of [...tokens.given, customClient(world, tokens).client_secret]) {
      expect(said).not.toContain(secret);
    }
    const kept = Object.values(await grantOf(world)).filter((value) => Buffer.isBuffer(value));
    for (const secret of tokens.given) for (const sealed of kept) expect(sealed.includes(secret)).toBe(false);
  });

  it('a second time needs no new settings', async () => {
    const { status, body } = await begin({});
    expect(status).toBe(200);
    const answer = await comeBack(await tokens.consent(body.authorize_url));
    expect(answer.status).toBe(200);
  });

  it('by a refresh token from elsewhere tests the token at once', async () => {
    const given = { ...customClient(world, tokens), user: 'shared@sender.example' };
    const { body } = await begin({ ...given, refresh_token: tokens.refreshToken() });
    expect(body).toMatchObject({ authorize_url: null, expires_at: null });
    expect((await shown()).oauth).toMatchObject({ user: 'shared@sender.example', failure: null });
    const before = await grantOf(world);
    const wrong = await begin({ ...given, refresh_token: 'no token of theirs' });
    expect([wrong.status, wrong.body.code]).toEqual([409, 'oauth_refused']);
    expect(JSON.stringify(wrong.body)).not.toContain('no token of theirs');
    tokens.instead = { status: 502, body: '' };
    const away = await begin({ ...given, refresh_token: 'any' });
    tokens.instead = null;
    expect([away.status, away.body.code]).toEqual([503, 'oauth_unavailable']);
    expect(await grantOf(world)).toEqual(before);
  });

  it('can be undone: the tokens are deleted, and the settings stay', async () => {
    const { body } = await door.call('POST', path('disconnect'), { cookie });
    expect(body).toMatchObject({ id: world.mailbox_id, revoked: false });
    expect((await shown()).oauth).toMatchObject({ provider: 'custom', connected_at: null });
    expect(await grantOf(world)).toMatchObject({ refresh_token: null, access_token: null });
  });
});

describe('the callback', () => {
  it('works once', async () => {
    const callback = await consented();
    const answers = await Promise.all([comeBack(callback), comeBack(callback), comeBack(callback)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400, 400]);
    refusedWith('oauth_state_invalid', 400, await comeBack(callback));
  });

  it('expires', async () => {
    const callback = await consented();
    world.clock.advance(15 * 60_000);
    refusedWith('oauth_state_invalid', 400, await comeBack(callback));
  });

  it('requires the user who began it, signed in and still an admin', async () => {
    const callback = await consented();
    const other = await addPerson(db, world.org_id, { roles: ['admin'] });
    refusedWith('oauth_state_invalid', 400, await comeBack(callback, await door.signIn(other.email)));
    const rep = await addPerson(db, world.org_id, { roles: ['rep'] });
    refusedWith('forbidden', 403, await comeBack(callback, await door.signIn(rep.email)));
    const foreign = await addPerson(db, (await createWorld(db)).org_id, { roles: ['admin'] });
    refusedWith('oauth_state_invalid', 400, await comeBack(callback, await door.signIn(foreign.email)));
    refusedWith('unauthenticated', 401, await comeBack(callback, ''));
    const key = await addKey(db, world.org_id, { user_id: admin.user_id });
    const by_key = await door.call('GET', `${callback.pathname.slice('/api/v1'.length)}${callback.search}`, {
      key,
    });
    expect(by_key.status).toBe(401);
    expect((await comeBack(callback, cookie, 'HEAD')).status).toBe(404);
    expect((await comeBack(callback)).status).toBe(200);
  });

  it('accepts only the newest link, and only our state', async () => {
    const first = await consented();
    const second = await consented();
    refusedWith('oauth_state_invalid', 400, await comeBack(first));
    const guessed = new URL(second);
    guessed.searchParams.set('state', 'a guess');
    refusedWith('oauth_state_invalid', 400, await comeBack(guessed));
    guessed.searchParams.delete('state');
    refusedWith('oauth_state_invalid', 400, await comeBack(guessed));
    const mixed = new URL(second);
    mixed.searchParams.set('code', first.searchParams.get('code')!);
    refusedWith('oauth_refused', 409, await comeBack(mixed));
  });

  it('without consent, or without a lasting token, reports it and changes nothing', async () => {
    const before = (await grantOf(world)).refresh_token;
    const { body } = await begin();
    const denied = await comeBack(await tokens.consent(body.authorize_url, 'access_denied'));
    refusedWith('oauth_refused', 409, denied);
    expect(denied.text).toContain('(access_denied)');
    const callback = await consented();
    tokens.instead = { status: 200, body: '{"access_token":"a","token_type":"Bearer"}' };
    const short = await comeBack(callback);
    tokens.instead = null;
    refusedWith('oauth_refused', 409, short);
    expect(short.text).toContain('offline');
    expect((await grantOf(world)).refresh_token).toEqual(before);
  });

  it('fails after the servers were changed', async () => {
    const callback = await consented();
    await operate(world, 'patch_mailbox', { id: world.mailbox_id, smtp: byToken(2525) });
    refusedWith('oauth_state_invalid', 400, await comeBack(callback));
    await operate(world, 'patch_mailbox', { id: world.mailbox_id, smtp: null });
  });
});
