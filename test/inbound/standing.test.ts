import { expect, test } from 'vitest';
import { actingDb } from '../../src/db/acting.ts';
import { definitions } from '../../src/operations/definitions.ts';
import { actorOf, type Principal } from '../../src/principal.ts';
import type { SuppressionsRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { tasksOf } from '../tasks/task_world.ts';
import { createWorld, DAY_MS } from '../world.ts';
import {
  absence,
  answer,
  enrollmentsOf,
  eventsOf,
  inboundOf,
  leadOf,
  mailFrom,
  replyTasks,
  report,
  take,
  type Written,
  writtenLead,
} from './inbound_world.ts';

/* The sender of an answer, and pending replies, decide whether its words take effect. */

const { db } = await testDatabase();

const from = ({ message_id }: Written, address: string, text: string, headers = {}) =>
  mailFrom(address, text, { 'In-Reply-To': message_id, ...headers });
const machine = (to: Written, text: string, subject = 'Automatic reply: A question') =>
  from(to, to.email, text, { 'Auto-Submitted': 'auto-replied', Subject: subject });

test('a no from another address suppresses the sender, pauses the lead, and stays pending', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const { id } = await take(world, from(written, 'Colleague <colleague@else.example>', 'Unsubscribe'));
  expect(await inboundOf(world, id)).toMatchObject({
    ...{ kind: 'unsubscribe', intent: 'unsubscribe', reason: 'other_sender', handled_at: null },
    lead_id: written.lead_id,
  });
  expect(await leadOf(world, written.lead_id)).toMatchObject({
    ...{ unsubscribe_flag: false, opt_out_flag: false },
    ...{ cadence_state: 'paused', cadence_pause_reason: 'reply' },
  });
  expect((await enrollmentsOf(world, written.lead_id))[0]).toMatchObject({ status: 'paused', wake: 'never' });
  expect(await world.rows<SuppressionsRow>('suppressions')).toMatchObject([
    { kind: 'address', value: 'colleague@else.example', source: 'reply', lifted_at: null },
  ]);
  // No agent decides about the lead.
  expect(await replyTasks(world, written.lead_id)).toEqual([]);
  expect(await world.rows('flags', `kind = 'reply_waiting'`)).toMatchObject([
    { subject: id, resolved_at: null },
  ]);
  expect(await eventsOf(world, written.lead_id)).not.toContain('opted_out answer');
});

test.each([
  ['ann@tagged.example', 'Ann+News@tagged.example'],
  ['bob+crm@tagged.example', 'bob@tagged.example'],
])('a no to a message for %s from %s is the lead’s own, and suppresses both', async (email, sender) => {
  const world = await createWorld(db);
  const written = await writtenLead(world, { email });
  const { id } = await take(world, from(written, sender, 'Please unsubscribe me.'));
  expect(await inboundOf(world, id)).toMatchObject({ kind: 'unsubscribe', reason: null });
  expect((await inboundOf(world, id)).handled_at).not.toBeNull();
  expect(await leadOf(world, written.lead_id)).toMatchObject({ unsubscribe_flag: true });
  const suppressed = await world.rows<SuppressionsRow>('suppressions', `kind = 'address' ORDER BY value`);
  expect(suppressed.map(({ value }) => value)).toEqual([email, sender.toLowerCase()].sort());
});

test('it pauses the lead even if the policy does not pause on replies', async () => {
  const world = await createWorld(db, { policy: { reply_handling: { pause_on_reply: false } } });
  const written = await writtenLead(world);
  await take(world, from(written, 'colleague@else.example', 'Please remove me from your list.'));
  expect(await leadOf(world, written.lead_id)).toMatchObject({ cadence_pause_reason: 'reply' });
});

test('a sender who is a lead has its open work ended, and a mailbox of ours is never suppressed', async () => {
  const world = await createWorld(db);
  const [written, other] = [await writtenLead(world), await writtenLead(world)];
  await take(world, from(written, other.email, 'Unsubscribe'));
  await world.work();
  expect(await world.rows('suppressions')).toMatchObject([{ value: other.email }]);
  expect((await enrollmentsOf(world, other.lead_id))[0]).toMatchObject({ status: 'rejected' });
  const [mailbox] = await world.rows<{ address: string }>('mailboxes');
  await take(world, from(written, mailbox!.address, 'Unsubscribe'));
  expect(await world.rows('suppressions')).toHaveLength(1);
});

test('a no from the lead’s present address counts as theirs', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  await db.query(`UPDATE leads SET email = 'new@prospect.example' WHERE id = $1`, [written.lead_id]);
  const { id } = await take(world, from(written, 'NEW@Prospect.example', 'Unsubscribe'));
  expect(await leadOf(world, written.lead_id)).toMatchObject({ unsubscribe_flag: true });
  expect(await inboundOf(world, id)).toMatchObject({ reason: null, intent: 'unsubscribe' });
});

test('a no from another known address of the lead counts as theirs', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  await db.query(
    `INSERT INTO lead_addresses (org_id, lead_id, kind, value, source) VALUES ($1, $2, 'email', $3, 'person')`,
    [world.org_id, written.lead_id, 'Second@prospect.example'],
  );
  const { id } = await take(world, from(written, 'second@prospect.example', 'Unsubscribe'));
  expect(await leadOf(world, written.lead_id)).toMatchObject({ unsubscribe_flag: true });
  expect(await inboundOf(world, id)).toMatchObject({ reason: null, intent: 'unsubscribe' });
  expect(await world.rows('suppressions', `source = 'reply'`)).toEqual([]);
});

test.each([
  ['an auto-reply', (to: Written) => machine(to, 'We have received your message.')],
  ['an absence', (to: Written) => absence(to, 'I am out of the office until 4 December 2026.')],
  ['a machine’s opt-out', (to: Written) => machine(to, 'Please remove us from your list.')],
  [
    'a machine’s notice that the person left',
    (to: Written) => machine(to, 'Jane no longer works here. Please contact Bob at bob@prospect.example.'),
  ],
  ['a delay', (to: Written) => report(to, { action: 'delayed', status: '4.4.1', words: 'timeout' })],
])('%s after a person’s question leaves the question open', async (_, write) => {
  const world = await createWorld(db, { policy: { reply_handling: { auto: ALL_INTENTS } } });
  const written = await writtenLead(world);
  const asked = await take(world, answer(written, 'What does it cost for 40 members?'));
  world.clock.advance(60_000);
  await take(world, write(written));
  expect(await inboundOf(world, asked.id)).toMatchObject({ handled_at: null, intent: 'question' });
  expect(await leadOf(world, written.lead_id)).toMatchObject({
    ...{ unsubscribe_flag: false, cadence_pause_reason: 'reply' },
  });
  expect((await enrollmentsOf(world, written.lead_id))[0]).toMatchObject({
    ...{ status: 'paused', paused_reason: 'reply', wake: 'never' },
  });
  expect((await replyTasks(world, written.lead_id))[0]).toMatchObject({ status: 'open' });
  expect(await world.rows('flags', `subject = '${asked.id}' AND resolved_at IS NULL`)).toHaveLength(1);
  const before = world.sent.length;
  for (let day = 0; day < 20; day += 1) {
    world.clock.advance(DAY_MS);
    await world.work();
  }
  expect(world.sent.length).toBe(before);
});

const ALL_INTENTS = ['unsubscribe', 'out_of_office', 'not_now', 'not_interested', 'wrong_person'];

test('“I left the company, ask Bob” ends the sequence, keeps the lead, and suggests Bob', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const text = 'I left the company in June. Please ask Bob Miller <Bob.Miller@prospect.example>.';
  const { id } = await take(world, answer(written, text));
  expect(await inboundOf(world, id)).toMatchObject({
    ...{ intent: 'wrong_person', reason: 'left_company', handled_at: null, task_id: null },
    ...{ suggested_name: 'Bob Miller', suggested_email: 'bob.miller@prospect.example' },
  });
  expect((await enrollmentsOf(world, written.lead_id))[0]).toMatchObject({
    ...{ status: 'rejected', exit_reason: 'left_company' },
  });
  expect(await leadOf(world, written.lead_id)).toMatchObject({
    ...{ unsubscribe_flag: false, opt_out_flag: false, cadence_paused_at: null, erased_at: null },
  });
  expect(await world.rows('flags', `kind = 'reply_waiting'`)).toMatchObject([{ resolved_at: null }]);
  // Without another name there is nothing to decide.
  const other = await writtenLead(world);
  const left = await take(world, answer(other, 'I left the company in June.'));
  expect((await inboundOf(world, left.id)).handled_at).not.toBeNull();
  expect((await enrollmentsOf(world, other.lead_id))[0]).toMatchObject({ status: 'rejected' });
});

test('an automatic reply that says so has the same effect', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const { id } = await take(
    world,
    machine(written, 'Jane no longer works here. Please contact Bob at bob@prospect.example.'),
  );
  expect(await inboundOf(world, id)).toMatchObject({
    ...{ kind: 'auto_reply', reason: 'left_company', handled_at: null },
    suggested_email: 'bob@prospect.example',
  });
  expect((await enrollmentsOf(world, written.lead_id))[0]).toMatchObject({
    ...{ status: 'rejected', exit_reason: 'left_company' },
  });
});

test('said by someone else, it pauses the lead and waits', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const { id } = await take(
    world,
    from(written, 'boss@prospect.example', 'Jane left the company. Ask Bob, bob@prospect.example.'),
  );
  expect(await inboundOf(world, id)).toMatchObject({
    ...{ reason: 'other_sender', handled_at: null, suggested_email: 'bob@prospect.example' },
  });
  expect((await enrollmentsOf(world, written.lead_id))[0]).toMatchObject({ status: 'paused' });
  expect(await world.rows('suppressions')).toEqual([]);
});

test('a message that names ours and that no rule understands is pending; a receipt has a stated reason', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const notice = from(written, 'MAILER-DAEMON@mx.prospect.example', 'Your message is being considered.', {
    Subject: 'Notice',
  });
  const { id } = await take(world, notice);
  expect(await inboundOf(world, id)).toMatchObject({
    ...{ kind: 'other', reason: 'mail_server', handled_at: null },
  });
  expect(await world.rows('flags', `kind = 'reply_waiting'`)).toMatchObject([{ subject: id }]);
  const receipt = [
    `From: ${written.email}`,
    'To: justin@sender.example',
    'Subject: Read: A question',
    `In-Reply-To: ${written.message_id}`,
    'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"',
    '',
    '--b\r\nContent-Type: text/plain\r\n\r\nYour message was read.\r\n--b--',
  ].join('\r\n');
  const read = await inboundOf(world, (await take(world, receipt)).id);
  expect(read).toMatchObject({ kind: 'other', reason: 'receipt' });
  expect(read.handled_at).not.toBeNull();
});

test.each([
  ['a meeting', 'Let us meet on Tuesday at 10.'],
  ['a question', 'What does it cost for 40 members?'],
  ['a no', 'We are not interested, we already have a supplier.'],
])('%s is read under the headers and subject of a machine', async (_, text) => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const { id } = await take(world, machine(written, text, 'Automatic reply: Re: A question'));
  expect(await inboundOf(world, id)).toMatchObject({ kind: 'reply', handled_at: null });
  expect(await leadOf(world, written.lead_id)).toMatchObject({ cadence_pause_reason: 'reply' });
});

test('a person who writes from postmaster@ is read as a person', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world, { email: 'postmaster@prospect.example' });
  const { id } = await take(world, answer(written, 'Please remove me from your list.'));
  expect(await inboundOf(world, id)).toMatchObject({ kind: 'unsubscribe', reason: null });
  expect(await leadOf(world, written.lead_id)).toMatchObject({ unsubscribe_flag: true });
});

test('the same answer over a mailbox, another mailbox, and HTTP is one message', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const [mailbox] = await world.rows<{ id: string }>('mailboxes');
  const raw = answer(written, 'What does it cost?');
  const place = { folder: 'inbox', uid_validity: 1, uid: 7, received_at: null } as const;
  const [first, ...more] = await Promise.all([
    take(world, `Received: from a by b\r\n${raw}`, {
      place: { source: 'imap', mailbox_id: mailbox!.id, ...place },
    }),
    take(world, raw),
    take(world, `Received: from c by d\r\n${raw}`, { place: { source: 'http', mailbox_id: mailbox!.id } }),
  ]);
  expect(new Set([first, ...more].map((taken) => taken!.id)).size).toBe(1);
  expect([first, ...more].filter((taken) => taken!.is_new)).toHaveLength(1);
  expect(await world.rows('inbound_messages')).toHaveLength(1);
  expect(await replyTasks(world, written.lead_id)).toHaveLength(1);
  // Another message with the same id is another message.
  const other = raw.replace('What does it cost?', 'Unsubscribe');
  expect(await take(world, other)).toMatchObject({ is_new: true });
  expect(await leadOf(world, written.lead_id)).toMatchObject({ unsubscribe_flag: true });
});

test('an agent’s “not now” for one reply leaves the lead paused while another reply is pending', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const { claimAs } = tasksOf(db, world);
  await take(world, answer(written, 'What does it cost for 40 members?'));
  const second = await take(world, answer(written, 'Hm, let me see what the others say about that.'));
  const tasks = await replyTasks(world, written.lead_id);
  const task = tasks.find(({ payload }) => (payload as { inbound_id: string }).inbound_id === second.id)!;
  const claim_id = await claimAs(task.id, task.role);
  const operation = definitions.find(({ name }) => name === 'complete_task')!;
  const agent = { kind: 'agent', org_id: world.org_id, agent_id: task.role, agent_kind: 'role' } as Principal;
  const context = { ...world.context, db: actingDb(world.context.db, actorOf(agent)) };
  const input = operation.input.parse({ id: task.id, claim_id, result: { intent: 'not_now' } });
  await operation.run({ context, principal: agent, input } as never);
  expect(await leadOf(world, written.lead_id)).toMatchObject({ cadence_pause_reason: 'reply' });
  expect((await enrollmentsOf(world, written.lead_id))[0]).toMatchObject({ status: 'paused', wake: 'never' });
});
