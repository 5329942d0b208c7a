import { afterAll, describe, expect, test } from 'vitest';
import { BALL } from './ball_operations.ts';
import { startWorld } from './world.ts';

const world = await startWorld({ limits: { sign_in_per_minute: 1_000 } });
const secure = await startWorld({ limits: { sign_in_per_minute: 1_000 } }, 'https://touchline.test');
afterAll(() => Promise.all([world.close(), secure.close()]));

const THROW = `/api/v1/balls/${BALL}/throw`;
const body = { steps: [{ delay_days: 1 }] };
const signed_in = 'touchline_session=open%20sesame';

const withCookie = (headers: Record<string, string>, from = world) =>
  from.call('POST', THROW, { key: null, body, headers: { cookie: signed_in, ...headers } });

describe('signing in', () => {
  test('sets a cookie that scripts cannot read, and keeps the token out of the body', async () => {
    const answer = await world.call('POST', '/api/v1/sessions', { key: null, body: { password: 'abc' } });
    expect(answer.body).toEqual({ name: 'nobody' });
    const cookie = answer.headers.get('set-cookie');
    expect(cookie).toMatch(/^touchline_session=abc; Max-Age=3600; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  test('over HTTPS binds the cookie to the host', async () => {
    const answer = await secure.call('POST', '/api/v1/sessions', { key: null, body: { password: 'abc' } });
    const cookie = answer.headers.get('set-cookie');
    expect(cookie).toMatch(/^__Host-touchline_session=abc; /);
    expect(cookie).toMatch(/; Secure/);
    expect(cookie).not.toMatch(/Domain/i);
    expect(answer.headers.get('strict-transport-security')).toContain('max-age=31536000');
  });

  test('that is missing differs from an expired credential', async () => {
    const said = async (options: object) => (await world.call('GET', '/api/v1/balls', options)).body.detail;
    expect(await said({ key: null })).toBe('Sign in, or send an API key.');
    expect(await said({ key: 'tl_other' })).toBe('This API key is unknown, revoked, or expired.');
    const ended = { key: null, headers: { cookie: 'touchline_session=old' } };
    expect(await said(ended)).toBe('This session has ended.');
  });

  test('ends with the cookie cleared', async () => {
    const answer = await world.call('DELETE', '/api/v1/sessions', {});
    expect([answer.status, answer.text]).toEqual([200, '{}']);
    expect(answer.headers.get('set-cookie')).toMatch(/^touchline_session=; Max-Age=0; .*Path=\//);
  });
});

describe('a cookie', () => {
  test('reads without further proof', async () => {
    const headers = { cookie: signed_in };
    expect((await world.call('GET', '/api/v1/balls', { key: null, headers })).status).toBe(200);
  });

  test.each([
    ['no origin', {}],
    ['a foreign origin', { origin: 'https://evil.test' }],
    ['an opaque origin', { origin: 'null' }],
    ['an origin that only begins the same', { origin: 'http://touchline.test.evil.test' }],
    ['the public host over another scheme', { origin: 'ftp://touchline.test' }],
  ])('does not change anything with %s', async (_name, headers) => {
    const answer = await withCookie(headers);
    expect([answer.status, answer.body.code]).toEqual([403, 'origin_refused']);
    expect(answer.body.hint).toContain('send the header Origin: http://touchline.test.');
  });

  test.each([
    ['the public page', () => 'http://touchline.test'],
    ['the same host', () => world.url],
  ])('changes things from %s', async (_name, origin) => {
    expect((await withCookie({ origin: origin() })).status).toBe(200);
  });

  test('does not carry a form', async () => {
    const answer = await world.call('POST', THROW, {
      key: null,
      body: '{}',
      headers: { cookie: signed_in, origin: world.url, 'content-type': 'text/plain' },
    });
    expect(answer.body.code).toBe('media_type_unsupported');
  });

  test('of another name is ignored', async () => {
    const headers = { cookie: signed_in, origin: secure.url };
    expect((await secure.call('POST', THROW, { key: null, body, headers })).status).toBe(401);
  });

  test('does not help a wrong key', async () => {
    const headers = { cookie: signed_in };
    expect((await world.call('GET', '/api/v1/balls', { key: 'tl_wrong', headers })).status).toBe(401);
  });

  test('that is unknown is ignored', async () => {
    const headers = { cookie: 'touchline_session=guess' };
    expect((await world.call('GET', '/api/v1/balls', { key: null, headers })).status).toBe(401);
  });
});
