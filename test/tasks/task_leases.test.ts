import { describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { claimTasks } from '../../src/db/queries/tasks.gen.ts';
import type { AgentTasksRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { START } from '../world.ts';
import { type TaskWorld, taskWorld } from './task_calls.ts';

/* Agents of a role claim its tasks, complete them by their fence, and write. */

const { db } = await testDatabase({ max: 40 });
const MINUTE_MS = 60_000;

const replyTask = async (world: TaskWorld) =>
  world.addTask({ type: 'process_reply', role: 'roles.sales', lead_id: await world.addLead() });

describe('a claim', () => {
  it('covers the agent’s own role, with a fence, for a limited time', async () => {
    const world = await taskWorld(db);
    const id = await replyTask(world);
    expect((await world.call('claim_tasks', world.agent('roles.bdr'), {})).items).toEqual([]);
    const asked = { role: 'roles.sales', types: ['process_reply'] };
    expect(await world.refused('claim_tasks', world.agent('roles.bdr'), asked)).toMatchObject({
      code: 'task_of_other_role',
      status: 403,
    });
    const { items } = await world.call('claim_tasks', world.brooke, { lease_seconds: 60 });
    expect(items).toMatchObject([
      { id, status: 'claimed', claimed_by: 'roles.sales', attempt_count: 1, topic: '0.0.8796955' },
    ]);
    expect(Date.parse(items[0].lease_until)).toBe(START + MINUTE_MS);
    expect((await world.call('claim_tasks', world.brooke, {})).items).toEqual([]);
    const listed = await world.call('list_tasks', world.brooke, { status: 'claimed' });
    expect(JSON.stringify(listed)).not.toContain(items[0].claim_id);
  });

  it('is made for a role by a system agent, for people by an executive, and for a missing agent by no one', async () => {
    const world = await taskWorld(db);
    await replyTask(world);
    const router = world.agent('AGT-202', 'system');
    expect((await world.call('claim_tasks', router, { role: 'roles.sales' })).items).toHaveLength(1);
    expect(await world.refused('claim_tasks', router, { role: 'roles.none' })).toMatchObject({
      code: 'unknown_agent',
      errors: [{ path: 'role' }],
    });
    const lead_id = await world.addLead();
    await world.addTask({ type: 'meeting_booked', role: 'roles.exec', lead_id });
    expect((await world.call('claim_tasks', world.agent('roles.exec'), {})).items).toEqual([]);
    const exec = await world.addPerson('exec');
    expect((await world.call('claim_tasks', exec, {})).items).toMatchObject([{ type: 'meeting_booked' }]);
    expect((await world.refused('claim_tasks', exec, { role: 'roles.sales' })).status).toBe(403);
  });

  it('is unique among 64 concurrent clients', async () => {
    const world = await taskWorld(db);
    const ids: string[] = [];
    for (let made = 0; made < 300; made += 1) ids.push(await replyTask(world));
    const claimed: string[] = [];
    const client = async () => {
      for (;;) {
        const { items } = await world.call('claim_tasks', world.brooke, { limit: 7 });
        if (items.length === 0) return;
        claimed.push(...items.map((item: AgentTasksRow) => item.id));
      }
    };
    await Promise.all(Array.from({ length: 64 }, client));
    expect(claimed.toSorted()).toEqual(ids.toSorted());
  });

  it('without the lock is refused by the database, and the task is not done twice', async () => {
    const world = await taskWorld(db);
    for (let made = 0; made < 5; made += 1) await replyTask(world);
    const broken = {
      ...claimTasks,
      text: claimTasks.text.replace('FOR UPDATE OF w SKIP LOCKED', ''),
    };
    expect(broken.text).not.toBe(claimTasks.text);
    const now = world.clock.now();
    const params = {
      ...{ org_id: world.org_id, claim_keys: ['roles.sales process_reply'], now, limit: 5, attempts_max: 5 },
      ...{ lease_until: new Date(START + MINUTE_MS), claimed_by: 'roles.sales' },
    };
    const actor = { org_id: world.org_id, kind: 'agent', id: 'roles.sales' } as const;
    const ends = await Promise.all(
      Array.from({ length: 16 }, () =>
        transaction(db.app, actor, (tx) => tx.query(broken.text, claimTasks.values(params))).then(
          ({ rowCount }) => rowCount,
          sqlState,
        ),
      ),
    );
    expect(ends.filter((end) => typeof end === 'number').reduce((sum, count) => sum + count, 0)).toBe(5);
    expect(ends).toContain('TL035');
    const tasks = await world.rows<AgentTasksRow>('agent_tasks');
    expect(new Set(tasks.map(({ attempt_count }) => attempt_count))).toEqual(new Set([1]));
  });
});

describe('the fence', () => {
  it('rejects an expired claim once another agent has the task', async () => {
    const world = await taskWorld(db);
    const id = await replyTask(world);
    const claim = async () => (await world.call('claim_tasks', world.brooke, {})).items[0];
    const first = await claim();
    world.clock.advance(5 * MINUTE_MS);
    const second = await claim();
    expect(second).toMatchObject({ id, attempt_count: 2 });
    const late = { id, claim_id: first.claim_id };
    const result = { intent: 'interested' };
    for (const [name, more] of [
      ['complete_task', { result }],
      ['fail_task', { error: 'x' }],
    ] as const) {
      expect((await world.refused(name, world.brooke, { ...late, ...more })).code).toBe('task_lease_lost');
    }
    // For another agent the fence is useless.
    const stolen = { id, claim_id: second.claim_id, result };
    const other = world.agent('roles.bdr');
    expect((await world.refused('complete_task', other, stolen)).code).toBe('task_lease_lost');
    expect(await world.call('complete_task', world.brooke, stolen)).toMatchObject({ status: 'done', result });
    expect((await world.refused('complete_task', world.brooke, stolen)).code).toBe('task_finished');
  });

  it('ends a claim with its lease, even if no other agent has taken the task', async () => {
    const world = await taskWorld(db);
    await replyTask(world);
    const claim = async () => (await world.call('claim_tasks', world.brooke, { lease_seconds: 10 })).items[0];
    const { id, claim_id } = await claim();
    const completing = { id, claim_id, result: { intent: 'interested' } };
    world.clock.advance(10_000);
    for (const [name, input] of [
      ['complete_task', completing],
      ['fail_task', { id, claim_id, error: 'x' }],
      ['fail_task', { id, claim_id, error: 'x', retry: false }],
    ] as const) {
      const refusal = { code: 'task_lease_lost', status: 409 };
      expect(await world.refused(name, world.brooke, input)).toMatchObject(refusal);
    }
    expect(await world.task(id)).toMatchObject({ status: 'claimed', claim_id, result: null });
    const anew = await claim();
    world.clock.advance(9_999);
    const in_time = { ...completing, claim_id: anew.claim_id };
    expect(await world.call('complete_task', world.brooke, in_time)).toMatchObject({ status: 'done' });
  });

  it('lasts as long as requested on a fast clock, up to an hour of that clock', async () => {
    const world = await taskWorld(db);
    world.context.clock = { ...world.clock, speed: 20 };
    for (const [lease_seconds, minutes] of [
      [60, 20],
      [300, 60],
    ] as const) {
      await replyTask(world);
      const { items } = await world.call('claim_tasks', world.brooke, { lease_seconds });
      expect(Date.parse(items[0].lease_until)).toBe(START + minutes * MINUTE_MS);
    }
  });

  it('accepts only a result of the task’s type', async () => {
    const world = await taskWorld(db);
    const id = await replyTask(world);
    const { claim_id } = (await world.call('claim_tasks', world.brooke, {})).items[0];
    for (const [result, path] of [
      [{}, 'result.intent'],
      [{ intent: 'maybe' }, 'result.intent'],
      [{ intent: 'out_of_office', return_date: 'soon' }, 'result.return_date'],
      [{ intent: 'other', approve: true }, 'result.approve'],
    ] as const) {
      const refusal = await world.refused('complete_task', world.brooke, { id, claim_id, result });
      expect(refusal).toMatchObject({ code: 'input_invalid', errors: [{ path }] });
    }
  });
});

describe('a failed task', () => {
  it('is retried after 1, 5, 15 and 60 minutes, then it is a dead end that a person reopens', async () => {
    const world = await taskWorld(db);
    const id = await replyTask(world);
    for (const wait_minutes of [1, 5, 15, 60]) {
      const [{ claim_id }] = (await world.call('claim_tasks', world.brooke, {})).items;
      const given = { id, claim_id, error: 'the model is away' };
      const failed = await world.call('fail_task', world.brooke, given);
      expect(failed).toMatchObject({ status: 'open', error: 'the model is away' });
      world.clock.advance(wait_minutes * MINUTE_MS - 1);
      expect((await world.call('claim_tasks', world.brooke, {})).items).toEqual([]);
      world.clock.advance(1);
    }
    const [{ claim_id }] = (await world.call('claim_tasks', world.brooke, {})).items;
    const last = await world.call('fail_task', world.brooke, { id, claim_id, error: 'still away' });
    expect(last).toMatchObject({ status: 'failed', attempt_count: 5 });
    expect((await world.call('list_tasks', world.person, { status: 'failed' })).items).toMatchObject([
      { id },
    ]);
    await world.call('retry_task', world.person, { id });
    expect((await world.call('claim_tasks', world.brooke, {})).items).toMatchObject([
      { id, attempt_count: 1 },
    ]);
    expect((await world.refused('retry_task', world.person, { id })).code).toBe('illegal_status_move');
  });

  it('is also a dead end after five expired claims, and at once if a retry is useless', async () => {
    const world = await taskWorld(db);
    const id = await replyTask(world);
    for (let tried = 0; tried < 5; tried += 1) {
      expect((await world.call('claim_tasks', world.brooke, {})).items).toHaveLength(1);
      await world.work();
      expect((await world.task(id)).status).toBe('claimed');
      world.clock.advance(5 * MINUTE_MS);
    }
    expect((await world.call('claim_tasks', world.brooke, {})).items).toEqual([]);
    await world.work();
    expect(await world.task(id)).toMatchObject({ status: 'failed', claim_id: null });
    const other = await replyTask(world);
    const [{ claim_id }] = (await world.call('claim_tasks', world.brooke, {})).items;
    const given = { id: other, claim_id, error: 'no such lead', retry: false };
    expect(await world.call('fail_task', world.brooke, given)).toMatchObject({ status: 'failed' });
  });
});
