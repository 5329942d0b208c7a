import { expect, test } from 'vitest';
import { testDatabase } from '../../test/database.ts';
import { statement } from './statement.ts';

const { db } = await testDatabase({ empty: true });

type Pair = { a: number };
const numbers = statement<{ limit: number }, Pair>(
  'trial.numbers',
  { limit: 'plain' },
  'select a from generate_series(1, $1) as a',
);

test('run returns rows, one returns the row, count returns their number', async () => {
  expect(await numbers.run({ limit: 2 }, db)).toEqual([{ a: 1 }, { a: 2 }]);
  expect(await numbers.one({ limit: 1 }, db)).toEqual({ a: 1 });
  expect(await numbers.one({ limit: 0 }, db)).toBeUndefined();
  expect(await numbers.count({ limit: 3 }, db)).toBe(3);
  await expect(numbers.one({ limit: 2 }, db)).rejects.toThrow('trial.numbers gave 2 rows');
});

test('json keeps arrays, strings and quotes as json', async () => {
  const echo = statement<{ one: unknown; many: unknown[] }, { one: unknown; many: unknown }>(
    'trial.echo',
    { one: 'json', many: 'json[]' },
    'select $1::jsonb as one, to_jsonb($2::jsonb[]) as many',
  );
  for (const one of [[1, 'x'], 'a "quoted" {string}', { a: [null] }, 0, false]) {
    const many = [one, [one], null, 'ü\\'];
    expect(await echo.one({ one, many }, db)).toEqual({ one, many });
  }
  expect(await echo.one({ one: null, many: [] }, db)).toEqual({ one: null, many: [] });
});

test('the text contains the name', () => {
  expect(numbers.text).toMatch(/^\/\* trial\.numbers \*\/ select/);
});
