import { tasksOf } from '../tasks/task_world.ts';
import type { World } from '../world.ts';

/** An id without a row in any org. */
export const NOWHERE = '01890000-0000-7000-8000-00000000ffff';

/** A valid and an invalid input for each tool, the code of the refusal, and the place of the error. */
export type Try = {
  good(world: World & { lead_id: string }): Promise<object>;
  bad: object;
  code: string;
  path?: string;
};

/** For the tools of role agents; they are called as roles.bdr. */
export const TASK_CALLS: Readonly<Record<string, Try>> = {
  claim_tasks: {
    good: async (world) => {
      await replyTask(world);
      return { types: ['process_reply'], limit: 1, lease_seconds: 30 };
    },
    bad: { lease_seconds: 5 },
    code: 'input_invalid',
    path: 'lease_seconds',
  },
  complete_task: {
    good: async (world) => ({
      ...(await replyTask(world)),
      result: { intent: 'question', note: 'asks why' },
    }),
    bad: { id: NOWHERE, claim_id: NOWHERE },
    code: 'not_found',
  },
  fail_task: {
    good: async (world) => ({ ...(await replyTask(world)), error: 'cannot read it', retry: true }),
    bad: { id: NOWHERE, claim_id: NOWHERE, error: 'x', retry: 'no' },
    code: 'input_invalid',
    path: 'retry',
  },
  write_draft: {
    good: async (world) => {
      const { claimAs, dueTask } = tasksOf(world.db, world);
      const { id, queue_id } = await dueTask(await world.addLead(), 'b2bea_membership');
      return { queue_id, claim_id: await claimAs(id, 'roles.bdr'), subject: 'Hello', body: 'A word.' };
    },
    bad: { queue_id: NOWHERE, body: 'x' },
    code: 'input_invalid',
    path: 'claim_id',
  },
};

/** A task of roles.bdr, claimed by its agent. */
async function replyTask(world: World): Promise<{ id: string; claim_id: string }> {
  const { addTask, claimAs } = tasksOf(world.db, world);
  const id = await addTask({ type: 'process_reply', role: 'roles.bdr', lead_id: await world.addLead() });
  return { id, claim_id: await claimAs(id, 'roles.bdr') };
}
