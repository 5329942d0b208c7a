import { request } from 'node:http';
import { expect, it } from 'vitest';
import { openMetrics } from '../../src/telemetry/metrics.ts';
import { startWorld } from '../surfaces/world.ts';

const TOKEN = 'q2Vb8TnLw5RxZk1M';
const WRONG = 'q2Vb8TnLw5RxZk1N';
const metrics = openMetrics(() => ({ total: 0, idle: 0, waiting: 0 }));

type Headers = Record<string, string>;
const CASES: readonly [name: string, host: string, token: string | null, headers: Headers, status: number][] =
  [
    ['this machine, on a loopback address', '127.0.0.1', null, {}, 200],
    ['under the name of this machine', '127.0.0.1', null, { host: 'localhost:7300' }, 200],
    ['a page whose name resolves here', '127.0.0.1', null, { host: 'evil.example' }, 404],
    ['a proxy with X-Forwarded-For', '127.0.0.1', null, { 'x-forwarded-for': '203.0.113.9' }, 404],
    ['a proxy with Forwarded', '127.0.0.1', null, { forwarded: 'for=203.0.113.9' }, 404],
    ['this machine, with a server on every address', '0.0.0.0', null, {}, 404],
    ['a token that was never set', '0.0.0.0', null, { authorization: `Bearer ${TOKEN}` }, 404],
    ['the token, from anywhere', '0.0.0.0', TOKEN, { authorization: `Bearer ${TOKEN}` }, 200],
    [
      'the token, through a proxy',
      '127.0.0.1',
      TOKEN,
      { authorization: `Bearer ${TOKEN}`, via: '1.1 x' },
      200,
    ],
    ['another token', '0.0.0.0', TOKEN, { authorization: `Bearer ${WRONG}` }, 401],
    ['a part of the token', '127.0.0.1', TOKEN, { authorization: `Bearer ${TOKEN.slice(0, -1)}` }, 401],
    ['no token where there is one, on this machine', '127.0.0.1', TOKEN, {}, 401],
    ['an API key', '127.0.0.1', TOKEN, { authorization: 'Bearer tl_rep' }, 401],
  ];

it.each(CASES)('%s', async (_name, host, metrics_token, headers, status) => {
  const world = await startWorld({ host, metrics_token }, undefined, { metrics });
  const { port } = new URL(world.url);
  const answer = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path: '/metrics', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    asking.on('error', reject).end();
  });
  await world.close();
  expect(answer.status).toBe(status);
  expect(answer.text.includes('process_cpu')).toBe(status === 200);
  // Without access the page looks like any unknown path.
  if (status === 404) expect(JSON.parse(answer.text)).toMatchObject({ code: 'route_unknown' });
});
