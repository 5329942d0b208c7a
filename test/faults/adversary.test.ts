import { expect, inject, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { scale } from '../scale.ts';
import { FAULT_MODES } from './adversary_modes.ts';
import { runScenario } from './adversary_process.ts';

/** A generous limit for a busy machine. */
const limit = { timeout: scale(120_000, 3_600_000) };

it('records the truth about every message, regardless of the mail server’s behavior', limit, async () => {
  const { url, admin_url, close } = await testDatabase();
  const options = { seed: inject('seed'), mails: scale(48, 2_000) };
  const report = await runScenario({ database_url: url, admin_url, scenario: 'adversary', options });
  await close();
  expect(report.findings).toEqual([]);
  expect(report.modes).toBeGreaterThan(Math.min(FAULT_MODES.length, 40));
  expect(report.outcomes.accepted).toBeGreaterThan(0);
  expect(report.outcomes.unknown).toBeGreaterThan(0);
});

/** The long run has both; the failpoints find the second one as well. */
const BROKEN = ['retry_on_connection_error', 'outcome_before_send'].slice(0, scale(1, 2));

it.each(BROKEN)('notices the broken build %s', limit, async (name) => {
  const { url, admin_url, close } = await testDatabase();
  const options = { seed: inject('seed'), mails: 24 };
  const report = await runScenario({ database_url: url, admin_url, scenario: 'adversary', options }, name);
  await close();
  expect(report.findings).not.toEqual([]);
});
