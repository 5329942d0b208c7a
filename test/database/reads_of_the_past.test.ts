import { expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { expectSteady, readsByPast } from './reads_of_the_past.ts';

/* History slows nothing down: the cost of a message depends on that message alone, in the product's statements and within
   its triggers. */

it('an approval and a claim read as much after 20,000 messages as after 5,000, even with old statistics', async () => {
  const reads = await readsByPast(await testDatabase({ statement_timeout_ms: 60_000 }), [5_000, 15_000]);
  expect(reads.map(({ items, statistics }) => [items, statistics])).toEqual([
    [5_000, 'fresh'],
    [15_000, 'old'],
    [15_000, 'fresh'],
  ]);
  expectSteady(reads);
}, 60_000);
