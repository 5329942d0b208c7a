import { execFile, spawn } from 'node:child_process';
import { appendFile, chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { AppError } from '../errors.ts';
import { type EmbeddedPostgres, startEmbedded } from './embedded.ts';
import { isRunning } from './processes.ts';

const root = process.getuid?.() === 0;
let used: string;
let parent: string;
let data_dir: string;
const started: EmbeddedPostgres[] = [];

/** The server's own user needs access, as in an ordinary checkout. */
async function newParent(name: string): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), name));
  await chmod(made, 0o755);
  return made;
}

// A directory that has been started once, for tests that are not about the slow first start.
beforeAll(async () => {
  used = await newParent('embedded-used-');
  const server = await startEmbedded({ data_dir: join(used, 'data') });
  await server.stop();
});

afterAll(() => rm(used, { recursive: true }));

beforeEach(async () => {
  parent = await newParent('embedded-');
  data_dir = join(parent, 'data');
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
  await rm(parent, { recursive: true });
});

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbedded({ data_dir });
  started.push(server);
  return server;
}

const startUsed = async () => {
  await promisify(execFile)('cp', ['-a', join(used, 'data'), parent]);
  return start();
};

async function ask(url: string, text: string): Promise<unknown[] | undefined> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows[0];
  } finally {
    await client.end();
  }
}

test('the embedded database keeps its data, password and settings across restarts', async () => {
  const first = await start();
  await ask(first.url, 'create table kept as select 1 as a');
  await first.stop();
  expect(await isRunning(first.pid)).toBe(false);
  expect(await readdir(join(data_dir, 'postgres'))).not.toContain('postmaster.pid');
  const begun_ms = performance.now();
  const second = await start();
  expect(performance.now() - begun_ms).toBeLessThan(3_000);
  expect(await ask(second.url, 'select a from kept')).toEqual([1]);
  const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'server_encoding'];
  const shown = [...names, 'TimeZone', 'max_connections', 'shared_buffers', 'listen_addresses'];
  const settings = shown.map((name) => `current_setting('${name}')`).join(', ');
  expect(await ask(second.url, `select ${settings}`)).toEqual([
    'on',
    'on',
    'on',
    'on',
    'UTF8',
    'UTC',
    '250',
    '256MB',
    '127.0.0.1',
  ]);
});

test('the embedded database orders text by code point and knows upper case beyond ASCII', async () => {
  const { url } = await startUsed();
  const text = `select string_agg(t, '' order by t), upper('é') from unnest(array['b', 'a', 'B', 'é']) as t`;
  expect(await ask(url, text)).toEqual(['Babé', 'É']);
});

test('the embedded database requires the password and gives the application no superuser', async () => {
  const { url, admin_url } = await startUsed();
  const guessed = new URL(url);
  guessed.password = 'guess';
  await expect(ask(guessed.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  const facts = 'select rolsuper, rolbypassrls from pg_roles where rolname = current_user';
  expect(await ask(url, facts)).toEqual([false, false]);
  expect(await ask(admin_url, facts)).toEqual([true, true]);
  expect((await stat(join(data_dir, 'postgres.password'))).mode & 0o777).toBe(0o600);
  expect((await stat(join(data_dir, 'postgres'))).mode & 0o077).toBe(0);
});

test('the embedded database refuses a second instance and reports where the first one runs', async () => {
  const server = await startUsed();
  await server.announce('http://127.0.0.1:7300');
  await expect(startEmbedded({ data_dir })).rejects.toMatchObject({
    code: 'already_running',
    extra: { pid: process.pid, address: 'http://127.0.0.1:7300' },
  });
  expect(await ask(server.url, 'select 1')).toEqual([1]);
});

test('the embedded database recovers everything committed after its owner is killed with -9', async () => {
  const script = `
    import pg from 'pg';
    import { startEmbedded } from ${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)};
    const server = await startEmbedded({ data_dir: ${JSON.stringify(data_dir)} });
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query('create table kept as select 7 as a');
    process.stdout.write(String(server.pid));
    setInterval(() => client.query('insert into kept select 0').catch(() => undefined), 1);
  `;
  const owner = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    cwd: new URL('../..', import.meta.url).pathname,
  });
  owner.stderr.pipe(process.stderr);
  const orphan = Number(await new Promise((done) => owner.stdout.once('data', done)));
  const ended = new Promise((done) => owner.once('exit', done));
  owner.kill('SIGKILL');
  await ended;
  const said: string[] = [];
  const server = await startEmbedded({ data_dir, log: (message) => said.push(message) });
  started.push(server);
  expect(await isRunning(orphan)).toBe(false);
  expect(said[0]).toContain(`(process ${owner.pid}) ended without stopping`);
  expect(await ask(server.url, 'select max(a) from kept')).toEqual([7]);
});

test('the embedded database recovers everything committed after the server is killed with -9', async () => {
  const first = await startUsed();
  await ask(first.url, 'create table kept as select 7 as a');
  process.kill(first.pid, 'SIGKILL');
  await first.exited;
  await first.stop();
  const second = await start();
  expect(await ask(second.url, 'select a from kept')).toEqual([7]);
});

test('the embedded database recreates a partial cluster left by an interrupted first start', async () => {
  await mkdir(join(data_dir, 'postgres.new', 'cluster'), { recursive: true, mode: 0o755 });
  await writeFile(join(data_dir, 'postgres.new', 'cluster', 'PG_VERSION'), '18');
  const { url } = await start();
  expect(await ask(url, 'select 1')).toEqual([1]);
});

test('the embedded database reports why a start failed, and releases the directory', async () => {
  const server = await startUsed();
  await server.stop();
  const conf = join(data_dir, 'postgres', 'postgresql.conf');
  const good = await readFile(conf, 'utf8');
  await appendFile(conf, '\nno_such_setting = on\n');
  await expect(startEmbedded({ data_dir })).rejects.toMatchObject({
    code: 'embedded_postgres_failed',
    status: 503,
    message: expect.stringContaining('no_such_setting'),
  });
  await writeFile(conf, good);
  expect(await ask((await start()).url, 'select 1')).toEqual([1]);
});

test('the embedded database reports a port in use as an error instead of waiting', async () => {
  const other = createServer();
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  const { port } = other.address() as { port: number };
  await expect(startEmbedded({ data_dir, port })).rejects.toThrow('could not bind');
  await new Promise((done) => other.close(done));
});

test('the embedded database runs in a namespace where its own user has no access, or reports what to do', async () => {
  await chmod(parent, 0o700);
  const outcome = await start().catch((error) => error);
  if (outcome instanceof AppError) {
    expect(outcome).toMatchObject({
      code: 'embedded_postgres_needs_access',
      hint: expect.stringContaining('DATABASE_URL'),
    });
    return;
  }
  expect(await ask(outcome.url, 'select 1')).toEqual([1]);
  const owner = await stat(join(data_dir, 'postgres'));
  expect(owner.uid).toBe(root ? 0 : process.getuid?.());
});
