import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { productProcesses, URL_LINE, untilPrinted } from './product_process.ts';

/* `touchline up` as a person starts, stops, kills and misuses it: real processes only. */

const ADMIN_KEY = 'tl_lifecycle_test_key_0123456789';
// On a machine with other work a start takes several times as long.
const LONG = { timeout: 240_000 };

const { db, owner_url: database_url } = await testDatabase({ empty: true });
const data_dir = await mkdtemp(join(tmpdir(), 'touchline-lifecycle-'));
const { touchline, stopAll } = productProcesses(data_dir, { TOUCHLINE_ADMIN_KEY: ADMIN_KEY });

afterAll(async () => {
  await stopAll();
  await rm(data_dir, { recursive: true, force: true });
}, 60_000);

async function ask<Answer>(url: string, path: string): Promise<Answer> {
  const response = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } });
  expect(response.status).toBe(200);
  return (await response.json()) as Answer;
}

const leadCount = async (url: string) =>
  (await ask<{ items: unknown[] }>(url, '/leads?limit=200&icp_tier=T1')).items.length;

describe('touchline up', () => {
  it(
    'starts with a sample, refuses a second instance, stops on Ctrl-C and keeps the data',
    LONG,
    async () => {
      const first = touchline(['up']);
      const url = await untilPrinted(first, URL_LINE);
      const leads = await leadCount(url);
      expect(leads).toBeGreaterThan(50);

      const second = touchline(['up']);
      expect(await second.exited).toBe(3);
      expect(second.printed()).toMatch(/already_running: .*process \d+; it answers at http/);

      // Ctrl-C reaches the group and is forwarded too: the copy must not turn an orderly stop into an abrupt one.
      first.child.kill('SIGINT');
      first.child.kill('SIGINT');
      expect(await first.exited).toBe(0);
      expect(first.printed()).toContain('Stopped. The data is kept.');

      const again = touchline(['up'], { SMTP_URL: 'smtp://user:pass-word@127.0.0.1:1' });
      expect(await leadCount(await untilPrinted(again, URL_LINE))).toBe(leads);
      await untilPrinted(again, /Mail is sent through 127\.0\.0\.1:1\.\n +Messages are held/);
      expect(again.printed()).not.toMatch(/Loading the sample|pass-word|is caught/);
      again.child.kill('SIGTERM');
      expect(await again.exited).toBe(0);
    },
  );

  it('restarts after a kill with everything it had acknowledged', LONG, async () => {
    const first = touchline(['up']);
    const url = await untilPrinted(first, URL_LINE);
    type Draft = { id: string; content_hash: string; status: string };
    const [draft] = (await ask<{ items: Draft[] }>(url, '/drafts?status=drafted&limit=1')).items;
    const response = await fetch(`${url}/api/v1/drafts/${draft!.id}/approve`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ content_hash: draft!.content_hash }),
    });
    expect(response.status).toBe(200);
    first.child.kill('SIGKILL');
    await first.exited;
    const again = touchline(['up']);
    const after = await ask<Draft>(await untilPrinted(again, URL_LINE), `/drafts/${draft!.id}`);
    expect(['approved', 'sent']).toContain(after.status);
    again.child.kill('SIGTERM');
    await again.exited;
    const journal = await readFile(join(data_dir, 'caught.jsonl'), 'utf8').catch(() => '');
    const ids = journal
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { message_id: string }).message_id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([
    [['up'], {}, 'touchline up'],
    [['up'], { npm_lifecycle_event: 'start' }, 'npm start'],
    [['serve'], { DATABASE_URL: 'postgres://127.0.0.1:1/none' }, 'touchline serve'],
  ])('%o names the port in use and the command to run instead', LONG, async (args, env, command) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const refused = touchline(args, { ...env, PORT: String(port) });
    expect(await refused.exited).toBe(3);
    expect(refused.printed()).toContain(`port_taken: Touchline cannot listen on 127.0.0.1:${port}`);
    expect(refused.printed()).toContain(`PORT=${Math.max(port + 1, 7301)} ${command}\n`);
    other.close();
  });

  it.each([
    [{ DATABASE_URL: 'postgresql://127.0.0.1:1/none' }, 'speed_refused'],
    [{ NODE_ENV: 'production' }, 'speed_refused'],
    [{ SMTP_URL: 'smtp://127.0.0.1:1' }, 'speed_refused'],
  ])('turns the clock in embedded mode only: %o', LONG, async (env, code) => {
    const refused = touchline(['up', '--speed', '60'], env);
    expect(await refused.exited).not.toBe(0);
    expect(refused.printed()).toContain(code);
  });

  it('runs the clock at the given speed', LONG, async () => {
    const fast = touchline(['up', '--speed', '3600']);
    const url = await untilPrinted(fast, URL_LINE);
    const now = async () => Date.parse((await ask<{ now: string }>(url, '/me')).now);
    const [real_ms, product_ms] = [performance.now(), await now()];
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const ratio = ((await now()) - product_ms) / (performance.now() - real_ms);
    expect(ratio).toBeGreaterThan(2_000);
    expect(ratio).toBeLessThan(5_000);
    // An opt-out has the current time: from here on the data is ahead of the world.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const [lead] = (await ask<{ items: { id: string }[] }>(url, '/leads?limit=1&icp_tier=T2')).items;
    const response = await fetch(`${url}/api/v1/leads/${lead!.id}/opt_out`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'asked by phone' }),
    });
    expect(response.status).toBe(200);
    fast.child.kill('SIGTERM');
    expect(await fast.exited).toBe(0);

    const real_mail = touchline(['up'], { SMTP_URL: 'smtp://127.0.0.1:1' });
    expect(await real_mail.exited).toBe(3);
    expect(real_mail.printed()).toContain('clock_ahead');
    const plain = touchline(['up']);
    await untilPrinted(plain, URL_LINE);
    expect(plain.printed()).toMatch(/its clock is \d+\.\d days ahead/);
    plain.child.kill('SIGTERM');
    await plain.exited;
  });

  it('names every invalid variable', LONG, async () => {
    const refused = touchline(['up'], { PORT: 'many', TOUCHLINE_ADMIN_KEY: 'short', SMTP_URL: 'nowhere' });
    expect(await refused.exited).not.toBe(0);
    for (const name of ['config_invalid', 'PORT', 'TOUCHLINE_ADMIN_KEY', 'SMTP_URL']) {
      expect(refused.printed()).toContain(name);
    }
  });
});

describe('on a separate database', () => {
  it(
    'init creates the organization; before it serve refuses to start and work waits; after it both use it',
    LONG,
    async () => {
      const env = {
        DATABASE_URL: database_url,
        TOUCHLINE_SECRET: 'a secret of this test, long enough',
        SMTP_URL: 'smtp://127.0.0.1:1',
      };
      const sender = [
        '--sender-name',
        'Ann',
        '--sender-address',
        'ann@acme.example',
        '--postal-address',
        '1 Way',
      ];
      const astray = touchline(['init', '--name', 'Acme', ...sender, '--time-zone', 'Mars/X'], env);
      expect(await astray.exited).toBe(2);
      expect(astray.printed()).toContain('--time-zone: expected an IANA name');
      const unsaid = touchline(['init', '--name', 'Acme'], env);
      expect(await unsaid.exited).toBe(2);
      expect(unsaid.printed()).toContain('--postal-address');
      const { rows } = await db.query<{ count: number }>(`SELECT count(*)::int FROM pg_tables
        WHERE schemaname = 'public'`);
      expect(rows[0]!.count, 'what was mistyped left the database as it was').toBe(0);
      const work = touchline(['work'], env);
      await untilPrinted(work, /no organization yet: create one with touchline init/);
      const early = touchline(['serve'], env);
      expect(await early.exited).toBe(3);
      expect(early.printed()).toContain('no_organization');
      const made = touchline(['init', '--name', 'Acme', ...sender], env);
      expect(await made.exited, made.printed()).toBe(0);
      const serve = touchline(['serve'], env);
      const second = touchline(['work'], env);
      const url = await untilPrinted(serve, /serves at (http:\S+)\./);
      await untilPrinted(serve, /Mail is sent through 127\.0\.0\.1:1\.\n/);
      expect(serve.printed()).not.toContain('Messages are held');
      await untilPrinted(second, /works for 1 organization/);
      expect((await ask<{ items: unknown[] }>(url, '/campaigns')).items).toHaveLength(6);
      serve.child.kill('SIGTERM');
      work.child.kill('SIGTERM');
      second.child.kill('SIGTERM');
      expect([await serve.exited, await work.exited, await second.exited]).toEqual([0, 0, 0]);
    },
  );

  it.each(['work', 'serve', 'migrate', 'init'])(
    '%s reports when the database cannot be reached',
    LONG,
    async (name) => {
      const sender = [
        '--sender-name',
        'Ann',
        '--sender-address',
        'ann@acme.example',
        '--postal-address',
        '1 Way',
      ];
      const started = touchline(name === 'init' ? ['init', '--name', 'Acme', ...sender] : [name], {
        DATABASE_URL: 'postgres://x:y@127.0.0.1:1/nope',
        TOUCHLINE_SECRET: 'a secret of this test, long enough',
        SMTP_URL: 'smtp://127.0.0.1:1',
      });
      expect(await started.exited).toBe(3);
      expect(started.printed()).toMatch(
        /^unavailable: The database cannot be reached \(ECONNREFUSED\)\.\nHint: Check DATABASE_URL.*\n$/,
      );
    },
  );

  it('reports when the database rejects the login', LONG, async () => {
    const url = new URL(database_url);
    url.pathname = '/no_such_database';
    const env = { DATABASE_URL: url.href, TOUCHLINE_SECRET: 'a secret of this test, long enough' };
    const started = touchline(['migrate'], env);
    expect(await started.exited).toBe(3);
    expect(started.printed()).toContain('database_refused: The server has no database with this name');
  });

  it('refuses a secret that is too short', LONG, async () => {
    const short = touchline(['migrate'], { DATABASE_URL: database_url, TOUCHLINE_SECRET: 'x'.repeat(31) });
    expect(await short.exited).toBe(2);
    expect(short.printed()).toContain('TOUCHLINE_SECRET: expected at least 32 characters');
  });
});
