import { expect, inject, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { scale } from '../scale.ts';
import { FAILPOINTS } from './failpoint_points.ts';
import { runFailpoints } from './failpoints.ts';

const TIMEOUT_MS = scale(120_000, 4 * 3_600_000);

it(
  'completes every message whose process died or stalled',
  async () => {
    const { db, url, close } = await testDatabase();
    const seed = inject('seed');
    // The short run has every third point, chosen by the seed.
    const only = FAILPOINTS.flatMap(({ name }, at) => (scale(at, seed) % 3 === seed % 3 ? name : []));
    const { findings, ...figures } = await runFailpoints(
      { db, url },
      { seed, only, repeats: scale(1, 100), one_signal: scale(1, 0) === 1 },
    );
    await close();
    process.stdout.write(`failpoints: ${JSON.stringify(figures)}\n`);
    expect(findings).toEqual([]);
  },
  TIMEOUT_MS,
);
