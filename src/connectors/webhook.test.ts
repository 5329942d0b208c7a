import { once } from 'node:events';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../../test/connectors/self_signed.ts';
import { webhookSender } from './webhook.ts';

/* The one who posts, against real servers on this machine and a resolver that says what the test wants. */

const certificate = selfSigned();
const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener, tls = false): Promise<number> {
  const server = tls ? createHttps(certificate, listener) : createHttp(listener);
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const message = { headers: { 'content-type': 'application/json' }, body: '{"type":"webhook.test"}' };
const here = { allow_local: true, timeout_ms: 2_000 };

describe('a name', () => {
  it('is resolved once, and the connection goes to that address under the name', async () => {
    const seen: unknown[] = [];
    const port = await serve((request, response) => {
      const { servername } = request.socket as TLSSocket & { servername: string };
      seen.push([request.method, request.url, request.headers.host, servername]);
      request.resume().on('end', () => response.writeHead(204).end());
    }, true);
    const asked: string[] = [];
    const resolve = async (name: string) => {
      asked.push(name);
      return [asked.length === 1 ? '127.0.0.1' : '127.0.0.2'];
    };
    const sender = webhookSender({ ...here, resolve, ca: certificate.cert });
    const url = `https://localhost:${port}/told?by=us`;
    expect(await sender.post({ url, ...message })).toEqual({ kind: 'answered', status: 204 });
    expect(asked).toEqual(['localhost']);
    expect(seen).toEqual([['POST', '/told?by=us', `localhost:${port}`, 'localhost']]);
  });

  it('that the certificate is not of gets nothing', async () => {
    let bodies = 0;
    const port = await serve(() => (bodies += 1), true);
    const sender = webhookSender({ ...here, resolve: async () => ['127.0.0.1'], ca: certificate.cert });
    const answer = await sender.post({ url: `https://hooks.example:${port}/`, ...message });
    expect(answer).toEqual({ kind: 'failed', why: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    const untrusting = webhookSender({ ...here, resolve: async () => ['127.0.0.1'] });
    expect(await untrusting.post({ url: `https://localhost:${port}/`, ...message })).toMatchObject({
      kind: 'failed',
    });
    expect(bodies).toBe(0);
  });

  it.each([
    [['127.0.0.1']],
    [['10.0.0.1']],
    [['8.8.8.8', '169.254.169.254']],
    [['::ffff:8.8.8.8']],
    [['64:ff9b::808:808']],
    [['fe80::1%eth0']],
    [[]],
  ])('that leads to %j is not posted to', async (addresses) => {
    const sender = webhookSender({ allow_local: false, resolve: async () => addresses });
    const answer = await sender.post({ url: 'https://hooks.example/', ...message });
    expect(answer).toEqual({ kind: 'refused', why: 'address_refused' });
  });

  it('is not posted to by plain http, unless it is this machine', async () => {
    const sender = webhookSender({ ...here, resolve: async () => ['8.8.8.8'] });
    expect((await sender.post({ url: 'http://localhost/', ...message })).kind).toBe('refused');
    expect((await sender.post({ url: 'http://hooks.example/', ...message })).kind).toBe('failed');
  });
});

describe('an answer', () => {
  it('that redirects is followed nowhere', async () => {
    const paths: unknown[] = [];
    const port = await serve((request, response) => {
      paths.push(request.url);
      response.writeHead(302, { location: `http://127.0.0.1:${port}/elsewhere` }).end();
    });
    const answer = await webhookSender(here).post({ url: `http://127.0.0.1:${port}/first`, ...message });
    expect(answer).toEqual({ kind: 'answered', status: 302 });
    expect(paths).toEqual(['/first']);
  });

  it('counts by its status, however long it goes on', async () => {
    const port = await serve((_, response) => {
      response.writeHead(200);
      const more = () =>
        !response.destroyed && response.write(Buffer.alloc(16_384), () => setImmediate(more));
      more();
    });
    const answer = await webhookSender(here).post({ url: `http://127.0.0.1:${port}/`, ...message });
    expect(answer).toEqual({ kind: 'answered', status: 200 });
  });

  it('that does not come in time is none, nor is one that never ends its first line or a name that is never resolved', async () => {
    const sender = webhookSender({ allow_local: true, timeout_ms: 200 });
    const silent = await serve(() => {});
    expect(await sender.post({ url: `http://127.0.0.1:${silent}/`, ...message })).toEqual({
      kind: 'failed',
      why: 'timeout',
    });
    const unresolved = webhookSender({
      allow_local: false,
      timeout_ms: 200,
      resolve: () => new Promise(() => {}),
    });
    expect(await unresolved.post({ url: 'https://hooks.example/', ...message })).toEqual({
      kind: 'failed',
      why: 'timeout',
    });
  });

  it('is not asked of a proxy, whatever the environment says', async () => {
    let proxied = 0;
    const proxy = await serve((_, response) => {
      proxied += 1;
      response.end();
    });
    const port = await serve((request, response) => {
      request.resume().on('end', () => response.writeHead(200).end());
    });
    const names = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
    for (const name of names)
      process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : `http://127.0.0.1:${proxy}`;
    try {
      const answer = await webhookSender(here).post({ url: `http://127.0.0.1:${port}/`, ...message });
      expect(answer).toEqual({ kind: 'answered', status: 200 });
      expect(proxied).toBe(0);
    } finally {
      for (const name of names) delete process.env[name];
    }
  });

  it('of nobody is a stable word', async () => {
    const answer = await webhookSender(here).post({ url: 'http://127.0.0.1:1/', ...message });
    expect(answer).toEqual({ kind: 'failed', why: 'ECONNREFUSED' });
  });
});
