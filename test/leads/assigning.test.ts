import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { openAppPool } from '../../src/db/roles.ts';
import type { Principal } from '../../src/principal.ts';
import { untilBlocked } from '../blocked.ts';
import { testDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { importFile } from './import_world.ts';

const { db, url } = await testDatabase();
let world: TaskWorld;
let rep: Principal;
let ann: string;
let bo: string;
let gone: string;
let lead_ids: string[];

beforeAll(async () => {
  world = await taskWorld(db);
  rep = await world.addPerson('rep');
  gone = userOf(await world.addPerson('rep'));
  await db.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [gone]);
});

beforeEach(async () => {
  ann = userOf(await world.addPerson('rep'));
  bo = userOf(await world.addPerson('rep'));
  lead_ids = [];
  for (let n = 0; n < 5; n += 1) lead_ids.push(await world.addLead());
});

function userOf(principal: Principal): string {
  if (principal.kind !== 'human') throw new Error('an agent is not a user');
  return principal.user_id;
}

const assign = (input: object, who = rep) => world.call('assign_leads', who, { leads: lead_ids, ...input });
const owners = async () => {
  const rows = await world.rows<{ id: string; owner_user_id: string | null }>('leads');
  return lead_ids.map((id) => rows.find((row) => row.id === id)!.owner_user_id);
};
const notesOf = (user_id: string) =>
  world.rows<{ kind: string; lead_id: string | null; detail: object }>(
    'notifications',
    `to_user_id = '${user_id}'`,
  );

describe('assign_leads', () => {
  test('gives leads, by id or address, to one user, and answers for each', async () => {
    const [row] = await world.rows<{ email: string }>('leads', `id = '${lead_ids[0]}'`);
    const leads = [row!.email.toUpperCase(), ...lead_ids, 'missing@prospect.example'];
    const answer = await assign({ leads, owner_user_id: ann });
    expect(answer.counts).toEqual({ assigned: 5, unknown_lead: 1 });
    expect(answer.items[0]).toEqual(
      expect.objectContaining({ lead_id: lead_ids[0], outcome: 'assigned', owner_user_id: ann }),
    );
    expect(answer.items.at(-1)).toEqual(expect.objectContaining({ lead_id: null, outcome: 'unknown_lead' }));
    expect(await owners()).toEqual([ann, ann, ann, ann, ann]);
    expect((await assign({ owner_user_id: ann })).counts).toEqual({ unchanged: 5 });
    expect((await assign({ owner_user_id: null })).counts).toEqual({ assigned: 5 });
    expect(await owners()).toEqual([null, null, null, null, null]);
  });

  test('gives leads to several users in turn', async () => {
    await assign({ round_robin: [ann, bo] });
    expect(await owners()).toEqual([ann, bo, ann, bo, ann]);
  });

  test.each([
    ['a deactivated owner', () => ({ owner_user_id: gone }), 'person_inactive', 'owner_user_id'],
    ['a deactivated user in turn', () => ({ round_robin: [ann, gone] }), 'person_inactive', 'round_robin[1]'],
    ['an unknown user', () => ({ owner_user_id: crypto.randomUUID() }), 'unknown_reference', 'owner_user_id'],
    ['no owner', () => ({}), 'input_invalid', 'owner_user_id'],
    ['both', () => ({ owner_user_id: ann, round_robin: [bo] }), 'input_invalid', 'owner_user_id'],
  ])('refuses %s', async (_what, input, code, path) => {
    const refused = await world.refused('assign_leads', rep, { leads: lead_ids, ...input() });
    expect(refused.code).toBe(code);
    expect(refused.errors).toMatchObject([{ path }]);
    expect(await owners()).toEqual([null, null, null, null, null]);
  });

  test('leaves erased leads out', async () => {
    await world.call('erase_lead', world.person, { id: lead_ids[0], reason: 'asked to' });
    const { counts } = await assign({ owner_user_id: ann });
    expect(counts).toEqual({ assigned: 4, erased: 1 });
  });

  test('names the person in the audit', async () => {
    await assign({ leads: [lead_ids[0]], owner_user_id: ann });
    const lines = await world.rows('audit_log', `subject_key = '${lead_ids[0]}'`);
    expect(lines).toMatchObject([
      { actor_kind: 'human', actor_id: userOf(rep), changes: { owner_user_id: { old: null, new: ann } } },
    ]);
  });
});

describe('the new owner', () => {
  test('gets one notification for all leads of one act', async () => {
    await assign({ round_robin: [ann, bo] });
    expect(await notesOf(ann)).toMatchObject([
      { kind: 'assigned', lead_id: null, detail: { lead_count: 3 } },
    ]);
    expect(await notesOf(bo)).toMatchObject([{ detail: { lead_count: 2 } }]);
    const { items } = await world.call('list_notifications', { ...rep, user_id: ann } as Principal, {});
    expect(items).toMatchObject([{ says: '3 leads were assigned to you.' }]);
  });

  test('gets one for a patch, which names the lead, and none without a change', async () => {
    await world.call('patch_lead', rep, { id: lead_ids[0], owner_user_id: ann });
    await world.call('patch_lead', rep, { id: lead_ids[0], owner_user_id: ann, title: 'CTO' });
    expect(await notesOf(ann)).toMatchObject([{ kind: 'assigned', lead_id: lead_ids[0] }]);
    const { items } = await world.call('list_notifications', { ...rep, user_id: ann } as Principal, {});
    expect(items).toMatchObject([{ says: 'A lead was assigned to you.' }]);
  });

  test('gets none for leads that this user took', async () => {
    await assign({ owner_user_id: userOf(rep) });
    await world.call('patch_lead', rep, { id: lead_ids[0], owner_user_id: null });
    expect(await notesOf(userOf(rep))).toEqual([]);
  });

  test('gets one per file, also for a lead that moves', async () => {
    const rows = lead_ids.map((_, n) => `${ann}.${n}@prospect.example`);
    const file = (owner: string) => `email,owner\n${rows.map((email) => `${email},${owner}`).join('\n')}\n`;
    await importFile(world, file(ann), { dry_run: true });
    expect(await notesOf(ann)).toEqual([]);
    const { import_id } = await importFile(world, file(ann));
    await importFile(world, file(ann));
    expect(await notesOf(ann)).toMatchObject([{ detail: { lead_count: 5 } }]);
    await importFile(world, file(bo));
    expect(await notesOf(bo)).toMatchObject([{ detail: { lead_count: 5 } }]);
    expect(await world.rows('audit_log', `subject_key = '${import_id}'`)).toMatchObject([
      { changes: { assigned_count: { old: 0, new: 5 } } },
    ]);
  });
});

test('the former owner is notified once of what another user took, and not of own changes', async () => {
  await assign({ owner_user_id: ann });
  await assign({ owner_user_id: userOf(rep) });
  const taken = (await notesOf(ann)).filter(({ kind }) => kind === 'owner_changed');
  expect(taken).toMatchObject([{ lead_id: null, detail: { lead_count: 5 } }]);
  await assign({ owner_user_id: null });
  expect(await notesOf(userOf(rep))).toEqual([]);
  await world.call('patch_lead', rep, { id: lead_ids[0], owner_user_id: bo });
  await world.call('patch_lead', rep, { id: lead_ids[0], owner_user_id: null });
  const { items } = await world.call('list_notifications', { ...rep, user_id: bo } as Principal, {});
  const says = expect.stringMatching(/^.+ was yours and has no owner now\.$/);
  expect(items).toContainEqual(
    expect.objectContaining({ kind: 'owner_changed', lead_id: lead_ids[0], says }),
  );
});

test.each([
  [
    'inserts leads',
    `INSERT INTO leads (org_id, id, email, owner_user_id) VALUES ($1, gen_random_uuid(), 'x@prospect.example', $2)`,
  ],
  ['updates leads', 'UPDATE leads SET owner_user_id = $2 WHERE org_id = $1'],
  [
    'inserts accounts',
    `INSERT INTO accounts (org_id, id, name, owner_user_id) VALUES ($1, gen_random_uuid(), 'X', $2)`,
  ],
  ['updates accounts', 'UPDATE accounts SET owner_user_id = $2 WHERE org_id = $1'],
])('the database refuses a statement that %s with a deactivated owner', async (_what, sql) => {
  const failed = await db.query(sql, [world.org_id, gone]).catch((error: Error) => error);
  expect(sqlState(failed as Error)).toBe('TL020');
});

test('64 connections that choose a user as owner or manager while the user is deactivated are all refused', async () => {
  const { org_id } = world;
  const system = { org_id, kind: 'system', id: null } as const;
  const { account_id } = await world.call('get_lead', rep, { id: lead_ids[0]! });
  const choices = [
    ['UPDATE leads SET owner_user_id = $1 WHERE id = $2', lead_ids[0]!],
    ['UPDATE accounts SET owner_user_id = $1 WHERE id = $2', account_id],
    ['UPDATE users SET manager_user_id = $1 WHERE id = $2', bo],
  ] as const;
  const pool = await openAppPool({ url, max: 65 });
  try {
    const answers = await transaction(pool, system, async (tx) => {
      await tx.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [ann]);
      const chosen = Array.from({ length: 64 }, (_, at) => {
        const [sql, id] = choices[at % choices.length]!;
        return transaction(pool, system, (other) => other.query(sql, [ann, id])).then(
          () => 'chosen',
          sqlState,
        );
      });
      await untilBlocked(db);
      return { chosen };
    });
    expect(new Set(await Promise.all(answers.chosen))).toEqual(new Set(['TL020']));
  } finally {
    await pool.close();
  }
});

test('while the own owner of a lead is deactivated, the owner of its account owns the lead, if active', async () => {
  const lead = () => world.call('get_lead', rep, { id: lead_ids[0]! });
  const ids = async (user_id: string) => {
    const { rows } = await db.query('SELECT leads_of($1, $2) AS id', [world.org_id, [user_id]]);
    return rows.map(({ id }) => id);
  };
  const { account_id } = await lead();
  await assign({ leads: [lead_ids[0]], owner_user_id: ann });
  await world.call('patch_account', rep, { id: account_id, owner_user_id: bo });
  expect(await ids(ann)).toEqual([lead_ids[0]]);
  await db.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [ann]);
  expect(await lead()).toMatchObject({ owner_user_id: ann, effective_owner_user_id: bo });
  expect([await ids(ann), (await ids(bo)).includes(lead_ids[0]!)]).toEqual([[], true]);
  // With no active user, the lead stays with the user who left, and so in the team.
  await db.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [bo]);
  expect(await lead()).toMatchObject({ effective_owner_user_id: ann });
  expect(await ids(ann)).toEqual([lead_ids[0]]);
});
