import { afterAll, expect, test } from 'vitest';
import { ORG } from './ball_operations.ts';
import { startWorld } from './world.ts';

/* The endpoints of probes and the doctor. */

const world = await startWorld();
afterAll(() => world.close());

test('health is served without a key', async () => {
  expect((await world.call('GET', '/healthz', { key: null })).body).toEqual({ status: 'ok' });
  expect((await world.call('GET', '/readyz', { key: null })).body).toEqual({
    status: 'ready',
    process_id: null,
  });
});

test.each([200, 503])('readiness names the process, with status %i', async (status) => {
  const process = { held: () => ORG, announce: () => {}, close: async () => {} };
  const other = await startWorld({ isReady: async () => status === 200 }, undefined, { process });
  const answer = await other.call('GET', '/readyz', { key: null });
  await other.close();
  expect([answer.status, answer.body.process_id]).toEqual([status, ORG]);
});

test.each([
  ['is false', async () => false, 'The database schema does not match this version.'],
  ['cannot be asked', async () => Promise.reject(new Error('x')), 'The database cannot be reached.'],
])('readiness %s', async (_name, isReady, detail) => {
  const other = await startWorld({ isReady });
  const answer = await other.call('GET', '/readyz', { key: null });
  await other.close();
  expect([answer.status, answer.body.code, answer.body.detail]).toEqual([503, 'not_ready', detail]);
});
