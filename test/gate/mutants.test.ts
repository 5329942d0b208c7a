import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, inject, test } from 'vitest';
import { scale } from '../scale.ts';
import type { Found } from './find_mutants.ts';
import { MUTANTS } from './mutants.ts';

/* Gates with one fault each: the oracle's cases must find every one, so that no such fault would go unnoticed. */

const CASES = scale(12_000, 100_000);

test('every mutant of the gate is found', async ({ signal }) => {
  const script = fileURLToPath(new URL('find_mutants.ts', import.meta.url));
  // A fault may be an endless search: `signal` ends the process with the test.
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [script, String(inject('seed')), String(CASES)],
    {
      signal,
    },
  );
  const [unchanged, ...found] = JSON.parse(stdout) as Found[];
  expect(unchanged).toEqual({ name: null, asked: CASES, differs: false });
  expect(found.map(({ name }) => name)).toEqual(MUTANTS.map(({ name }) => name));
  expect(found.filter(({ differs }) => !differs)).toEqual([]);
}, 180_000);
