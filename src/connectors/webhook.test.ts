import { once } from 'node:events';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../../test/connectors/self_signed.ts';
import { webhookSender } from './webhook.ts';

/* The sender of webhooks, against real servers on this machine and a scripted resolver. */

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

describe('a host name', () => {
  it('is resolved once; the connection uses that address and names the host', async () => {
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

  it('gets no request if the certificate belongs to another name', async () => {
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
  ])('that resolves to %j gets no request', async (addresses) => {
    const sender = webhookSender({ allow_local: false, resolve: async () => addresses });
    const answer = await sender.post({ url: 'https://hooks.example/', ...message });
    expect(answer).toEqual({ kind: 'refused', why: 'address_refused' });
  });

  it('gets no request over plain HTTP unless it is this machine', async () => {
    const sender = webhookSender({ ...here, resolve: async () => ['8.8.8.8'] });
    expect((await sender.post({ url: 'http://localhost/', ...message })).kind).toBe('refused');
    expect((await sender.post({ url: 'http://hooks.example/', ...message })).kind).toBe('failed');
  });
});

describe('a response', () => {
  it('that redirects is not followed', async () => {
    const paths: unknown[] = [];
    const port = await serve((request, response) => {
      paths.push(request.url);
      response.writeHead(302, { location: `http://127.0.0.1:${port}/elsewhere` }).end();
    });
    const answer = await webhookSender(here).post({ url: `http://127.0.0.1:${port}/first`, ...message });
    expect(answer).toEqual({ kind: 'answered', status: 302 });
    expect(paths).toEqual(['/first']);
  });

  it('counts by its status, however long its body is', async () => {
    const port = await serve((_, response) => {
      response.writeHead(200);
      const more = () =>
        !response.destroyed && response.write(Buffer.alloc(16_384), () => setImmediate(more));
      more();
    });
    const answer = await webhookSender(here).post({ url: `http://127.0.0.1:${port}/`, ...message });
    expect(answer).toEqual({ kind: 'answered', status: 200 });
  });

  it('times out if the server is silent or the host name never resolves', async () => {
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

  it('comes directly, even if the environment sets a proxy', async () => {
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

  it('from a port without a server fails with ECONNREFUSED', async () => {
    const answer = await webhookSender(here).post({ url: 'http://127.0.0.1:1/', ...message });
    expect(answer).toEqual({ kind: 'failed', why: 'ECONNREFUSED' });
  });
});
