import { expect, inject, it } from 'vitest';
import { runDatabaseKill } from './database_kill.ts';

it(
  'notices a server that acknowledges before it has written',
  async () => {
    const settings = { synchronous_commit: 'off', wal_writer_delay: '10s' };
    const { findings } = await runDatabaseKill({ seed: inject('seed'), kills: 1, settings });
    expect(findings.join()).toContain('acknowledged');
  },
  2 * 3_600_000,
);
