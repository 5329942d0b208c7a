import { expect, inject, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { runFailpoints } from './failpoints.ts';

/* The adversary of the short suite checks the same build. */

it('notices the broken build outcome_before_send', { timeout: 4 * 3_600_000 }, async () => {
  const { db, url, close } = await testDatabase();
  const only = ['DATA, before the 354', 'before the question'];
  const { findings } = await runFailpoints(
    { db, url },
    { seed: inject('seed'), repeats: 1, only, broken_build: 'outcome_before_send' },
  );
  await close();
  expect(findings).not.toEqual([]);
});
