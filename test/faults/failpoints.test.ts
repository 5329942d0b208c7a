import { expect, inject, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { scale } from '../scale.ts';
import { runFailpoints } from './failpoints.ts';

const TIMEOUT_MS = scale(120_000, 4 * 3_600_000);

it(
  'carries every message on from where its process died or stood still',
  async () => {
    const { db, url, close } = await testDatabase();
    const { findings, ...figures } = await runFailpoints(
      { db, url },
      { seed: inject('seed'), repeats: scale(1, 100), one_signal: scale(1, 0) === 1 },
    );
    await close();
    process.stdout.write(`failpoints: ${JSON.stringify(figures)}\n`);
    expect(findings).toEqual([]);
  },
  TIMEOUT_MS,
);
