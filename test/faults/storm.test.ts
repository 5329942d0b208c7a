import { describe, expect, inject, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { runStorm, storyOf } from './storm.ts';

const database = await testDatabase();
const LEADS = 14;

describe('a storm of workers that are killed and stalled', () => {
  it('decides each step once, sends each message once, keeps the caps, and loses nothing', {
    timeout: 120_000,
  }, async () => {
    const report = await runStorm(database, {
      seed: inject('seed'),
      leads: LEADS,
      campaigns: 2,
      steps: 2,
      processes: 5,
      // A lease of ten minutes is then 30 ms: a faster clock would only make slow machines release their reservations.
      speed: 20_000,
      fault_every_ms: 250,
      merges: 3,
      opt_outs: 2,
      deadline_ms: 90_000,
    });
    process.stdout.write(storyOf(report));
    expect(report.findings, report.findings.join('\n')).toEqual([]);
    // Six of the leads become three, of which two opt out, and may have taken no step before.
    expect(report.figures.steps).toBeGreaterThanOrEqual((LEADS - 3 - 2) * 2 * 2);
    expect(report.kills).toBeGreaterThan(0);
    expect(report.stalls).toBeGreaterThan(0);
  });
});
