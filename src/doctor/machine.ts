import { randomUUID } from 'node:crypto';
import { readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { type Check, check, failure, ok, skipped, warning } from './check.ts';

/** The database and the catcher's journal stop on a full disk; the warning comes days before. */
const ROOM_LOW_BYTES = 2 ** 30;
const ROOM_NONE_BYTES = 100 * 2 ** 20;

/** The existing secret of this process. Creates nothing. */
export async function presentSecret({ secret, database_url, data_dir }: Config): Promise<string | null> {
  if (secret !== null || database_url !== null) return secret;
  const kept = await readFile(join(data_dir, 'secret'), 'utf8').catch(() => '');
  return kept.trim() === '' ? null : kept.trim();
}

export async function machineChecks(config: Config): Promise<Check[]> {
  return Promise.all([secretCheck(config), directoryCheck(config)]);
}

function secretCheck(config: Config): Promise<Check> {
  return check('secret', async () => {
    if (config.secret !== null) return ok('TOUCHLINE_SECRET is set');
    if (config.database_url !== null) {
      return failure(
        'TOUCHLINE_SECRET is not set, and DATABASE_URL needs it',
        'Set it to the same value for every process. To create one: openssl rand -hex 32',
      );
    }
    if ((await presentSecret(config)) !== null) return ok(`kept in ${join(config.data_dir, 'secret')}`);
    return skipped('none yet: the first start creates and stores one');
  });
}

function directoryCheck({ data_dir, database_url }: Config): Promise<Check> {
  return check('data directory', async () => {
    const found = await stat(data_dir).catch(() => null);
    if (found === null) {
      return skipped(
        database_url === null
          ? `the first start creates ${data_dir}`
          : `${data_dir} does not exist and is not needed`,
      );
    }
    const probe = join(data_dir, `.doctor-${randomUUID()}`);
    try {
      await writeFile(probe, 'touchline doctor\n', { flag: 'wx', mode: 0o600 });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return failure(
        `${data_dir} cannot be written (${code})`,
        'Give this user access to the directory, or set TOUCHLINE_DATA_DIR to another one.',
      );
    } finally {
      await rm(probe, { force: true }).catch(() => undefined);
    }
    const { bavail, bsize } = await statfs(data_dir);
    const room = bavail * bsize;
    const seen = `${data_dir} is writable and has ${(room / 2 ** 30).toFixed(1)} GiB free`;
    if (room < ROOM_NONE_BYTES)
      return failure(seen, 'Free disk space: the database stops when the disk is full.');
    return room < ROOM_LOW_BYTES ? warning(seen, 'Free disk space before the disk is full.') : ok(seen);
  });
}
