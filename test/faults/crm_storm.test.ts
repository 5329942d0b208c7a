import { expect, inject, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { scale } from '../scale.ts';
import { runCrmStorm } from './crm_storm.ts';

const deadline_ms = scale(60_000, 2_400_000);

it(
  'writes each touch to the CRM exactly once, in the order of its person, and never over the limit',
  async () => {
    const database = await testDatabase();
    const report = await runCrmStorm(database, {
      seed: inject('seed'),
      people: scale(8, 2_000),
      touches: scale(4, 5),
      processes: scale(2, 3),
      faults: { 429: 5, drop: 5 },
      kill_every_ms: scale(0, 20_000),
      deadline_ms,
    });
    process.stdout.write(`${JSON.stringify({ ...report, findings: report.findings.slice(0, 20) })}\n`);
    await database.close();
    expect(report.findings).toEqual([]);
  },
  deadline_ms + 60_000,
);
