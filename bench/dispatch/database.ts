import { totalmem } from 'node:os';
import { startTemporary } from '../../src/db/embedded_temporary.ts';
import { migrate } from '../../src/db/migrate.ts';
import { openOwnerPool } from '../../src/db/open.ts';
import type { Connection, OwnerPool } from '../../src/db/pool.ts';
import { AppError } from '../../src/errors.ts';

/** The measured database, and a way to fill it that bypasses triggers and foreign keys. */
export type BenchDatabase = {
  /** The product's connection, subject to row-level security. */
  app_url: string;
  /** A superuser's connection, which row policies do not slow down: peers and floor use it. */
  url: string;
  db: OwnerPool;
  /** A connection for bulk loads: no time limits, and no triggers or foreign keys. */
  loader(): Promise<Connection>;
  /** CHECKPOINT and ANALYZE may need more rights than the product's login has. */
  settle(): Promise<void>;
  /** The state that autovacuum would create later; otherwise it would run during a measurement. */
  vacuum(): Promise<void>;
  close(): Promise<void>;
};

/**
 * Server settings of a modest production machine: durable, and with checkpoints rare enough that none occurs during a
 * measurement. `wal_level = minimal` lets loads into new tables bypass the log.
 */
const SERVER_SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_compression: 'on',
  // A sixth of the machine's memory; a quarter is the usual advice.
  shared_buffers: `${Math.min(4096, Math.floor(totalmem() / 2 ** 20 / 6))}MB`,
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
};
const OLDEST_SERVER = 180_000;

/**
 * Starts a temporary server, or uses the empty database at `url`; its login must be a superuser, because a load of millions
 * of rows cannot fire their triggers. Migrates the schema.
 */
export async function openBenchDatabase(url: string | undefined): Promise<BenchDatabase> {
  const server = url === undefined ? await startTemporary(SERVER_SETTINGS) : undefined;
  const owner_url = url ?? server!.url;
  const admin_url = server === undefined ? owner_url : databaseAsAdmin(server.admin_url);
  const admin = await openOwnerPool({ url: admin_url, application_name: 'bench', statement_timeout_ms: 0 });
  const close = async () => {
    await admin.close();
    await server?.stop();
  };
  try {
    await refuseUnusable(admin);
    const owner = await openOwnerPool({ url: owner_url, max: 2, statement_timeout_ms: 0 });
    await migrate(owner).finally(() => owner.close());
    await admin.refreshTypes();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    app_url: server?.app_url ?? owner_url,
    url: admin_url,
    db: admin,
    loader: async () => {
      const own = await admin.checkout();
      await own.query(`SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0;
        SET session_replication_role = replica; SET maintenance_work_mem = '512MB'; SET work_mem = '128MB'`);
      return own;
    },
    settle: async () => {
      await admin.query('CHECKPOINT');
    },
    vacuum: async () => {
      await admin.query('VACUUM (ANALYZE)');
    },
    close,
  };
}

function databaseAsAdmin(admin_url: string): string {
  const url = new URL(admin_url);
  url.pathname = '/touchline';
  return url.href;
}

async function refuseUnusable(admin: OwnerPool): Promise<void> {
  const { rows } = await admin.query<{ version: number; is_superuser: boolean; is_empty: boolean }>(
    `SELECT current_setting('server_version_num')::int AS version,
            current_setting('is_superuser') = 'on' AS is_superuser,
            to_regclass('organizations') IS NULL AS is_empty`,
  );
  const { version, is_superuser, is_empty } = rows[0]!;
  if (version >= OLDEST_SERVER && is_superuser && is_empty) return;
  throw new AppError('bench_database', 'The benchmark needs a separate, empty database.', {
    hint: '--database-url takes a superuser of PostgreSQL 18 or newer and a database without tables.',
  });
}
