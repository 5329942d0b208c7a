import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Config, readConfig } from '../../src/config.ts';
import { holdProcessLock, type ProcessLock } from '../../src/db/process_lock.ts';
import { mailChecks } from '../../src/doctor/mail.ts';
import { serverCheck } from '../../src/doctor/server.ts';
import { doctorPorts } from '../../src/start/doctor_ports.ts';
import { serverPlaces } from '../../src/surfaces/client.ts';
import { testDatabase } from '../database.ts';

const AWAY = 'http://127.0.0.1:1';
const [own, other] = await Promise.all([testDatabase(), testDatabase()]);
const closers: (() => unknown)[] = [];
afterAll(() => Promise.all(closers.map((close) => close())));

/** The two checks that need the server's address, as the command runs them. */
async function looked(config: Config, database: typeof own.db | null = own.db) {
  const ports = doctorPorts({ wait_ms: 1_000, dns_wait_ms: 1, server: serverPlaces(config), llm: null });
  const checks = [await serverCheck(ports.server, database), ...(await mailChecks(config, ports, true))];
  const named = (name: string) => checks.find((found) => found.name === name)!;
  return { server: named('server'), public_url: named('public URL') };
}

/** A server that answers at /readyz as the product does, on behalf of a process. */
async function startServer(process: ProcessLock | null) {
  const state = { status: 200 };
  const server = createServer((_request, response) => {
    const body = process === null ? {} : { process_id: process.held() };
    response.writeHead(state.status).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await process?.close();
  };
  closers.push(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, state, close };
}

async function processOn({ url }: typeof own): Promise<ProcessLock> {
  const lock = holdProcessLock(url);
  await expect.poll(() => lock.held()).not.toBeNull();
  return lock;
}

test('the doctor finds the server of its own database and distinguishes it from one of another database', async () => {
  const neighbor = await startServer(await processOn(other));
  const config = { ...readConfig({}), port: Number(new URL(neighbor.url).port) };
  expect((await looked(config)).server).toMatchObject({
    status: 'warning',
    seen: `no server uses this database; ${neighbor.url} uses another one`,
  });
  const process = await processOn(own);
  const serving = await startServer(process);
  process.announce(serving.url);
  await expect
    .poll(async () => (await looked(config)).server)
    .toMatchObject({ status: 'ok', seen: `answers at ${serving.url}` });
  expect((await looked({ ...config, cli_url: neighbor.url })).server).toMatchObject({
    status: 'failure',
    seen: `${neighbor.url} (TOUCHLINE_URL) uses another database`,
    next: expect.stringContaining(serving.url),
  });
  expect((await looked({ ...config, cli_url: `${serving.url}/` })).server.status).toBe('ok');
  serving.state.status = 503;
  expect((await looked(config)).server).toMatchObject({
    status: 'failure',
    seen: `${serving.url} answers but is not ready`,
  });
  // A database that is down gives no information.
  expect((await looked(config, null)).server).toMatchObject({
    status: 'skipped',
    seen: `${neighbor.url} answers, but its database cannot be compared`,
  });

  // A session that reconnects announces its address again.
  await own.db.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = $1`,
    [`touchline-serve ${serving.url}`],
  );
  serving.state.status = 200;
  await expect
    .poll(async () => (await looked(config)).server, { timeout: 5_000 })
    .toMatchObject({ status: 'ok', seen: `answers at ${serving.url}` });

  // Another machine cannot reach the server's loopback address.
  process.announce(AWAY);
  await expect
    .poll(async () => (await looked(config)).server)
    .toMatchObject({
      status: 'skipped',
      seen: `the server of this database listens at ${AWAY} and is not reachable from here`,
    });
  await serving.close();
  expect((await looked(config)).server.status).toBe('warning');
});

test('an address that is too long for the name of a session is not shortened', async () => {
  const process = await processOn(own);
  closers.push(process.close);
  process.announce(`http://${'a'.repeat(60)}.example:7300`);
  expect((await looked({ ...readConfig({}), port: 1 })).server.seen).toBe(`no server answers at ${AWAY}`);
});

test('without the database, the doctor looks in the data directory, at TOUCHLINE_URL, or at HOST and PORT', async () => {
  const data_dir = await mkdtemp(join(tmpdir(), 'touchline-doctor-'));
  const { url, close } = await startServer(null);
  await writeFile(join(data_dir, 'cli.json'), JSON.stringify({ url, key: 'tl_x' }));
  const config = { ...readConfig({}), data_dir };
  const started = await looked(config);
  expect(started.server).toMatchObject({
    status: 'warning',
    seen: `${url} answers but does not report its database`,
  });
  expect(started.public_url.seen).toContain(url);
  await close();
  expect((await looked(config)).server).toMatchObject({
    status: 'skipped',
    seen: `no server answers at ${url}`,
  });
  const elsewhere = await looked({ ...readConfig({}), cli_url: AWAY });
  expect(elsewhere.server.seen).toBe(`no server answers at ${AWAY}`);
  // The address at which commands look for the server differs from the address of links in messages.
  expect(elsewhere.public_url.seen).toContain('http://127.0.0.1:7300 ');
  await rm(data_dir, { recursive: true });
});
