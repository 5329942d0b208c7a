import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../bench/main.ts', import.meta.url));
const bench = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, 'api', ...args], { encoding: 'utf8' });
const dir = mkdtempSync(join(tmpdir(), 'bench-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('bench api', () => {
  test('measures the requested routes on the product’s own server, which refuses nothing', () => {
    const out = join(dir, 'figures.json');
    const names = ['leads', 'lead explain', 'events reason', 'campaigns', 'me'];
    const size = [
      '--leads',
      '5000',
      '--events',
      '2000',
      '--rate',
      '20',
      '--connections',
      '4',
      '--seconds',
      '1',
    ];
    const { stdout, stderr, status } = bench(...size, '--only', names.join(','), '--json', '--out', out);
    expect(status, stderr).toBe(0);
    const figures = JSON.parse(stdout);
    expect(figures).toEqual(JSON.parse(readFileSync(out, 'utf8')));
    expect(Object.keys(figures.operations).sort()).toEqual([...names].sort());
    for (const name of names) {
      const { p50_ms, p95_ms, p99_ms, max_ms, requests, errors } = figures.operations[name];
      expect(errors, name).toBe(0);
      expect(requests, name).toBeGreaterThan(4);
      expect(p50_ms, name).toBeGreaterThan(0);
      expect([p50_ms, p95_ms, p99_ms, max_ms]).toEqual(
        [p50_ms, p95_ms, p99_ms, max_ms].sort((a, b) => a - b),
      );
    }
    expect(figures.world).toMatchObject({ leads: 5000, enrollments: 1000, events: 2000 });
  }, 180_000);

  test('a size that makes no world is refused before anything starts', () => {
    const { stdout, stderr, status } = bench('--rate', '5', '--connections', '10');
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('--connections takes: at most as many as there are requests a second.');
  });
});
