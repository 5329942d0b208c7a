import { describe, expect, it } from 'vitest';
import { FLAG_CHECKS } from '../../src/coordinator/upkeep/checks.ts';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { campaignOperations } from '../../src/operations/campaigns/campaigns.ts';
import { enrollmentOperations } from '../../src/operations/campaigns/enrollments.ts';
import { sequenceBatchOperations } from '../../src/operations/campaigns/sequence_batches.ts';
import { sequenceRequestOperations } from '../../src/operations/campaigns/sequence_requests.ts';
import { draftOperations } from '../../src/operations/drafts/drafts.ts';
import { explainOperations } from '../../src/operations/leads/explain.ts';
import type {
  CadenceEventLogRow,
  CampaignContactsRow,
  FlagsRow,
  SalesSendQueueRow,
  SequenceRequestsRow,
  WhenUnreachable,
} from '../../src/schema.gen.ts';
import { runCheck } from '../../src/worker/checks.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, START, type World } from '../world.ts';

/* A step whose channel the lead has no address for is known at enrollment and never fails late. */

const { db } = await testDatabase();
const [request] = sequenceRequestOperations;
const [requestMany] = sequenceBatchOperations;
const [, , resume] = enrollmentOperations;
const [explain] = explainOperations;
const importCampaign = campaignOperations.find(({ name }) => name === 'import_campaign')!;

type Step = { day: number; channel: 'email' | 'linkedin'; when_unreachable?: WhenUnreachable };

/** A campaign with these steps, defined in YAML. */
async function campaign(world: World, steps: readonly Step[]): Promise<string> {
  const lines = steps.map(({ day, channel, when_unreachable }, at) => {
    const subject = channel === 'email' ? 'subject: Hello, ' : '';
    return [
      `  - step_number: ${at + 1}`,
      `    delay_days: ${day}`,
      `    channel: ${channel}`,
      '    content_type: follow_up',
      '    template_instructions: Say hello.',
      ...(when_unreachable === undefined ? [] : [`    when_unreachable: ${when_unreachable}`]),
      `    template: { ${subject}body: Hello }`,
    ].join('\n');
  });
  const head = [
    'slug: reach',
    'name: Reach',
    'client: b2bea',
    'type: event',
    'owner_role: roles.bdr',
    'steps:',
  ];
  const call = { context: world.context, principal: world.person };
  const input = { yaml: [...head, ...lines].join('\n') };
  await importCampaign.run({ ...call, input: importCampaign.input.parse(input) as never });
  return 'reach';
}

const MIXED = (when_unreachable?: WhenUnreachable): Step[] => [
  { day: 0, channel: 'email' },
  { day: 3, channel: 'linkedin', ...(when_unreachable === undefined ? {} : { when_unreachable }) },
  { day: 7, channel: 'email' },
];

function ask(world: World, lead_id: string, dry_run = false) {
  const input = { lead_id, campaign_slug: 'reach', dry_run };
  return request.run({ context: world.context, principal: world.person, input });
}

async function begun(steps: readonly Step[]): Promise<{ world: World; lead_id: string }> {
  const world = await createWorld(db);
  await campaign(world, steps);
  const lead_id = await world.addLead({ linkedin_url: null });
  await ask(world, lead_id);
  await world.work();
  await world.approve(lead_id);
  return { world, lead_id };
}

const enrollment = async (world: World) => (await world.rows<CampaignContactsRow>('campaign_contacts'))[0]!;
const queued = (world: World) =>
  world.rows<SalesSendQueueRow>('sales_send_queue', 'true ORDER BY step_number');
const events = (world: World, where: string) =>
  world.rows<CadenceEventLogRow>('cadence_event_log', `${where} ORDER BY timestamp, id`);

async function later(world: World, days: number): Promise<void> {
  world.clock.set(START + days * DAY_MS);
  await world.work();
}

describe('a request', () => {
  it('names the steps for which the lead has no address, and what happens at each', async () => {
    const world = await createWorld(db);
    await campaign(world, MIXED('ask'));
    const without = await world.addLead({ linkedin_url: null });
    const unreachable_steps = [
      { step_number: 2, channel: 'linkedin', missing: 'linkedin_url', when_unreachable: 'ask' },
    ];
    const tried = await ask(world, without, true);
    expect(tried).toMatchObject({ outcome: 'allow', unreachable_steps });
    expect(tried.text).toContain('no LinkedIn profile: step 2 (LinkedIn): the enrollment pauses');
    expect(await ask(world, await world.addLead())).toMatchObject({ unreachable_steps: [] });
    const elsewhere = await world.addLead({ linkedin_url: 'https://evil.example/in/abd' });
    expect(await ask(world, elsewhere)).toMatchObject({ unreachable_steps });
    const { items } = await requestMany.run({
      context: world.context,
      principal: world.person,
      input: { leads: [without], campaign_slug: 'reach', dry_run: false },
    });
    expect(items).toMatchObject([{ outcome: 'allow', unreachable_steps }]);
    const [row] = await world.rows<SequenceRequestsRow>('sequence_requests', `lead_id = '${without}'`);
    expect(row!.unreachable_steps).toEqual(unreachable_steps);
  });

  it.each([
    ['no step can reach the lead', [{ day: 0, channel: 'linkedin' }]],
    [
      'it would end before the first step that does',
      [
        { day: 0, channel: 'linkedin', when_unreachable: 'end' },
        { day: 3, channel: 'email' },
      ],
    ],
  ] satisfies [string, Step[]][])('is refused where %s', async (_, steps) => {
    const world = await createWorld(db);
    await campaign(world, steps);
    const lead_id = await world.addLead({ linkedin_url: null });
    await expect(ask(world, lead_id)).rejects.toMatchObject({
      code: 'lead_unreachable',
      status: 409,
      errors: [{ path: 'linkedin_url' }],
    });
    const answer = await requestMany.run({
      context: world.context,
      principal: world.person,
      input: { leads: [lead_id], campaign_slug: 'reach', dry_run: false },
    });
    expect(answer).toMatchObject({ counts: { unreachable: 1 }, items: [{ outcome: 'unreachable' }] });
    expect(await world.rows('campaign_contacts')).toEqual([]);
    const [row] = await world.rows<SequenceRequestsRow>('sequence_requests');
    expect(row).toMatchObject({ status: 'refused', reason: null });
    const call = { context: world.context, principal: world.person };
    const { not_sent } = await explain.run({ ...call, input: { id: lead_id } } as never);
    expect(not_sent[0]!.text).toMatch(/was refused: no step can reach the lead\. The lead has no LinkedIn/);
  });

  it('that needs a person at its only step is enrolled', async () => {
    const world = await createWorld(db);
    await campaign(world, [{ day: 0, channel: 'linkedin', when_unreachable: 'ask' }]);
    expect(await ask(world, await world.addLead({ linkedin_url: null }))).toMatchObject({ outcome: 'allow' });
  });
});

describe('an unreachable step', () => {
  it('is skipped without a failure or a touch, and the next step keeps its time', async () => {
    const { world, lead_id } = await begun(MIXED());
    await later(world, 3);
    expect(await enrollment(world)).toMatchObject({
      status: 'active',
      current_step: 3,
      next_send_at: new Date(START + 7 * DAY_MS),
    });
    expect(await events(world, `event_type = 'skipped'`)).toMatchObject([
      { step_number: 2, channel: 'linkedin', resolution: 'unreachable', detail: { missing: 'linkedin_url' } },
    ]);
    await later(world, 7);
    await world.approve(lead_id);
    expect((await queued(world)).map(({ step_number, status }) => [step_number, status])).toEqual([
      [1, 'sent'],
      [3, 'sent'],
    ]);
    expect(await world.rows('touches')).toHaveLength(2);
    expect(await events(world, `event_type = 'failed'`)).toEqual([]);
    const call = { context: world.context, principal: world.person };
    const { not_sent } = await explain.run({ ...call, input: { id: lead_id } } as never);
    expect(JSON.stringify(not_sent)).toContain('was skipped: the lead has no LinkedIn profile');
  });

  it('leaves the steps around it as far apart as designed', async () => {
    const world = await createWorld(db);
    await campaign(world, MIXED());
    const lead_id = await world.addLead({ linkedin_url: null });
    await ask(world, lead_id);
    await world.work();
    // Approved five days late: the third step is still seven days after the first.
    world.clock.set(START + 5 * DAY_MS);
    await world.approve(lead_id);
    await later(world, 8);
    expect(await enrollment(world)).toMatchObject({
      current_step: 3,
      next_send_at: new Date(START + 12 * DAY_MS),
    });
  });

  it('is sent like any other once the lead has the address', async () => {
    const { world, lead_id } = await begun(MIXED('end'));
    await db.query(`UPDATE leads SET linkedin_url = 'https://www.linkedin.com/in/ada' WHERE id = $1`, [
      lead_id,
    ]);
    await later(world, 3);
    expect(await queued(world)).toMatchObject([{ status: 'sent' }, { step_number: 2, status: 'drafted' }]);
  });

  it('ends the enrollment with its reason', async () => {
    const { world } = await begun(MIXED('end'));
    await later(world, 3);
    expect(await enrollment(world)).toMatchObject({ status: 'timed_out', exit_reason: 'unreachable' });
    expect(await queued(world)).toHaveLength(1);
  });

  it('waits for a person, notifies them, and continues once the lead has the address', async () => {
    const { world, lead_id } = await begun(MIXED('ask'));
    await later(world, 3);
    expect(await enrollment(world)).toMatchObject({ status: 'paused', paused_reason: 'unreachable' });
    const flags = () => world.rows<FlagsRow>('flags', `kind = 'lead_unreachable' AND resolved_at IS NULL`);
    expect(await flags()).toMatchObject([
      { lead_id, detail: { campaign: 'reach', step_number: 2, missing: 'linkedin_url' } },
    ]);
    const call = { context: world.context, principal: world.person };
    const { next } = await explain.run({ ...call, input: { id: lead_id } } as never);
    expect(next).toMatchObject([{ waits_for: 'person' }]);
    await later(world, 4);
    expect(await queued(world)).toHaveLength(1);
    await db.query(
      `UPDATE leads SET linkedin_url = 'https://www.linkedin.com/in/ada', updated_at = $2 WHERE id = $1`,
      [lead_id, world.clock.now()],
    );
    await world.work();
    expect(await queued(world)).toMatchObject([{ status: 'sent' }, { step_number: 2, status: 'drafted' }]);
    const check = FLAG_CHECKS.find(({ name }) => name === 'lead_unreachable')!;
    await runCheck(world.worker_context, world.org_id, check);
    expect(await flags()).toEqual([]);
  });

  it('is skipped when a person resumes without it', async () => {
    const { world } = await begun(MIXED('ask'));
    await later(world, 3);
    const { id } = await enrollment(world);
    const call = { context: world.context, principal: world.person };
    await resume.run({ ...call, input: { id, skip_step: true } });
    expect(await enrollment(world)).toMatchObject({
      status: 'active',
      current_step: 3,
      next_send_at: new Date(START + 7 * DAY_MS),
    });
  });
});

it('the database accepts no refused request without a reason or an unreachable step', async () => {
  const world = await createWorld(db);
  await campaign(world, MIXED());
  await ask(world, await world.addLead({ linkedin_url: null }));
  const { org_id } = world;
  const refused = (unreachable_steps: string) =>
    transaction(db.app, { org_id, kind: 'coordinator', id: 'AGT-302' }, (tx) =>
      tx.query(
        `INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, trace, policy_version,
           decided_at, unreachable_steps)
         SELECT org_id, gen_random_uuid(), lead_id, campaign_id, requested_by, 'refused', '[]', 1, now(), ${unreachable_steps}
         FROM sequence_requests WHERE org_id = $1`,
        [org_id],
      ),
    ).then(() => null, sqlState);
  expect(await refused('NULL')).toBe('23514');
  expect(await refused(`'[]'`)).toBe('23514');
  expect(await refused(`unreachable_steps`)).toBeNull();
});

it('each status count of drafts equals the number that its list shows', async () => {
  const world = await createWorld(db, { policy: { touch_cap: { max_touches_per_day: 1 } } });
  const call = { context: world.context, principal: world.person };
  const lead_id = await world.addLead();
  for (const slug of ['b2bea_membership', 'b2bea_world', 'dreamborn']) await world.request(lead_id, slug);
  await world.work();
  await world.approve(lead_id);
  // Held without a text, since its day was full when it was due; and failed without one, since its step was removed.
  await world.request(lead_id, 'b2bea_membership_close');
  const other = await world.addLead();
  await world.request(other, 'b2bea_membership');
  await world.request(await world.addLead(), 'b2bea_world');
  await world.work();
  await db.query(
    `UPDATE sales_send_queue SET status = 'failed', error = 'its template failed' WHERE org_id = $1 AND lead_id = $2`,
    [world.org_id, other],
  );
  const list = draftOperations.find(({ name }) => name === 'list_drafts')!;
  const countAll = draftOperations.find(({ name }) => name === 'count_drafts')!;
  const counts = (await countAll.run({ ...call, input: {} } as never)) as unknown as Record<string, number>;
  const statuses = ['approved', 'held', 'sent', 'failed', 'unknown', 'rejected'] as const;
  for (const status of statuses) {
    const { items } = (await list.run({ ...call, input: { status, limit: 100 } } as never)) as {
      items: unknown[];
    };
    expect([status, items.length]).toEqual([status, counts[status]]);
  }
  expect(counts).toMatchObject({ sent: 1, failed: 1 });
});
