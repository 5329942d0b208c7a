import { describe, expect, it } from 'vitest';
import { campaignOperations } from '../../src/operations/campaigns/campaigns.ts';
import { policyOperations } from '../../src/operations/policy/policies.ts';
import type {
  CadenceEventLogRow,
  CampaignContactsRow,
  CampaignSequencesRow,
  SalesSendQueueRow,
  SequenceRequestsRow,
} from '../../src/schema.gen.ts';
import { runStage, STAGES } from '../../src/worker/stages.ts';
import { refusal, YAML } from '../campaigns/fair_campaign.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, HOUR_MS, START, type World } from '../world.ts';

const { db } = await testDatabase();
const CLOSE = 'b2bea_membership_close';
const SALES = 'b2bea_membership';
const MARKETING = 'b2bea_nurture';

async function operate(world: World, name: string, input: Record<string, unknown>): Promise<unknown> {
  const operation = campaignOperations.find((one) => one.name === name)!;
  return operation.run({ context: world.context, principal: world.person, input } as never);
}

async function putSteps(world: World, steps: readonly CampaignSequencesRow[]): Promise<void> {
  const inputs = steps.map(({ subject_template, body_template, ...step }) => ({
    step_number: step.step_number,
    delay_days: step.delay_days,
    channel: step.channel,
    content_type: step.content_type,
    requires_personal_send: step.requires_personal_send,
    template_instructions: step.template_instructions,
    ...(body_template === null
      ? {}
      : { template: { subject: subject_template ?? undefined, body: body_template } }),
  }));
  await operate(world, 'put_steps', { slug: CLOSE, steps: inputs });
}

const stepsOf = (world: World) =>
  world.rows<CampaignSequencesRow>(
    'campaign_sequences',
    `campaign_id = (SELECT id FROM campaigns c WHERE c.org_id = $1 AND c.slug = '${CLOSE}') ORDER BY step_number`,
  );

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

const enrollments = (world: World) =>
  world.rows<CampaignContactsRow>('campaign_contacts', 'true ORDER BY enrolled_at, id');
const items = (world: World) =>
  world.rows<SalesSendQueueRow>('sales_send_queue', 'true ORDER BY step_number');
const events = (world: World, resolution: string) =>
  world.rows<CadenceEventLogRow>('cadence_event_log', `resolution = '${resolution}'`);

describe('a step without a possible writer', () => {
  it('waits together with its enrollment, and continues automatically once it has a template', async () => {
    const world = await createWorld(db);
    const steps = await stepsOf(world);
    await putSteps(
      world,
      steps.map((step) => ({ ...step, body_template: null })),
    );
    const lead_id = await world.addLead();
    await world.request(lead_id, CLOSE);
    await world.work();
    expect(await items(world)).toMatchObject([{ step_number: 1, status: 'pending' }]);
    expect(await enrollments(world)).toMatchObject([{ status: 'active', current_step: 1 }]);
    const tasks = await world.rows('agent_tasks', `type = 'execute_sequence_step'`);
    expect(tasks).toMatchObject([
      { status: 'failed', error: 'the step has no template and no model is connected' },
    ]);

    await putSteps(world, steps);
    await world.work();
    expect(await items(world)).toMatchObject([{ step_number: 1, status: 'drafted' }]);
    expect(await events(world, 'no_draft')).toEqual([]);
  });
});

describe('a step that is removed from its campaign', () => {
  it('fails visibly while its touch is held, and ends the enrollment', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, CLOSE);
    await world.work();
    await world.approve(lead_id);
    await newPolicy(world, { touch_cap: { max_touches_per_day: 0 } });
    world.clock.set(START + 3 * DAY_MS + HOUR_MS);
    await world.work();
    expect(await items(world)).toMatchObject([{ status: 'sent' }, { status: 'held', staged_draft_id: null }]);
    await putSteps(world, (await stepsOf(world)).slice(0, 1));
    await newPolicy(world, {});
    await world.work();
    expect((await items(world))[1]).toMatchObject({ status: 'failed', error: 'the step no longer exists' });
    expect(await events(world, 'no_step')).toMatchObject([{ event_type: 'failed', step_number: 2 }]);
    expect(await enrollments(world)).toMatchObject([{ status: 'timed_out', exit_reason: 'no_engagement' }]);
  });

  it('is replaced by the next remaining step while its text is unwritten', async () => {
    const world = await createWorld(db);
    await world.request(await world.addLead(), CLOSE);
    await runStage(world.worker_context, world.org_id, STAGES.find(({ name }) => name === 'dispatch_steps')!);
    expect(await items(world)).toMatchObject([{ status: 'pending', step_number: 1 }]);
    await db.query(
      `DELETE FROM campaign_sequences s USING campaigns c WHERE s.org_id = $1 AND s.step_number = 1
         AND c.org_id = s.org_id AND c.id = s.campaign_id AND c.slug = $2`,
      [world.org_id, CLOSE],
    );
    await world.work();
    expect(await items(world)).toMatchObject([{ status: 'failed', step_number: 1 }]);
    expect(await enrollments(world)).toMatchObject([{ status: 'active', current_step: 2 }]);
    world.clock.advance(30 * DAY_MS);
    await world.work();
    expect((await items(world))[1]).toMatchObject({ status: 'drafted', step_number: 2 });
  });
});

describe('steps that are added behind the last one', () => {
  it('also apply to leads that have finished it, no sooner than designed', async () => {
    const world = await createWorld(db);
    const all = await stepsOf(world);
    await putSteps(world, all.slice(0, 1));
    const lead_id = await world.addLead();
    await world.request(lead_id, CLOSE);
    await world.work();
    await putSteps(world, all);
    world.clock.advance(10 * DAY_MS);
    await world.approve(lead_id);
    const gap_ms = (all[1]!.delay_days - all[0]!.delay_days) * DAY_MS;
    expect(await enrollments(world)).toMatchObject([
      { status: 'active', current_step: 2, next_send_at: new Date(START + 10 * DAY_MS + gap_ms) },
    ]);
    world.clock.advance(gap_ms);
    await world.work();
    expect(await items(world)).toMatchObject([{ status: 'sent' }, { status: 'drafted', step_number: 2 }]);
  });
});

describe('a campaign that is archived', () => {
  it('ends its open enrollments, and those that lost to them resume', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead({
      icp_tier: 'T1',
      sales_signal_at: new Date(START),
      marketing_signal_at: new Date(START - DAY_MS),
    });
    await world.request(lead_id, MARKETING);
    await world.request(lead_id, SALES);
    expect(await enrollments(world)).toMatchObject([
      { status: 'paused', paused_until: null },
      { status: 'active' },
    ]);
    await operate(world, 'patch_campaign', { slug: SALES, status: 'archived' });
    await world.work();
    expect(await enrollments(world)).toMatchObject([
      { status: 'active' },
      { status: 'rejected', exit_reason: 'campaign_archived' },
    ]);
    expect(await events(world, 'campaign_archived')).toMatchObject([
      { event_type: 'exited', detail: { next: null } },
    ]);
    expect(await world.rows('leads')).toMatchObject([{ cadence_state: 'nurture' }]);
  });

  it('cancels its touches and waiting requests, and starts no next campaign', async () => {
    const world = await createWorld(db);
    await world.request(await world.addLead(), CLOSE);
    await world.work();
    await newPolicy(world, { touch_cap: { max_touches_per_day: 0 } });
    await world.request(await world.addLead(), CLOSE);
    await operate(world, 'patch_campaign', { slug: CLOSE, status: 'archived' });
    await world.work();
    expect(await items(world)).toMatchObject([
      { status: 'canceled', error: 'enrollment ended: campaign_archived' },
    ]);
    const requests = await world.rows<SequenceRequestsRow>('sequence_requests', 'true ORDER BY id');
    expect(requests.map(({ status }) => status)).toEqual(['allowed', 'canceled']);
    const told = await events(world, 'campaign_archived');
    expect(told.map(({ event_type }) => event_type).sort()).toEqual(['canceled', 'canceled', 'exited']);
  });
});

describe('the settings of a campaign', () => {
  it('can change name, owner, and next campaign while everything else stays the same', async () => {
    const world = await createWorld(db);
    await operate(world, 'import_campaign', { yaml: YAML });
    const before = await operate(world, 'get_campaign', { slug: 'fair' });
    const change = (changes: object, slug = 'fair') => operate(world, 'patch_campaign', { slug, ...changes });
    const on_exit = {
      meeting: { gate: 'exec', suggest: 'b2bea_membership_close' },
      rejected: 'b2bea_nurture',
    };
    const changed = { name: 'Fairs', owner_role: 'roles.sales', on_exit };
    const after = await change(changed);
    // Its type does not follow the new owner, so enrolled leads keep their place.
    expect(after).toEqual({ ...(before as object), ...changed, updated_at: expect.anything() });
    expect(await change({ on_exit: {} })).toMatchObject({ name: 'Fairs', on_exit: {}, status: 'active' });
    await change({ on_exit, status: 'paused' });
    for (const [changes, refused] of [
      [{ owner_role: 'roles.nobody' }, { code: 'unknown_agent', errors: [{ path: 'owner_role' }] }],
      [{ send_rule: 'notify_rep' }, { code: 'campaign_invalid', errors: [{ path: 'send_rule' }] }],
      [
        { on_exit: { meeting: 'nothing' } },
        { code: 'campaign_invalid', errors: [{ path: 'on_exit.meeting' }] },
      ],
      [{ on_exit: { meeting: 'fair' } }, { code: 'campaign_invalid', errors: [{ path: 'on_exit.meeting' }] }],
    ] as const) {
      expect(await refusal(() => change(changes))).toMatchObject(refused);
    }
    const round = await refusal(() => change({ on_exit: { converted: 'fair' } }, 'b2bea_nurture'));
    expect(round).toMatchObject({ code: 'on_exit_loop', errors: [{ path: 'on_exit.converted' }] });
    expect(await operate(world, 'get_campaign', { slug: 'fair' })).toMatchObject({
      ...changed,
      status: 'paused',
    });
  });
});
