import { expect, test } from 'vitest';
import { webhookSender } from '../../src/connectors/webhook.ts';
import { NOTICE_KINDS, noticeTitle } from '../../src/core/explain/notices.ts';
import { startWorker } from '../../src/worker/loop.ts';
import { testDatabase } from '../database.ts';
import { answer, take, writtenLead } from '../inbound/inbound_world.ts';
import { START } from '../world.ts';
import { idOf, type NoticeWorld, noticeWorld } from './notice_world.ts';
import { chatReceiver } from './slack_receiver.ts';

/* The words of notices: at once by email, to Slack and to Teams, with a link and without a lead's words unless allowed. */

const { db } = await testDatabase();
const webhooks = webhookSender({ allow_local: true, timeout_ms: 2_000 });
type Note = { detail: { lead_count: number } };
const NO_LEAD = '00000000-0000-0000-0000-000000000000';
const WORDS = 'Yes, <!channel> call *me* & [Bob](https://evil.example) soon';

/** A lead of the person replies; another one asks to stop, which rules settle. */
async function replies(world: NoticeWorld) {
  const owner_user_id = world.person.kind === 'human' ? world.person.user_id : '';
  const lead = { owner_user_id, first_name: 'Ottoline', last_name: 'Quill' };
  const written = await writtenLead(world, lead);
  const { id: inbound_id } = await take(world, answer(written, `${WORDS}\nMore.`));
  return { ...written, inbound_id };
}

test('a reply leaves at once with a link to it, and no word of the lead', async () => {
  const world = await noticeWorld(db, { webhooks });
  const slack = await chatReceiver('slack');
  await world.call('put_notification_webhook', world.person, { url: slack.url, form: 'slack' });
  const { inbound_id, email, lead_id } = await replies(world);
  await world.deliver();
  const url = `http://touchline.test/replies?message=${inbound_id}`;
  expect(world.mails).toMatchObject([
    { subject: 'A lead replied', text: expect.stringContaining(`Open: ${url}`) },
  ]);
  expect(slack.answers).toEqual([200]);
  expect(JSON.parse(slack.bodies[0]!).text).toBe(`A lead replied. <${url}|Open>`);
  const left = JSON.stringify([world.mails, slack.bodies]);
  for (const word of ['Ottoline', 'Quill', email, 'call', lead_id]) expect(left).not.toContain(word);
});

test.each(['slack', 'teams'] as const)(
  'where the organization allows it, %s shows the name and the first line',
  async (form) => {
    const world = await noticeWorld(db, { webhooks });
    const chat = await chatReceiver(form);
    await world.call('patch_organization', world.person, { notices_include_lead_text: true });
    await world.call('put_notification_webhook', world.person, { url: chat.url, form });
    await replies(world);
    await world.deliver();
    expect(chat.answers).toEqual([200]);
    expect(world.mails[0]).toMatchObject({
      subject: 'A lead replied: Ottoline Quill',
      text: expect.stringContaining(`“${WORDS}”`),
    });
    const body = JSON.parse(chat.bodies[0]!);
    if (form === 'slack')
      expect(body.blocks[1].text).toEqual({ type: 'plain_text', text: WORDS, emoji: false });
    else expect(body.attachments[0].content.body[1].text).toContain('\\[Bob\\]\\(https://evil.example\\)');
    expect(chat.bodies[0]).not.toContain('More.');
  },
);

test('a reply that rules settle notifies the owner, and a booked meeting the executives', async () => {
  const world = await noticeWorld(db);
  const exec = await world.addPerson('exec');
  const rep = await world.addPerson('rep');
  const owner_user_id = rep.kind === 'human' ? rep.user_id : '';
  await take(world, answer(await writtenLead(world, { owner_user_id }), 'Please unsubscribe me.'));
  const { id } = await take(world, answer(await writtenLead(world, { owner_user_id }), 'Let us talk.'));
  await world.call('handle_inbound', world.person, { id, intent: 'meeting' });
  const kindsOf = async (who: typeof rep) =>
    (await world.call('list_notifications', who, {})).items.map(({ kind }: { kind: string }) => kind).sort();
  expect(await kindsOf(rep)).toEqual(['reply', 'reply_waiting']);
  expect(await kindsOf(exec)).toEqual(['meeting']);
  await world.deliver();
  const [task] = await world.rows<{ id: string }>('agent_tasks', `type = 'meeting_booked'`);
  const link = `http://touchline.test/hand-offs?task=${task!.id}`;
  expect(world.mails.map(({ text }) => text).filter((text) => text.includes(link))).toHaveLength(2);
});

/** Runs of the rules as parts of one act, on leads that lost their owner before. */
async function assigningWorld(options: Parameters<typeof noticeWorld>[1]) {
  const world = await noticeWorld(db, options);
  const rep = await world.addPerson('rep');
  const leads: string[] = [];
  for (let n = 0; n < 5; n += 1) leads.push(await world.addLead());
  await world.call('put_assignment_rules', world.person, { rules: [{ assignee_user_ids: [idOf(rep)] }] });
  const walk = { act_id: crypto.randomUUID(), after_id: NO_LEAD, total: 5, done: 0, no_rule: 0, turns: [] };
  const continue_from = Buffer.from(JSON.stringify(walk)).toString('base64url');
  const assign = async (lead_count: number) => {
    world.clock.advance(1_000);
    // Not by a person, who would notify the former owner.
    await db.query('UPDATE leads SET owner_user_id = NULL WHERE id = ANY ($1)', [leads.slice(0, lead_count)]);
    await world.call('apply_assignment_rules', world.person, { continue_from });
  };
  await world.call('apply_assignment_rules', world.person, { continue_from });
  const counts = async () =>
    (await world.call('list_notifications', rep, {})).items.map(({ detail }: Note) => detail.lead_count);
  return { ...world, rep, assign, counts };
}

test('a run of the rules raises a count until it has left, and then begins another', async () => {
  const world = await assigningWorld({});
  await world.assign(2);
  expect(await world.counts()).toEqual([7]);
  await world.deliver();
  await world.assign(3);
  await world.assign(1);
  expect(await world.counts()).toEqual([4, 7]);
  await world.deliver();
  expect(world.mails).toHaveLength(1);
  world.clock.advance(60_000);
  await world.deliver();
  const said = world.mails.map(({ subject }) => subject);
  expect(said).toEqual(['7 leads were assigned to you', '4 leads were assigned to you']);
  expect(world.mails[0]!.text).toContain('Open: http://touchline.test/leads?scope=mine');
});

test('a run of the rules leaves the count of a digest alone', async () => {
  const world = await assigningWorld({ start_ms: Date.parse('2026-11-26T07:30:00Z') });
  await world.call('put_notification_preferences', world.rep, { kinds: ['assigned'], email: 'digest' });
  await db.query('DELETE FROM notification_deliveries WHERE org_id = $1', [world.org_id]);
  world.clock.advance(3_600_000);
  await world.deliver();
  await world.assign(1);
  expect(await world.counts()).toEqual([1, 5]);
  world.clock.advance(24 * 3_600_000);
  await world.deliver();
  const said = world.mails.map(({ text }) => /- (.*)/.exec(text)?.[1]);
  expect(said).toEqual(['5 leads were assigned to you', 'A lead was assigned to you']);
});

test('a failing webhook is retried, shown, and recovers, while email still leaves', async () => {
  const world = await noticeWorld(db, { webhooks });
  const rep = await world.addPerson('rep');
  const slack = await chatReceiver('slack');
  slack.told.status = 500;
  await world.call('put_notification_webhook', rep, { url: slack.url, form: 'slack' });
  await world.note(rep, { kind: 'meeting', detail: {} });
  await world.deliver();
  expect(world.mails).toHaveLength(1);
  const shown = () => world.call('get_notification_preferences', rep, {});
  expect((await shown()).webhook).toMatchObject({
    failing_since: new Date(START).toISOString(),
    last_error: 'status 500',
  });
  slack.told.status = 200;
  world.clock.advance(5_000);
  await world.deliver();
  expect(slack.bodies).toHaveLength(1);
  expect((await shown()).webhook).toMatchObject({ failing_since: null, last_error: null });
});

test('the worker delivers automatically, and finishes before it stops', async () => {
  const world = await noticeWorld(db, { webhooks });
  const rep = await world.addPerson('rep');
  const worker = startWorker(world.worker_context, world.mail);
  await world.note(rep, { kind: 'meeting', detail: {} });
  worker.nudge();
  await expect.poll(() => world.mails.length, { timeout: 5_000 }).toBe(1);
  await worker.stop();
  expect(await world.deliveries()).toMatchObject([{ status: 'delivered' }]);
});

test('every kind has fixed words and a group', async () => {
  for (const kind of NOTICE_KINDS) {
    const title = noticeTitle({ kind, detail: { kind: 'x' } });
    expect(title.length, kind).toBeLessThan(60);
    expect(title, kind).not.toMatch(/\.$/);
  }
  const { rows } = await db.query<{ kind: string; of: string }>(
    `SELECT k AS kind, notification_group(k) AS of FROM unnest($1::text[]) k`,
    [
      [
        'reply',
        'meeting',
        'assigned',
        'owner_changed',
        'manual_send',
        'play_retired',
        'abm_active_suppression',
        'entry_accepted',
        'stall',
        'webhook_disabled',
      ],
    ],
  );
  expect(rows.map(({ of }) => of)).toEqual([
    ...[
      'reply',
      'meeting',
      'assigned',
      'assigned',
      'manual_send',
      'play',
      'request',
      'request',
      'warning',
      'warning',
    ],
  ]);
});
