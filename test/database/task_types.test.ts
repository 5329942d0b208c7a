import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { openOwnerPool } from '../../src/db/open.ts';
import { testDatabase } from '../database.ts';

/* The upgrade that removes the task type exit_contact, from a database with tasks and triggers. */

const SHIPPED = new URL('../../db/', import.meta.url);
const { db: current } = await testDatabase();
const { db: old, owner_url, close } = await testDatabase({ empty: true });
const owner = await openOwnerPool({ url: owner_url, max: 2 });
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'touchline-upgrade-'));
  await cp(SHIPPED, dir, { recursive: true });
  const names = await readdir(join(dir, 'migrations'));
  const upgrade = names.find((name) => name.includes('_exits_without_tasks'))!;
  // Later tables and columns are there, since the routines of today need them.
  await writeFile(join(dir, 'migrations', upgrade), 'SELECT 1;');
  await migrate(owner, { dir });
  await old.query(`
    DELETE FROM schema_migrations WHERE name LIKE '%\\_exits\\_without\\_tasks%';
    SET session_replication_role = replica;
    INSERT INTO agent_tasks (org_id, id, type, role, lead_id)
    SELECT gen_random_uuid(), gen_random_uuid(), type, 'roles.sales', gen_random_uuid()
    FROM unnest('{process_reply,exit_contact}'::task_type[]) AS t (type);
    RESET session_replication_role`);
});
afterAll(async () => {
  await owner.close();
  await close();
  await rm(dir, { recursive: true });
});

test('a task of the removed type refuses the upgrade, and nothing changes', async () => {
  await expect(migrate(owner)).rejects.toMatchObject({
    code: 'migration_failed',
    message: expect.stringContaining('tasks of the type exit_contact: 1'),
  });
  expect(await triggers(old)).toEqual(await triggers(current));
});

test('other tasks keep their types, and every trigger and index is there again', async () => {
  await old.query(`
    SET session_replication_role = replica;
    DELETE FROM agent_tasks WHERE type = 'exit_contact';
    RESET session_replication_role`);
  await migrate(owner);
  const { rows } = await old.query('SELECT type, claim_key FROM agent_tasks');
  expect(rows).toEqual([{ type: 'process_reply', claim_key: 'roles.sales process_reply' }]);
  expect(await triggers(old)).toEqual(await triggers(current));
  expect(await indexes(old)).toEqual(await indexes(current));
});

type Database = Pick<typeof current, 'query'>;

async function triggers(db: Database) {
  const { rows } = await db.query<{ text: string }>(`
    SELECT pg_get_triggerdef(oid) AS text FROM pg_trigger
    WHERE tgrelid = 'agent_tasks'::regclass AND NOT tgisinternal ORDER BY tgname`);
  return rows.map(({ text }) => text);
}

async function indexes(db: Database) {
  const { rows } = await db.query<{ indexdef: string }>(
    `SELECT indexdef FROM pg_indexes WHERE tablename = 'agent_tasks' ORDER BY indexname`,
  );
  return rows.map(({ indexdef }) => indexdef);
}
