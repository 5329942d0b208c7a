import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../errors.ts';
import { makeAppRole, refuseMissingRights, refuseOtherOwner } from './login_rights.ts';
import type { Connection, OwnerPool, Statements } from './pool.ts';
import { APP_ROLE } from './roles.ts';

const DEFAULT_DIR = fileURLToPath(new URL('../../db', import.meta.url));
/** Any constant works: it names the lock that serializes migrations. */
const LOCK_KEY = 7_300_001;
const ROUTINES = 'routines';

type SqlFile = { name: string; sql: string; checksum: string };
type Plan = { migrations: SqlFile[]; routines: SqlFile[]; routines_checksum: string };
type Applied = ReadonlyMap<string, string>;

export type MigrateOptions = {
  log?: (message: string) => void;
  /** Contains `migrations/` and `routines/`; default: the product's own. */
  dir?: string;
};

/**
 * Brings the schema up to date: first the role that receives all grants, then each new `db/migrations/NNNN_*.sql` in its
 * own transaction, in order, then all of `db/routines/*.sql` in one if any of them or the tables changed. Simultaneous
 * starters take turns. Returns the names of the applied files.
 *
 * Throws `migration_changed` if a file differs from the one applied under its name, `database_newer` if the database has
 * migrations unknown to this code, `migration_failed` with the file's name, `database_rights_missing` or
 * `database_owner_differs` if this login lacks the rights (all 503).
 */
export async function migrate(
  db: OwnerPool,
  { log, dir = DEFAULT_DIR }: MigrateOptions = {},
): Promise<{ applied: string[] }> {
  const plan = await readPlan(dir);
  const own = await db.checkout();
  try {
    await prepareSession(own);
    await makeAppRole(own);
    await refuseMissingRights(own);
    await refuseOtherOwner(own);
    await createRecord(own);
    const done = await readApplied(own);
    refuseMismatch(plan, done);
    const applied = [];
    for (const file of plan.migrations.filter(({ name }) => !done.has(name))) {
      await apply(own, [file], file);
      log?.(`applied ${file.name}`);
      applied.push(file.name);
    }
    const is_stale = applied.length > 0 || done.get(ROUTINES) !== plan.routines_checksum;
    if (is_stale && plan.routines.length > 0) {
      await apply(own, plan.routines, { name: ROUTINES, checksum: plan.routines_checksum });
      log?.(`applied ${plan.routines.length} files of routines`);
      applied.push(ROUTINES);
    }
    if (applied.length > 0) await db.refreshTypes();
    return { applied };
  } finally {
    // Closed, not returned: that ends the lock and the session's unlimited timeouts.
    own.release(true);
  }
}

/**
 * Whether this login has nothing to migrate, so a login without rights suffices. Also grants it the product's role, if it
 * may do that itself.
 */
export async function readyToWork(db: OwnerPool): Promise<boolean> {
  const own = await db.checkout();
  try {
    await makeAppRole(own);
    await own.query(`set role ${APP_ROLE}`);
    return await schemaCurrent(own);
  } catch {
    return false;
  } finally {
    own.release(true);
  }
}

/** Whether the database has exactly the migrations and routines of this code. */
export async function schemaCurrent(
  db: Statements,
  { dir = DEFAULT_DIR }: { dir?: string } = {},
): Promise<boolean> {
  const plan = await readPlan(dir);
  const { rows } = await db.query<{ present: boolean }>(
    `select to_regclass('schema_migrations') is not null as present`,
  );
  if (!rows[0]!.present) return false;
  const done = await readApplied(db);
  const wanted = plan.migrations.map(({ name, checksum }): [string, string] => [name, checksum]);
  if (plan.routines.length > 0) wanted.push([ROUTINES, plan.routines_checksum]);
  return done.size === wanted.length && wanted.every(([name, checksum]) => done.get(name) === checksum);
}

async function readPlan(dir: string): Promise<Plan> {
  const migrations = await readSql(join(dir, 'migrations'), /^\d{4}_[a-z0-9_]+\.sql$/);
  const routines = await readSql(join(dir, 'routines'), /^[a-z0-9_]+\.sql$/);
  migrations.forEach(({ name }, index) => {
    const number = String(index + 1).padStart(4, '0');
    if (!name.startsWith(number)) throw new Error(`migration ${name} should have the number ${number}`);
  });
  const routines_checksum = checksumOf(
    routines.map(({ name, checksum }) => `${name} ${checksum}\n`).join(''),
  );
  return { migrations, routines, routines_checksum };
}

async function readSql(dir: string, pattern: RegExp): Promise<SqlFile[]> {
  const names = await readdir(dir).catch((): string[] => []);
  const files = names.filter((name) => name.endsWith('.sql')).sort();
  const misnamed = files.find((name) => !pattern.test(name));
  if (misnamed !== undefined) throw new Error(`${join(dir, misnamed)} has no proper name`);
  return Promise.all(
    files.map(async (name) => {
      const sql = await readFile(join(dir, name), 'utf8');
      return { name, sql, checksum: checksumOf(sql) };
    }),
  );
}

/** Ignores line endings, which a checkout may convert. */
function checksumOf(text: string): string {
  return createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex');
}

async function prepareSession(own: Connection): Promise<void> {
  await own.query(`
    set statement_timeout = 0;
    set idle_in_transaction_session_timeout = 0;
    set lock_timeout = '5min';
    set client_min_messages = warning;
  `);
  await own.query('select pg_advisory_lock($1)', [LOCK_KEY]);
  // A table held by another session would make every other query queue behind the migration.
  await own.query(`set lock_timeout = '30s'`);
}

/** Creates the record of applied files. */
async function createRecord(own: Connection): Promise<void> {
  await own.query(`
    create table if not exists schema_migrations (
      name text primary key,
      checksum text not null,
      applied_at timestamptz not null default clock_timestamp()
    )
  `);
}

async function readApplied(db: Statements): Promise<Applied> {
  const { rows } = await db.query<{ name: string; checksum: string }>(
    'select name, checksum from schema_migrations',
  );
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

function refuseMismatch({ migrations }: Plan, done: Applied): void {
  const known = new Map(migrations.map(({ name, checksum }) => [name, checksum]));
  for (const [name, checksum] of done) {
    if (name === ROUTINES) continue;
    if (!known.has(name)) {
      throw new AppError(
        'database_newer',
        `The database has migration ${name}, which this version does not know.`,
        { hint: 'Start the version of Touchline that created it, or a newer one.' },
      );
    }
    if (known.get(name) !== checksum) {
      throw new AppError('migration_changed', `Migration ${name} was changed after it was applied.`, {
        hint: 'Restore the file and make the change in a new migration.',
      });
    }
  }
}

async function apply(own: Connection, files: readonly SqlFile[], record: { name: string; checksum: string }) {
  await own.query('begin');
  try {
    for (const file of files) await execute(own, file);
    await own.query(
      `insert into schema_migrations (name, checksum) values ($1, $2)
       on conflict (name) do update set checksum = excluded.checksum, applied_at = clock_timestamp()`,
      [record.name, record.checksum],
    );
    await own.query('commit');
  } catch (error) {
    await own.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function execute(own: Connection, { name, sql }: SqlFile): Promise<void> {
  try {
    await own.query(sql);
  } catch (error) {
    const { message, position, hint } = error as Error & { position?: string; hint?: string };
    const line = position === undefined ? '' : `, line ${sql.slice(0, Number(position)).split('\n').length}`;
    throw new AppError('migration_failed', `${name}${line}: ${message}`, { cause: error, hint });
  }
}
