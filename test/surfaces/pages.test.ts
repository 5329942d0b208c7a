import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { startWorld } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'touchline-web-'));
const web_dir = join(folder, 'dist');
mkdirSync(join(web_dir, 'assets'), { recursive: true });
writeFileSync(join(web_dir, 'index.html'), '<title>client</title>');
writeFileSync(join(web_dir, 'assets', 'app-1a2b.js'), 'run()');
writeFileSync(join(folder, 'secret.txt'), 'not for the web');

const world = await startWorld({ web_dir });
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

describe('the unsubscribe link', () => {
  test('shows a form and changes nothing', async () => {
    const answer = await world.call('GET', '/u/good-1', { key: null });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.text).toContain('<form method="post">');
    expect(answer.text).toContain('Dream &#38; Born');
    expect(answer.text).not.toContain('<b>ada');
    expect(answer.text).not.toMatch(/<script|https?:/);
    expect(world.unsubscribed).not.toContain('good-1');
    await world.call('HEAD', '/u/good-1', { key: null });
    expect(world.unsubscribed).not.toContain('good-1');
  });

  test('allows its own style and nothing else', async () => {
    const { headers } = await world.call('GET', '/u/good-1', { key: null });
    const policy = headers.get('content-security-policy');
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  const one_click = 'List-Unsubscribe=One-Click';
  const multipart = `--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n`;

  test.each([
    ['a form', { body: one_click, headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['a multipart form', { body: multipart, headers: { 'content-type': 'multipart/form-data; boundary=b' } }],
    ['an empty body', {}],
    ['an unknown body', { body: 'x', headers: { 'content-type': 'application/x-unknown' } }],
    ['a foreign origin', { body: one_click, headers: { origin: 'https://mail.test' } }],
  ])('unsubscribes by %s, safely repeatable, without redirect or cookie', async (name, options) => {
    const token = `good-${name.replaceAll(' ', '-')}`;
    for (const _ of [1, 2]) {
      const answer = await world.call('POST', `/u/${token}`, { key: null, ...options });
      expect(answer.status).toBe(200);
      expect(answer.text).toContain('You are unsubscribed');
      expect(answer.headers.get('set-cookie')).toBeNull();
    }
    expect(world.unsubscribed.filter((done) => done === token)).toHaveLength(2);
    expect((await world.call('GET', `/u/${token}`, { key: null })).text).toContain('You are unsubscribed');
  });

  test.each(['GET', 'POST'])('with a foreign signature is not found by %s', async (method) => {
    const answer = await world.call(method, '/u/bad', { key: null });
    expect(answer.status).toBe(404);
    expect(answer.text).toContain('This link is not valid');
  });

  test('accepts a token of 400 letters', async () => {
    expect((await world.call('GET', `/u/good${'x'.repeat(400)}`, { key: null })).status).toBe(200);
  });
});

describe('the web client', () => {
  test.each(['/', '/leads', '/drafts/1?tab=text'])('is one page at %s', async (path) => {
    const answer = await world.call('GET', path, { key: null });
    expect([answer.status, answer.text]).toEqual([200, '<title>client</title>']);
    expect(answer.headers.get('cache-control')).toBe('no-cache');
  });

  test('has files, with a long cache time where their names change with them', async () => {
    const answer = await world.call('GET', '/assets/app-1a2b.js', { key: null });
    expect(answer.text).toBe('run()');
    expect(answer.headers.get('cache-control')).toContain('immutable');
    expect(answer.headers.get('content-type')).toContain('javascript');
  });

  test.each([
    '/assets/old.js',
    '/favicon.ico',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%00',
    '/.env',
    '/api/v1/x',
    '/api',
    '/docs/nope',
  ])('does not serve %s', async (path) => {
    const answer = await world.call('GET', path, { key: null });
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain('not for the web');
    expect(answer.body.code).toBe('route_unknown');
  });

  test('that is missing explains how to build it', async () => {
    const bare = await startWorld();
    const answer = await bare.call('GET', '/', { key: null });
    await bare.close();
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('npm run build')]);
  });
});
