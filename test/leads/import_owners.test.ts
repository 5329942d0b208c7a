import { beforeAll, describe, expect, test } from 'vitest';
import { testDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { importFile } from './import_world.ts';

const { db } = await testDatabase();
let world: TaskWorld;
const ids: Record<string, string> = {};

beforeAll(async () => {
  world = await taskWorld(db);
  await addUser('ann@ours.example', 'Ann Archer');
  await addUser('bo@ours.example', 'Bo Two');
  await addUser('bo.too@ours.example', 'Bo Two');
  await addUser('gone@ours.example', 'Gone Person', 'now()');
  await addUser('ann.before@ours.example', 'Ann Archer', 'now()');
});

async function addUser(email: string, name: string, deactivated_at = 'NULL'): Promise<void> {
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO users (org_id, id, email, name, roles, deactivated_at)
     VALUES ($1, gen_random_uuid(), $2, $3, '{rep}', ${deactivated_at}) RETURNING id`,
    [world.org_id, email, name],
  );
  ids[email] = rows[0]!.id;
}

const ownerOf = async (email: string) =>
  (await world.rows<{ owner_user_id: string | null }>('leads', `email = '${email}'`))[0]?.owner_user_id;

test('the owner of the account owns its leads, also of an account that exists', async () => {
  const imported = (owner: string) =>
    importFile(
      world,
      `Email,Company,Account owner\none@owned.example,Owned,${owner}\ntwo@owned.example,Owned,\n`,
    );
  const owners = async () =>
    (await world.rows<{ owner_user_id: string }>('accounts', `name = 'Owned'`)).map(
      (row) => row.owner_user_id,
    );
  expect(await imported('ann@ours.example')).toMatchObject({ created_count: 2, errors: [] });
  expect(await owners()).toEqual([ids['ann@ours.example']]);
  expect(await ownerOf('two@owned.example')).toBeNull();
  await imported('bo@ours.example');
  expect(await owners()).toEqual([ids['bo@ours.example']]);
  await imported('');
  expect(await owners()).toEqual([ids['bo@ours.example']]);
  const { errors } = await imported('stranger@ours.example');
  expect(errors).toMatchObject([{ line: 2, column: 'Account owner', code: 'owner_unknown' }]);
});

describe('the owner of a row', () => {
  test.each([
    ['Owner', 'ann@ours.example'],
    ['Owner Email', 'ANN@Ours.example'],
    ['Lead owner', ' Ann  archer '],
    ['Rep', 'Ann Archer'],
    ['Sales Rep', 'ann@ours.example'],
    ['Assigned to', 'Ann Archer'],
  ])('is the user under %s: %s', async (header, value) => {
    const email = `${header.replaceAll(' ', '.').toLowerCase()}@prospect.example`;
    const answer = await importFile(world, `Email,${header}\n${email},${value}\n`);
    expect(answer).toMatchObject({ created_count: 1, errors: [], columns: { owner_user_id: header } });
    expect(await ownerOf(email)).toBe(ids['ann@ours.example']);
  });

  test.each([
    ['who is unknown', 'stranger@ours.example', 'owner_unknown'],
    ['who is deactivated', 'gone@ours.example', 'owner_inactive'],
    ['whose name is that of a deactivated user', 'Gone Person', 'owner_inactive'],
    ['whose name two active users have', 'Bo Two', 'owner_ambiguous'],
  ])('refuses a user %s, as the dry run shows', async (_what, value, code) => {
    const file = `Email,Owner\nkept@prospect.example,ann@ours.example\nleft.out@prospect.example,${value}\n`;
    for (const dry_run of [true, false]) {
      const { skipped_count, errors } = await importFile(world, file, { dry_run });
      expect(skipped_count).toBe(1);
      expect(errors).toMatchObject([{ line: 3, column: 'Owner', code, value }]);
    }
    expect(await ownerOf('left.out@prospect.example')).toBeUndefined();
    expect(await ownerOf('kept@prospect.example')).toBe(ids['ann@ours.example']);
  });

  test('replaces the former owner, and an empty cell keeps that one', async () => {
    const email = 'moves@prospect.example';
    await importFile(world, `Email,Owner\n${email},bo@ours.example\n`);
    expect(await importFile(world, `Email,Owner\n${email},\n`)).toMatchObject({ unchanged_count: 1 });
    expect(await ownerOf(email)).toBe(ids['bo@ours.example']);
    expect(await importFile(world, `Email,Owner\n${email},ann@ours.example\n`)).toMatchObject({
      updated_count: 1,
    });
    expect(await ownerOf(email)).toBe(ids['ann@ours.example']);
  });

  test('is not read when the mapping skips the column', async () => {
    const answer = await importFile(world, 'Email,Owner\nskipped@prospect.example,a stranger\n', {
      mapping: { owner: null },
    });
    expect(answer).toMatchObject({ created_count: 1, ignored_columns: ['Owner'] });
  });
});
