import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findBinaries } from './embedded_binaries.ts';
import { createCluster, createDatabase, keptPassword } from './embedded_cluster.ts';
import { chooseIdentity } from './embedded_identity.ts';
import { clearOrphan, postmaster, type Server, startServer, stopServer } from './embedded_server.ts';
import { takeInstanceLock } from './instance_lock.ts';
import { isRunning } from './processes.ts';
import { APP_ROLE } from './roles.ts';

export type EmbeddedAddress = {
  /** Database `touchline` as its owner `touchline`, which is no superuser. */
  url: string;
  /** The same database as `touchline_app`, which owns nothing. */
  app_url: string;
};

export type EmbeddedPostgres = EmbeddedAddress & {
  /** Database `postgres` as superuser: to create databases and roles. */
  admin_url: string;
  pid: number;
  port: number;
  /** Settles when the server has ended, requested or not. */
  exited: Promise<void>;
  /** Publishes the address of this instance: a second start on the same directory names it. */
  announce(address: string): Promise<void>;
  /** Publishes that this instance is stopping: a second start on the same directory waits for its end. */
  announceStop(): Promise<void>;
  /**
   * Fast shutdown: rolls back open transactions and keeps everything committed. Returns once all server processes have
   * ended and nothing writes to the directory. Bounded by `SERVER_STOP_MAX_MS`.
   */
  stop(): Promise<void>;
};

export type EmbeddedOptions = {
  data_dir: string;
  /** Default: a free port, chosen at each start. */
  port?: number;
  /** Server settings over the defaults; tests switch fsync off here. */
  settings?: Readonly<Record<string, string>>;
  /** Receives messages for the person who waits for the start. */
  log?: (message: string) => void;
};

/**
 * Starts PostgreSQL from npm on `<data_dir>/postgres`, and creates the cluster on first use. The server listens only on
 * 127.0.0.1 and requires a password, kept in `<data_dir>/postgres.password`; it logs to `<data_dir>/postgres.log`.
 *
 * Throws `already_running` if another process owns the directory, `embedded_postgres_missing`,
 * `embedded_postgres_needs_access`, or `embedded_postgres_failed` (all 503). First shuts down a server whose owner and
 * guard were both killed.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const data_dir = resolve(options.data_dir);
  await makeDataDir(data_dir);
  const lock = await takeInstanceLock(join(data_dir, 'touchline.lock'), options.log);
  if (lock.left_by !== null) options.log?.(endedWithout(lock.left_by));
  try {
    const server = await prepareServer(data_dir);
    await clearOrphan(server, options.log);
    const password = await keptPassword(join(data_dir, 'postgres.password'));
    await createCluster(server, password);
    const running = await startServer(server, { port: options.port, settings: options.settings ?? {} });
    const address = `127.0.0.1:${running.port}`;
    const admin_url = `postgresql://postgres:${password}@${address}/postgres`;
    await createDatabase(admin_url, {
      name: 'touchline',
      password,
      app_password: appPassword(password),
    }).catch(async (error) => {
      await stopServer(running);
      throw error;
    });
    await lock.announce(`postgresql://${address}`);
    return {
      ...embeddedAddress(password, running.port),
      admin_url,
      pid: running.pid,
      port: running.port,
      exited: running.exited,
      announce: lock.announce,
      announceStop: lock.announceStop,
      stop: () => stopServer(running).finally(lock.release),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function endedWithout(pid: number): string {
  return `The last run on this data directory (process ${pid}) ended without stopping. Its data is kept; starting again.`;
}

/** Root makes the directory searchable, not readable: the server's user reaches only its own part. */
async function makeDataDir(data_dir: string): Promise<void> {
  const created = await mkdir(data_dir, { recursive: true });
  if (created !== undefined) await chmod(data_dir, process.getuid?.() === 0 ? 0o711 : 0o700);
}

async function prepareServer(data_dir: string): Promise<Server> {
  const binaries = await findBinaries();
  const dir = join(data_dir, 'postgres');
  const identity = await chooseIdentity({ data_dir, cluster_dir: dir, postgres: binaries.postgres });
  return { dir, log_file: join(data_dir, 'postgres.log'), binaries, identity };
}

/** The address of the embedded server, for a reader of the data directory. */
function embeddedAddress(password: string, port: number): EmbeddedAddress {
  const address = `127.0.0.1:${port}/touchline`;
  return {
    url: `postgresql://touchline:${password}@${address}`,
    app_url: `postgresql://${APP_ROLE}:${appPassword(password)}@${address}`,
  };
}

/** The application role's password: derived from the cluster's, without revealing it. */
function appPassword(password: string): string {
  return createHash('sha256').update(`${APP_ROLE} ${password}`).digest('base64url');
}

/** The server that runs on this data directory now, whichever process started it; null if none runs or it is not ours. */
export async function runningEmbedded(data_dir: string): Promise<EmbeddedAddress | null> {
  const { pid, port } = await postmaster(join(data_dir, 'postgres'));
  const password = (await readFile(join(data_dir, 'postgres.password'), 'utf8').catch(() => '')).trim();
  if (!(pid > 0) || !(port > 0) || password === '' || !(await isRunning(pid))) return null;
  return embeddedAddress(password, port);
}
