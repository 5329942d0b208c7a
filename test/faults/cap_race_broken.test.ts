import { describe, expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { scale } from '../scale.ts';
import { runCapRace } from './cap_race.ts';

/** A small race; cap_race.test.ts runs a larger one on the unchanged product. */
const RACE = { rounds: 1, connections: 40, campaigns: 12, cap: 'day' } as const;

/** A broken build may never end. */
const PHASE_LIMIT_MS = 6_000;

/** Chance decides a race: a broken build has this many to show its fault. */
const RACES_MAX = 12;

/** The short run skips the build whose fault is the coarser of two similar ones. */
const BUILDS = [
  { broken_build: 'no_fence', finds: 'double decision' },
  { broken_build: 'lock_and_count_in_one_statement', finds: 'over cap' },
  ...(scale(0, 1) === 1 ? [{ broken_build: 'no_lock', finds: 'over cap' }] : []),
];

describe('a race for one lead notices', () => {
  it.each(BUILDS)('$broken_build', { timeout: 120_000 }, async ({ broken_build, finds }) => {
    let found: string[] = [];
    for (let races = 0; races < RACES_MAX && found.length === 0; races += 1) {
      const database = await testDatabase();
      const { race_ms, findings } = await runCapRace(database, {
        ...RACE,
        broken_build,
        phase_limit_ms: PHASE_LIMIT_MS,
      });
      await database.close();
      const told = findings.slice(0, 4).join(' | ');
      process.stdout.write(`${broken_build}: ${findings.length} in ${race_ms} ms: ${told}\n`);
      found = findings.filter((finding) => finding.startsWith(finds));
    }
    expect(found).not.toEqual([]);
  });
});
