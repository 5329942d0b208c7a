import { describe, expect, it } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { campaignOperations } from '../../src/operations/campaigns/campaigns.ts';
import { enrollmentOperations } from '../../src/operations/campaigns/enrollments.ts';
import { approveDraft } from '../../src/operations/drafts/decisions.ts';
import { optOutLead } from '../../src/operations/leads/opt_out.ts';
import { policyOperations } from '../../src/operations/policy/policies.ts';
import type {
  CadenceEventLogRow,
  CampaignContactsRow,
  SalesSendQueueRow,
  StagedDraftsRow,
  TouchesRow,
} from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, type World } from '../world.ts';
import {
  approvedLeads,
  attempts,
  beginData,
  deliver,
  itemOf,
  record,
  reserve,
  scripted,
} from './send_world.ts';

const { db } = await testDatabase();
const CAMPAIGN = 'b2bea_membership_close';
const [, pauseEnrollment, resumeEnrollment, exitEnrollment] = enrollmentOperations;
const patchCampaign = campaignOperations.find(({ name }) => name === 'patch_campaign')!;
const [getPolicy, putPolicy] = policyOperations;

type Operation = { run: (call: never) => Promise<unknown> };
const operate = (world: World, operation: Operation, input: Record<string, unknown>) =>
  operation.run({ context: world.context, principal: world.person, input } as never);

async function newPolicy(world: World, document: Record<string, unknown>): Promise<void> {
  const { version } = (await operate(world, getPolicy, {})) as { version: number };
  const without_limits = {
    business_hours: { enforce: false },
    mailbox_limits: { enforce: false },
    drafts: { undo_seconds: 0 },
    ...document,
  };
  await operate(world, putPolicy, { document: without_limits, expected_version: version });
}

async function enrollmentOf(world: World): Promise<CampaignContactsRow> {
  return (await world.rows<CampaignContactsRow>('campaign_contacts'))[0]!;
}

const pauseLead = (world: World, lead_id: string) =>
  db.query(
    `UPDATE leads SET cadence_paused_at = $3, cadence_pause_reason = 'reply' WHERE org_id = $1 AND id = $2`,
    [world.org_id, lead_id, world.clock.now()],
  );

type Stop = {
  what: string;
  campaign?: string;
  stop: (world: World) => Promise<unknown>;
  go: (world: World) => Promise<unknown>;
};

const setAbm = (world: World, abm_active: boolean) =>
  db.query('UPDATE accounts SET abm_active = $2, updated_at = $3 WHERE org_id = $1', [
    world.org_id,
    abm_active,
    world.clock.now(),
  ]);

const STOPS: readonly Stop[] = [
  {
    what: 'its sequence is paused',
    stop: async (world) =>
      operate(world, pauseEnrollment, { id: (await enrollmentOf(world)).id, reason: 'stop now' }),
    go: async (world) => operate(world, resumeEnrollment, { id: (await enrollmentOf(world)).id }),
  },
  {
    what: 'its campaign is paused',
    stop: (world) => operate(world, patchCampaign, { slug: CAMPAIGN, status: 'paused' }),
    go: (world) => operate(world, patchCampaign, { slug: CAMPAIGN, status: 'active' }),
  },
  {
    what: 'its lead is paused',
    stop: async (world) => pauseLead(world, (await enrollmentOf(world)).lead_id),
    go: (world) =>
      db.query(
        `UPDATE leads SET cadence_paused_at = NULL, cadence_pause_reason = NULL, updated_at = $2 WHERE org_id = $1`,
        [world.org_id, world.clock.now()],
      ),
  },
  {
    what: 'the policy allows none today',
    stop: (world) => newPolicy(world, { touch_cap: { max_touches_per_day: 0 } }),
    go: (world) => newPolicy(world, {}),
  },
  {
    what: 'its account enters ABM, and it is nurture',
    campaign: 'b2bea_nurture',
    stop: (world) => setAbm(world, true),
    go: (world) => setAbm(world, false),
  },
];

describe('a reserved message, when', () => {
  it.each(STOPS)('$what: it stays, and is sent once that is over', async ({ stop, go, campaign }) => {
    const world = await createWorld(db);
    const [lead_id] = await approvedLeads(world, 1, campaign);
    const stopped = scripted(async () => {
      await stop(world);
      return true as const;
    });
    await deliver(world, stopped);
    expect(stopped.messages).toEqual([]);
    expect((await attempts(world)).map(({ stage }) => stage)).toEqual(['abandoned']);
    expect(await world.rows<TouchesRow>('touches')).toMatchObject([{ outcome: 'void' }]);
    // While it is stopped, another attempt does not send it.
    await world.work();
    expect(world.sent).toEqual([]);
    expect(['approved', 'held']).toContain((await itemOf(world, lead_id!)).status);
    await go(world);
    await world.work();
    expect((await itemOf(world, lead_id!)).status).toBe('sent');
    expect(world.sent).toHaveLength(1);
  });

  it.each(STOPS)('$what: raw SQL cannot send it either', async ({ stop, campaign }) => {
    const world = await createWorld(db);
    await approvedLeads(world, 1, campaign);
    const [send] = await reserve(world);
    await stop(world);
    const begin = transaction(db, coordinatorActor(world.org_id), (tx) =>
      tx.query(`UPDATE send_attempts SET stage = 'data' WHERE org_id = $1`, [world.org_id]),
    );
    expect(await begin.then(() => null, sqlState)).toBe('TL016');
    expect(await beginData(world, send!)).toBe(false);
  });

  it('another message of the lead becomes unknown: it stays', async () => {
    const world = await createWorld(db, { policy: { touch_cap: { max_touches_per_day: 3 } } });
    const lead_id = await world.addLead();
    for (const slug of ['b2bea_membership', 'b2bea_world']) await world.request(lead_id, slug);
    await world.work();
    for (const { id, content_hash } of await world.rows<StagedDraftsRow>('staged_drafts')) {
      await operate(world, approveDraft, { id, content_hash });
    }
    const [first] = await reserve(world);
    const [second] = await reserve(world);
    await beginData(world, first!);
    await record(world, first!, { kind: 'unknown', response: 'gone' });
    expect(await beginData(world, second!)).toBe(false);
  });

  it('the lead is paused: a transactional message is sent all the same', async () => {
    const world = await createWorld(db);
    const [lead_id] = await approvedLeads(world, 1);
    const [send] = await reserve(world);
    await db.query(
      `UPDATE campaigns SET sequence_type = 'transactional', side = 'none' WHERE org_id = $1 AND slug = $2`,
      [world.org_id, CAMPAIGN],
    );
    await pauseLead(world, lead_id!);
    expect(await beginData(world, send!)).toBe(true);
  });
});

describe('a message that the server defers after its data, when', () => {
  it.each([
    [
      'its sequence ended',
      async (world: World) => {
        await operate(world, exitEnrollment, { id: (await enrollmentOf(world)).id, exit_reason: 'rejected' });
      },
    ],
    [
      'its lead opted out',
      async (world: World, lead_id: string) => {
        await operate(world, optOutLead, { id: lead_id, action: 'set' });
      },
    ],
  ])('%s: it is canceled and not retried', async (_what, end) => {
    const world = await createWorld(db);
    const [lead_id] = await approvedLeads(world, 1);
    const [send] = await reserve(world);
    await beginData(world, send!);
    await end(world, lead_id!);
    expect((await itemOf(world, lead_id!)).status).toBe('approved');
    await record(world, send!, { kind: 'deferred', smtp_code: 451, response: '451 later' });
    expect(await world.rows<SalesSendQueueRow>('sales_send_queue')).toMatchObject([{ status: 'canceled' }]);
    expect((await enrollmentOf(world)).open_queue_id).toBeNull();
    const told = await world.rows<CadenceEventLogRow>('cadence_event_log', `resolution = 'sequence_ended'`);
    expect(told).toMatchObject([{ event_type: 'canceled', queue_id: send!.item.id }]);
    world.clock.advance(30 * DAY_MS);
    await world.work();
    expect(world.sent).toEqual([]);
  });
});
