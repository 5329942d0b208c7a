import { describe, expect, inject, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { runStorm, storyOf } from './storm.ts';

const database = await testDatabase();

describe('a storm of workers that are killed and stand still', () => {
  it('decides each step once, sends each message once, keeps the caps and loses nothing', {
    timeout: 120_000,
  }, async () => {
    const report = await runStorm(database, {
      seed: inject('seed'),
      leads: 250,
      campaigns: 2,
      steps: 2,
      processes: 8,
      speed: 60_000,
      fault_every_ms: 250,
      deadline_ms: 90_000,
    });
    process.stdout.write(storyOf(report));
    expect(report.findings).toEqual([]);
    expect(report.figures.steps).toBe(250 * 2 * 2);
    expect(report.kills).toBeGreaterThan(0);
    expect(report.stalls).toBeGreaterThan(0);
  });
});
