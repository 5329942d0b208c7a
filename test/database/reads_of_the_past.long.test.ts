import { it } from 'vitest';
import { testDatabase } from '../database.ts';
import { expectSteady, readsByPast } from './reads_of_the_past.ts';

it('an approval and a claim read as much after 1,000,000 messages as after 10,000', async () => {
  const reads = await readsByPast(await testDatabase({ statement_timeout_ms: 0 }), [10_000, 1_000_000]);
  for (const { items, statistics, approval, claimed_message } of reads) {
    process.stdout.write(
      `${items} items, ${statistics} statistics: ${approval} rows an approval, ${claimed_message} a claimed message\n`,
    );
  }
  expectSteady(reads);
});
