import { describe, expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { runCapRace } from './cap_race.ts';

/** The race in small, which stays green on the product as it is: see the first row. */
const RACE = { rounds: 1, connections: 40, campaigns: 40, cap: 'day', phase_limit_ms: 6_000 } as const;

describe('a race for one lead notices', () => {
  it.each([
    { broken_build: undefined, finds: null },
    { broken_build: 'no_fence', finds: 'double decision' },
    { broken_build: 'no_lock', finds: 'over cap' },
    { broken_build: 'lock_and_count_in_one_statement', finds: 'over cap' },
  ])('$broken_build', { timeout: 60_000 }, async ({ broken_build, finds }) => {
    const database = await testDatabase();
    const report = await runCapRace(database, { ...RACE, broken_build });
    await database.close();
    const { race_ms, findings } = report;
    process.stdout.write(
      `${broken_build ?? 'the product'}: ${findings.length} findings in ${race_ms} ms: ${findings.slice(0, 4).join(' | ')}\n`,
    );
    if (finds === null) expect(findings).toEqual([]);
    else expect(findings.filter((finding) => finding.startsWith(finds))).not.toEqual([]);
  });
});
