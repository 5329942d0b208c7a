import { describe, expect, it } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { enrollmentOperations } from '../../src/operations/campaigns/enrollments.ts';
import { policyOperations } from '../../src/operations/policy/policies.ts';
import type { CadenceEventLogRow, CampaignContactsRow, SequenceRequestsRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, HOUR_MS, START, type World } from '../world.ts';
import { replaysEveryDecision } from './replay.ts';

const { db } = await testDatabase();
const CLOSE = 'b2bea_membership_close';
const OPEN = 'b2bea_membership';
const exitEnrollment = enrollmentOperations[3];

async function newPolicy(world: World, document: Record<string, unknown>): Promise<void> {
  const [get, put] = policyOperations;
  const call = { context: world.context, principal: world.person };
  const { version: expected_version } = await get.run({ ...call, input: {} });
  const without_limits = {
    business_hours: { enforce: false },
    mailbox_limits: { enforce: false },
    drafts: { undo_seconds: 0 },
    ...document,
  };
  await put.run({ ...call, input: { document: without_limits, expected_version } });
}

const requestsOf = (world: World) => world.rows<SequenceRequestsRow>('sequence_requests', 'true ORDER BY id');
const enrollmentsOf = (world: World) => world.rows<CampaignContactsRow>('campaign_contacts');
const withdrawn = (world: World) =>
  world.rows<CadenceEventLogRow>('cadence_event_log', `event_type = 'canceled' AND queue_id IS NULL`);

/** A request that is held, since the policy lets none be sent. */
async function heldRequest(world: World, campaign = CLOSE): Promise<string> {
  const lead_id = await world.addLead();
  await newPolicy(world, { touch_cap: { max_touches_per_day: 0 } });
  expect(await world.request(lead_id, campaign)).toMatchObject({ decision: { outcome: 'hold' } });
  return lead_id;
}

describe('a request that waits', () => {
  it('is withdrawn when a newer one for the same campaign is enrolled, and enrolls no lead later', async () => {
    const world = await createWorld(db);
    const lead_id = await heldRequest(world);
    await newPolicy(world, {});
    expect(await world.request(lead_id, CLOSE)).toMatchObject({ decision: { outcome: 'allow' } });
    expect(await requestsOf(world)).toMatchObject([
      { status: 'canceled', reason: null },
      { status: 'allowed' },
    ]);
    const [waited] = await requestsOf(world);
    expect(await withdrawn(world)).toMatchObject([{ request_id: waited!.id, resolution: 'superseded' }]);
    const [enrollment] = await enrollmentsOf(world);
    const call = { context: world.context, principal: world.person };
    await exitEnrollment.run({ ...call, input: { id: enrollment!.id, exit_reason: 'rejected' } });
    await world.work();
    world.clock.advance(30 * DAY_MS);
    await world.work();
    expect(await enrollmentsOf(world)).toMatchObject([{ status: 'rejected' }]);
  });

  it('is withdrawn when its turn arrives and the lead is already in the campaign', async () => {
    const world = await createWorld(db);
    await heldRequest(world, OPEN);
    // The state that an earlier version left: a request waiting beside an enrollment.
    await transaction(db, { ...coordinatorActor(world.org_id) }, async (tx) => {
      await tx.query('ALTER TABLE campaign_contacts DISABLE TRIGGER campaign_contacts_no_waiting_twin');
      await tx.query(
        `INSERT INTO campaign_contacts (org_id, id, contact_id, lead_id, campaign_id, client_id, request_id,
           requested_by, status, paused_at, paused_reason, wake)
         SELECT org_id, gen_random_uuid(), 'x', lead_id, campaign_id, 'b2bea', id, requested_by, 'active', NULL, NULL, NULL
         FROM sequence_requests WHERE org_id = $1`,
        [world.org_id],
      );
      await tx.query('ALTER TABLE campaign_contacts ENABLE TRIGGER campaign_contacts_no_waiting_twin');
    });
    await newPolicy(world, {});
    await world.work();
    expect(await requestsOf(world)).toMatchObject([{ status: 'canceled' }]);
    expect(await withdrawn(world)).toMatchObject([{ resolution: 'already_enrolled' }]);
  });

  it('excludes an enrollment, and an enrollment excludes it, by raw SQL', async () => {
    const world = await createWorld(db);
    await heldRequest(world, OPEN);
    const enroll = transaction(db, coordinatorActor(world.org_id), (tx) =>
      tx.query(
        `INSERT INTO campaign_contacts (org_id, id, contact_id, lead_id, campaign_id, client_id, request_id, requested_by, status)
         SELECT org_id, gen_random_uuid(), 'x', lead_id, campaign_id, 'b2bea', id, requested_by, 'active'
         FROM sequence_requests WHERE org_id = $1`,
        [world.org_id],
      ),
    );
    expect(await enroll.then(() => null, sqlState)).toBe('TL017');

    const other = await createWorld(db);
    await other.request(await other.addLead(), CLOSE);
    const wait = transaction(db, coordinatorActor(other.org_id), (tx) =>
      tx.query(
        `INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, reason, wake, trace,
           policy_version, decided_at)
         SELECT org_id, gen_random_uuid(), lead_id, campaign_id, requested_by, 'held', 'touch_cap_exceeded', 'at_until',
           trace, policy_version, decided_at FROM sequence_requests WHERE org_id = $1`,
        [other.org_id],
      ),
    );
    expect(await wait.then(() => null, sqlState)).toBe('TL017');
  });
});

describe('the hours of a conflict’s loser', () => {
  it('do not restart with each policy', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead({
      sales_signal_at: new Date(START),
      marketing_signal_at: new Date(START - DAY_MS),
    });
    await world.request(lead_id, 'b2bea_membership');
    expect(await world.request(lead_id, 'b2bea_nurture')).toMatchObject({ decision: { outcome: 'queue' } });
    const waits = async () => (await requestsOf(world)).find(({ status }) => status === 'queued')!;
    world.clock.advance(40 * HOUR_MS);
    await newPolicy(world, {});
    await world.work();
    expect(await waits()).toMatchObject({ policy_version: 2, held_until: new Date(START + 48 * HOUR_MS) });
    expect(await waits()).toMatchObject({ answer_count: 2, conflict_since: new Date(START) });
    // Waited once: from now on it runs beside the other side, which is still fresher.
    world.clock.set(START + 48 * HOUR_MS);
    await world.work();
    expect((await requestsOf(world)).map(({ status }) => status)).toEqual(['allowed', 'allowed']);
  });
});

replaysEveryDecision(db, ['requested']);
