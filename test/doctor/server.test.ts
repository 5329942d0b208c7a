import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Config, readConfig } from '../../src/config.ts';
import { mailChecks } from '../../src/doctor/mail.ts';
import { serverCheck } from '../../src/doctor/server.ts';
import { doctorPorts } from '../../src/doctor_ports.ts';
import { findServer } from '../../src/surfaces/client.ts';

/** The two checks that need the server's address, as the command has it. */
async function looked(config: Config) {
  const { url: server_url } = findServer(config, {});
  const ports = doctorPorts({ wait_ms: 1_000, dns_wait_ms: 1, server_url, llm: null });
  const checks = [await serverCheck(ports.server), ...(await mailChecks(config, ports, true))];
  const named = (name: string) => checks.find((found) => found.name === name)!;
  return { server: named('server'), public_url: named('public URL') };
}

test('the doctor asks the server that runs, wherever the data directory or TOUCHLINE_URL says it is', async () => {
  const data_dir = await mkdtemp(join(tmpdir(), 'touchline-doctor-'));
  let status = 200;
  const server = createServer((_request, response) => response.writeHead(status).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeFile(join(data_dir, 'cli.json'), JSON.stringify({ url, key: 'tl_x' }));
  const config = { ...readConfig({}), data_dir };
  const started = await looked(config);
  expect(started.server).toMatchObject({ status: 'ok', seen: `answers at ${url}` });
  expect(started.public_url.seen).toContain(url);
  status = 503;
  expect((await looked(config)).server.status).toBe('failure');
  server.close();
  server.closeAllConnections();
  expect((await looked(config)).server).toMatchObject({
    status: 'skipped',
    seen: `no server answers at ${url}`,
  });
  const elsewhere = await looked({ ...config, cli_url: 'http://127.0.0.1:1' });
  expect(elsewhere.server.seen).toBe('no server answers at http://127.0.0.1:1');
  await rm(data_dir, { recursive: true });
});
