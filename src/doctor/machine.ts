import { randomUUID } from 'node:crypto';
import { readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { type Check, check, failure, ok, skipped, warning } from './check.ts';

/** The database and the catcher's journal stop where there is no room; days before that someone should know. */
const ROOM_LOW_BYTES = 2 ** 30;
const ROOM_NONE_BYTES = 100 * 2 ** 20;

/** What this process would sign and seal with, if it is there already. Nothing is made here. */
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
        'Set it, the same for every process; the first time: openssl rand -hex 32',
      );
    }
    if ((await presentSecret(config)) !== null) return ok(`kept in ${join(config.data_dir, 'secret')}`);
    return skipped('none yet: the first start makes one and keeps it');
  });
}

function directoryCheck({ data_dir, database_url }: Config): Promise<Check> {
  return check('data directory', async () => {
    const found = await stat(data_dir).catch(() => null);
    if (found === null) {
      return skipped(
        database_url === null
          ? `${data_dir} is made by the first start`
          : `${data_dir} is not there and not needed`,
      );
    }
    const probe = join(data_dir, `.doctor-${randomUUID()}`);
    try {
      await writeFile(probe, 'touchline doctor\n', { flag: 'wx', mode: 0o600 });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return failure(
        `${data_dir} cannot be written (${code})`,
        'Give this user the directory, or name another one by TOUCHLINE_DATA_DIR.',
      );
    } finally {
      await rm(probe, { force: true }).catch(() => undefined);
    }
    const { bavail, bsize } = await statfs(data_dir);
    const room = bavail * bsize;
    const seen = `${data_dir} can be written and has ${(room / 2 ** 30).toFixed(1)} GiB of room`;
    if (room < ROOM_NONE_BYTES) return failure(seen, 'Make room: the database stops when there is none.');
    return room < ROOM_LOW_BYTES ? warning(seen, 'Make room before there is none.') : ok(seen);
  });
}
