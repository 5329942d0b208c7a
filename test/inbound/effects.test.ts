import { expect, test } from 'vitest';
import type { SendOutcome } from '../../src/connectors/connector.ts';
import { unsubscribeToken } from '../../src/coordinator/sending/unsubscribe_token.ts';
import type { CampaignContactsRow, SalesSendQueueRow, SuppressionsRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { approve, beginData, reserve, scripted } from '../sending/send_world.ts';
import { createWorld, DAY_MS } from '../world.ts';
import {
  absence,
  answer,
  CAMPAIGN,
  complaint,
  enrollmentsOf,
  eventsOf,
  inboundOf,
  lastMessage,
  leadOf,
  mailFrom,
  replyTasks,
  report,
  take,
  type Written,
  writtenLead,
} from './inbound_world.ts';

const { db } = await testDatabase();

test('a reply stops everything for its lead and creates a task for the role of the sequence', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const { lead_id } = written;
  await world.request(lead_id, 'b2bea_membership');
  const taken = await take(world, answer(written, 'Can you tell me more about the price?\n\n> Hello'));
  expect(taken.is_new).toBe(true);
  const message = await inboundOf(world, taken.id);
  expect(message).toMatchObject({ kind: 'reply', matched_by: 'in_reply_to', lead_id, handled_at: null });
  expect(message).toMatchObject({ text: 'Can you tell me more about the price?', intent_source: 'rules' });
  for (const enrollment of await enrollmentsOf(world, lead_id)) {
    expect(enrollment).toMatchObject({
      status: 'paused',
      paused_reason: 'reply',
      paused_until: null,
      wake: 'never',
    });
  }
  expect(await leadOf(world, lead_id)).toMatchObject({
    cadence_state: 'paused',
    cadence_pause_reason: 'reply',
  });
  const [task, ...more] = await replyTasks(world, lead_id);
  expect(more).toEqual([]);
  expect(task).toMatchObject({ role: message.task_role, id: message.task_id, status: 'open' });
  expect(task!.payload).toMatchObject({ inbound_id: taken.id, matched_by: 'in_reply_to' });
  const flags = await world.rows('flags', `kind = 'reply_waiting'`);
  expect(flags).toMatchObject([{ subject: taken.id, lead_id, resolved_at: null }]);
  const before = world.sent.length;
  for (let day = 0; day < 40; day += 1) {
    world.clock.advance(DAY_MS);
    await world.work();
  }
  expect(world.sent.length).toBe(before);
  expect(await world.request(lead_id, 'b2bea_membership_close')).toMatchObject({ kind: 'already_enrolled' });
});

test('the same bytes are processed once', async () => {
  const world = await createWorld(db);
  const raw = answer(await writtenLead(world), 'Why?');
  const first = await take(world, raw);
  expect(await take(world, raw)).toEqual({ id: first.id, is_new: false });
  const many = await Promise.all(Array.from({ length: 8 }, () => take(world, raw)));
  expect(new Set(many.map(({ id }) => id))).toEqual(new Set([first.id]));
  expect(await world.rows('agent_tasks', `type = 'process_reply'`)).toHaveLength(1);
});

test('a reserved message that is not handed over yet stops too', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  world.clock.advance(8 * DAY_MS);
  await world.work();
  await approve(world, written.lead_id);
  const [send] = await reserve(world);
  expect(send?.item.lead_id).toBe(written.lead_id);
  await take(world, answer(written, 'Who are you?'));
  expect(await beginData(world, send!)).toBe(false);
});

test.each([
  ['its own words', (to: Parameters<typeof answer>[0]) => answer(to, 'Unsubscribe')],
  [
    'a mail program',
    (to: Parameters<typeof answer>[0]) =>
      mailFrom(to.email, '', { Subject: 'unsubscribe', 'In-Reply-To': to.message_id }),
  ],
])('an unsubscribe by %s takes effect at once', async (_, write) => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const { id } = await take(world, write(written));
  expect(await leadOf(world, written.lead_id)).toMatchObject({ unsubscribe_flag: true });
  for (const enrollment of await enrollmentsOf(world, written.lead_id)) {
    expect(enrollment).toMatchObject({ status: 'rejected', exit_reason: 'compliance_block' });
  }
  expect(await inboundOf(world, id)).toMatchObject({ intent: 'unsubscribe', task_id: null });
  expect((await inboundOf(world, id)).handled_at).not.toBeNull();
  expect(await eventsOf(world, written.lead_id)).toContain('opted_out answer');
});

test('a message matched only by its From line pauses the lead and does nothing else', async () => {
  const world = await createWorld(db);
  const { lead_id, email } = await writtenLead(world);
  const { id } = await take(world, mailFrom(email, 'unsubscribe', { Subject: 'unsubscribe' }));
  expect(await inboundOf(world, id)).toMatchObject({ matched_by: 'sender_only', lead_id, handled_at: null });
  expect(await leadOf(world, lead_id)).toMatchObject({
    unsubscribe_flag: false,
    cadence_pause_reason: 'reply',
  });
  expect(await replyTasks(world, lead_id)).toHaveLength(1);
  await take(
    world,
    mailFrom(email, 'I am away until 30 November 2026.', {
      'Auto-Submitted': 'auto-replied',
      Subject: 'Out of office',
    }),
  );
  expect((await eventsOf(world, lead_id)).filter((event) => event.startsWith('deferred'))).toEqual([]);
});

test('a stranger’s message changes nothing, and a mailbox stores none of its text', async () => {
  const world = await createWorld(db);
  const { lead_id, email } = await writtenLead(world);
  const [mailbox] = await world.rows<{ id: string }>('mailboxes');
  const place = {
    source: 'imap',
    mailbox_id: mailbox!.id,
    folder: 'inbox',
    uid_validity: 1,
    uid: 7,
    received_at: null,
  } as const;
  const raw = mailFrom('stranger@else.example', 'unsubscribe lead1', {
    'In-Reply-To': '<guess@sender.example>',
  });
  const { id } = await take(world, raw, { place });
  expect(await inboundOf(world, id)).toMatchObject({
    matched_by: 'none',
    subject: '',
    text: '',
    from_address: '',
  });
  expect(await world.rows('inbound_sources')).toEqual([]);
  // A forged report, and a forged complaint: they name the address but not our id.
  await take(world, report({ email, message_id: '<guess@sender.example>' }));
  await take(world, complaint({ email, message_id: '<guess@sender.example>' }));
  expect(await world.rows('suppressions')).toEqual([]);
  expect((await enrollmentsOf(world, lead_id)).map(({ status }) => status)).toEqual(['active']);
});

test('a hard bounce and a complaint suppress the address', async () => {
  const world = await createWorld(db);
  for (const [raw, reason] of [
    [report, 'bounced'],
    [complaint, 'complained'],
  ] as const) {
    const written = await writtenLead(world);
    await take(world, raw(written));
    expect(await world.rows<SuppressionsRow>('suppressions', `value = '${written.email}'`)).toMatchObject([
      { reason },
    ]);
    expect((await enrollmentsOf(world, written.lead_id))[0]).toMatchObject({ status: 'rejected' });
    const [attempt] = await world.rows<{ bounced_at: Date | null }>(
      'send_attempts',
      `id = '${written.attempt_id}'`,
    );
    expect(attempt!.bounced_at === null).toBe(reason === 'complained');
  }
});

test('soft bounces of several messages count as a hard one; reports of one message count once', async () => {
  const world = await createWorld(db, { policy: { reply_handling: { soft_bounces: 2 } } });
  const written = await writtenLead(world);
  const soft = { status: '4.2.2', words: '452 4.2.2 Mailbox full' };
  await take(world, report(written, { ...soft, name: '1' }));
  await take(world, report(written, { ...soft, name: '2' }));
  expect(await world.rows('suppressions')).toEqual([]);
  world.clock.advance(8 * DAY_MS);
  await world.work();
  await world.approve(written.lead_id);
  const second = await lastMessage(world, written.lead_id);
  expect(second.queue_id).not.toBe(written.queue_id);
  await take(world, report(second, soft));
  const events = (await eventsOf(world, written.lead_id)).filter((event) => event.startsWith('bounced'));
  expect(events).toEqual(['bounced soft', 'bounced soft', 'bounced hard']);
  expect(await world.rows('suppressions')).toMatchObject([{ value: written.email, reason: 'bounced' }]);
});

test('a content refusal says nothing about the address; from three leads it pauses the mailbox', async () => {
  const world = await createWorld(db);
  const refused = { status: '5.7.1', words: '550 5.7.1 Message rejected as spam' };
  for (let lead = 0; lead < 3; lead += 1) {
    const [mailbox] = await world.rows<{ paused_at: Date | null }>('mailboxes');
    expect(mailbox!.paused_at).toBeNull();
    const written = await writtenLead(world);
    await take(world, report(written, refused));
    await take(world, report(written, { ...refused, name: 'again' }));
    expect((await enrollmentsOf(world, written.lead_id))[0]).toMatchObject({ status: 'active' });
  }
  expect(await world.rows('mailboxes')).toMatchObject([{ paused_by: 'server' }]);
  expect(await world.rows('suppressions')).toEqual([]);
});

test.each([
  ['an answer', (to: Written) => answer(to, 'Who are you?'), 'reply'],
  ['a report', (to: Written) => report(to, { action: 'delayed', status: '4.4.1', words: 'timeout' }), null],
])('%s settles a message of unknown delivery', async (_, write, pause_reason) => {
  const vanish = async (): Promise<SendOutcome> => ({ kind: 'unknown', response: 'connection lost' });
  const world = await createWorld(db, {
    mail: scripted(async (_message, hooks) =>
      (await hooks.beforeData?.()) ? vanish() : { kind: 'canceled' },
    ),
  });
  const written = await writtenLead(world);
  expect((await world.draftOf(written.lead_id)).item.status).toBe('unknown');
  expect(await leadOf(world, written.lead_id)).toMatchObject({ cadence_pause_reason: 'send_unknown' });
  await take(world, write(written));
  expect((await world.draftOf(written.lead_id)).item.status).toBe('sent');
  expect(await leadOf(world, written.lead_id)).toMatchObject({ cadence_pause_reason: pause_reason });
  expect(await world.rows('flags', `kind = 'send_unknown' AND resolved_at IS NULL`)).toEqual([]);
  expect(await eventsOf(world, written.lead_id)).toContain('sent answer_says_sent');
});

test('a delay report and an auto-reply change nothing', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const before = await enrollmentsOf(world, written.lead_id);
  await take(world, report(written, { action: 'delayed', status: '4.4.1', words: 'timeout' }));
  await take(
    world,
    mailFrom(written.email, 'We have received your message.', {
      'In-Reply-To': written.message_id,
      'Auto-Submitted': 'auto-replied',
    }),
  );
  expect(await enrollmentsOf(world, written.lead_id)).toEqual(before);
  expect((await eventsOf(world, written.lead_id)).slice(-2)).toEqual([
    'delivery_delayed delay',
    'auto_replied auto_reply',
  ]);
});

test('an out-of-office reply defers the next step to the business day after the return', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  await take(world, absence(written, 'I am out of the office until 4 December 2026.'));
  const [enrollment] = await enrollmentsOf(world, written.lead_id);
  expect(enrollment!.status).toBe('active');
  const [message] = await world.rows<{ return_date: string }>('inbound_messages');
  // Friday is the last day away; the step follows a business day after Monday.
  expect(message!.return_date).toBe('2026-12-05');
  expect(enrollment!.next_send_at!.toISOString()).toMatch(/^2026-12-0[78]T08:00/);
  expect(await eventsOf(world, written.lead_id)).toContain('deferred out_of_office');
  // A person's words count as a machine's do.
  const by_hand = await writtenLead(world);
  const own = { Subject: 'Re: Hello', 'Auto-Submitted': 'no' };
  const { id } = await take(world, absence(by_hand, 'I am out of the office until 4 December 2026.', own));
  expect((await inboundOf(world, id)).return_date).toEqual(message!.return_date);
  // Without a date the delay is a week.
  const other = await writtenLead(world);
  await take(world, absence(other, 'I am currently out of the office.'));
  const [later] = (await enrollmentsOf(world, other.lead_id)) as [CampaignContactsRow];
  expect(later.next_send_at!.getTime()).toBeGreaterThanOrEqual(world.clock.now_ms() + 6 * DAY_MS);
});

test('an approved touch is deferred as well', async () => {
  const world = await createWorld(db, {
    policy: { business_hours: { enforce: true } },
    start_ms: Date.parse('2026-11-24T22:00:00Z'),
  });
  const lead_id = await world.addLead();
  await world.request(lead_id, CAMPAIGN);
  await world.work();
  await world.approve(lead_id);
  const [item] = await world.rows<SalesSendQueueRow>('sales_send_queue', `lead_id = '${lead_id}'`);
  expect(item).toMatchObject({ status: 'approved', deferred_reason: 'business_hours' });
  const { token } = await tokenOf(world, item!);
  const { email } = await leadOf(world, lead_id);
  const raw = mailFrom(email, `Out until 1 December 2026.\n\n> https://x.example/u/${token}`, {
    'Auto-Submitted': 'auto-replied',
    Subject: 'Out of office',
    Date: 'Tue, 24 Nov 2026 12:00:00 +0000',
  });
  const { id } = await take(world, raw);
  expect(await inboundOf(world, id)).toMatchObject({ matched_by: 'token', queue_id: item!.id });
  const [moved] = await world.rows<SalesSendQueueRow>('sales_send_queue', `id = '${item!.id}'`);
  expect(moved!.scheduled_at.getTime()).toBeGreaterThan(Date.parse('2026-12-01T00:00:00Z'));
  expect(moved).toMatchObject({ status: 'approved', deferred_reason: null });
});

async function tokenOf(world: Awaited<ReturnType<typeof createWorld>>, item: SalesSendQueueRow) {
  const { org_id, lead_id, id: queue_id } = item;
  return { token: unsubscribeToken(world.context.secret, { org_id, lead_id, queue_id }) };
}
