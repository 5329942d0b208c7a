import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { failedStart, runToEnd, type Server } from './embedded_server.ts';
import { APP_ROLE } from './roles.ts';

/** The cluster's password: made once, then read. Only the owner of the data directory may read the file. */
export async function keptPassword(file: string): Promise<string> {
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return kept.trim();
  const password = randomBytes(24).toString('base64url');
  await writeFile(file, `${password}\n`, { mode: 0o600, flag: 'wx' });
  return password;
}

/**
 * Creates the cluster unless it exists. An incomplete cluster never gets the final name, so an interrupted start is
 * repeated.
 */
export async function createCluster(server: Server, password: string): Promise<void> {
  if ((await stat(server.dir).catch(() => undefined)) !== undefined) return;
  const draft = `${server.dir}.new`;
  const cluster = join(draft, 'cluster');
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  const password_file = join(draft, 'password');
  await writeFile(password_file, `${password}\n`, { mode: 0o600 });
  const { owner } = server.identity;
  for (const path of owner ? [draft, password_file] : []) await chown(path, owner!.uid, owner!.gid);
  const code = await runToEnd(server, server.binaries.initdb, initdbArgs(cluster, password_file));
  if (code !== 0) throw await failedStart(server, `initdb ended with code ${code}.`);
  await rename(cluster, server.dir);
  await rm(draft, { recursive: true, force: true });
  await syncDirectory(dirname(server.dir));
}

function initdbArgs(cluster: string, password_file: string): string[] {
  const access = ['--username=postgres', `--pwfile=${password_file}`, '--auth=scram-sha-256'];
  // The builtin provider sorts by code point everywhere; libc and ICU change their order between versions.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  return ['-D', cluster, ...access, ...locale, '--data-checksums', '--no-instructions'];
}

async function syncDirectory(dir: string): Promise<void> {
  await using handle = await open(dir, 'r');
  await handle.sync();
}

/**
 * Creates the roles and the database `name` unless they exist. The role of that name owns the database and may create roles
 * and databases, but is no superuser and does not bypass row-level security; the application's role owns nothing.
 */
export async function createDatabase(
  admin_url: string,
  { name, password, app_password }: { name: string; password: string; app_password: string },
): Promise<void> {
  const client = new pg.Client({ connectionString: admin_url });
  await client.connect();
  try {
    const role = client.escapeIdentifier(name);
    const app_role = client.escapeIdentifier(APP_ROLE);
    const { rows } = await client.query(
      `select exists (select from pg_roles where rolname = $1) as role,
              exists (select from pg_roles where rolname = $2) as app_role,
              exists (select from pg_database where datname = $1) as database`,
      [name, APP_ROLE],
    );
    if (!rows[0].role) {
      await client.query(
        `create role ${role} login nosuperuser nobypassrls createdb createrole password ${client.escapeLiteral(password)}`,
      );
    }
    if (!rows[0].app_role) {
      await client.query(`create role ${app_role} nosuperuser nobypassrls`);
    }
    await client.query(`alter role ${app_role} login password ${client.escapeLiteral(app_password)}`);
    await client.query(`grant ${app_role} to ${role}`);
    if (!rows[0].database) await client.query(`create database ${role} owner ${role}`);
  } finally {
    await client.end();
  }
}
