import type { AgentTasksRow } from '../../src/schema.gen.ts';
import type { TaskWorld } from '../tasks/task_calls.ts';

/* Requests to enter a restricted campaign, and what becomes of them. */

export const CLOSE = 'b2bea_membership_close';

export type Answer = {
  outcome: string;
  reason: string | null;
  enrollment_id: string | null;
  text: string;
  hand_off_id: string | null;
};

export const ask = (world: TaskWorld, who: Parameters<TaskWorld['call']>[1], lead_id: string, more = {}) =>
  world.call('request_sequence', who, { lead_id, campaign_slug: CLOSE, ...more }) as Promise<Answer>;
export const handOffs = (world: TaskWorld) =>
  world.rows<AgentTasksRow & { payload: Record<string, unknown> }>('agent_tasks', `type = 'entry_requested'`);
/** A lead whose requested entry a person routed. */
export async function route(world: TaskWorld): Promise<string> {
  const lead_id = await world.addLead();
  await ask(world, world.agent('roles.sales'), lead_id);
  const [asked] = await handOffs(world);
  await world.call('route_task', world.person, { id: asked!.id, campaigns: [CLOSE] });
  return lead_id;
}
export const enrolled = async (world: TaskWorld, lead_id: string) =>
  (await world.rows('campaign_contacts', `lead_id = '${lead_id}'`)).length;
