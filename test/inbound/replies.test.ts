import { expect, test } from 'vitest';
import { actingDb } from '../../src/db/acting.ts';
import { definitions } from '../../src/operations/definitions.ts';
import { actorOf, type Principal } from '../../src/principal.ts';
import type { AgentTasksRow, InboundMessagesRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { tasksOf } from '../tasks/task_world.ts';
import { createWorld, DAY_MS, type World } from '../world.ts';
import {
  answer,
  enrollmentsOf,
  eventsOf,
  inboundOf,
  leadOf,
  mailFrom,
  replyTasks,
  take,
  type Written,
  writtenLead,
} from './inbound_world.ts';

const { db } = await testDatabase();

type Name = (typeof definitions)[number]['name'];

/** Runs an operation as a person of the org or as `principal`. */
async function run<Answer>(
  world: World,
  name: Name,
  input: object,
  principal: Principal = world.person,
): Promise<Answer> {
  const operation = definitions.find((one) => one.name === name)!;
  const context = { ...world.context, db: actingDb(world.context.db, actorOf(principal)) };
  const call = { context, principal, input: operation.input.parse(input) };
  return (await operation.run(call as never)) as Answer;
}

/** A lead whose reply needs a person or an agent. */
async function answered(world: World): Promise<Written & { inbound_id: string }> {
  const written = await writtenLead(world);
  const { id } = await take(world, answer(written, 'Well, let me see what the colleagues say.'));
  return { ...written, inbound_id: id };
}

/** The agent of the role completes the task created for the reply. */
async function completeAsAgent(world: World, { lead_id }: Written, result: object): Promise<AgentTasksRow> {
  const { claimAs, task } = tasksOf(db, world);
  const [open] = await replyTasks(world, lead_id);
  const { org_id } = world;
  const agent = { kind: 'agent', org_id, agent_id: open!.role, agent_kind: 'role' } as Principal;
  const claim_id = await claimAs(open!.id, open!.role);
  await run(world, 'complete_task', { id: open!.id, claim_id, result }, agent);
  return task(open!.id);
}

test('a person classifies it as a refusal: everything ends, and the task is done', async () => {
  const world = await createWorld(db);
  const lead = await answered(world);
  const handled = await run<InboundMessagesRow>(world, 'handle_inbound', {
    id: lead.inbound_id,
    intent: 'not_interested',
    note: 'said so',
  });
  expect(handled).toMatchObject({ intent: 'not_interested', intent_source: 'person', task_status: 'done' });
  expect(await enrollmentsOf(world, lead.lead_id)).toMatchObject([
    { status: 'rejected', exit_reason: 'rejected' },
  ]);
  expect(await leadOf(world, lead.lead_id)).toMatchObject({ cadence_paused_at: null });
  expect(await world.rows('flags', `kind = 'reply_waiting' AND resolved_at IS NULL`)).toEqual([]);
  const [line] = await world.rows<{ changes: Record<string, unknown> }>(
    'audit_log',
    `subject_table = 'inbound_messages'`,
  );
  expect(line!.changes).toMatchObject({ intent_source: { old: 'rules', new: 'person' }, note: '(changed)' });
});

test('a meeting booked by a person follows the map; by an agent it waits for the executive, and so does the lead', async () => {
  const world = await createWorld(db);
  await db.query(
    `UPDATE campaigns SET on_exit = '{"meeting": "b2bea_membership"}' WHERE org_id = $1 AND slug = $2`,
    [world.org_id, 'b2bea_membership_close'],
  );
  const by_person = await answered(world);
  await run(world, 'handle_inbound', { id: by_person.inbound_id, intent: 'meeting' });
  const meetings = (lead_id: string) =>
    world.rows<AgentTasksRow>('agent_tasks', `lead_id = '${lead_id}' AND type = 'meeting_booked'`);
  expect(await meetings(by_person.lead_id)).toEqual([]);
  expect(await world.rows('sequence_requests', `lead_id = '${by_person.lead_id}'`)).toHaveLength(2);

  const by_agent = await answered(world);
  await completeAsAgent(world, by_agent, { intent: 'interested' });
  const [meeting] = await meetings(by_agent.lead_id);
  expect(meeting).toMatchObject({ role: 'roles.exec', payload: { suggested_campaign: 'b2bea_membership' } });
  expect(await world.rows('sequence_requests', `lead_id = '${by_agent.lead_id}'`)).toHaveLength(1);
  expect(await leadOf(world, by_agent.lead_id)).toMatchObject({ cadence_pause_reason: 'reply' });
  await run(world, 'route_task', { id: meeting!.id, campaigns: ['b2bea_membership'] });
  await world.work();
  expect(await leadOf(world, by_agent.lead_id)).toMatchObject({ cadence_paused_at: null });
  expect(await world.rows('sequence_requests', `lead_id = '${by_agent.lead_id}'`)).toHaveLength(2);
});

test('a meeting missing from the map is routed by a person; where the map names no next campaign, none starts', async () => {
  const world = await createWorld(db);
  const setMap = (map: string) =>
    db.query(`UPDATE campaigns SET on_exit = $3 WHERE org_id = $1 AND slug = $2`, [
      world.org_id,
      'b2bea_membership_close',
      map,
    ]);
  const meetings = () => world.rows<AgentTasksRow>('agent_tasks', `type = 'meeting_booked'`);
  await setMap('{"meeting": null}');
  await run(world, 'handle_inbound', { id: (await answered(world)).inbound_id, intent: 'meeting' });
  expect(await meetings()).toEqual([]);
  await setMap('{"rejected": null}');
  await run(world, 'handle_inbound', { id: (await answered(world)).inbound_id, intent: 'meeting' });
  expect(await meetings()).toMatchObject([
    { role: 'roles.exec', payload: { from_campaign: 'b2bea_membership_close', suggested_campaign: null } },
  ]);
});

test('a question stays paused until a person resumes the sequence', async () => {
  const world = await createWorld(db);
  const lead = await answered(world);
  await completeAsAgent(world, lead, { intent: 'question', note: 'asks for prices' });
  expect(await inboundOf(world, lead.inbound_id)).toMatchObject({
    intent: 'question',
    intent_source: 'agent',
  });
  expect(await leadOf(world, lead.lead_id)).toMatchObject({ cadence_pause_reason: 'reply' });
  const [enrollment] = await enrollmentsOf(world, lead.lead_id);
  await run(world, 'resume_enrollment', { id: enrollment!.id });
  expect((await enrollmentsOf(world, lead.lead_id))[0]).toMatchObject({ status: 'active' });
  expect(await leadOf(world, lead.lead_id)).toMatchObject({
    cadence_paused_at: null,
    cadence_state: 'closing',
  });
});

test.each([
  ['not_now', undefined, 88],
  ['not_now', '2027-01-11', 47],
  ['out_of_office', '2026-12-01', 7],
] as const)(
  '%s until %s pauses the sequence, which resumes through the gate',
  async (intent, return_date, days) => {
    const world = await createWorld(db);
    const lead = await answered(world);
    const { result } = await completeAsAgent(world, lead, {
      intent,
      ...(return_date ? { return_date } : {}),
    });
    const [enrollment] = await enrollmentsOf(world, lead.lead_id);
    expect(enrollment).toMatchObject({ status: 'paused', paused_reason: intent, wake: 'at_until' });
    expect(result).toMatchObject({ until: enrollment!.paused_until!.toISOString() });
    const wait_days = (enrollment!.paused_until!.getTime() - world.clock.now_ms()) / DAY_MS;
    expect(wait_days).toBeGreaterThan(days - 1);
    expect(wait_days).toBeLessThan(days + 4);
    world.clock.advance((wait_days + 0.1) * DAY_MS);
    await world.work();
    expect((await enrollmentsOf(world, lead.lead_id))[0]).toMatchObject({ status: 'active' });
  },
);

test('an agent may opt a lead out but never lift it; a person’s word stays', async () => {
  const world = await createWorld(db);
  const lead = await answered(world);
  await completeAsAgent(world, lead, { intent: 'unsubscribe' });
  expect(await leadOf(world, lead.lead_id)).toMatchObject({ unsubscribe_flag: true });
  await run(world, 'handle_inbound', { id: lead.inbound_id, intent: 'question' });
  expect(await leadOf(world, lead.lead_id)).toMatchObject({ unsubscribe_flag: true });
  const again = answer(lead, 'Sure, happy to meet next week!');
  const { id } = await take(world, again);
  await run(world, 'handle_inbound', { id, intent: 'meeting' });
  await world.work();
  expect(await leadOf(world, lead.lead_id)).toMatchObject({ unsubscribe_flag: true });
  await expect(
    db.query(`UPDATE inbound_messages SET intent_source = 'agent', handled_by_user_id = NULL WHERE id = $1`, [
      id,
    ]),
  ).rejects.toMatchObject({ code: 'TL044' });
});

test('the lead’s explanation shows it in words', async () => {
  const world = await createWorld(db);
  const lead = await answered(world);
  await run(world, 'handle_inbound', { id: lead.inbound_id, intent: 'not_now', note: 'next quarter' });
  type Told = { happened: { text: string }[]; next: { text: string }[] };
  const told = await run<Told>(world, 'explain_lead', { id: lead.lead_id });
  const texts = told.happened.map(({ text }) => text).join('\n');
  expect(texts).toMatch(/The lead replied to step 1/);
  expect(texts).toMatch(/was paused: the lead replied\./);
  expect(texts).toMatch(
    /The reply was classified as “not now” by Admin \(“next quarter”\)\. The sequence resumes on /,
  );
  expect(told.next.map(({ text }) => text).join('\n')).toMatch(
    /is paused: the lead asked to be contacted later/,
  );
});

test('a late reply is kept and creates a task although its sequence has ended', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const [enrollment] = await enrollmentsOf(world, written.lead_id);
  await run(world, 'exit_enrollment', { id: enrollment!.id, exit_reason: 'no_engagement' });
  const before = await enrollmentsOf(world, written.lead_id);
  const { id } = await take(world, answer(written, 'Sorry for the delay. Can we talk?'));
  expect(await enrollmentsOf(world, written.lead_id)).toEqual(before);
  expect(await replyTasks(world, written.lead_id)).toMatchObject([
    { enrollment_id: enrollment!.id, status: 'open' },
  ]);
  await run(world, 'handle_inbound', { id, intent: 'meeting' });
  expect(await world.rows('agent_tasks', `type = 'meeting_booked'`)).toHaveLength(1);
});

test('rules act within the policy, and never book a meeting', async () => {
  const world = await createWorld(db, {
    policy: { reply_handling: { auto: ['unsubscribe', 'not_interested'] } },
  });
  const no = await writtenLead(world);
  await take(world, answer(no, 'No thanks, not interested.'));
  expect((await enrollmentsOf(world, no.lead_id))[0]).toMatchObject({ status: 'rejected' });
  const yes = await writtenLead(world);
  await take(world, answer(yes, 'Yes, I am interested. Let us meet on Tuesday.'));
  expect((await enrollmentsOf(world, yes.lead_id))[0]).toMatchObject({
    status: 'paused',
    paused_reason: 'reply',
  });
  expect(await eventsOf(world, no.lead_id)).toContain('reply_read not_interested');
});

test('over HTTP a message is processed once, listed, and visible to its role', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const raw = answer(written, 'Why me?');
  const [mailbox] = await world.rows<{ address: string; id: string }>('mailboxes');
  const input = {
    raw: Buffer.from(raw).toString('base64'),
    encoding: 'base64',
    mailbox_id: mailbox!.address,
  };
  const first = await run<{ id: string; is_new: boolean; mailbox_id: string; task_id: string }>(
    world,
    'take_inbound',
    input,
  );
  expect(first).toMatchObject({ is_new: true, mailbox_id: mailbox!.id, lead_id: written.lead_id });
  expect(await run(world, 'take_inbound', input)).toMatchObject({ id: first.id, is_new: false });
  await take(world, mailFrom('stranger@else.example', 'Hello'));
  type Page = { items: { id: string }[] };
  expect((await run<Page>(world, 'list_inbound', { handled: 'false' })).items).toHaveLength(2);
  expect((await run<Page>(world, 'list_inbound', { kind: 'bounce' })).items).toEqual([]);
  const [task] = await replyTasks(world, written.lead_id);
  const agent = (agent_id: string) =>
    ({ kind: 'agent', org_id: world.org_id, agent_id, agent_kind: 'role' }) as Principal;
  expect((await run<Page>(world, 'list_inbound', {}, agent(task!.role))).items).toMatchObject([
    { id: first.id },
  ]);
  expect((await run<Page>(world, 'list_inbound', {}, agent('roles.cs'))).items).toEqual([]);
  await expect(run(world, 'get_inbound', { id: first.id }, agent('roles.cs'))).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(run(world, 'take_inbound', { raw: '%%', encoding: 'base64' })).rejects.toMatchObject({
    code: 'raw_invalid',
  });
  for (const raw of ['garbage', '\r\nSubject: too late', 'Dear all: no header either']) {
    await expect(run(world, 'take_inbound', { raw })).rejects.toMatchObject({ code: 'raw_invalid' });
  }
  const { id } = await take(world, delayReport(written));
  await expect(run(world, 'handle_inbound', { id, intent: 'other' })).rejects.toMatchObject({
    code: 'inbound_no_answer',
  });
});

function delayReport({ email, message_id }: Written): string {
  return [
    'From: MAILER-DAEMON@mx.example',
    'Subject: Delayed',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx',
    '',
    `Final-Recipient: rfc822; ${email}`,
    'Action: delayed',
    'Status: 4.4.1',
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: ${message_id}`,
    '--b--',
    '',
  ].join('\r\n');
}
