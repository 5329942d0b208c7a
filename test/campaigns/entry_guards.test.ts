import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SequenceRequestsRow } from '../../src/schema.gen.ts';
import { all, attackersOf } from '../database/attackers.ts';
import { testDatabase } from '../database.ts';
import { taskWorld } from '../tasks/task_calls.ts';
import { START } from '../world.ts';
import { ask, enrolled, handOffs, route } from './entry_world.ts';

/* The database keeps the right to enroll a lead in a restricted campaign. */

const { db } = await testDatabase();

describe('the database', () => {
  it('refuses an enrollment without the right, and a right without evidence', async () => {
    const world = await taskWorld(db);
    const lead_id = await world.addLead();
    await ask(world, world.agent('roles.sales'), lead_id);
    const [request] = await world.rows<SequenceRequestsRow>('sequence_requests');
    const { tried } = await attackersOf(db, world);
    const enrolling = `INSERT INTO campaign_contacts (org_id, id, contact_id, lead_id, campaign_id, client_id, request_id, requested_by,
        status, current_step, enrolled_at)
      SELECT org_id, gen_random_uuid(), 'x', lead_id, campaign_id, 'b2bea', id, 'roles.sales', 'active', 1, $2
      FROM sequence_requests WHERE id = $1`;
    const said = await tried([enrolling, [request!.id, new Date(START)]]);
    for (const code of Object.values(said)) expect(['TL081', 'TL005', '42501']).toContain(code);
    const asking = (
      right: string,
    ) => `INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, trace,
        policy_version, created_at, decided_at, entered_by, exited_enrollment_id)
      SELECT org_id, gen_random_uuid(), lead_id, campaign_id, 'roles.sales', 'refused', '[]', policy_version, created_at, decided_at, '${right}', NULL
      FROM sequence_requests WHERE id = $1`;
    for (const right of ['exit', 'merge', 'executive']) {
      const codes = await tried([asking(right), [request!.id]]);
      for (const code of Object.values(codes)) expect(['TL081', 'TL005', '42501']).toContain(code);
    }
    const taking = `UPDATE sequence_requests SET entered_by = 'executive' WHERE id = $1`;
    for (const code of Object.values(await tried([taking, [request!.id]])))
      expect(['TL012', 'TL005', '42501']).toContain(code);
  });

  it('refuses the evidence of another lead', async () => {
    const world = await taskWorld(db);
    const [routed, other] = [await route(world), await world.addLead()];
    const { tried } = await attackersOf(db, world);
    const [task] = await world.rows<{ id: string }>('agent_tasks', `type = 'enroll_contact'`);
    const who = ['admin', 'rep', 'coordinator', 'system'] as const;
    const copying = `INSERT INTO agent_tasks (org_id, id, type, role, lead_id, payload, created_at, status)
      SELECT org_id, gen_random_uuid(), type, role, $1, payload, created_at, 'open' FROM agent_tasks WHERE type = 'enroll_contact'`;
    expect(await tried([copying, [other]], who)).toEqual(all('23505', who));
    const entering = `INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, trace, policy_version,
        created_at, decided_at, entered_by, entry_task_id)
      SELECT org_id, gen_random_uuid(), $1, campaign_id, 'roles.sales', 'blocked', '[]', policy_version, created_at, decided_at,
        'routing', $2
      FROM sequence_requests WHERE entered_by IS NULL LIMIT 1`;
    expect(await tried([entering, [other, task!.id]], who)).toEqual(all('TL081', who));
    await world.work();
    expect([await enrolled(world, routed), await enrolled(world, other)]).toEqual([1, 0]);
  });

  it('lets one routing serve one enrollment, also after that enrollment ended', async () => {
    const world = await taskWorld(db);
    await route(world);
    await world.work();
    const [{ id }] = (await world.rows<{ id: string }>('campaign_contacts')) as [{ id: string }];
    await world.call('exit_enrollment', world.person, { id, exit_reason: 'rejected' });
    const { tried } = await attackersOf(db, world);
    const enrollment = (request_id: string) => `
      INSERT INTO campaign_contacts (org_id, id, contact_id, lead_id, campaign_id, client_id, request_id, requested_by, current_step,
        enrolled_at, next_send_at)
      SELECT org_id, $1, contact_id, lead_id, campaign_id, client_id, ${request_id}, requested_by, 1, $2::timestamptz, $2::timestamptz
      FROM campaign_contacts`;
    const again = `WITH request AS (
        INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, trace, policy_version, created_at,
          decided_at, entered_by, entry_task_id, enrollment_id)
        SELECT org_id, gen_random_uuid(), lead_id, campaign_id, requested_by, 'allowed', trace, policy_version, created_at, decided_at,
          'routing', entry_task_id, $1
        FROM sequence_requests WHERE entered_by = 'routing' RETURNING id)
      ${enrollment('(SELECT id FROM request)')}`;
    const values = [randomUUID(), world.clock.now()];
    const who = ['rep', 'coordinator', 'system'] as const;
    for (const [attack, code] of [
      [again, '23505'],
      [enrollment('request_id'), 'TL081'],
    ] as const)
      expect(await tried([attack, values], who)).toEqual(all(code, who));
  });

  it('refuses a copy of a routing, and an exit or its reason that a person writes', async () => {
    const world = await taskWorld(db);
    await route(world);
    await world.work();
    const { as, tried } = await attackersOf(db, world);
    // agent_tasks_routed_once
    const copying = `INSERT INTO agent_tasks (org_id, id, type, role, lead_id, payload, created_at, status)
      SELECT org_id, gen_random_uuid(), type, role, lead_id, payload, created_at, 'open' FROM agent_tasks WHERE type = 'enroll_contact'`;
    const who = ['rep', 'admin', 'coordinator', 'system'] as const;
    expect(await tried([copying], who)).toEqual(all('23505', who));
    // campaign_contacts_exit_reason
    const exit = (reason: string) =>
      `UPDATE campaign_contacts SET status = 'rejected', exit_reason = '${reason}', exited_at = enrolled_at, next_send_at = NULL`;
    expect(await tried([exit('merged')], ['rep', 'admin'])).toEqual(all('TL004', ['rep', 'admin']));
    await as('coordinator', (tx) => tx.query(exit('rejected')));
    expect(await tried([`UPDATE campaign_contacts SET exit_reason = 'merged'`], who)).toEqual(
      all('TL001', who),
    );
  });

  it('opens one hand-off, also for 64 requests at once', async () => {
    const world = await taskWorld(db);
    const lead_id = await world.addLead();
    await Promise.all(Array.from({ length: 64 }, () => ask(world, world.agent('roles.sales'), lead_id)));
    // agent_tasks_entry_uniq
    expect(await handOffs(world)).toHaveLength(1);
  });
});
