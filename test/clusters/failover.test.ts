import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { listenForHints } from '../../src/db/hints.ts';
import { migrate } from '../../src/db/migrate.ts';
import { openOwnerPool } from '../../src/db/open.ts';
import { transaction } from '../../src/db/pool.ts';
import { openAppPool } from '../../src/db/roles.ts';
import { databaseChecks } from '../../src/doctor/database.ts';
import { type Cluster, startCluster } from './cluster.ts';

/* Two servers under one address, of which one is read-only, and a third address without a server. */

const SYSTEM = { org_id: null, kind: 'system', id: null } as const;
let servers: [Cluster, Cluster];
let dead_port: number;

beforeAll(async () => {
  servers = await Promise.all([startCluster(18), startCluster(18)]);
  for (const { asSuperuser } of servers) {
    await asSuperuser(`CREATE ROLE app LOGIN CREATEROLE PASSWORD 'secret'`);
    await asSuperuser('CREATE DATABASE sales OWNER app');
  }
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => closed.once('listening', done));
  dead_port = (closed.address() as { port: number }).port;
  await new Promise((done) => closed.close(done));
  for (const { url } of servers) {
    const owner = await openOwnerPool({ url: url('app', 'secret', 'sales'), max: 2 });
    await migrate(owner).finally(() => owner.close());
  }
}, 120_000);

afterAll(async () => {
  await Promise.all((servers ?? []).map(({ stop }) => stop()));
}, 60_000);

const addressOf = (attrs: string, ports = [dead_port, ...servers.map(({ port }) => port)]) =>
  `postgres://app:secret@${ports.map((port) => `127.0.0.1:${port}`).join(',')}/sales${attrs}`;

const READ_WRITE = '?target_session_attrs=read-write';

/** Makes one of the two the server that accepts changes. */
async function promote(at: 0 | 1): Promise<void> {
  for (const [place, { asSuperuser }] of servers.entries()) {
    const value = place === at ? 'off' : 'on';
    await asSuperuser(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
    await asSuperuser('SELECT pg_reload_conf()');
    await expect
      .poll(async () => (await asSuperuser('SHOW default_transaction_read_only'))[0])
      .toEqual({ default_transaction_read_only: value });
  }
}

test('connections go to the server that accepts changes, wherever it is in the list', async () => {
  for (const at of [0, 1] as const) {
    await promote(at);
    const app = await openAppPool({ url: addressOf(READ_WRITE), max: 3 });
    const ports = await Promise.all([1, 2, 3].map(() => portOf(app)));
    await app.close();
    expect(ports).toEqual([1, 2, 3].map(() => servers[at].port));
    const heard = Promise.withResolvers<void>();
    const hints = listenForHints(addressOf(READ_WRITE), heard.resolve);
    await heard.promise;
    const [listening] = await servers[at].asSuperuser(
      `SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'touchline-hints'`,
    );
    await hints.close();
    expect(listening).toEqual({ count: 1 });
  }
});

test('after a failover, the second statement reaches the new primary', async () => {
  await promote(0);
  const app = await openAppPool({ url: addressOf(READ_WRITE), max: 1 });
  const write = () =>
    transaction(app, SYSTEM, async (tx) => {
      await tx.query(`INSERT INTO sign_in_counts (subject, count, until)
                      VALUES (sha256('failover'), 1, now()) ON CONFLICT DO NOTHING`);
      return (await tx.query<{ port: number }>('SELECT inet_server_port() AS port')).rows[0]!.port;
    });
  expect(await write()).toBe(servers[0].port);
  await promote(1);
  await expect(write()).rejects.toMatchObject({ code: '25006' });
  expect(await write()).toBe(servers[1].port);
  await app.close();
});

test('any server will do unless the address says otherwise; when none will, each gives its reason', async () => {
  await promote(1);
  const [first, second] = servers.map(({ port }) => port);
  const any = await openOwnerPool({ url: addressOf(''), max: 1 });
  const { rows } = await any.query('SELECT inet_server_port() AS port');
  await any.close();
  expect(rows).toEqual([{ port: first }]);
  await expect(openOwnerPool({ url: addressOf(READ_WRITE, [dead_port, first!]) })).rejects.toMatchObject({
    code: 'no_database_server',
    status: 503,
    message: expect.stringMatching(
      new RegExp(`127.0.0.1:${dead_port}: .*ECONNREFUSED.*; 127.0.0.1:${first}: is read-only`),
    ),
  });
  const primary = await openOwnerPool({ url: addressOf('?target_session_attrs=primary', [first!, second!]) });
  await primary.close();
});

test.each([
  ['password', (url: string) => url.replace('secret', 'mistyped'), /password authentication failed/],
  ['database name', (url: string) => url.replace('/sales', '/sails'), /database "sails" does not exist/],
])('a refused %s is named before the servers that are down', async (_name, mistyped, why) => {
  const url = mistyped(addressOf('', [dead_port, servers[0].port]));
  await expect(openOwnerPool({ url })).rejects.toMatchObject({
    code: 'database_refused',
    status: 503,
    message: expect.stringMatching(why),
    hint: expect.stringContaining('Check user, password, and database name'),
  });
});

test('the doctor checks the usable server, and names the part of an address that cannot be read', async () => {
  await promote(1);
  const { checks, close } = await databaseChecks(readConfig({ DATABASE_URL: addressOf(READ_WRITE) }));
  await close();
  const found = checks.filter(({ name }) => ['database', 'schema', 'application role'].includes(name));
  expect(found.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
  expect(found[0]!.seen).toContain(`answers at 127.0.0.1:${dead_port}, 127.0.0.1:${servers[0].port}`);
  const wrong = { DATABASE_URL: 'postgres://app:secret@one:5432,two:54x2/sales' };
  expect(() => readConfig(wrong)).toThrow(
    expect.objectContaining({
      errors: [{ path: 'DATABASE_URL', message: 'port 54x2 of host two is not a number from 1 to 65535' }],
    }),
  );
});

async function portOf(app: Awaited<ReturnType<typeof openAppPool>>): Promise<number> {
  const { rows } = await transaction(app, SYSTEM, (tx) =>
    tx.query<{ port: number }>('SELECT inet_server_port() AS port, pg_sleep(0.2)'),
  );
  return rows[0]!.port;
}
