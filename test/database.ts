import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, inject } from 'vitest';
import { sqlState } from '../src/db/errors.ts';
import { type Db, openPool, type PoolOptions } from '../src/db/pool.ts';
import { databaseUrl, type TestServer } from './database_server.ts';

export type TestDatabase = {
  db: Db;
  url: string;
  /** Closes and drops; happens by itself at the end of the file when called at its top level. */
  close(): Promise<void>;
};

/**
 * A database of its own for a test file, with the current schema and no rows. Call it at the top level of
 * the file: `const { db } = await testDatabase();`. With `empty` it has no schema either.
 */
export async function testDatabase(
  options: Omit<PoolOptions, 'url'> & { empty?: boolean } = {},
): Promise<TestDatabase> {
  const { empty = false, ...pool_options } = options;
  const server = await askForServer();
  const name = `${server.prefix}_${randomBytes(6).toString('hex')}`;
  const template = empty ? 'template1' : server.template;
  // Copying files takes a tenth of the time of copying through the log, which is the default.
  await onServer(server, `create database ${name} template ${template} strategy file_copy`);
  const url = databaseUrl(server.url, name);
  const db = await openPool({ url, application_name: 'touchline-test', ...pool_options });
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await db.close();
    await dropDatabase(server, name);
  };
  closeAtTheEnd(close);
  return { db, url, close };
}

const DROP_TRIES = 50;

/** Only a superuser may end an autovacuum worker, which the server runs in any database; it is done in a moment. */
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
  const db = await openPool({ url: server.url, max: 1, statement_timeout_ms: 60_000 });
  await db.query(statement).finally(() => db.close());
}

function closeAtTheEnd(close: () => Promise<void>): void {
  try {
    afterAll(close);
  } catch {
    // Called inside a test or a hook, where no hook can be added: then the caller closes.
  }
}
