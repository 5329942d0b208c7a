import { beforeAll, describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { newId } from '../../src/ids.ts';
import { sequenceRequestOperations } from '../../src/operations/campaigns/sequence_requests.ts';
import type { SalesSendQueueRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { DAY_MS } from '../world.ts';
import { createPlayRunWorld, type PlayRunWorld } from './play_run_world.ts';

/* Once a play is retired or over, nothing new starts, and current enrollments finish. */

const { db } = await testDatabase();

/** A play with one active and one queued lead, whose enrollment of the other side is fresher. */
async function runningPlay(columns: Record<string, unknown> = {}) {
  const world = await createPlayRunWorld(db);
  const segment = await world.addSegment();
  const runs = await world.addLead({ segment });
  const waits = await world.addLead({ segment });
  const play_id = await world.activePlay(segment, columns);
  await world.work();
  // A pending request for the lead, as the gate leaves it.
  await db.query(
    `UPDATE campaign_contacts SET status = 'rejected', exited_at = now(), exit_reason = 'rejected', next_send_at = NULL WHERE lead_id = $1`,
    [waits],
  );
  const campaign = await world.campaign(play_id);
  await addRequest(world, { play_id, campaign_id: campaign.id, lead_id: waits, status: 'held' });
  return { world, segment, play_id, runs, waits, campaign };
}

async function addRequest(world: PlayRunWorld, columns: Record<string, unknown>): Promise<string> {
  const id = newId(world.clock);
  const [campaign] = await world.rows<Record<string, unknown>>('campaigns', `id = '${columns.campaign_id}'`);
  const row = {
    org_id: world.org_id,
    id,
    requested_by: 'AGT-302',
    reason: 'touch_cap_exceeded',
    wake: columns.status === 'held' ? 'at_until' : null,
    held_until: columns.status === 'held' ? new Date(world.clock.now_ms() + DAY_MS) : null,
    trace: [],
    policy_version: 1,
    originating_proposal_id: campaign!.originating_proposal_id,
    created_at: world.clock.now(),
    decided_at: world.clock.now(),
    ...columns,
  };
  await world.as(
    'coordinator',
    `INSERT INTO sequence_requests SELECT * FROM jsonb_populate_record(NULL::sequence_requests, $1)`,
    [JSON.stringify(row)],
  );
  return id;
}

const ask = (world: PlayRunWorld, lead_id: string, campaign: string) => {
  const [operation] = sequenceRequestOperations;
  const input = operation.input.parse({ lead_id, campaign_slug: campaign });
  return operation.run({ context: world.context, principal: world.person, input });
};

describe('a retired play', () => {
  it('has its pending requests withdrawn with a reason, while current enrollments finish', async () => {
    const { world, play_id, runs, waits } = await runningPlay();
    await world.retire(play_id);
    world.clock.advance(2 * DAY_MS);
    await world.work();
    expect(await world.requests(play_id, `lead_id = '${waits}' AND status <> 'allowed'`)).toMatchObject([
      { status: 'canceled' },
    ]);
    const canceled = await world.rows(
      'cadence_event_log',
      `lead_id = '${waits}' AND resolution = 'play_retired'`,
    );
    expect(canceled).toMatchObject([{ event_type: 'canceled', play_id }]);
    for (let touch = 0; touch < 2; touch += 1) {
      await world.approveTouch(runs);
      world.clock.advance(5 * DAY_MS);
      await world.work();
    }
    expect(await world.rows('campaign_contacts', `lead_id = '${runs}'`)).toMatchObject([
      { status: 'timed_out', exit_reason: 'no_engagement' },
    ]);
    const items = await world.rows<SalesSendQueueRow>('sales_send_queue', `lead_id = '${runs}'`);
    expect(items.map((item) => item.status)).toEqual(['sent', 'sent']);
  });

  it('requests no new leads, and refuses other requests with the reason', async () => {
    const { world, segment, play_id, campaign } = await runningPlay();
    const late = await world.addLead({ segment });
    const before = await world.requests(play_id);
    await world.retire(play_id);
    world.clock.advance(DAY_MS);
    await world.work();
    expect(await world.requests(play_id)).toHaveLength(before.length);
    await expect(ask(world, late, campaign.slug)).rejects.toMatchObject({
      code: 'play_retired',
      status: 409,
    });
  });

  it('gets no new request, release or enrollment from the database', async () => {
    const { world, segment, play_id, waits, campaign } = await runningPlay();
    const late = await world.addLead({ segment });
    await world.retire(play_id);
    const state = (running: Promise<unknown>) => running.then(() => null, sqlState);
    const request = { play_id, campaign_id: campaign.id, lead_id: late };
    expect(await state(addRequest(world, { ...request, status: 'held' }))).toBe('TL029');
    expect(await state(addRequest(world, { ...request, status: 'refused' }))).toBe('TL029');
    const release = world.as(
      'coordinator',
      `UPDATE sequence_requests SET status = 'allowed', wake = NULL, held_until = NULL, enrollment_id = gen_random_uuid()
       WHERE lead_id = $1 AND status = 'held'`,
      [waits],
    );
    expect(await state(release)).toBe('TL029');
    const enroll = world.as(
      'coordinator',
      `INSERT INTO campaign_contacts SELECT (jsonb_populate_record(e, jsonb_build_object('id', gen_random_uuid(), 'lead_id', $2::uuid,
         'status', 'active', 'exited_at', NULL, 'exit_reason', NULL, 'current_step', 1, 'open_queue_id', NULL))).*
       FROM campaign_contacts e WHERE e.play_id = $1 LIMIT 1`,
      [play_id, late],
    );
    expect(await state(enroll)).toBe('TL029');
  });

  it('does not retire during a request, and accepts none afterwards', async () => {
    const { world, segment, play_id, campaign } = await runningPlay();
    const late = await world.addLead({ segment });
    const own = await db.checkout();
    try {
      await own.query('BEGIN');
      await own.query(
        `SELECT set_config('touchline.org', $1, true), set_config('touchline.actor_kind', 'coordinator', true)`,
        [world.org_id],
      );
      await own.query(
        `INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, reason, trace, policy_version,
           play_id, originating_proposal_id, decided_at)
         VALUES ($1, $2, $3, $4, 'AGT-302', 'refused', 'illegal_transition', '[]', 1, $5, $6, now())`,
        [world.org_id, newId(world.clock), late, campaign.id, play_id, campaign.originating_proposal_id],
      );
      await expect(world.retire(play_id)).rejects.toMatchObject({ code: '55P03' });
      await own.query('COMMIT');
    } finally {
      own.release();
    }
    await world.retire(play_id);
    expect(await world.read(play_id)).toMatchObject({ state: 'retired' });
  });
});

describe('the end of the period', () => {
  const period = { active_period_end: '2026-11-24' };

  it('changes nothing on its last day, and retires the play the next day if configured', async () => {
    const { world, play_id, runs } = await runningPlay(period);
    await world.setAutoSunset(true);
    world.clock.set(Date.parse('2026-11-24T23:59:00Z'));
    await world.work();
    expect(await world.read(play_id)).toMatchObject({ state: 'active' });
    world.clock.set(Date.parse('2026-11-25T00:00:00Z'));
    await world.work();
    expect(await world.read(play_id)).toMatchObject({
      state: 'retired',
      retire_reason: 'auto_sunset',
      retired_by_user_id: null,
      retired_at: world.clock.now(),
    });
    expect(await world.requests(play_id, `status = 'held'`)).toEqual([]);
    expect(await world.rows('campaign_contacts', `lead_id = '${runs}'`)).toMatchObject([
      { status: 'active' },
    ]);
  });

  it('stops new enrollments even without auto-sunset', async () => {
    const { world, segment, play_id, waits, campaign } = await runningPlay(period);
    const late = await world.addLead({ segment });
    world.clock.advance(3 * DAY_MS);
    await world.work();
    expect(await world.read(play_id)).toMatchObject({ state: 'active' });
    expect(await world.requests(play_id, `lead_id = '${waits}' AND status <> 'allowed'`)).toMatchObject([
      { status: 'canceled' },
    ]);
    await expect(ask(world, late, campaign.slug)).rejects.toMatchObject({ code: 'play_over' });
  });

  describe('of many plays at once', () => {
    let world: PlayRunWorld;
    beforeAll(async () => {
      world = await createPlayRunWorld(db);
    });

    it('retires exactly the plays that are over', async () => {
      const plays = [];
      for (const end of ['2026-11-24', '2026-11-25', '2026-11-26', null])
        plays.push(await world.playIn('active', { active_period_end: end }));
      await world.setAutoSunset(true);
      world.clock.set(Date.parse('2026-11-26T12:00:00Z'));
      const found = await Promise.all([1, 2, 3].map(() => world.stage('retire_overdue_plays')));
      expect(found.reduce((sum, count) => sum + count)).toBe(2);
      const states = await Promise.all(plays.map(async (play_id) => (await world.read(play_id)).state));
      expect(states).toEqual(['retired', 'retired', 'active', 'active']);
    });
  });
});
