import type { OwnerPool } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import type { AgentTasksRow } from '../../src/schema.gen.ts';
import { runStage, STAGES } from '../../src/worker/stages.ts';
import type { World } from '../world.ts';

export type TasksOf = ReturnType<typeof tasksOf>;

/** Tasks of a world, created and claimed as the database's administrator. */
export function tasksOf(db: OwnerPool, world: World) {
  const { org_id, clock } = world;
  const workedBy = async (role: string, worked_by: 'built_in' | 'outside') => {
    await db.query(`UPDATE agents SET worked_by = $3::task_worker WHERE org_id = $1 AND id = $2`, [
      org_id,
      role,
      worked_by,
    ]);
  };
  return {
    workedBy,
    async task(id: string): Promise<AgentTasksRow> {
      const [row] = await world.rows<AgentTasksRow>('agent_tasks', `id = '${id}'`);
      return row!;
    },
    async addTask(task: Partial<AgentTasksRow>): Promise<string> {
      const row = { org_id, id: newId(clock), created_at: clock.now(), payload: {}, ...task };
      const names = Object.keys(row);
      const places = names.map((_, at) => `$${at + 1}`).join(', ');
      await db.query(`INSERT INTO agent_tasks (${names}) VALUES (${places})`, Object.values(row));
      return row.id;
    },
    /** Claims a task in an agent's name for an hour; returns the fence. */
    async claimAs(id: string, claimed_by: string): Promise<string> {
      const { rows } = await db.query<{ claim_id: string }>(
        `UPDATE agent_tasks SET status = 'claimed', claim_id = gen_random_uuid(), claimed_by = $2, claimed_at = $3,
           lease_until = $3::timestamptz + interval '1 hour', attempt_count = attempt_count + 1
         WHERE org_id = $4 AND id = $1 RETURNING claim_id`,
        [id, claimed_by, clock.now(), org_id],
      );
      return rows[0]!.claim_id;
    },
    /** A due touch of the lead without a text: the product's drafter has not run yet. */
    async dueTask(lead_id: string, slug: string): Promise<{ id: string; queue_id: string }> {
      await world.request(lead_id, slug);
      await runStage(world.worker_context, org_id, STAGES.find(({ name }) => name === 'dispatch_steps')!);
      const [task] = await world.rows<AgentTasksRow>(
        'agent_tasks',
        `lead_id = '${lead_id}' AND type = 'execute_sequence_step' AND status = 'open'`,
      );
      return { id: task!.id, queue_id: task!.queue_id! };
    },
  };
}
