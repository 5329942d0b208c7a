import { afterAll, expect, test } from 'vitest';
import { BALL } from './ball_operations.ts';
import { startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world.close());

const keysOf = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 1]));
const pit = (depth: number) => `{"note":${'['.repeat(depth)}${']'.repeat(depth)}}`;

test.each<[string, unknown, number, string]>([
  ['nested 65 levels deep', pit(64), 400, 'json_too_deep'],
  ['nested 64 levels deep', pit(63), 422, 'input_invalid'],
  ['with 5,001 values', { note: Array(4_999).fill(1) }, 400, 'json_too_many_values'],
  ['with 5,000 values', { note: Array(4_998).fill(1) }, 422, 'input_invalid'],
  ['with 1,001 keys', keysOf(1_001), 400, 'json_too_many_values'],
  ['with 1,000 keys', keysOf(1_000), 422, 'input_invalid'],
  ['with brackets and commas in a text', { x: '\\"[{,'.repeat(9_999) }, 422, 'input_invalid'],
  ['without the end of a text', `{"x":"${'[,'.repeat(9_999)}`, 400, 'json_invalid'],
])('a body %s', async (_, body, status, code) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await world.call('POST', `/api/v1/balls/${BALL}/throw`, { body, headers });
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(answer.body.errors?.length ?? 0).toBeLessThanOrEqual(100);
  // The body was read to its end, so the connection can be reused.
  expect(answer.headers.get('connection')).not.toBe('close');
});
