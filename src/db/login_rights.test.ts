import { randomBytes } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../test/database.ts';
import { readConfig } from '../config.ts';
import { databaseChecks } from '../doctor/database.ts';
import type { AppError } from '../errors.ts';
import { makeAppRole, refuseMissingRights } from './login_rights.ts';
import { migrate, readyToWork } from './migrate.ts';
import { openOwnerPool } from './open.ts';
import type { OwnerPool } from './pool.ts';

/* Logins on a current server that already has the role; test/clusters has empty servers of every version. */

const made = await testDatabase();
const empty = await testDatabase({ empty: true });
const logins: string[] = [];
const pools: OwnerPool[] = [];

afterAll(async () => {
  await Promise.all(pools.map((db) => db.close()));
  for (const name of logins) {
    for (const { db } of [made, empty]) await db.query(`DROP OWNED BY "${name}"`);
    await made.db.query(`DROP ROLE "${name}"`);
  }
});

/** A new login, and its pool on a database. `%I` in `grants` is its name. */
async function loginOn(
  admin_url: string,
  grants: readonly string[] = [],
): Promise<OwnerPool & { url: string }> {
  const name = `Login-${randomBytes(4).toString('hex')}`;
  await made.db.query(`CREATE ROLE "${name}" LOGIN PASSWORD 'secret'`);
  logins.push(name);
  const admin = admin_url === made.admin_url ? made.db : empty.db;
  for (const grant of grants) await admin.query(grant.replaceAll('%I', `"${name}"`));
  const url = new URL(admin_url);
  Object.assign(url, { username: name, password: 'secret' });
  const db = await openOwnerPool({ url: url.href, max: 2 });
  pools.push(db);
  return { ...db, url: url.href };
}

const refusal = (asked: Promise<unknown>) =>
  asked.then(
    () => null,
    (error: AppError) => ({ code: error.code, statements: error.hint?.match(/^.*;$/gm) ?? [] }),
  );

const nameOf = async (db: OwnerPool) =>
  (await db.query<{ name: string }>('SELECT quote_ident(session_user) AS name')).rows[0]!.name;

const databaseOf = async (db: OwnerPool) =>
  (await db.query<{ name: string }>('SELECT quote_ident(current_database()) AS name')).rows[0]!.name;

test('one message lists every right that a login lacks, and no others', async () => {
  const db = await loginOn(empty.admin_url);
  const [login, database] = [await nameOf(db), await databaseOf(db)];
  expect(await refusal(migrate(db))).toEqual({
    code: 'database_rights_missing',
    statements: [
      `GRANT touchline_app TO ${login} WITH SET TRUE;`,
      `GRANT USAGE, CREATE ON SCHEMA public TO ${login};`,
      `GRANT CREATE ON DATABASE ${database} TO ${login};`,
    ],
  });
  await empty.db.query(`GRANT CREATE ON DATABASE ${database} TO ${login}`);
  expect((await refusal(migrate(db)))!.statements).toHaveLength(2);
  await empty.db.query(`REVOKE USAGE ON SCHEMA public FROM public`);
  expect((await refusal(migrate(db)))!.statements).toContain(
    'GRANT USAGE ON SCHEMA public TO touchline_app;',
  );
  await empty.db.query(`GRANT USAGE ON SCHEMA public TO public`);
});

test('a login that may grant the role but lacks it grants it to itself', async () => {
  const db = await loginOn(made.admin_url, [
    'GRANT touchline_app TO %I WITH ADMIN TRUE, SET FALSE, INHERIT FALSE',
  ]);
  expect((await refusal(refuseMissingRights(db)))!.statements).toHaveLength(1);
  await makeAppRole(db);
  expect(await refusal(refuseMissingRights(db))).toBeNull();
});

test('a login with a partial grant of the role is asked for the full grant', async () => {
  const db = await loginOn(made.admin_url, ['GRANT touchline_app TO %I WITH SET FALSE']);
  expect(await readyToWork(db)).toBe(false);
  const { statements } = (await refusal(migrate(db)))!;
  const { checks, close } = await databaseChecks({ ...readConfig({}), database_url: db.url });
  await close();
  expect(checks.find(({ name }) => name === 'application role')).toMatchObject({
    status: 'failure',
    next: expect.stringContaining(statements[0]!),
  });
  for (const statement of statements) await made.db.query(statement);
  expect(await readyToWork(db)).toBe(true);
});

test('a plain member of the role can use another login’s tables but not alter them', async () => {
  const db = await loginOn(made.admin_url, ['GRANT touchline_app TO %I WITH INHERIT FALSE']);
  expect(await readyToWork(db)).toBe(true);
  expect(await refusal(refuseMissingRights(db))).toBeNull();
  expect(await refusal(migrate(db))).toMatchObject({ code: 'database_owner_differs' });
});
