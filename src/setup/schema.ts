import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { migrate, readyToWork } from '../db/migrate.ts';
import { openOwnerPool } from '../db/open.ts';
import { openAppPool } from '../db/roles.ts';
import { AppError } from '../errors.ts';
import { openLog, standardError } from '../telemetry/log.ts';

type Told = { log: Logger; say: (line: string) => void };

/** Brings the schema up to date with this login. A login without rights suffices if nothing must change. */
export async function bringUpToDate(url: string, { log, say }: Told): Promise<void> {
  const owner = await openOwnerPool({ url, max: 2 });
  try {
    if (await readyToWork(owner)) return;
    const { applied } = await migrate(owner, { log: (line) => log.debug(line) });
    if (applied.length > 0) say(`Schema is current (${applied.length} migrations applied).`);
  } finally {
    await owner.close();
  }
}

/**
 * The same for DATABASE_URL, and proves that the product can work there. Uses nothing else from the environment. Throws
 * `database_missing` without a DATABASE_URL.
 */
export async function migrateDatabase(config: Config, say: (line: string) => void): Promise<void> {
  const url = config.database_url;
  if (url === null) throw databaseMissing();
  await bringUpToDate(url, { log: openLog(config.log_level ?? 'info', standardError()), say });
  await (await openAppPool({ url, max: 1 })).close();
}

export function databaseMissing(): AppError {
  return new AppError('database_missing', 'DATABASE_URL is not set.', {
    hint: 'Set it, or run `touchline up`, which includes a database.',
  });
}
