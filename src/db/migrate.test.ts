import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { migrate, schemaCurrent } from './migrate.ts';
import { openOwnerPool } from './open.ts';

let dir: string;
let database: TestDatabase;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'migrations-'));
  await mkdir(join(dir, 'migrations'));
  await mkdir(join(dir, 'routines'));
  await migration(
    '0001_leads.sql',
    `create type tier as enum ('T1'); create table leads (id int, tiers tier[]);`,
  );
  await routine(
    'leads.sql',
    'create or replace function answer() returns int language sql as $$ select 1 $$;',
  );
  database = await testDatabase({ empty: true });
});

afterEach(async () => {
  await database.close();
  await rm(dir, { recursive: true });
});

const migration = (name: string, sql: string) => writeFile(join(dir, 'migrations', name), sql);
const routine = (name: string, sql: string) => writeFile(join(dir, 'routines', name), sql);

test('the migrator applies each new migration once and reports it', async () => {
  const { db } = database;
  expect(await schemaCurrent(db, { dir })).toBe(false);
  const said: string[] = [];
  const log = (message: string) => void said.push(message);
  expect(await migrate(db, { dir, log })).toEqual({ applied: ['0001_leads.sql', 'routines'] });
  expect(said).toEqual(['applied 0001_leads.sql', 'applied 1 files of routines']);
  expect(await schemaCurrent(db, { dir })).toBe(true);
  expect(await migrate(db, { dir })).toEqual({ applied: [] });
  await migration('0002_more.sql', 'alter table leads add column email text;');
  expect(await schemaCurrent(db, { dir })).toBe(false);
  expect(await migrate(db, { dir })).toEqual({ applied: ['0002_more.sql', 'routines'] });
});

test('afterwards the pool reads arrays of the new enums', async () => {
  await migrate(database.db, { dir });
  await database.db.query(`insert into leads values (1, '{T1}')`);
  expect((await database.db.query('select tiers from leads')).rows).toEqual([{ tiers: ['T1'] }]);
});

test('routines are reapplied when their files change', async () => {
  const { db } = database;
  await migrate(db, { dir });
  await routine(
    'leads.sql',
    'create or replace function answer() returns int language sql as $$ select 2 $$;',
  );
  expect(await schemaCurrent(db, { dir })).toBe(false);
  expect(await migrate(db, { dir })).toEqual({ applied: ['routines'] });
  expect((await db.query('select answer()')).rows).toEqual([{ answer: 2 }]);
});

test('the migrator refuses a migration that was changed after it had been applied', async () => {
  await migrate(database.db, { dir });
  await migration('0001_leads.sql', 'create table leads (id bigint);');
  await expect(migrate(database.db, { dir })).rejects.toMatchObject({
    code: 'migration_changed',
    status: 503,
  });
  expect(await schemaCurrent(database.db, { dir })).toBe(false);
});

test('different line endings do not count as a change', async () => {
  await migration('0001_leads.sql', 'create table leads (\n  id int\n);\n');
  await migrate(database.db, { dir });
  await migration('0001_leads.sql', 'create table leads (\r\n  id int\r\n);\r\n');
  expect(await migrate(database.db, { dir })).toEqual({ applied: [] });
});

test('the migrator refuses a database that is newer than the code', async () => {
  await migration('0002_more.sql', 'create table more ();');
  await migrate(database.db, { dir });
  await rm(join(dir, 'migrations', '0002_more.sql'));
  await expect(migrate(database.db, { dir })).rejects.toMatchObject({ code: 'database_newer', status: 503 });
});

test('a failing migration is rolled back and names its line', async () => {
  await migration('0002_broken.sql', 'create table half ();\n\ncreate table leads ();\n');
  await migration('0003_after.sql', 'create table after ();');
  const failing = migrate(database.db, { dir });
  await expect(failing).rejects.toMatchObject({
    code: 'migration_failed',
    message: expect.stringMatching(/^0002_broken\.sql.*"leads" already exists/),
  });
  const { rows } = await database.db.query(
    `select to_regclass('half') as half, to_regclass('after') as after, count(*) as applied from schema_migrations`,
  );
  expect(rows).toEqual([{ half: null, after: null, applied: 1 }]);
});

test('a syntax error is given with its line', async () => {
  await migration('0002_typo.sql', 'create table one ();\n\ncreat table two ();\n');
  await expect(migrate(database.db, { dir })).rejects.toThrow(/^0002_typo\.sql, line 3: /);
});

test('two processes that start together take turns', async () => {
  await migration('0002_slow.sql', `select pg_sleep(0.3); create table slow ();`);
  const other = await openOwnerPool({ url: database.url });
  const [one, two] = await Promise.all([migrate(database.db, { dir }), migrate(other, { dir })]);
  await other.close();
  expect([...one.applied, ...two.applied].sort()).toEqual(['0001_leads.sql', '0002_slow.sql', 'routines']);
});

test('a migration may take longer than the statement timeout', async () => {
  const hasty = await openOwnerPool({ url: database.url, statement_timeout_ms: 100, max: 2 });
  await migration('0002_slow.sql', 'select pg_sleep(0.3);');
  expect((await migrate(hasty, { dir })).applied).toContain('0002_slow.sql');
  await expect(hasty.query('select pg_sleep(0.3)')).rejects.toMatchObject({ code: '57014' });
  await hasty.close();
});

test.each(['0003_gap.sql', '2_short.sql', '0002-dash.sql'])(
  'the migrator refuses a file called %s',
  async (name) => {
    await migration(name, 'select 1;');
    await expect(migrate(database.db, { dir })).rejects.toThrow(name);
  },
);
