import { describe, expect, it } from 'vitest';
import { campaignOperations } from '../../src/operations/campaigns/campaigns.ts';
import { enrollmentOperations } from '../../src/operations/campaigns/enrollments.ts';
import { approveDraft, markSent } from '../../src/operations/drafts/decisions.ts';
import { leadMergeOperations } from '../../src/operations/leads/merges.ts';
import { policyOperations } from '../../src/operations/policy/policies.ts';
import type {
  CadenceEventLogRow,
  SalesSendQueueRow,
  SequenceRequestsRow,
  StagedDraftsRow,
} from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, HOUR_MS, type World } from '../world.ts';
import { replaysEveryDecision } from './replay.ts';

const { db } = await testDatabase();
const exitEnrollment = enrollmentOperations.find(({ name }) => name === 'exit_enrollment')!;
const patchCampaign = campaignOperations.find(({ name }) => name === 'patch_campaign')!;
/** Campaigns of the sales side, of one type. */
const [A, B, C] = ['b2bea_membership', 'b2bea_world', 'dreamborn'] as const;
const CLOSING = 'b2bea_membership_close';
const NURTURE = 'b2bea_nurture';
const ONE = { sales: 1, marketing: 1 };
const TWO = { sales: 2, marketing: 2 };
const ANY = { sales: null, marketing: null };

const worldOf = (sequences_per_side: Record<string, number | null> = ONE) =>
  createWorld(db, { policy: { sequences_per_side } });

async function setPolicy(world: World, sequences_per_side: Record<string, number | null>): Promise<void> {
  const [get, put] = policyOperations;
  const call = { context: world.context, principal: world.person };
  const { version, document } = await get.run({ ...call, input: {} });
  const input = { document: { ...document, sequences_per_side }, expected_version: version };
  await put.run({ ...call, input });
}

async function setPriority(world: World, slug: string, priority: number): Promise<void> {
  const call = { context: world.context, principal: world.person };
  const changed = await patchCampaign.run({ ...call, input: { slug, priority } } as never);
  expect(changed).toMatchObject({ slug, priority });
}

/** The status of each open or ended enrollment and of each waiting request, by campaign. */
async function standing(world: World): Promise<Record<string, string>> {
  const { rows } = await db.query<{ slug: string; status: string }>(
    `SELECT c.slug, e.status::text || coalesce(' ' || e.paused_reason, '') AS status
     FROM campaign_contacts e JOIN campaigns c ON c.id = e.campaign_id WHERE e.org_id = $1
     UNION ALL
     SELECT c.slug, r.status::text || ' ' || r.reason
     FROM sequence_requests r JOIN campaigns c ON c.id = r.campaign_id
     WHERE r.org_id = $1 AND r.status IN ('held', 'queued')`,
    [world.org_id],
  );
  return Object.fromEntries(rows.map(({ slug, status }) => [slug, status]));
}

async function exit(world: World, slug: string): Promise<void> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT e.id FROM campaign_contacts e JOIN campaigns c ON c.id = e.campaign_id
     WHERE e.org_id = $1 AND c.slug = $2 AND e.status IN ('active', 'paused')`,
    [world.org_id, slug],
  );
  const call = { context: world.context, principal: world.person };
  await exitEnrollment.run({ ...call, input: { id: rows[0]!.id, exit_reason: 'rejected' } } as never);
  await world.work();
}

async function approveAll(world: World): Promise<void> {
  const call = { context: world.context, principal: world.person };
  const { rows } = await db.query<StagedDraftsRow & SalesSendQueueRow>(
    `SELECT d.id, d.content_hash, q.requires_personal_send FROM sales_send_queue q
     JOIN staged_drafts d ON d.id = q.staged_draft_id WHERE q.org_id = $1 AND q.status = 'drafted'`,
    [world.org_id],
  );
  for (const { id, content_hash, requires_personal_send } of rows) {
    const input = { id, content_hash };
    if (requires_personal_send) await markSent.run({ ...call, input: { ...input, already_sent: true } });
    else await approveDraft.run({ ...call, input });
  }
}

const eventsOf = (world: World) =>
  world.rows<CadenceEventLogRow>('cadence_event_log', `suppressed_reason = 'same_side_queued'`);

const QUEUED = 'queued same_side_queued';
const PAUSED = 'paused same_side_queued';

describe('one sequence of a side at once', () => {
  it('queues a second request until the first sequence ends: one row, one event', async () => {
    const world = await worldOf();
    const lead_id = await world.addLead();
    await world.request(lead_id, A);
    expect(await world.request(lead_id, B)).toMatchObject({
      decision: { outcome: 'queue', reason: 'same_side_queued', wake: 'same_side_ends', until_ms: null },
    });
    for (let day = 0; day < 5; day += 1) {
      world.clock.advance(DAY_MS);
      await world.work();
    }
    expect(await standing(world)).toEqual({ [A]: 'active', [B]: QUEUED });
    expect(await eventsOf(world)).toHaveLength(1);
    await exit(world, A);
    expect(await standing(world)).toEqual({ [A]: 'rejected', [B]: 'active' });
    const requests = await world.rows<SequenceRequestsRow>('sequence_requests', `answer_count > 1`);
    expect(requests).toMatchObject([{ status: 'allowed', answer_count: 2 }]);
  });

  it('leaves the other side to the matrix, and lets a transactional sequence pass', async () => {
    const world = await worldOf();
    await db.query(`UPDATE campaigns SET sequence_type = 'transactional' WHERE org_id = $1 AND slug = $2`, [
      world.org_id,
      B,
    ]);
    const lead_id = await world.addLead();
    for (const slug of [A, B, NURTURE]) await world.request(lead_id, slug);
    expect(await standing(world)).toEqual({
      [A]: 'active',
      [B]: 'active',
      [NURTURE]: 'queued conflict_resolved_queued',
    });
  });

  it('lets one of 64 simultaneous requests run', async () => {
    const world = await worldOf();
    const lead_id = await world.addLead();
    await Promise.all(Array.from({ length: 64 }, (_, at) => world.request(lead_id, [A, B, C][at % 3]!)));
    const statuses = Object.values(await standing(world)).sort();
    expect(statuses).toEqual(['active', QUEUED, QUEUED]);
  });

  it('enrolls the successor of an exit before those that wait', async () => {
    const world = await worldOf();
    await db.query(`UPDATE campaigns SET on_exit = $3 WHERE org_id = $1 AND slug = $2`, [
      world.org_id,
      A,
      { rejected: C },
    ]);
    const lead_id = await world.addLead();
    for (const slug of [A, B]) await world.request(lead_id, slug);
    await exit(world, A);
    expect(await standing(world)).toEqual({ [A]: 'rejected', [B]: QUEUED, [C]: 'active' });
  });

  it('settles a merge: the running sequence stays, the other continues at its step afterwards', async () => {
    const world = await worldOf();
    const lead_id = await world.addLead();
    const into_lead_id = await world.addLead();
    await world.request(lead_id, A);
    await world.request(into_lead_id, B);
    const merge = leadMergeOperations.find(({ name }) => name === 'merge_leads')!;
    const call = { context: world.context, principal: world.person };
    await merge.run({
      ...call,
      input: { id: into_lead_id, other_lead_id: lead_id, dry_run: false },
    } as never);
    expect(await standing(world)).toMatchObject({ [A]: QUEUED, [B]: 'active' });
    await exit(world, B);
    expect(await standing(world)).toMatchObject({ [A]: 'active', [B]: 'rejected' });
  });
});

describe('priorities', () => {
  it('a campaign with a higher one pauses the running sequence, which resumes automatically', async () => {
    const world = await worldOf();
    await setPriority(world, B, 5);
    const lead_id = await world.addLead();
    await world.request(lead_id, A);
    expect(await world.request(lead_id, B)).toMatchObject({ decision: { outcome: 'allow' } });
    await world.work();
    expect(await standing(world)).toEqual({ [A]: PAUSED, [B]: 'active' });
    expect(await eventsOf(world)).toMatchObject([
      { event_type: 'paused', resolution: 'outranked', until: null, detail: { rule: 'side_full' } },
    ]);
    world.clock.advance(10 * DAY_MS);
    await exit(world, B);
    expect(await standing(world)).toEqual({ [A]: 'active', [B]: 'rejected' });
    expect(await eventsOf(world)).toHaveLength(1);
  });

  it('decide who of those that wait goes next; of equals, the oldest', async () => {
    const world = await worldOf();
    await setPriority(world, C, 5);
    await setPriority(world, A, 9);
    const lead_id = await world.addLead();
    for (const slug of [A, B, C]) {
      await world.request(lead_id, slug);
      world.clock.advance(HOUR_MS);
    }
    await exit(world, A);
    expect(await standing(world)).toEqual({ [A]: 'rejected', [B]: QUEUED, [C]: 'active' });
    await setPriority(world, A, 0);
    await setPriority(world, C, 0);
    await world.request(lead_id, A);
    await exit(world, C);
    expect(await standing(world)).toMatchObject({ [B]: 'active', [C]: 'rejected' });
  });

  it('a closing sequence goes before prospecting of equal priority', async () => {
    const world = await worldOf();
    const lead_id = await world.addLead();
    for (const slug of [A, CLOSING]) await world.request(lead_id, slug);
    expect(await standing(world)).toEqual({ [A]: PAUSED, [CLOSING]: 'active' });
  });
});

describe('a policy that changes', () => {
  it('lets those that run already settle in one order without a flap, and wakes them when it loosens', async () => {
    const world = await worldOf(ANY);
    const lead_id = await world.addLead();
    for (const slug of [A, B, C]) {
      await world.request(lead_id, slug);
      world.clock.advance(HOUR_MS);
    }
    await setPriority(world, C, 1);
    await setPolicy(world, TWO);
    for (let day = 0; day < 10; day += 1) {
      await world.work();
      world.clock.advance(DAY_MS);
    }
    expect(await standing(world)).toEqual({ [A]: 'active', [B]: PAUSED, [C]: 'active' });
    await setPolicy(world, ONE);
    for (let day = 0; (await standing(world))[A] === 'active'; day += 1) {
      expect(day).toBeLessThan(20);
      await approveAll(world);
      await world.work();
      world.clock.advance(DAY_MS);
    }
    expect(await standing(world)).toEqual({ [A]: PAUSED, [B]: PAUSED, [C]: 'active' });
    // Each of the two that yielded did so once: no answer without news is an event.
    const yielded = (await eventsOf(world)).flatMap((event) =>
      event.queue_id === null ? event.campaign_id : [],
    );
    expect(yielded).toHaveLength(2);
    expect(new Set(yielded).size).toBe(2);
    await setPolicy(world, ANY);
    await world.work();
    expect(await standing(world)).toEqual({ [A]: 'active', [B]: 'active', [C]: 'active' });
  });

  it('holds an approved message of a sequence beyond the limit until a place is free', async () => {
    const world = await worldOf(ANY);
    const lead_id = await world.addLead();
    await world.request(lead_id, A);
    world.clock.advance(HOUR_MS);
    await world.request(lead_id, B);
    await setPriority(world, A, 1);
    await db.query(
      `UPDATE campaign_contacts SET next_send_at = $2 WHERE org_id = $1 AND campaign_id =
      (SELECT id FROM campaigns WHERE org_id = $1 AND slug = '${A}')`,
      [world.org_id, new Date(world.clock.now_ms() + 90 * DAY_MS)],
    );
    await world.work();
    await setPolicy(world, ONE);
    await world.approve(lead_id);
    const held = () => world.rows<SalesSendQueueRow>('sales_send_queue', `step_number = 1`);
    expect(await held()).toMatchObject([
      { status: 'held', held_reason: 'same_side_queued', held_until: null, wake: 'same_side_ends' },
    ]);
    await exit(world, A);
    expect(await held()).toMatchObject([{ status: 'sent' }]);
  });
});

replaysEveryDecision(db, ['requested', 'dispatched', 'sent']);
