import { describe, expect, inject, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { runCrmStorm } from './crm_storm.ts';

describe('a storm of writes to the CRM notices', () => {
  it.each([
    { broken_build: 'crm_no_lookup', finds: 'written twice' },
    { broken_build: 'crm_no_order', finds: 'out of order' },
    { broken_build: 'crm_own_limiter', finds: 'over the limit' },
  ])(
    '$broken_build',
    async ({ broken_build, finds }) => {
      const database = await testDatabase();
      const report = await runCrmStorm(database, {
        seed: inject('seed'),
        people: 40,
        touches: 5,
        processes: 3,
        faults: { 429: 5, drop: 10 },
        kill_every_ms: 0,
        deadline_ms: 120_000,
        broken_build,
      });
      process.stdout.write(`${broken_build}: ${JSON.stringify(report.findings.slice(0, 5))}\n`);
      await database.close();
      expect(report.findings.filter((finding) => finding.startsWith(finds))).not.toEqual([]);
    },
    180_000,
  );
});
