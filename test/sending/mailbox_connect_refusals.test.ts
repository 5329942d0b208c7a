import { afterAll, describe, expect, it } from 'vitest';
import { mailOauth } from '../../src/connectors/mail_oauth.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';
import { openConnecting } from './connecting.ts';
import { addKey } from './door.ts';
import { connect, customClient, grantOf, operate } from './mailbox_oauth_world.ts';
import { mailboxOf } from './send_world.ts';

/* Ways in which a mailbox cannot be connected, and servers that never see its tokens. */

const { db } = await testDatabase();
const connecting = await openConnecting(db);
const { tokens, world, door, admin, cookie, path, begin, shown } = connecting;
afterAll(connecting.close);

describe('the request to a provider', () => {
  it.each([
    ['google', 'https://accounts.google.com/o/oauth2/v2/auth', 'https://mail.google.com/'],
    [
      'microsoft',
      'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
      'https://outlook.office.com/SMTP.Send https://outlook.office.com/IMAP.AccessAsUser.All offline_access',
    ],
  ])('for %s uses its own addresses and scopes', async (provider, where, scope) => {
    const { body } = await begin({ provider, client_id: 'c' });
    const { origin, pathname, searchParams } = new URL(body.authorize_url);
    expect(`${origin}${pathname}`).toBe(where);
    const asked = Object.fromEntries(searchParams);
    expect(asked).toMatchObject({ scope, login_hint: 'justin@sender.example', client_id: 'c' });
    const offline = { access_type: 'offline', prompt: 'consent' };
    if (provider === 'google') expect(asked).toMatchObject(offline);
    // Tokens of the other client are deleted.
    expect(await grantOf(world)).toMatchObject({ refresh_token: null, connected_at: null, provider });
  });

  it.each([
    [{ client_id: 'c' }, 'provider'],
    [{ provider: 'google' }, 'client_id'],
    [{ provider: 'google', client_id: 'c', token_url: 'https://token.example' }, 'token_url'],
    [{ provider: 'custom', client_id: 'c', authorize_url: 'https://a.example' }, 'token_url'],
    [{ provider: 'custom', client_id: 'c', token_url: 'https://a.example' }, 'authorize_url'],
  ])('is incomplete with %j', async (given, wrong) => {
    const { status, body } = await begin(given);
    expect([status, body.code, body.errors[0].path]).toEqual([422, 'oauth_client_incomplete', wrong]);
  });

  it.each([
    ['token_url', 'http://token.example/token'],
    ['token_url', 'https://user:word@token.example/token'],
    ['token_url', 'https://10.0.0.1/token'],
    ['token_url', 'https://[fd00::1]/token'],
    ['token_url', 'https://169.254.169.254/token'],
    ['token_url', 'no url'],
    ['authorize_url', 'javascript:alert(1)'],
    ['authorize_url', 'http://consent.example/'],
  ])('is refused for %s like %s', async (which, url) => {
    const { status, body } = await begin({ ...customClient(world, tokens), [which]: url });
    expect([status, body.code, body.errors[0].path]).toEqual([422, 'oauth_url_refused', which]);
  });

  it('goes to this machine only where allowed, and to no name that resolves inside', async () => {
    const guarded = mailOauth({ allow_local: false, resolve: async () => ['10.1.2.3'] });
    const context = { ...world.context, mail_oauth: guarded };
    const inside = { ...world, context };
    const input = { id: world.mailbox_id, refresh_token: 'any' };
    await expect(
      operate(inside, 'connect_mailbox', { ...customClient(world, tokens), ...input }),
    ).rejects.toMatchObject({ code: 'oauth_url_refused' });
    const token_url = 'https://token.example/token';
    await expect(
      operate(inside, 'connect_mailbox', { ...customClient(world, tokens), ...input, token_url }),
    ).rejects.toMatchObject({
      code: 'oauth_unavailable',
      message: expect.stringContaining('address_refused'),
    });
    await guarded.close();
  });
});

describe('tokens cannot be obtained', () => {
  it('by pointing the mailbox at a server that is not the provider’s', async () => {
    const { id } = await mailboxOf(world);
    const patch = (servers: object) => door.call('PATCH', `/mailboxes/${id}`, { cookie, body: servers });
    const gmail = { host: 'smtp.gmail.com', port: 465, security: 'tls', login: 'oauth' };
    await begin({ provider: 'google', client_id: 'c' });
    expect((await patch({ smtp: gmail })).status).toBe(200);
    expect((await shown()).smtp).toMatchObject({ login: 'oauth', user: null, has_password: false });
    const evil = await patch({ smtp: { ...gmail, host: 'smtp.gmail.com.evil.example' } });
    expect([evil.status, evil.body.code, evil.body.errors[0].path]).toEqual([
      422,
      'mail_host_refused',
      'smtp.host',
    ]);
    const inbox = await patch({ imap: { ...gmail, host: 'evil.example', port: 993 } });
    expect([inbox.body.code, inbox.body.errors[0].path]).toEqual(['mail_host_refused', 'imap.host']);
    expect(evil.body.hint).toContain('smtp.gmail.com, imap.gmail.com');
    const other = await begin({ provider: 'microsoft', client_id: 'c' });
    expect([other.status, other.body.code]).toEqual([422, 'mail_host_refused']);
    await begin(customClient(world, tokens));
  });

  it.each([
    ['host', { host: 'localhost' }],
    ['port', { port: 466 }],
    ['security', { security: 'starttls' }],
  ])(
    'by changing the %s of a custom provider: the mailbox must be connected again',
    async (_name, change) => {
      const own = { host: '127.0.0.1', port: 465, security: 'tls', login: 'oauth' };
      await operate(world, 'patch_mailbox', { id: world.mailbox_id, smtp: own });
      await connect(world, tokens);
      await operate(world, 'patch_mailbox', { id: world.mailbox_id, smtp: own, display_name: 'Other' });
      expect((await grantOf(world)).refresh_token).not.toBeNull();
      await operate(world, 'patch_mailbox', { id: world.mailbox_id, smtp: { ...own, ...change } });
      expect(await grantOf(world)).toMatchObject({
        refresh_token: null,
        access_token: null,
        connected_at: null,
      });
    },
  );

  it.each([
    [{ security: 'none' }, 'security'],
    [{ user: 'justin' }, 'user'],
    [{ password: 'word' }, 'password'],
  ])('in the clear, or beside a password: %j', async (change, wrong) => {
    const smtp = { host: 'mail.example', port: 465, security: 'tls', login: 'oauth', ...change };
    const { status, body } = await door.call('PATCH', `/mailboxes/${world.mailbox_id}`, {
      cookie,
      body: { smtp },
    });
    expect([status, body.errors[0].path]).toEqual([422, `smtp.${wrong}`]);
  });

  it('from another org, where the mailbox is as absent as an unknown one', async () => {
    const foreign = (await mailboxOf(await createWorld(db))).id;
    for (const what of ['connect', 'disconnect']) {
      const body = what === 'connect' ? customClient(world, tokens) : undefined;
      const ask = (id: string) =>
        door.call('POST', `/mailboxes/${id}/${what}`, { cookie, ...(body ? { body } : {}) });
      const [other, unknown] = [await ask(foreign), await ask(crypto.randomUUID())];
      expect([other.status, other.body]).toEqual([404, unknown.body]);
    }
  });

  it('with a key', async () => {
    const key = await addKey(db, world.org_id, { user_id: admin.user_id });
    const { status, body } = await door.call('POST', path('connect'), {
      key,
      body: customClient(world, tokens),
    });
    expect([status, body.code]).toEqual([403, 'session_required']);
  });

  it('a server without oauth is set up with a password as before', async () => {
    const smtp = { host: 'mail.example', port: 465, security: 'tls', user: 'justin', password: 'word' };
    const { body } = await door.call('PATCH', `/mailboxes/${world.mailbox_id}`, { cookie, body: { smtp } });
    expect(body.smtp).toMatchObject({ login: 'password', user: 'justin', has_password: true });
    const imap = { host: 'mail.example', port: 993, security: 'tls' };
    const missing = await door.call('PATCH', `/mailboxes/${world.mailbox_id}`, { cookie, body: { imap } });
    expect([missing.status, missing.body.errors[0].path]).toEqual([422, 'imap.user']);
  });
});
