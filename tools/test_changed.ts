import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { touchedBy } from './changed_tests.ts';

/*
 * npm run test:changed            runs the tests affected by the changes since main, committed or not; on main, by the last commit.
 * npm run test:changed -- COMMIT  the same since COMMIT.
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const changed = changedSince(process.argv[2] ?? base());
const touched = new Set(changed.flatMap((path) => [...touchedBy(path)]));
const files = [...touched].flatMap((pattern) => globSync(pattern, { cwd: ROOT }));
process.stdout.write(`${changed.length} changed files touch ${files.length} sources and tests\n`);
if (files.length > 0) {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'related', '--run', '--passWithNoTests', ...new Set(files)];
  process.exitCode = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' }).status ?? 1;
}

/** Where this branch left main; on main itself, the last commit before this one. */
function base(): string {
  const head = git('rev-parse', 'HEAD')[0]!;
  const left = git('merge-base', 'HEAD', 'main')[0]!;
  return left === head && git('status', '--porcelain').length === 0 ? 'HEAD~1' : left;
}

function changedSince(commit: string): string[] {
  const changed = git('diff', '--name-only', commit);
  const added = git('ls-files', '--others', '--exclude-standard');
  return [...changed, ...added].filter((path) => existsSync(join(ROOT, path)) || touchedBy(path).length > 0);
}

function git(...args: string[]): string[] {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '');
}
