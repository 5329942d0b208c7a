import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../bench/main.ts', import.meta.url));
const bench = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, 'dispatch', ...args], { encoding: 'utf8' });
const dir = mkdtempSync(join(tmpdir(), 'bench-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('bench dispatch', () => {
  test('--json prints one object with the rates of all contestants and no broken rule', () => {
    const out = join(dir, 'figures.json');
    const size = ['--enrollments', '2000', '--leads', '1500', '--events', '2000', '--baseline-events', '500'];
    const { stdout, stderr, status } = bench(
      ...size,
      '--seconds',
      '0.4',
      '--workers',
      '1',
      '--json',
      '--out',
      out,
    );
    expect(status, stderr).toBe(0);
    const figures = JSON.parse(stdout);
    expect(figures).toEqual(JSON.parse(readFileSync(out, 'utf8')));
    const names = ['touchline', 'pg_boss', 'graphile_worker', 'floor', 'floor_one_connection'];
    for (const name of names) expect(figures.touches_per_second[name], name).toBeGreaterThan(0);
    expect(Object.keys(figures.touches_per_second).sort()).toEqual([...names].sort());
    expect(Object.keys(figures.ratios)).toHaveLength(names.length - 1);
    expect(figures.peak_rss_mb).toBeGreaterThan(10);
    expect(figures.cost_per_touch_ratio).toBeGreaterThan(0);
    expect(figures.contestants.touchline.outcomes).toMatchObject({ held: expect.any(Number) });
    expect(figures.checks).toMatchObject({
      decided_twice: 0,
      over_cap: 0,
      pending_for_unsubscribed: 0,
      without_task: 0,
    });
    expect(figures.checks.events).toBeGreaterThan(100);
  }, 120_000);

  test('a size that makes no world is refused before anything starts', () => {
    const { stdout, stderr, status } = bench('--enrollments', 'many');
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('--enrollments takes: a whole number from 1000.');
  });
});
