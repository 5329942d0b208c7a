import { describe, expect, it } from 'vitest';
import { registry } from '../../src/operations/registry.ts';
import type {
  AgentTasksRow,
  CampaignContactsRow,
  SalesSendQueueRow,
  SequenceRequestsRow,
} from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { addKey, openDoor } from '../sending/door.ts';
import { terminal } from '../surfaces/terminal.ts';
import { DAY_MS, START } from '../world.ts';
import { type TaskWorld, taskWorld } from './task_calls.ts';

/* The executive's routing, and the steps after it. */

const { db } = await testDatabase();

const CLOSE = 'b2bea_membership_close';

/** A lead whose enrollment ended with a meeting, with the task for a person to route. */
async function bookedMeeting(world: TaskWorld): Promise<{ lead_id: string; task: AgentTasksRow }> {
  const lead_id = await world.addLead();
  await world.request(lead_id, 'b2bea_membership');
  const enrollment = await enrollmentOf(world, lead_id, 'b2bea_membership');
  await world.call('exit_enrollment', world.agent('roles.bdr'), {
    id: enrollment.id,
    exit_reason: 'meeting',
  });
  const [task] = await world.rows<AgentTasksRow>('agent_tasks', `lead_id = '${lead_id}'`);
  return { lead_id, task: task! };
}

async function enrollmentOf(world: TaskWorld, lead_id: string, slug: string): Promise<CampaignContactsRow> {
  const { rows } = await db.query<CampaignContactsRow>(
    `SELECT e.* FROM campaign_contacts e JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
     WHERE e.org_id = $1 AND e.lead_id = $2 AND c.slug = $3 ORDER BY e.enrolled_at DESC, e.id DESC`,
    [world.org_id, lead_id, slug],
  );
  return rows[0]!;
}

describe('a booked meeting', () => {
  it('goes where the executive routes it, with the goal and the notes', async () => {
    const world = await taskWorld(db);
    const { lead_id, task } = await bookedMeeting(world);
    expect(task).toMatchObject({
      ...{ type: 'meeting_booked', role: 'roles.exec', status: 'open' },
      payload: { from_campaign: 'b2bea_membership', suggested_campaign: CLOSE },
    });
    const exec = await world.addPerson('exec');
    const given = { id: task.id, campaigns: [CLOSE], goal: 'credibility', notes: 'Met at the fair.' };
    const routed = await world.call('route_task', exec, given);
    const user_id = exec.kind === 'human' ? exec.user_id : '';
    expect(routed).toMatchObject({
      status: 'done',
      decided_by_user_id: user_id,
      result: { campaigns: [CLOSE] },
    });
    const [enroll] = await world.rows<AgentTasksRow>('agent_tasks', `type = 'enroll_contact'`);
    expect(enroll).toMatchObject({ role: 'roles.sales', lead_id, status: 'open' });
    expect(enroll!.payload).toMatchObject({
      campaign: CLOSE,
      goal: 'credibility',
      notes: 'Met at the fair.',
    });
    await world.work();
    const enrollment = await enrollmentOf(world, lead_id, CLOSE);
    expect(enrollment).toMatchObject({
      goal: 'credibility',
      notes: 'Met at the fair.',
      requested_by: 'roles.sales',
    });
    expect(await world.task(enroll!.id)).toMatchObject({
      status: 'done',
      result: {
        outcome: 'allow',
        reason: null,
        enrollment_id: enrollment.id,
        request_id: enrollment.request_id,
      },
    });
    const [request] = await world.rows<SequenceRequestsRow>(
      'sequence_requests',
      `id = '${enrollment.request_id}'`,
    );
    expect(request).toMatchObject({
      requested_by_user_id: user_id,
      exited_enrollment_id: task.enrollment_id,
    });
    const audited = await world.rows('audit_log', `subject_table = 'agent_tasks'`);
    expect(audited).toMatchObject([{ actor_kind: 'human', actor_id: user_id, operation: 'route_task' }]);
  });

  it('requires permission, is routed once, and only to existing campaigns', async () => {
    const world = await taskWorld(db);
    const { task } = await bookedMeeting(world);
    const { id } = task;
    const route = (input: object) => world.refused('route_task', world.person, { id, ...input });
    expect(await route({ campaigns: [CLOSE, 'nowhere'] })).toMatchObject({
      ...{ code: 'unknown_campaign', status: 422, errors: [{ path: 'campaigns[1]' }] },
    });
    await world.call('patch_campaign', world.person, { slug: 'b2bea_world', status: 'paused' });
    expect(await route({ campaigns: ['b2bea_world'] })).toMatchObject({
      ...{ code: 'campaign_not_active', status: 422, errors: [{ path: 'campaigns[0]' }] },
    });
    expect((await route({})).errors).toMatchObject([{ path: 'campaigns' }]);
    expect((await route({ decline: true })).errors).toMatchObject([{ path: 'reason' }]);
    const rep = await world.addPerson('rep');
    expect((await world.refused('route_task', rep, { id, campaigns: [CLOSE] })).code).toBe('role_required');
    const exec = world.agent('roles.exec');
    expect((await world.refused('route_task', exec, { id, campaigns: [CLOSE] })).code).toBe('not_human');
    expect(await world.task(id)).toMatchObject({ status: 'open' });
    const reply = await world.addTask({ type: 'process_reply', role: 'roles.sales', lead_id: task.lead_id });
    const wrong = { id: reply, campaigns: [CLOSE] };
    expect((await world.refused('route_task', world.person, wrong)).code).toBe('task_type_wrong');
    const declined = await world.call('route_task', world.person, { id, decline: true, reason: 'no budget' });
    expect(declined).toMatchObject({ status: 'done', result: { declined: true, reason: 'no budget' } });
    expect((await route({ campaigns: [CLOSE] })).code).toBe('task_finished');
    await world.work();
    expect(await world.rows('agent_tasks', `type = 'enroll_contact'`)).toEqual([]);
  });

  it('is routed by one of two executives at once', async () => {
    const world = await taskWorld(db);
    const { task } = await bookedMeeting(world);
    const people = await Promise.all(Array.from({ length: 6 }, () => world.addPerson('exec')));
    const input = { id: task.id, campaigns: [CLOSE, 'b2bea_nurture'] };
    const answers = await Promise.all(
      people.map((person) =>
        world.call('route_task', person, input).then(
          () => 'routed',
          (error) => error.code,
        ),
      ),
    );
    expect(answers.toSorted()).toEqual(['routed', ...Array(5).fill('task_finished')]);
    const tasks = await world.rows<AgentTasksRow>('agent_tasks', `type = 'enroll_contact'`);
    expect(tasks.map(({ role }) => role).sort()).toEqual(['AGT-304', 'roles.sales']);
  });
});

it('on the command line: touchline tasks, then touchline route TASK CAMPAIGN...', async () => {
  const world = await taskWorld(db);
  const { task } = await bookedMeeting(world);
  const door = await openDoor(db, world);
  const exec = await world.addPerson('exec');
  const cli_key = await addKey(db, world.org_id, { user_id: exec.kind === 'human' ? exec.user_id : '' });
  const run = terminal({ cli_url: door.url, cli_key }, registry);
  expect((await run('tasks --status open')).out).toMatch(
    /meeting_booked +roles\.exec +open +lead1@prospect\.example/,
  );
  const none = await run(['route', task.id]);
  expect([none.code, none.err]).toEqual([2, expect.stringContaining('campaigns: name at least one')]);
  const line = [
    'route',
    task.id,
    CLOSE,
    'b2bea_nurture',
    '--goal',
    'pipeline',
    '--notes',
    'Met at the fair.',
  ];
  const routed = await run([...line, '--json']);
  expect(JSON.parse(routed.out)).toMatchObject({
    status: 'done',
    result: { campaigns: [CLOSE, 'b2bea_nurture'], goal: 'pipeline', notes: 'Met at the fair.' },
  });
  expect((await run(line)).code).toBe(1);
  await door.close();
});

describe('enrolling', () => {
  it('accepts a queued request; a paused campaign is retried and then a dead end', async () => {
    const world = await taskWorld(db);
    const { task, lead_id } = await bookedMeeting(world);
    await world.call('route_task', world.person, { id: task.id, campaigns: [CLOSE, 'b2bea_nurture'] });
    await world.call('patch_campaign', world.person, { slug: 'b2bea_nurture', status: 'paused' });
    await db.query(`UPDATE leads SET opt_out_flag = true, opted_out_at = now() WHERE id = $1`, [lead_id]);
    await world.work();
    const of = (role: string) =>
      world.rows<AgentTasksRow>('agent_tasks', `type = 'enroll_contact' AND role = '${role}'`);
    expect(await of('roles.sales')).toMatchObject([
      { status: 'done', result: { outcome: 'block', reason: 'compliance_block', enrollment_id: null } },
    ]);
    expect(await of('AGT-304')).toMatchObject([{ status: 'open', attempt_count: 1 }]);
    for (let tried = 0; tried < 4; tried += 1) {
      world.clock.advance(61 * 60_000);
      await world.work();
    }
    expect(await of('AGT-304')).toMatchObject([
      { status: 'failed', attempt_count: 5, error: 'enrollment in b2bea_nurture is closed' },
    ]);
  });

  it('is left to an external agent where one works the role', async () => {
    const world = await taskWorld(db);
    await world.call('patch_agent', world.person, { id: 'roles.sales', worked_by: 'outside' });
    const { task, lead_id } = await bookedMeeting(world);
    await world.call('route_task', world.person, { id: task.id, campaigns: [CLOSE], notes: 'Call first.' });
    await world.work();
    expect(await enrollmentOf(world, lead_id, CLOSE)).toBeUndefined();
    const [{ id, claim_id }] = (await world.call('claim_tasks', world.brooke, { types: ['enroll_contact'] }))
      .items;
    const done = await world.call('complete_task', world.brooke, { id, claim_id });
    expect(done).toMatchObject({ status: 'done', result: { outcome: 'allow' } });
    expect(await enrollmentOf(world, lead_id, CLOSE)).toMatchObject({ notes: 'Call first.' });
  });

  it('again after an exit starts at step 1 and keeps the history', async () => {
    const world = await taskWorld(db);
    const lead_id = await world.addLead();
    const enroll = async () => {
      const input = { lead_id, campaign_slug: CLOSE, requested_by: 'roles.sales' };
      await world.call('request_sequence', world.person, input);
      await world.work();
      return enrollmentOf(world, lead_id, CLOSE);
    };
    const first = await enroll();
    await world.approve(lead_id);
    world.clock.advance(DAY_MS);
    await world.call('exit_enrollment', world.brooke, { id: first.id, exit_reason: 'rejected' });
    const second = await enroll();
    expect(second.id).not.toBe(first.id);
    expect(second).toMatchObject({ status: 'active', enrolled_at: new Date(START + DAY_MS) });
    const items = await world.rows<SalesSendQueueRow>('sales_send_queue', `enrollment_id = '${second.id}'`);
    expect(items).toMatchObject([{ step_number: 1 }]);
    const [kept] = await world.rows<CampaignContactsRow>('campaign_contacts', `id = '${first.id}'`);
    expect(kept).toMatchObject({ status: 'rejected', exit_reason: 'rejected', current_step: 2 });
  });
});

it('the whole chain: meeting, gate, eight steps in 56 days, converted, and the next campaign by the map', {
  timeout: 90_000,
}, async () => {
  const world = await taskWorld(db);
  const { lead_id, task } = await bookedMeeting(world);
  await world.call('route_task', world.person, { id: task.id, campaigns: [CLOSE], goal: 'pipeline' });
  await world.work();
  const { id } = await enrollmentOf(world, lead_id, CLOSE);
  const seen: [number, string, string, boolean][] = [];
  for (const day of [0, 3, 7, 10, 14, 21, 35, 56]) {
    world.clock.set(START + day * DAY_MS);
    await world.work();
    const { item, draft } = await world.draftOf(lead_id);
    expect(item).toMatchObject({ enrollment_id: id, status: 'drafted' });
    const { requires_justin_send, content_type } = draft.context as {
      requires_justin_send: boolean;
      content_type: string;
    };
    seen.push([item.step_number, item.channel, content_type, requires_justin_send]);
    // The lead replies to the last touch before it is approved.
    if (day < 56) await world.approve(lead_id);
  }
  expect(seen).toEqual([
    [1, 'email', 'follow_up', false],
    [2, 'email', 'proof', false],
    [3, 'email', 'boss_arming', false],
    [4, 'linkedin', 'follow_up', true],
    [5, 'email', 'campaign_visibility', false],
    [6, 'email', 'personal_visibility', false],
    [7, 'email', 'close', true],
    [8, 'email', 'exit', false],
  ]);
  // The person sent two and marked them sent.
  expect(world.sent).toHaveLength(5);
  await world.call('exit_enrollment', world.brooke, { id, exit_reason: 'converted' });
  const next = await enrollmentOf(world, lead_id, 'b2bea_membership_cs');
  expect(next).toMatchObject({ status: 'active', requested_by: 'roles.sales', goal: 'pipeline' });
  const ended = await world.rows<CampaignContactsRow>('campaign_contacts', `exited_at IS NOT NULL`);
  expect(ended.map(({ exit_reason }) => exit_reason).sort()).toEqual(['converted', 'meeting']);
  // Only the first hand-off was by a person.
  expect(await world.rows('agent_tasks', `type = 'meeting_booked'`)).toHaveLength(1);
});
