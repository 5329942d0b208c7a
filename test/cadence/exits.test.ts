import { expect, it } from 'vitest';
import { exitSequences } from '../../src/coordinator/cadence/exits.ts';
import { coordinatorActor, type Scope } from '../../src/coordinator/gate/scope.ts';
import { type Tx, transaction } from '../../src/db/pool.ts';
import type {
  AgentTasksRow,
  CadenceEventLogRow,
  CampaignContactsRow,
  SalesSendQueueRow,
} from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';

const { db } = await testDatabase();
const CLOSE = 'b2bea_membership_close';
const MEMBERSHIP = 'b2bea_membership';

/** Leads in both campaigns, each with a pending touch. Returns their enrollments in order. */
async function enrolled(world: World, of_each: number): Promise<CampaignContactsRow[]> {
  for (const slug of [CLOSE, MEMBERSHIP]) {
    for (let n = 0; n < of_each; n += 1) await world.request(await world.addLead(), slug);
  }
  await world.work();
  return world.rows<CampaignContactsRow>('campaign_contacts', `status = 'active' ORDER BY id`);
}

/** Ends all enrollments at once and returns the number of statements. */
async function statements(world: World, run: (scope: Scope) => Promise<unknown>): Promise<number> {
  const { org_id, clock } = world;
  let count = 0;
  await transaction(db.app, coordinatorActor(org_id), (tx) => {
    const counted: Tx['query'] = (...given) => {
      count += 1;
      return tx.query(...given);
    };
    return run({ tx: { ...tx, query: counted }, org_id, clock });
  });
  return count;
}

it('ends many enrollments in as many statements as one of each kind', async () => {
  const counts: number[] = [];
  for (const of_each of [1, 8]) {
    const world = await createWorld(db);
    const ids = (await enrolled(world, of_each)).map(({ id }) => id);
    expect(ids).toHaveLength(2 * of_each);
    counts.push(await statements(world, (scope) => exitSequences(scope, ids, 'converted')));
    const items = await world.rows<SalesSendQueueRow>('sales_send_queue', `status = 'canceled'`);
    expect(items).toHaveLength(2 * of_each);
    const tasks = await world.rows<AgentTasksRow>('agent_tasks', `status IN ('open', 'claimed')`);
    expect(tasks, 'no drafting task remains for an ended enrollment').toEqual([]);
    const next = await world.rows<CampaignContactsRow>('campaign_contacts', `status = 'active'`);
    expect(next, 'closing has a next campaign, membership has none').toHaveLength(of_each);
    const told = await world.rows<CadenceEventLogRow>(
      'cadence_event_log',
      `event_type IN ('exited', 'canceled') ORDER BY id`,
    );
    // Each exit is logged before its cancellations, for the same lead.
    for (let at = 0; at < told.length; at += 2) {
      expect(told.slice(at, at + 2).map((event) => event.event_type)).toEqual(['exited', 'canceled']);
      expect(told[at]!.lead_id).toBe(told[at + 1]!.lead_id);
    }
    expect(told).toHaveLength(4 * of_each);
  }
  expect(counts[1]).toBe(counts[0]);
});

it('cancels nothing in a lead’s other enrollment', async () => {
  const world = await createWorld(db);
  const lead_id = await world.addLead();
  await world.request(lead_id, CLOSE);
  await world.request(lead_id, 'b2bea_membership_cs');
  await world.work();
  const open = await world.rows<CampaignContactsRow>(
    'campaign_contacts',
    `status IN ('active', 'paused') ORDER BY id`,
  );
  expect(open).toHaveLength(2);
  await statements(world, (scope) => exitSequences(scope, [open[0]!.id], 'rejected'));
  const items = await world.rows<SalesSendQueueRow>('sales_send_queue');
  for (const { enrollment_id, status } of items) {
    expect(status === 'canceled').toBe(enrollment_id === open[0]!.id);
  }
});
