import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTemporary } from '../src/db/embedded_temporary.ts';
import { migrate } from '../src/db/migrate.ts';
import { openOwnerPool } from '../src/db/open.ts';
import type { OwnerPool } from '../src/db/pool.ts';
import { simulateClock } from '../src/db/queries/simulated_clock.gen.ts';
import { APP_ROLE } from '../src/db/roles.ts';

/** The values that a test file needs to clone the template. */
export type TestServer = {
  /** For the superuser, which bypasses row policies. */
  admin_url: string;
  /** For the application's role, which owns nothing. */
  app_url: string;
  /** For the login that owns the tables. */
  owner_url: string;
  template: string;
  prefix: string;
};

/**
 * One PostgreSQL for the whole run: TEST_DATABASE_URL (a superuser), else an embedded server. It starts when the first test
 * file needs it, so a run without database tests pays nothing.
 */
export async function startTestServer(): Promise<{ address: string; stop(): Promise<void> }> {
  let started: Promise<TestServer & { stop(): Promise<void> }> | undefined;
  const http = createServer(async (_request, response) => {
    try {
      started ??= start();
      const { stop: _stop, ...server } = await started;
      response.end(JSON.stringify(server satisfies TestServer));
    } catch (error) {
      response.writeHead(500).end(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  return {
    address: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async stop() {
      http.closeAllConnections();
      http.close();
      await (await started?.catch(() => undefined))?.stop();
    },
  };
}

/** Some tests need two hundred connections. */
const SETTINGS = { max_connections: '400' };

async function start(): Promise<TestServer & { stop(): Promise<void> }> {
  const given = process.env.TEST_DATABASE_URL;
  const server = given === undefined ? await startTemporary(SETTINGS) : await givenServer(given);
  const prefix = `touchline_test_${randomBytes(4).toString('hex')}`;
  const template = `${prefix}_template`;
  const { admin_url, app_url } = server;
  const db = await openOwnerPool({ url: admin_url, max: 1, statement_timeout_ms: 60_000 });
  const owner = new URL(server.url).username;
  await db.query(`create database ${template} owner ${owner}`);
  await migrateTemplate(databaseUrl(server.url, template));
  return {
    admin_url,
    app_url,
    owner_url: server.url,
    template,
    prefix,
    async stop() {
      if (given !== undefined) await dropAll(db, prefix);
      await db.close();
      await server.stop();
    },
  };
}

/** An external server: the application's role gets a password for the run. */
async function givenServer(given: string) {
  const db = await openOwnerPool({ url: given, max: 1 });
  const password = randomBytes(16).toString('hex');
  const { rows } = await db.query(`select from pg_roles where rolname = '${APP_ROLE}'`);
  await db.query(`${rows.length === 0 ? 'create' : 'alter'} role ${APP_ROLE} login password '${password}'`);
  await db.close();
  const app = new URL(given);
  Object.assign(app, { username: APP_ROLE, password });
  return { url: given, admin_url: given, app_url: app.href, stop: async () => undefined };
}

/** Tests may move their clocks freely. */
async function migrateTemplate(url: string): Promise<void> {
  const db = await openOwnerPool({ url, max: 2 });
  try {
    await migrate(db);
    await simulateClock.run({ now: new Date() }, db);
  } finally {
    await db.close();
  }
}

/** The same server and role, with another database. */
export function databaseUrl(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function dropAll(db: OwnerPool, prefix: string): Promise<void> {
  const { rows } = await db.query<{ name: string }>(
    'select datname as name from pg_database where starts_with(datname, $1)',
    [prefix],
  );
  for (const { name } of rows) await db.query(`drop database if exists ${name} with (force)`);
}
