import { beforeAll, describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { type Actor, type Origin, transaction } from '../../src/db/pool.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';
import { type TasksOf, tasksOf } from './task_world.ts';

/* The database's refusals about tasks, by raw SQL as the product's role, for every actor. */

const { db } = await testDatabase();
let world: World;
let tasks: TasksOf;
let sales: Actor;
let bdr: Actor;
let person: Actor;

beforeAll(async () => {
  world = await createWorld(db);
  tasks = tasksOf(db, world);
  const { org_id } = world;
  sales = { org_id, kind: 'agent', id: 'roles.sales' };
  bdr = { org_id, kind: 'agent', id: 'roles.bdr' };
  person = { org_id, kind: 'human', id: world.person.kind === 'human' ? world.person.user_id : '' };
});

async function as(actor: Actor, text: string, values: readonly unknown[]): Promise<string | null> {
  try {
    await transaction(db.app, actor, (tx) => tx.query(text, values));
    return null;
  } catch (error) {
    return sqlState(error) ?? String(error);
  }
}

const CLAIM = `UPDATE agent_tasks SET status = 'claimed', claim_id = gen_random_uuid(), claimed_by = $2, claimed_at = $3,
  lease_until = $3::timestamptz + interval '5 minutes', attempt_count = attempt_count + 1 WHERE id = $1`;
const DONE = `UPDATE agent_tasks SET status = 'done', claim_id = NULL, lease_until = NULL, finished_at = $2 WHERE id = $1`;

const claim = (actor: Actor, id: string, text = CLAIM) => as(actor, text, [id, actor.id, world.clock.now()]);
const done = (actor: Actor, id: string) => as(actor, DONE, [id, world.clock.now()]);
const replyTask = async () =>
  tasks.addTask({ type: 'process_reply', role: 'roles.sales', lead_id: await world.addLead() });
const meeting = async () =>
  tasks.addTask({ type: 'meeting_booked', role: 'roles.exec', lead_id: await world.addLead() });

describe('a claim', () => {
  it('covers the agent’s own role, in its own name', async () => {
    const id = await replyTask();
    expect(await claim(bdr, id)).toBe('TL034');
    expect(await claim({ ...sales, id: 'AGT-901' }, id)).toBe('TL034');
    expect(await claim(person, id)).toBe('TL034');
    expect(await as(sales, CLAIM, [id, 'roles.bdr', world.clock.now()])).toBe('TL034');
    expect(await claim(sales, id)).toBeNull();
  });

  it('by a system agent takes the requested task', async () => {
    expect(await claim({ ...sales, id: 'AGT-301' }, await replyTask())).toBeNull();
  });

  it('takes only free tasks, and is counted', async () => {
    const id = await replyTask();
    expect(await claim(sales, id, CLAIM.replace('attempt_count + 1', 'attempt_count'))).toBe('TL035');
    expect(await claim(sales, id)).toBeNull();
    expect(await claim(sales, id)).toBe('TL035');
    world.clock.advance(5 * 60_000);
    expect(await claim(sales, id)).toBeNull();
    expect(await tasks.task(id)).toMatchObject({ attempt_count: 2, claimed_by: 'roles.sales' });
  });

  it('lasts ten seconds to an hour, five times at most', async () => {
    const id = await replyTask();
    for (const lease of ['9 seconds', '61 minutes']) {
      expect(await claim(sales, id, CLAIM.replace('5 minutes', lease))).toBe('23514');
    }
    await db.query('UPDATE agent_tasks SET attempt_count = 5 WHERE id = $1', [id]);
    expect(await claim(sales, id)).toBe('23514');
  });
});

describe('the end of a task', () => {
  it('requires its claim', async () => {
    const id = await replyTask();
    expect(await done(sales, id)).toBe('TL035');
    await claim(sales, id);
    expect(await done(bdr, id)).toBe('TL035');
    expect(await done(person, id)).toBe('TL035');
    expect(await as(bdr, DONE.replace("'done'", "'canceled'"), [id, world.clock.now()])).toBe('TL035');
    expect(await done(sales, id)).toBeNull();
  });

  it('requires a running lease, whatever time is written', async () => {
    const id = await replyTask();
    await claim(sales, id);
    world.clock.advance(5 * 60_000);
    const origin = { at: world.clock.now().toISOString() } as Origin;
    const give_back = `UPDATE agent_tasks SET status = 'open', claim_id = NULL, lease_until = NULL WHERE id = $1`;
    const late = (text: string, values: readonly unknown[]) =>
      transaction({ ...db.app, origin }, sales, (tx) => tx.query(text, [...values])).then(
        () => null,
        sqlState,
      );
    expect(await done(sales, id)).toBe('TL035');
    expect(await late(DONE.replace("'done'", "'failed'"), [id, world.clock.now()])).toBe('TL035');
    expect(await late(give_back, [id])).toBe('TL035');
    world.clock.advance(-1);
    expect(await done(sales, id)).toBeNull();
  });

  it('is final', async () => {
    const id = await replyTask();
    await claim(sales, id);
    await done(sales, id);
    for (const actor of [sales, person]) {
      for (const status of ['open', 'failed', 'canceled', 'done']) {
        const text = `UPDATE agent_tasks SET status = '${status}', error = 'x' WHERE id = $1`;
        expect(await as(actor, text, [id])).toBe('TL001');
      }
    }
  });

  it('after a failure can be undone by a person only', async () => {
    const id = await replyTask();
    await db.query(`UPDATE agent_tasks SET status = 'failed', finished_at = now() WHERE id = $1`, [id]);
    const reopen = `UPDATE agent_tasks SET status = 'open', finished_at = NULL WHERE id = $1`;
    expect(await as(sales, reopen, [id])).toBe('TL001');
    expect(await as(person, reopen, [id])).toBeNull();
  });

  it('leaves its subject unchanged', async () => {
    const id = await replyTask();
    expect(await as(person, `UPDATE agent_tasks SET payload = '{"x":1}' WHERE id = $1`, [id])).toBe('TL012');
    expect(await as(person, `UPDATE agent_tasks SET role = 'roles.bdr' WHERE id = $1`, [id])).toBe('TL012');
  });
});

describe('the executive’s approval', () => {
  const DECIDE = `UPDATE agent_tasks SET status = 'done', finished_at = $2, decided_by_user_id = $3, claim_id = NULL,
    lease_until = NULL WHERE id = $1`;
  const decide = (actor: Actor, id: string, by: string | null = person.id) =>
    as(actor, DECIDE, [id, world.clock.now(), by]);

  it('cannot be given by an agent, or in another name', async () => {
    const id = await meeting();
    const exec: Actor = { ...sales, id: 'roles.exec' };
    for (const agent of [sales, exec, { ...sales, id: 'AGT-202' }]) {
      expect(await claim(agent, id)).toBe('TL005');
      expect(await decide(agent, id)).toBe('TL005');
      expect(await decide(agent, id, null)).toBe('TL005');
    }
    expect(await decide({ ...sales, kind: 'coordinator', id: 'AGT-302' }, id)).toBe('TL005');
    expect(await decide(person, id, null)).toBe('TL005');
    const [other] = await addUser('rep');
    expect(await decide(person, id, other!)).toBe('TL005');
    expect(await decide({ ...person, id: other! }, id, other!)).toBe('TL022');
    expect(await decide(person, id)).toBeNull();
    expect(await decide(person, id)).toBe('TL001');
  });

  it('cannot be bypassed, because agents create no tasks', async () => {
    const text = `INSERT INTO agent_tasks (org_id, id, type, role, lead_id, payload)
      VALUES ($1, gen_random_uuid(), 'enroll_contact', 'roles.sales', $2, '{"campaign":"b2bea_membership_close"}')`;
    const lead_id = await world.addLead();
    expect(await as(sales, text, [world.org_id, lead_id])).toBe('TL005');
    const claimed = text.replace('payload)', 'payload, status)').replace("}')", "}', 'claimed')");
    expect(await as(person, claimed, [world.org_id, lead_id])).toBe('TL001');
  });

  async function addUser(role: string): Promise<string[]> {
    const { rows } = await db.query<{ id: string }>(
      `INSERT INTO users (org_id, id, email, name, roles)
       VALUES ($1, gen_random_uuid(), $2, 'P', ARRAY[$3::user_role]) RETURNING id`,
      [world.org_id, `${role}@testers.example`, role],
    );
    return rows.map((row) => row.id);
  }
});

describe('an agent’s text', () => {
  const WRITE = `INSERT INTO staged_drafts (org_id, id, queue_id, version, channel, to_id, subject, body, context,
      written_by_agent_id, created_at)
    VALUES ($1, gen_random_uuid(), $2, $3, 'email', 'x@prospect.example', 'S', 'B', '{}', $4, $5)`;

  it('is for the touch of its own task, in its own name', async () => {
    const { id, queue_id } = await tasks.dueTask(await world.addLead(), 'b2bea_membership_close');
    const write = (actor: Actor, by = actor.id, version = 1, minutes_later = 0) =>
      as(actor, WRITE, [
        world.org_id,
        queue_id,
        version,
        by,
        new Date(world.clock.now_ms() + minutes_later * 60_000),
      ]);
    expect(await write(sales)).toBe('TL035');
    await claim(sales, id);
    expect(await write(bdr)).toBe('TL035');
    expect(await write(bdr, 'roles.sales')).toBe('TL034');
    expect(await write(sales, sales.id, 2)).toBe('TL001');
    expect(await write(sales, sales.id, 1, 5)).toBe('TL035');
    expect(await write(sales)).toBeNull();
  });

  it('can be replaced until it is approved or rejected, and not afterwards', async () => {
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    const { item } = await world.draftOf(lead_id);
    const write = (actor: Actor, version: number) =>
      as(actor, WRITE, [world.org_id, item.id, version, actor.id, world.clock.now()]);
    expect(await write(bdr, 2)).toBe('TL034');
    expect(await write(sales, 2)).toBeNull();
    await world.approve(lead_id);
    expect(await write(sales, 3)).toBe('TL001');
  });
});

it('only an admin assigns the role that an agent works', async () => {
  const text = `UPDATE agents SET worked_by = 'outside' WHERE org_id = $1 AND id = 'roles.cs'`;
  expect(await as(sales, text, [world.org_id])).toBe('TL005');
  await db.query(`UPDATE users SET roles = '{exec}' WHERE email = 'rep@testers.example'`);
  const { rows } = await db.query<{ id: string }>(`SELECT id FROM users WHERE email = 'rep@testers.example'`);
  expect(await as({ ...person, id: rows[0]!.id }, text, [world.org_id])).toBe('TL019');
  expect(await as(person, text, [world.org_id])).toBeNull();
});
