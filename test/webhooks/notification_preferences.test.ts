import { expect, test } from 'vitest';
import { webhookSender } from '../../src/connectors/webhook.ts';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { actorOf } from '../../src/principal.ts';
import { testDatabase } from '../database.ts';
import { idOf, noticeWorld } from '../notifications/notice_world.ts';
import { chatReceiver } from '../notifications/slack_receiver.ts';

const { db } = await testDatabase();
const webhooks = webhookSender({ allow_local: true, timeout_ms: 2_000 });

test('each person sets their own preferences, which decide what leaves and how', async () => {
  const world = await noticeWorld(db, { webhooks });
  const [rep, other] = [await world.addPerson('rep'), await world.addPerson('rep')];
  const slack = await chatReceiver('slack');
  const before = await world.call('get_notification_preferences', rep, {});
  expect(before.items).toEqual([
    { kind: 'reply', email: 'at_once', webhook: 'at_once' },
    { kind: 'meeting', email: 'at_once', webhook: 'at_once' },
    { kind: 'assigned', email: 'at_once', webhook: 'at_once' },
    { kind: 'manual_send', email: 'digest', webhook: 'off' },
    { kind: 'warning', email: 'digest', webhook: 'off' },
    { kind: 'play', email: 'digest', webhook: 'off' },
    { kind: 'request', email: 'digest', webhook: 'off' },
  ]);
  expect(before).toMatchObject({ webhook: null, includes_lead_text: false });
  await world.call('put_notification_webhook', rep, { url: slack.url, form: 'slack' });
  const kinds = ['warning', 'meeting'];
  await world.call('put_notification_preferences', rep, { kinds, email: 'off', webhook: 'at_once' });
  for (const who of [rep, other])
    await world.note(who, { kind: 'stall', detail: {} }, { kind: 'meeting', detail: {} });
  await world.deliver();
  expect(slack.bodies).toHaveLength(2);
  expect(world.mails).toHaveLength(1);
  expect((await world.call('get_notification_preferences', other, {})).items).toEqual(before.items);
  await world.call('delete_notification_webhook', rep, {});
  await world.note(rep, { kind: 'meeting', detail: {} });
  await world.deliver();
  expect(slack.bodies).toHaveLength(2);
  expect(await world.refused('put_notification_preferences', rep, { kinds: ['reply'] })).toMatchObject({
    code: 'input_invalid',
    errors: [{ path: 'email' }],
  });
});

test('a webhook is tested at once, never shown again, and must be public', async () => {
  const world = await noticeWorld(db, { webhooks });
  const rep = await world.addPerson('rep');
  const teams = await chatReceiver('teams');
  const set = (url: string, form = 'teams') => world.refused('put_notification_webhook', rep, { url, form });
  expect(await set('https://169.254.169.254/x')).toMatchObject({
    code: 'webhook_url_refused',
    errors: [{ path: 'url' }],
  });
  expect(await world.refused('test_notification_webhook', rep, {})).toMatchObject({ code: 'not_found' });
  const shown = await world.call('put_notification_webhook', rep, { url: teams.url, form: 'teams' });
  expect(shown.webhook).toMatchObject({ form: 'teams', host: '127.0.0.1' });
  expect(JSON.stringify(shown)).not.toContain('services');
  expect(await world.call('test_notification_webhook', rep, {})).toMatchObject({ ok: true, status: 200 });
  expect(teams.bodies[0]).toContain('Test from Touchline');
  teams.told.status = 404;
  expect(await world.refused('test_notification_webhook', rep, {})).toMatchObject({
    code: 'webhook_not_taken',
  });
  const audit = JSON.stringify(await world.rows('audit_log', `subject_table = 'notification_webhooks'`));
  expect(audit).toContain(idOf(rep));
  expect(audit).not.toMatch(/services|\\\\x01/);
});

test('the database refuses the preferences and webhooks of others', async () => {
  const world = await noticeWorld(db, { webhooks });
  const [rep, other] = [await world.addPerson('rep'), await world.addPerson('rep')];
  await world.call('put_notification_webhook', rep, { url: 'https://hooks.example/in', form: 'slack' });
  const as = (who: Parameters<typeof transaction>[1], text: string) =>
    transaction(db.app, who, (tx) => tx.query(text)).then(() => null, sqlState);
  const insert = (delivery: string, medium: string) =>
    `INSERT INTO notification_preferences (org_id, user_id, kind_group, medium, delivery, changed_at)
     VALUES ('${world.org_id}', '${idOf(rep)}', 'reply', '${medium}', '${delivery}', now())`;
  for (const who of [actorOf(other), actorOf(world.person), actorOf(world.brooke)]) {
    expect(await as(who, insert('off', 'email'))).toBe('TL005');
    expect(await as(who, `UPDATE notification_webhooks SET form = 'teams'`)).toBe('TL005');
    expect(await as(who, 'DELETE FROM notification_webhooks')).toBe('TL005');
  }
  expect(await as(actorOf(rep), insert('digest', 'webhook'))).toBe('23514');
  expect(await as(actorOf(rep), insert('off', 'email'))).toBeNull();
});
