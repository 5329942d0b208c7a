import { expect, inject, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { scale } from '../scale.ts';
import { runScenario } from './adversary_process.ts';
import { breakDatabase } from './worker_process.ts';

/** A generous limit for a busy machine. */
const limit = { timeout: scale(120_000, 3_600_000) };

it('begins no message after its recipient unsubscribed', limit, async () => {
  const { url, admin_url, close } = await testDatabase();
  const options = { seed: inject('seed'), mails: scale(50, 5_000) };
  const report = await runScenario({ database_url: url, admin_url, scenario: 'unsubscribe', options });
  await close();
  expect(report.findings).toEqual([]);
  expect(report.stopped).toBeGreaterThan(0);
  expect(report.too_late).toBeGreaterThan(0);
});

it('notices the broken build suppression_checked_only_when_queued', limit, async () => {
  const { db, url, admin_url, close } = await testDatabase();
  await breakDatabase(db, 'suppression_checked_only_when_queued');
  const argument = {
    database_url: url,
    admin_url,
    scenario: 'unsubscribe',
    options: { seed: inject('seed'), mails: 30 },
  } as const;
  const report = await runScenario(argument, 'suppression_checked_only_when_queued');
  await close();
  expect(report.findings).not.toEqual([]);
});
