import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Config, readConfig } from '../../src/config.ts';
import { sealLog } from '../../src/coordinator/upkeep/event_chain.ts';
import { diagnose, diagnosisText } from '../../src/doctor/doctor.ts';
import { registry } from '../../src/operations/registry.ts';
import { runOperation } from '../../src/operations/run.ts';
import { doctorPorts } from '../../src/start/doctor_ports.ts';
import { testDatabase } from '../database.ts';
import { startFakeModel } from '../mail/fake_model.ts';
import { createWorld } from '../world.ts';
import { type DnsServer, startDns } from './dns_server.ts';
import { greeter } from './greeter.ts';

const SECRET = 'a secret of this test only, and long';
const MAIN = fileURLToPath(new URL('../../bin/touchline.mjs', import.meta.url));

const { db, owner_url, admin_url } = await testDatabase();
const world = await createWorld(db, {
  start_ms: Date.parse('2020-01-07T12:00:00Z'),
  policy: { business_hours: {} },
});
const folder = await mkdtemp(join(tmpdir(), 'touchline-doctor-'));
let dns: DnsServer;
let smtp: { url: string; close(): void };

beforeAll(async () => {
  dns = await startDns({
    'sender.example': [['v=spf1 mx -all']],
    '_dmarc.sender.example': [['v=DMARC1; p=quarantine']],
  });
  smtp = await greeter();
});

afterAll(async () => {
  await dns.close();
  smtp.close();
  await rm(folder, { recursive: true, force: true });
});

/** The diagnosis as name -> status, and in full. */
async function looked(config: Partial<Config> = {}, servers = [dns.address]) {
  const settings = {
    ...readConfig({}),
    database_url: owner_url,
    data_dir: folder,
    secret: SECRET,
    smtp_url: smtp.url,
    public_url: 'https://touchline.example',
    ...config,
  };
  const asked = {
    dns_servers: servers,
    server: { named_url: 'http://127.0.0.1:1', usual_url: 'http://127.0.0.1:1' },
    llm: settings.llm,
  };
  const ports = doctorPorts({ wait_ms: 500, dns_wait_ms: 200, ...asked });
  const diagnosis = await diagnose(settings, ports);
  const by_name = new Map(diagnosis.checks.map((found) => [found.name, found]));
  return { ...diagnosis, by_name, statusOf: (name: string) => by_name.get(name)?.status };
}

test('a language model gets a small question, and the report shows today’s budget', async () => {
  const fake = await startFakeModel(() => ({ object: { reached: true } }));
  const llm = { base_url: fake.url, api_key: 'sk-a-key-of-this-test', model: 'fake' };
  const seen = async () => {
    const { by_name } = await looked({ llm });
    return [by_name.get('language model')!, by_name.get('model budget')!] as const;
  };
  try {
    const [model, budget] = await seen();
    expect(model).toMatchObject({ status: 'ok', seen: expect.stringMatching(/^fake answers in \d/) });
    expect(budget).toMatchObject({ status: 'ok', seen: '0 of 1000000 tokens today, in 0 calls' });
    for (const [reply, words] of [
      [{ status: 401 }, 'LLM_API_KEY'],
      [{ text: 'Hello!' }, 'JSON schema'],
      [{ status: 500 }, 'LLM_BASE_URL'],
    ] as const) {
      fake.reply = () => reply;
      const [failed] = await seen();
      expect(failed).toMatchObject({ status: 'failure', next: expect.stringContaining(words) });
      expect(JSON.stringify(failed)).not.toContain(llm.api_key);
    }
  } finally {
    await fake.close();
  }
  const { by_name } = await looked();
  expect(by_name.get('language model')).toMatchObject({
    status: 'skipped',
    seen: expect.stringContaining('none is set in this shell'),
  });
  expect(by_name.has('model budget')).toBe(false);
});

test('a healthy machine has no findings', async () => {
  const { ok: is_ok, checks, statusOf, by_name } = await looked();
  expect(checks.filter(({ status }) => status === 'failure')).toEqual([]);
  expect(is_ok).toBe(true);
  const well = [
    'database',
    'schema',
    'application role',
    'clocks',
    'transactions',
    'secret',
    'data directory',
  ];
  for (const name of [...well, 'organization', 'sender', 'policy', 'backlog', 'mail server', 'public URL']) {
    expect([name, statusOf(name)]).toEqual([name, 'ok']);
  }
  expect(statusOf('mailbox justin@sender.example')).toBe('ok');
  // The server is on this machine, and its public address is unknown.
  expect(statusOf('SPF of sender.example')).toBe('skipped');
  expect(statusOf('DMARC of sender.example')).toBe('ok');
  expect(statusOf('DKIM of justin@sender.example')).toBe('warning');
  expect(statusOf('worker')).toBe('warning');
  expect(by_name.get('database')!.seen).not.toContain('@');
  expect(await readdir(folder)).toEqual([]);
  for (const { status, next } of checks) if (status === 'warning') expect(next).not.toBeNull();
  expect(diagnosisText({ ok: is_ok, is_away: false, checks })).toMatch(
    /\nNothing failed: \d+ ok, 2 warnings/,
  );
});

test('unanswered DNS is no finding', async () => {
  const silent = await startDns({ 'sender.example': 'silent', '_dmarc.sender.example': 'servfail' });
  const { statusOf, ok: is_ok } = await looked({}, [silent.address]);
  await silent.close();
  expect(statusOf('SPF of sender.example')).toBe('skipped');
  expect(statusOf('DMARC of sender.example')).toBe('skipped');
  expect(is_ok).toBe(true);
});

test('a DKIM key is compared with DNS and decrypted with the secret', async () => {
  const [mailbox] = await world.rows<{ id: string }>('mailboxes');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const private_key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const dkim = { domain: 'sender.example', selector: 's1', private_key };
  const operation = registry.find(({ name }) => name === 'patch_mailbox')!;
  const context = { ...world.worker_context, secret: SECRET };
  const asked = { context, principal: world.person, surface: 'http', request_id: 'x' } as const;
  const shown = (await runOperation(operation, { ...asked, input: { id: mailbox!.id, dkim } })) as {
    dkim: { public_dns_record: string };
  };
  const missing = await looked();
  expect(missing.by_name.get('DKIM of justin@sender.example')).toMatchObject({ status: 'failure' });
  expect(missing.ok).toBe(false);

  const record = [...shown.dkim.public_dns_record.matchAll(/"([^"]*)"/g)].map(([, text]) => text!);
  const published = await startDns({ 's1._domainkey.sender.example': [record] });
  const right = await looked({}, [published.address]);
  const wrong = await looked({ secret: 'quite another secret, but also long' }, [published.address]);
  await published.close();
  expect(right.statusOf('DKIM of justin@sender.example')).toBe('ok');
  expect(right.statusOf('mailbox justin@sender.example')).toBe('ok');
  expect(wrong.by_name.get('mailbox justin@sender.example')!.seen).toContain('cannot be decrypted');
  await runOperation(operation, { ...asked, input: { id: mailbox!.id, dkim: null } });
});

test('an idle transaction is named with its process', async () => {
  const own = await db.checkout();
  await own.query(`set idle_in_transaction_session_timeout = 0`);
  await own.query('begin');
  await own.query('select 1 from leads limit 1');
  const { rows } = await own.query<{ pid: number }>('select pg_backend_pid() as pid');
  await new Promise((resolve) => setTimeout(resolve, 10_500));
  const { by_name } = await looked({ database_url: admin_url });
  await own.query('rollback');
  own.release(true);
  expect(by_name.get('transactions')).toMatchObject({ status: 'warning' });
  expect(by_name.get('transactions')!.seen).toContain(String(rows[0]!.pid));
}, 30_000);

test('a chain whose end was changed and an inconsistent policy are reported', async () => {
  const lead_id = await world.addLead();
  await world.request(lead_id, 'b2bea_membership_close');
  await sealLog({ db: db.app, clock: world.clock, org_id: world.org_id });
  const well = await looked();
  expect([well.statusOf('log chain'), well.statusOf('policy')]).toEqual(['ok', 'ok']);
  await pastTheTriggers(`update event_log_heads set hash = sha256(hash)`);
  await pastTheTriggers(`update policies set document = document || '{"window": 1}'`);
  const { by_name } = await looked();
  await pastTheTriggers(`update policies set document = document - 'window'`);
  await pastTheTriggers(
    `update event_log_heads h set hash = b.hash from event_log_batches b where b.org_id = h.org_id and b.place = h.place`,
  );
  expect(by_name.get('log chain')).toMatchObject({ status: 'failure' });
  expect(by_name.get('log chain')!.next).toContain('touchline audit verify');
  expect(by_name.get('policy')).toMatchObject({ status: 'failure' });
  expect((await looked()).ok).toBe(true);
});

/** As a malicious superuser. */
async function pastTheTriggers(statement: string): Promise<void> {
  await db.query(`begin; set local session_replication_role = replica; ${statement}; commit`);
}

test.each([
  ['public URL', 'failure', { public_url: 'http://127.0.0.1:7300' }],
  ['public URL', 'failure', { public_url: 'http://touchline.example' }],
  ['public URL', 'skipped', { smtp_url: null }],
  ['public URL', 'failure', { public_url: null }],
  ['secret', 'failure', { secret: null }],
  ['mail server', 'failure', { smtp_url: 'smtp://127.0.0.1:1' }],
  ['mail server', 'warning', { smtp_url: null }],
  ['data directory', 'skipped', { data_dir: '/nonexistent/touchline' }],
  ['data directory', 'failure', { data_dir: '/proc/self' }],
] as const)('%s: %s with %o', async (name, status, config) => {
  const found = await looked(config);
  expect([found.statusOf(name), found.ok]).toEqual([status, status !== 'failure' && found.ok]);
});

test('settings missing in this shell are reported for this shell, not for the running server', async () => {
  const embedded = await looked({ database_url: null, smtp_url: null, public_url: null });
  for (const [name, variable] of [
    ['mail server', 'SMTP_URL'],
    ['public URL', 'TOUCHLINE_PUBLIC_URL'],
  ] as const) {
    expect(embedded.by_name.get(name)).toMatchObject({
      status: 'skipped',
      seen: expect.stringContaining(`no ${variable} in this shell`),
    });
  }
  expect((await looked({ smtp_url: null })).by_name.get('mail server')!.seen).toBe(
    'no SMTP_URL in this shell',
  );
});

test('a database without a schema and a missing database are reported', async () => {
  const empty = await testDatabase({ empty: true });
  const found = await looked({ database_url: empty.url });
  await empty.close();
  expect(found.by_name.get('schema')).toMatchObject({
    status: 'failure',
    next: expect.stringContaining('migrate'),
  });
  expect([found.statusOf('application role'), found.is_away]).toEqual(['skipped', false]);
  const away = await looked({ database_url: 'postgres://touchline@127.0.0.1:1/touchline' });
  expect(away.by_name.get('database')!.seen).toContain('ECONNREFUSED');
  expect([away.is_away, away.statusOf('public URL')]).toEqual([true, 'ok']);
});

test('the first fifty mailboxes in use are checked', async () => {
  const context = { ...world.worker_context, secret: SECRET };
  const asked = { context, principal: world.person, surface: 'http', request_id: 'x' } as const;
  const operate = (wanted: string, input: Record<string, unknown>) =>
    runOperation(registry.find(({ name }) => name === wanted)!, { ...asked, input });
  const { port, hostname: host } = new URL(smtp.url);
  const server = { host, port: Number(port), security: 'none' as const };
  const named = { address: 'own@other.example', display_name: 'Own', smtp: server };
  const { id } = (await operate('create_mailbox', named)) as { id: string };
  const caught = { smtp_url: null, public_url: 'http://127.0.0.1:7300' };
  const own = await looked(caught);
  expect(own.statusOf('mail server of own@other.example')).toBe('ok');
  expect(own.statusOf('SPF of other.example')).toBe('warning');
  expect(own.statusOf('DNS of justin@sender.example')).toBe('skipped');
  // Its messages are sent, so their links must be reachable.
  expect(own.statusOf('public URL')).toBe('failure');
  await operate('retire_mailbox', { id, reason: 'a test' });
  const retired = await looked(caught);
  expect(retired.checks.filter(({ name }) => name.includes('other.example'))).toEqual([]);
  expect([retired.statusOf('mailboxes'), retired.statusOf('public URL')]).toEqual([undefined, 'skipped']);

  await db.query(`insert into mailboxes (org_id, id, address, display_name, created_at)
    select '${world.org_id}', gen_random_uuid(), n || '@sender.example', 'N', now() from generate_series(1, 52) n`);
  const many = await looked();
  expect(many.by_name.get('mailboxes')).toMatchObject({
    status: 'skipped',
    seen: 'only the first 50 were checked; 3 more were not',
  });
  expect(many.checks.filter(({ name }) => name.startsWith('mailbox ')).length).toBe(50);
  expect(many.statusOf('DKIM of sender.example')).toBe('warning');
  expect(many.statusOf('DMARC of sender.example')).toBe('ok');
});

test('the command reports by its exit code, and with --json in JSON', async () => {
  const env = { DATABASE_URL: owner_url, TOUCHLINE_SECRET: SECRET, TOUCHLINE_DATA_DIR: folder };
  const well = await run(['doctor', '--json'], env);
  expect(well.code).toBe(0);
  const answer = JSON.parse(well.out) as { ok: boolean; checks: Record<string, unknown>[] };
  expect(answer.ok).toBe(true);
  for (const found of answer.checks) expect(Object.keys(found)).toEqual(['name', 'status', 'seen', 'next']);
  expect((await run(['doctor'], { ...env, SMTP_URL: 'smtp://127.0.0.1:1' })).code).toBe(1);
  const away = await run(['doctor'], { ...env, DATABASE_URL: 'postgres://a@127.0.0.1:1/b' });
  expect([away.code, away.out]).toEqual([3, expect.stringContaining('FAILURE  database')]);
}, 60_000);

function run(args: string[], env: Record<string, string>): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env: { PATH: process.env.PATH!, ...env } }, (error, out) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out }),
    );
  });
}
