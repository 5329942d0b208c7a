import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { touchedBy } from '../tools/changed_tests.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Licenses, measurements, and tool settings select no test. */
const UNTOUCHED =
  /^(\.|bench\/|campaigns\/|LICENSE|NOTICE|biome\.json|knip|docs\/.*\.(svg|png)$|.*\/package\.json$)/;

test('every file of the tree maps to tests, and every pattern matches files', () => {
  const files = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
  const found = new Map<string, number>();
  const idle = files
    .trim()
    .split('\n')
    .filter((file) => touchedBy(file).length === 0 && !UNTOUCHED.test(file));
  for (const pattern of new Set(files.trim().split('\n').flatMap(touchedBy))) {
    if (/[{]|\/\*\*|^test\/database\.ts$/.test(pattern))
      found.set(pattern, globSync(pattern, { cwd: ROOT }).length);
  }
  expect(found.size).toBeGreaterThan(6);
  expect([...found].filter(([, count]) => count === 0)).toEqual([]);
  expect(idle).toEqual([]);
});

test.each([
  ['db/routines/plays.sql', ['test/database.ts']],
  ['db/queries/plays.sql', ['src/db/queries/plays.gen.ts']],
  ['web/src/app.tsx', ['test/e2e/**/*.test.ts', 'test/surfaces/pages.test.ts']],
  ['test/faults/storm_sink.ts', ['test/faults/storm_sink.ts', 'test/faults/*.test.ts']],
  ['src/worker/send.ts', ['src/worker/send.ts']],
])('%s maps to %j', (changed, touched) => {
  expect(touchedBy(changed)).toEqual(touched);
});
