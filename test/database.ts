import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, inject } from 'vitest';
import { sqlState } from '../src/db/errors.ts';
import { openOwnerPool, type PoolOptions } from '../src/db/open.ts';
import type { OwnerPool, Pool } from '../src/db/pool.ts';
import { openAppPool } from '../src/db/roles.ts';
import { databaseUrl, type TestServer } from './database_server.ts';

/**
 * Connects as superuser, which sees and may do everything. `app` connects to the same database as the product does, through
 * `startRuntime`: as the application's role, with no statement without an actor.
 */
export type TestDb = OwnerPool & { app: Pool };

export type TestDatabase = {
  db: TestDb;
  /** For the application's role. With `empty`, for the superuser, since the role may see nothing. */
  url: string;
  /** For the login that owns the tables. */
  owner_url: string;
  /** For the superuser. */
  admin_url: string;
  /** Closes and drops the database. Runs automatically at the end of the file if the database was created at top level. */
  close(): Promise<void>;
};

/**
 * Creates a separate database for a test file, with the current schema and no rows. Call it at the top level of the file:
 * `const { db } = await testDatabase();`. With `empty` the database has no schema either.
 */
export async function testDatabase(
  options: Omit<PoolOptions, 'url'> & { empty?: boolean } = {},
): Promise<TestDatabase> {
  const { empty = false, ...pool_options } = options;
  const server = await askForServer();
  const name = `${server.prefix}_${randomBytes(6).toString('hex')}`;
  const template = empty ? 'template1' : server.template;
  // Copying files takes a tenth of the time of the default, copying through the log.
  await onServer(
    server,
    `create database ${name} template ${template} strategy file_copy owner ${new URL(server.owner_url).username}`,
  );
  const admin_url = databaseUrl(server.admin_url, name);
  const url = empty ? admin_url : databaseUrl(server.app_url, name);
  const db = await openOwnerPool({ url: admin_url, application_name: 'touchline-test', ...pool_options });
  const app = await openAppPool({ url, application_name: 'touchline-test-app', ...pool_options });
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await Promise.all([db.close(), app.close()]);
    await dropDatabase(server, name);
  };
  closeAtTheEnd(close);
  const owner_url = databaseUrl(server.owner_url, name);
  return { db: { ...db, app }, url, owner_url, admin_url, close };
}

const DROP_TRIES = 50;

/** Only a superuser may end an autovacuum worker, which the server can run in any database. It finishes in a moment. */
async function dropDatabase(server: TestServer, name: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await onServer(server, `drop database if exists ${name} with (force)`);
    } catch (error) {
      if (sqlState(error) !== '42501' || tries === DROP_TRIES) throw error;
      await sleep(200);
    }
  }
}

async function askForServer(): Promise<TestServer> {
  const response = await fetch(inject('test_server'));
  if (!response.ok) throw new Error(`the test database did not start: ${await response.text()}`);
  return (await response.json()) as TestServer;
}

async function onServer(server: TestServer, statement: string): Promise<void> {
  const db = await openOwnerPool({ url: server.admin_url, max: 1, statement_timeout_ms: 60_000 });
  await db.query(statement).finally(() => db.close());
}

function closeAtTheEnd(close: () => Promise<void>): void {
  try {
    afterAll(close);
  } catch {
    // Called inside a test or a hook, where no hook can be added: the caller closes.
  }
}
