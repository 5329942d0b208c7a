import { describe, expect, it } from 'vitest';
import { BROKEN_BUILDS, mutate, mutationsByFile } from './broken_builds.ts';
import { spawnProduct } from './worker_process.ts';

describe('broken builds', () => {
  it.each(BROKEN_BUILDS)('$name finds every text that it changes', (build) => {
    expect(build.sources.length + (build.sql?.length ?? 0)).toBeGreaterThan(0);
    for (const [file, mutations] of mutationsByFile(build)) {
      expect(
        mutations.every(({ from, to }) => from !== to),
        file,
      ).toBe(true);
    }
  });

  it('have unique names', () => {
    const names = BROKEN_BUILDS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('refuse a text to change that is missing or occurs twice', () => {
    const mutation = { file: 'src/a.ts', from: 'FOR UPDATE', to: '' };
    expect(() => mutate('SELECT 1', [mutation])).toThrow('0 times');
    expect(() => mutate('FOR UPDATE FOR UPDATE', [mutation])).toThrow('2 times');
    expect(mutate('a FOR UPDATE b', [mutation])).toBe('a  b');
  });

  it('end the process at once when the name is wrong', async () => {
    const child = spawnProduct('worker_main.ts', {}, { broken_build: 'no_such_build' });
    await expect(child.ready).rejects.toThrow('no broken build is named no_such_build');
    expect(child.child.exitCode).not.toBe(0);
  });
});
