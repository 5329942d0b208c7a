import { expect, inject, it } from 'vitest';
import { scale } from '../scale.ts';
import { runDatabaseKill } from './database_kill.ts';

const TIMEOUT_MS = scale(180_000, 2 * 3_600_000);

it(
  'loses no acknowledged work when the database server is killed',
  async () => {
    const report = await runDatabaseKill({ seed: inject('seed'), kills: scale(1, 200) });
    const { findings, ...figures } = report;
    process.stdout.write(`database kill: ${JSON.stringify(figures)}\n`);
    expect(findings).toEqual([]);
    expect(report.sent).toBeGreaterThan(0);
    expect(Object.values(report.acknowledged).every((count) => count > 0)).toBe(true);
  },
  TIMEOUT_MS,
);
