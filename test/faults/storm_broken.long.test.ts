import { describe, expect, inject, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { runStorm, storyOf } from './storm.ts';

describe('a storm notices', () => {
  it.each([
    { broken_build: 'no_fence', finds: 'double decision' },
    { broken_build: 'no_lock', finds: 'over cap' },
    { broken_build: 'merge_forgets_touches', finds: 'over cap' },
    { broken_build: 'lock_and_count_in_one_statement', finds: 'over cap' },
  ])('$broken_build', async ({ broken_build, finds }) => {
    const database = await testDatabase();
    const report = await runStorm(database, {
      seed: inject('seed'),
      leads: 100,
      campaigns: 5,
      steps: 2,
      processes: 8,
      speed: 60_000,
      merges: 40,
      fault_every_ms: 250,
      deadline_ms: 120_000,
      broken_build,
    });
    process.stdout.write(`${broken_build}: ${storyOf(report)}`);
    await database.close();
    expect(report.findings.filter((finding) => finding.startsWith(finds))).not.toEqual([]);
  });
});
