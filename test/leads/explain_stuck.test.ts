import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/core/explain/history.ts';
import { explainOperations } from '../../src/operations/leads/explain.ts';
import { testDatabase } from '../database.ts';
import { taskWorld } from '../tasks/task_calls.ts';
import { createWorld, START, type World } from '../world.ts';
import { readOf } from './explain_world.ts';

const { db } = await testDatabase();
const [explain_lead] = explainOperations;

const explain = (world: World, id: string): Promise<Explanation> => readOf(world, explain_lead, { id });

describe('explaining a stuck lead', () => {
  it('covers a booked meeting, and a touch that could not be written', async () => {
    const world = await taskWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership');
    const [enrollment] = await world.rows<{ id: string }>('campaign_contacts', `lead_id = '${lead_id}'`);
    await world.call('exit_enrollment', world.agent('roles.bdr'), {
      id: enrollment!.id,
      exit_reason: 'meeting',
    });
    const [meeting] = await world.rows<{ id: string }>('agent_tasks', `lead_id = '${lead_id}'`);
    const { next } = await explain(world, lead_id);
    expect(next).toMatchObject([{ waits_for: 'person' }]);
    expect(next[0]!.text).toContain(`touchline route ${meeting!.id} b2bea_membership_close`);

    const other = await world.addLead();
    const { id } = await world.dueTask(other, 'dreamborn');
    const claim_id = await world.claimAs(id, 'roles.bdr');
    const given = { id, claim_id, error: 'no such company', retry: false };
    await world.call('fail_task', world.agent('roles.bdr'), given);
    const stuck = await explain(world, other);
    expect(stuck.next).toMatchObject([{ waits_for: 'person', step_number: 1 }]);
    expect(stuck.next[0]!.text).toContain(`failed (“no such company”)`);
    expect(stuck.next[0]!.text).toContain(`touchline tasks retry ${id}`);
    await world.call('retry_task', world.person, { id });
    expect((await explain(world, other)).next[0]!.text).toContain('is drafting step 1');
  });

  it('covers a request that could not be made after a meeting', async () => {
    const world = await taskWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership');
    const [enrollment] = await world.rows<{ id: string }>('campaign_contacts', `lead_id = '${lead_id}'`);
    const left = { id: enrollment!.id, exit_reason: 'meeting' };
    await world.call('exit_enrollment', world.agent('roles.bdr'), left);
    const [meeting] = await world.rows<{ id: string }>('agent_tasks', `lead_id = '${lead_id}'`);
    await world.call('route_task', world.person, { id: meeting!.id, campaigns: ['b2bea_membership_close'] });
    const [task] = await world.rows<{ id: string; role: string }>(
      'agent_tasks',
      `lead_id = '${lead_id}' AND type = 'enroll_contact'`,
    );
    const claim_id = await world.claimAs(task!.id, task!.role);
    const failed = { id: task!.id, claim_id, error: 'the budget is gone', retry: false };
    await world.call('fail_task', world.agent(task!.role), failed);
    const { next } = await explain(world, lead_id);
    expect(next).toMatchObject([{ waits_for: 'person' }]);
    expect(next[0]!.text).toMatch(/^Requesting enrollment for “.+” failed \(“the budget is gone”\)\./);
    expect(next[0]!.text).toContain(`touchline tasks retry ${task!.id}`);
  });

  it('reports a bounced address, and since when', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await db.query(
      `INSERT INTO suppressions (org_id, id, kind, value, reason, source, created_at)
       VALUES ($1, gen_random_uuid(), 'address', 'lead1@prospect.example', 'bounced', 'bounce', $2)`,
      [world.org_id, new Date(START)],
    );
    const { next, summary } = await explain(world, lead_id);
    expect(summary).toContain('Nothing may be sent: the address has been suppressed since Tue, Nov 24, 2026');
    expect(next[0]!.text).toContain('The mail server reported that this address does not exist');
  });
});
