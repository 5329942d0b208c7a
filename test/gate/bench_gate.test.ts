import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
const bench = (...args: string[]) => spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });

describe('bench', () => {
  test('gate --json prints one object with the figure, over a mix of all outcomes', () => {
    const { stdout, status } = bench('gate', '--seconds', '0.05', '--json');
    expect(status).toBe(0);
    const figures = JSON.parse(stdout);
    expect(figures.decisions_per_second).toBeGreaterThan(10_000);
    expect(Object.keys(figures.outcomes).sort()).toEqual(['allow', 'block', 'hold', 'queue', 'refuse']);
  });

  test('without --json it prints a table, and an unknown name is a usage error', () => {
    expect(bench('gate', '--seconds', '0.05').stdout).toMatch(/^decisions_per_second +[\d,]+$/m);
    expect(bench('toString')).toMatchObject({ status: 2, stdout: '' });
  });
});
