import { describe, expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { scale } from '../scale.ts';
import { FITS, runCapRace } from './cap_race.ts';

const database = await testDatabase();

describe('many connections and one lead', () => {
  it.each([
    { cap: 'day', connections: scale(100, 200) },
    { cap: 'window', connections: scale(60, 200) },
  ] as const)(
    '$connections never exceed the cap of the $cap, decide each step once, and hold the rest until a time',
    { timeout: scale(120_000, 7_200_000) },
    async ({ cap, connections }) => {
      const rounds = scale(1, 200);
      const report = await runCapRace(database, {
        rounds,
        connections,
        // Several connections request the same one. More campaigns only make a round longer.
        campaigns: 6,
        cap,
        phase_limit_ms: 60_000,
      });
      process.stdout.write(`cap race of the ${cap}, ${rounds} rounds: ${JSON.stringify(report)}\n`);
      expect(report.findings).toEqual([]);
      expect(report.peak_connections).toBe(connections);
      expect(report.reserved).toBe(rounds * FITS[cap]);
      expect(report.deadlocks).toBe(0);
    },
  );
});
