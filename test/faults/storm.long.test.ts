import { describe, expect, inject, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { runStorm, storyOf } from './storm.ts';

const HOUR_MS = 3_600_000;

describe('a long storm', () => {
  it.each([
    { steps_in_all: 20_000, leads: 1_667 },
    { steps_in_all: 100_000, leads: 8_334 },
  ])('of $steps_in_all steps', { timeout: 4 * HOUR_MS }, async ({ leads }) => {
    // The test itself reads all the data, while the machine is as busy as it can be.
    const database = await testDatabase({ statement_timeout_ms: 600_000 });
    const report = await runStorm(database, {
      seed: inject('seed'),
      leads,
      campaigns: 4,
      steps: 3,
      processes: 8,
      speed: 30_000,
      fault_every_ms: 250,
      deadline_ms: 4 * HOUR_MS,
    });
    process.stdout.write(storyOf(report));
    await database.close();
    expect(report.findings).toEqual([]);
    expect(report.figures.steps).toBe(leads * 4 * 3);
  });
});
