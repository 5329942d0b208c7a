import { describe, expect, it } from 'vitest';
import { taskOperations } from '../../src/operations/tasks/tasks.ts';
import { testDatabase } from '../database.ts';
import { tasksOf } from '../tasks/task_world.ts';
import { DAY_MS, HOUR_MS, START } from '../world.ts';
import { flagWorld } from './flag_world.ts';

const { db } = await testDatabase();

async function taskFlags() {
  const world = await flagWorld(db);
  const tasks = tasksOf(db, world);
  const addTask = async (type: 'process_reply' | 'meeting_booked', role: string) =>
    tasks.addTask({ type, role, lead_id: await world.addLead() });
  return { ...world, ...tasks, addTask };
}

const standing = 'resolved_at IS NULL';

describe('task_unclaimed', () => {
  it('is one warning for a role whose tasks stay unclaimed for an hour, and ends with the last of them', async () => {
    const world = await taskFlags();
    const revops = await world.addUser('revops');
    const first = await world.addTask('process_reply', 'roles.sales');
    await world.addTask('process_reply', 'roles.sales');
    world.clock.advance(HOUR_MS - 1);
    await world.check('task_unclaimed');
    expect(await world.flags('task_unclaimed')).toEqual([]);
    world.clock.advance(1);
    await Promise.all(Array.from({ length: 4 }, () => world.check('task_unclaimed')));
    const detail = {
      role: 'roles.sales',
      task_type: 'process_reply',
      free_since: new Date(START).toISOString(),
    };
    expect(await world.flags('task_unclaimed')).toMatchObject([
      { subject: 'roles.sales', for_agent: 'roles.sales', for_role: 'revops', detail },
    ]);
    expect(await world.told('task_unclaimed')).toEqual([revops, 'roles.sales'].sort());
    // A running lease is work; one that ended an hour ago is not.
    await world.claimAs(first, 'roles.sales');
    await db.query(
      `UPDATE agent_tasks SET status = 'canceled', finished_at = now() WHERE org_id = $1 AND status = 'open'`,
      [world.org_id],
    );
    await world.check('task_unclaimed');
    expect(await world.flags('task_unclaimed', standing)).toEqual([]);
    world.clock.advance(2 * HOUR_MS);
    await world.check('task_unclaimed');
    expect(await world.flags('task_unclaimed', standing)).toHaveLength(1);
  });

  it('for a booked meeting goes to executives after a business day, each meeting separately', async () => {
    const world = await taskFlags();
    const exec = await world.addUser('exec');
    // A Friday, noon in London.
    world.clock.set(START + 3 * DAY_MS);
    const id = await world.addTask('meeting_booked', 'roles.exec');
    for (const [days, flags] of [
      [1, 0],
      [2, 0],
      [2.9, 0],
      [3, 1],
    ] as const) {
      world.clock.set(START + (3 + days) * DAY_MS);
      await world.check('task_unclaimed');
      expect(await world.flags('task_unclaimed'), `after ${days} days`).toHaveLength(flags);
    }
    expect(await world.flags('task_unclaimed')).toMatchObject([
      { subject: id, for_role: 'exec', for_agent: null },
    ]);
    expect(await world.told('task_unclaimed')).toEqual([exec]);
    await world.claimAs(id, exec);
    await world.check('task_unclaimed');
    expect(await world.flags('task_unclaimed')).toMatchObject([{ resolution: 'cause_gone' }]);
  });
});

describe('task_dead_end', () => {
  it('stays while the task has failed, and ends when it is retried', async () => {
    const world = await taskFlags();
    const id = await world.addTask('process_reply', 'roles.sales');
    await db.query(
      `UPDATE agent_tasks SET status = 'failed', error = 'no', finished_at = now() WHERE id = $1`,
      [id],
    );
    await world.check('task_dead_end');
    await world.check('task_dead_end');
    const detail = { role: 'roles.sales', task_type: 'process_reply', error: 'no' };
    expect(await world.flags('task_dead_end')).toMatchObject([
      { subject: id, for_agent: 'roles.sales', for_role: 'revops', resolved_at: null, detail },
    ]);
    const found = taskOperations.find(({ name }) => name === 'retry_task')!;
    await found.run({ context: world.context, principal: world.person, input: { id } as never });
    await world.check('task_dead_end');
    expect(await world.flags('task_dead_end')).toMatchObject([{ resolution: 'cause_gone' }]);
  });

  it('for a touch ends when the touch is called off', async () => {
    const world = await taskFlags();
    const { id, queue_id } = await world.dueTask(await world.addLead(), 'b2bea_membership_close');
    await db.query(`UPDATE agent_tasks SET status = 'failed', finished_at = now() WHERE id = $1`, [id]);
    await world.check('task_dead_end');
    expect(await world.flags('task_dead_end', standing)).toHaveLength(1);
    await db.query(`UPDATE sales_send_queue SET status = 'canceled' WHERE id = $1`, [queue_id]);
    await world.check('task_dead_end');
    expect(await world.flags('task_dead_end', standing)).toEqual([]);
  });
});
