import { describe, expect, it } from 'vitest';
import { transaction } from '../../src/db/pool.ts';
import { enrollmentOperations } from '../../src/operations/campaigns/enrollments.ts';
import { explainOperations } from '../../src/operations/leads/explain.ts';
import { optOutLead } from '../../src/operations/leads/opt_out.ts';
import { analyticsOperations } from '../../src/operations/log/analytics.ts';
import type {
  CadenceEventLogRow,
  CampaignContactsRow,
  CampaignSequencesRow,
  SalesSendQueueRow,
  SequenceRequestsRow,
} from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, HOUR_MS, START, type World } from '../world.ts';
import { replaysEveryDecision } from './replay.ts';

const { db } = await testDatabase();

const exitEnrollment = enrollmentOperations[3];
const SALES = 'b2bea_membership';
const MARKETING = 'b2bea_nurture';

async function statusOf(world: World, slug: string): Promise<CampaignContactsRow | undefined> {
  const { rows } = await db.query<CampaignContactsRow>(
    `SELECT e.* FROM campaign_contacts e JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
     WHERE e.org_id = $1 AND c.slug = $2`,
    [world.org_id, slug],
  );
  return rows[0];
}

describe('conflicts between sales and marketing', () => {
  it('T2, sales fresher: the running nurture is paused for 48 h and decided again', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead({
      sales_signal_at: new Date(START),
      marketing_signal_at: new Date(START - DAY_MS),
    });
    await world.request(lead_id, MARKETING);
    const answer = await world.request(lead_id, SALES);
    expect(answer).toMatchObject({ decision: { outcome: 'allow' } });
    expect(await statusOf(world, MARKETING)).toMatchObject({
      status: 'paused',
      paused_reason: 'conflict_resolved_queued',
    });
    expect((await statusOf(world, MARKETING))!.paused_until!.getTime()).toBe(START + 48 * HOUR_MS);
    const [paused] = await world.rows<CadenceEventLogRow>('cadence_event_log', `event_type = 'paused'`);
    expect(paused).toMatchObject({ suppressed_reason: 'conflict_resolved_queued', actor_id: 'AGT-302' });
    // Sales is still fresher after 48 hours; the nurture has waited once, and continues beside it.
    world.clock.set(START + 48 * HOUR_MS);
    await world.work();
    for (const slug of [SALES, MARKETING])
      expect(await statusOf(world, slug)).toMatchObject({ status: 'active' });
  });

  it('T2, marketing fresher: the sales request is queued for 48 h and returns through the gate', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead({ marketing_signal_at: new Date(START) });
    await world.request(lead_id, MARKETING);
    const answer = await world.request(lead_id, SALES);
    expect(answer).toMatchObject({
      decision: { outcome: 'queue', reason: 'conflict_resolved_queued', until_ms: START + 48 * HOUR_MS },
    });
    expect(await world.request(lead_id, SALES)).toEqual({ kind: 'already_waiting' });
    await world.addSignal(lead_id, 'sales', new Date(START + HOUR_MS));
    world.clock.set(START + 48 * HOUR_MS);
    await world.work();
    expect(await statusOf(world, SALES)).toMatchObject({ status: 'active' });
    expect(await statusOf(world, MARKETING)).toMatchObject({ status: 'paused' });
  });

  it('T2 over 30 days: one queued row and one event for the wait of each lead, then both run under the cap', async () => {
    const world = await createWorld(db, { policy: { sequences_per_side: { sales: 1, marketing: 1 } } });
    const leads: string[] = [];
    for (let at = 0; at < 3; at += 1) {
      const lead_id = await world.addLead({ sales_signal_at: new Date(START) });
      leads.push(lead_id);
      await world.request(lead_id, SALES);
      await world.request(lead_id, MARKETING);
      // Nine more times without news.
      for (let again = 0; again < 9; again += 1)
        expect(await world.request(lead_id, MARKETING)).toEqual({ kind: 'already_waiting' });
    }
    for (let day = 0; day <= 30; day += 1) {
      await world.work();
      world.clock.advance(DAY_MS);
    }
    const requests = await world.rows<SequenceRequestsRow>('sequence_requests', `conflict_since IS NOT NULL`);
    expect(new Set(requests.map(({ lead_id }) => lead_id))).toEqual(new Set(leads));
    for (const request of requests)
      expect(request).toMatchObject({ status: 'allowed', answer_count: 11, conflict_since: new Date(START) });
    const conflicts = await world.rows<CadenceEventLogRow>(
      'cadence_event_log',
      `suppressed_reason = 'conflict_resolved_queued'`,
    );
    expect(conflicts.map(({ lead_id }) => lead_id).sort()).toEqual(leads.toSorted());
    const items = await world.rows<SalesSendQueueRow>('sales_send_queue');
    for (const lead_id of leads)
      expect(new Set(items.flatMap((item) => (item.lead_id === lead_id ? item.campaign_id : []))).size).toBe(
        2,
      );
    const of_one = `event_type = 'enrolled' AND request_id = '${requests[0]!.id}'`;
    const [enrolled] = await world.rows<CadenceEventLogRow>('cadence_event_log', of_one);
    expect(JSON.stringify(enrolled!.trace)).toContain('wait_over');

    const read = (operation: unknown, input: object) =>
      (operation as typeof exitEnrollment).run({ ...world, principal: world.person, input } as never);
    const counted = analyticsOperations.find(({ name }) => name === 'analytics_conflicts')!;
    const since = new Date(START - 1).toISOString();
    expect(await read(counted, { since })).toEqual({
      items: [{ rule: 't2_sales_fresher', decisions: leads.length, leads: leads.length }],
      is_complete: true,
      leads: leads.length,
    });
    const timeline = explainOperations.find(({ name }) => name === 'timeline_lead')!;
    expect(JSON.stringify(await read(timeline, { id: leads[0], limit: 50 }))).toContain(
      'Asked 11 times since Nov 24; last answer Nov 26: every gate passed.',
    );
  });

  it('T2: a queued request returns when the winner ends before its 48 h', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead({ marketing_signal_at: new Date(START) });
    await world.request(lead_id, MARKETING);
    await world.request(lead_id, SALES);
    world.clock.advance(5 * HOUR_MS);
    await exitEnrollment.run({
      context: world.context,
      principal: world.person,
      input: { id: (await statusOf(world, MARKETING))!.id, exit_reason: 'rejected' },
    });
    await world.work();
    expect(await statusOf(world, SALES)).toMatchObject({ status: 'active' });
  });

  it('T2: a loser keeps waiting when a request of its own side is canceled', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead({ marketing_signal_at: new Date(START) });
    await world.request(lead_id, MARKETING);
    await world.request(lead_id, SALES);
    // Another sales request is waiting too; canceling it releases nothing.
    await world.request(lead_id, 'b2bea_world');
    await db.query(
      `UPDATE sequence_requests SET status = 'canceled', held_until = NULL, wake = NULL, reason = NULL
       WHERE org_id = $1 AND campaign_id = (SELECT id FROM campaigns WHERE org_id = $1 AND slug = 'b2bea_world')`,
      [world.org_id],
    );
    world.clock.advance(5 * HOUR_MS);
    await world.work();
    const waiting = await world.rows<SequenceRequestsRow>('sequence_requests', `status = 'queued'`);
    expect(waiting).toMatchObject([{ held_until: new Date(START + 48 * HOUR_MS) }]);
  });

  it('T1: marketing waits until the sales sequence ends, then starts at once', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead({ icp_tier: 'T1', marketing_signal_at: new Date(START) });
    await world.request(lead_id, SALES);
    expect(await world.request(lead_id, MARKETING)).toMatchObject({
      decision: { outcome: 'queue', until_ms: null, wake: 'other_side_ends' },
    });
    world.clock.advance(30 * DAY_MS);
    await db.query(
      `UPDATE campaign_contacts SET status = 'rejected', exited_at = $2, exit_reason = 'rejected', next_send_at = NULL WHERE org_id = $1`,
      [world.org_id, world.clock.now()],
    );
    await world.work();
    expect(await statusOf(world, MARKETING)).toMatchObject({ status: 'active' });
  });

  it('T3: sales is refused with a routing_error flag, raised once', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead({ icp_tier: 'T3' });
    expect(await world.request(lead_id, SALES)).toMatchObject({ decision: { outcome: 'refuse' } });
    expect(await world.request(lead_id, SALES)).toMatchObject({ decision: { outcome: 'refuse' } });
    expect(await world.rows('flags')).toMatchObject([{ kind: 'routing_error', for_agent: 'AGT-202' }]);
    expect(await world.rows('campaign_contacts')).toHaveLength(0);
    expect(await world.rows<SequenceRequestsRow>('sequence_requests')).toHaveLength(2);
  });
});

describe('the ABM backstop', () => {
  it('blocks a nurture request and notifies the agent that requested it', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead({ abm_active: true });
    expect(await world.request(lead_id, MARKETING)).toMatchObject({
      decision: { outcome: 'block', reason: 'abm_active_suppression' },
    });
    expect(await world.rows('notifications')).toMatchObject([
      { to_agent: 'AGT-304', kind: 'abm_active_suppression' },
    ]);
    expect(await world.request(lead_id, SALES)).toMatchObject({ decision: { outcome: 'allow' } });
  });

  it('pauses a running nurture when ABM starts, and resumes it when ABM ends', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, MARKETING);
    const abm = (active: boolean) =>
      db.query(`UPDATE accounts SET abm_active = $2, updated_at = $3 WHERE org_id = $1`, [
        world.org_id,
        active,
        world.clock.now(),
      ]);
    await abm(true);
    await world.work();
    expect(await statusOf(world, MARKETING)).toMatchObject({
      status: 'paused',
      paused_reason: 'abm_active_suppression',
    });
    world.clock.advance(90 * DAY_MS);
    await world.work();
    expect(
      await world.rows('cadence_event_log', `suppressed_reason = 'abm_active_suppression'`),
    ).toHaveLength(1);
    await abm(false);
    await world.work();
    expect(await statusOf(world, MARKETING)).toMatchObject({ status: 'active' });
    expect(await world.rows<SalesSendQueueRow>('sales_send_queue')).toHaveLength(1);
  });
});

describe('ABM that starts when a nurture message is ready to leave', () => {
  it('stops it at the gate, and releases it when ABM ends', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, MARKETING);
    await world.work();
    await db.query(`UPDATE accounts SET abm_active = true WHERE org_id = $1`, [world.org_id]);
    await world.approve(lead_id);
    expect(await world.rows<SalesSendQueueRow>('sales_send_queue')).toMatchObject([
      { status: 'held', held_reason: 'abm_active_suppression', held_until: null, wake: 'abm_ends' },
    ]);
    world.clock.advance(10 * DAY_MS);
    await world.work();
    await db.query(`UPDATE accounts SET abm_active = false, updated_at = $2 WHERE org_id = $1`, [
      world.org_id,
      world.clock.now(),
    ]);
    await world.work();
    expect(await world.rows<SalesSendQueueRow>('sales_send_queue', `step_number = 1`)).toMatchObject([
      { status: 'sent' },
    ]);
  });
});

describe('an opt-out in the middle of everything', () => {
  it('ends everything that is open for the lead in its own transaction', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead({ marketing_signal_at: new Date(START) });
    await world.request(lead_id, MARKETING);
    await world.request(lead_id, SALES);
    await world.request(lead_id, 'b2bea_membership_cs');
    await world.work();
    const input = { id: lead_id, action: 'set' as const, reason: 'asked on the phone' };
    await optOutLead.run({ context: world.context, principal: world.person, input });
    const open = `('pending', 'drafted', 'approved', 'held', 'open', 'claimed', 'active', 'paused', 'queued')`;
    for (const table of ['sales_send_queue', 'agent_tasks', 'campaign_contacts', 'sequence_requests']) {
      expect(await world.rows(table, `status::text IN ${open}`)).toEqual([]);
    }
    expect(await world.rows('leads', `cadence_state <> 'idle'`)).toEqual([]);
  });
});

describe('send_rule pre_approved', () => {
  it('sends without a review of each message once a person approved the template, and only that template', async () => {
    const world = await createWorld(db);
    const first = await world.addLead();
    await world.request(first, MARKETING);
    await world.work();
    expect(world.sent).toHaveLength(0);
    const steps = await world.rows<CampaignSequencesRow>(
      'campaign_sequences',
      `step_number = 1 AND campaign_id = (SELECT id FROM campaigns WHERE slug = '${MARKETING}' AND org_id = '${world.org_id}')`,
    );
    const { campaign_id, template_hash } = steps[0]!;
    const user_id = world.person.kind === 'human' ? world.person.user_id : '';
    await transaction(db, { org_id: world.org_id, kind: 'human', id: user_id }, (tx) =>
      tx.query(
        `INSERT INTO template_approvals (org_id, id, campaign_id, step_number, template_hash, approved_by_user_id)
         VALUES ($1, gen_random_uuid(), $2, 1, $3, $4)`,
        [world.org_id, campaign_id, template_hash, user_id],
      ),
    );
    const second = await world.addLead();
    await world.request(second, MARKETING);
    await world.work();
    expect(world.sent).toHaveLength(1);
    await db.query(
      `UPDATE campaign_sequences SET body_template = 'Changed.' WHERE campaign_id = $1 AND step_number = 1`,
      [campaign_id],
    );
    const third = await world.addLead();
    await world.request(third, MARKETING);
    await world.work();
    expect(world.sent).toHaveLength(1);
  });
});

replaysEveryDecision(db, ['requested', 'dispatched', 'sent']);
