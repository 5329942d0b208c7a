import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { forgetDeliveries } from '../../src/coordinator/upkeep/retention.ts';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import { WEBHOOK_EVENTS } from '../../src/operations/webhooks/webhooks.ts';
import { actorOf } from '../../src/principal.ts';
import { startWorker } from '../../src/worker/loop.ts';
import { WebhookDeliverer } from '../../src/worker/webhooks.ts';
import { testDatabase } from '../database.ts';
import { DAY_MS, HOUR_MS, START } from '../world.ts';
import { hookWorld, receiver, sender } from './webhook_world.ts';

/* Deliveries to a real server on this machine, with responses set by the test. */

const { db } = await testDatabase();

describe('a webhook', () => {
  it('gets signed events with ids alone', async () => {
    const world = await hookWorld(db);
    const { told, url } = await receiver(() => 204);
    const { id, secret } = await world.make(url, ['task.created'], 'roles.sales');
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    await world.task('roles.bdr');
    const task_id = await world.task();
    expect(await world.deliver()).toBe(1);
    expect(await world.deliver()).toBe(0);
    const { headers, body } = told[0]!;
    const stamp = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const signature = createHmac('sha256', key).update(stamp).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${signature}`);
    expect(headers['webhook-timestamp']).toBe(String(START / 1_000));
    expect(JSON.parse(body)).toEqual({
      type: 'task.created',
      timestamp: new Date(START).toISOString(),
      data: {
        task_id,
        lead_id: (await world.rows<{ lead_id: string }>('agent_tasks', `id = '${task_id}'`))[0]!.lead_id,
        role: 'roles.sales',
        kind: 'process_reply',
        topic: '0.0.8796955',
      },
    });
    const { items } = await world.call('list_webhook_deliveries', world.person, { id });
    expect(items).toMatchObject([
      {
        id: headers['webhook-id'],
        event: 'task.created',
        status: 'delivered',
        attempt_count: 1,
        last_status: 204,
      },
    ]);
  });

  it('reports the whole course of a touch, warnings and dead ends, and no rolled-back change', async () => {
    const world = await hookWorld(db);
    const { told, url } = await receiver(() => 200);
    await world.make(url, [...WEBHOOK_EVENTS]);
    const lead_id = await world.addLead();
    const asCoordinator = coordinatorActor(world.org_id);
    await transaction(db.app, asCoordinator, async (tx) => {
      await tx.query(
        `INSERT INTO flags (org_id, id, kind, subject, lead_id, for_role, raised_at) VALUES ($1, $2, 'backlog', $2, $3, 'rep', $4)`,
        [world.org_id, newId(world.clock), lead_id, world.clock.now()],
      );
      throw new Error('rolled back');
    }).catch(() => undefined);
    await world.call('request_sequence', world.person, { lead_id, campaign_slug: 'b2bea_membership_close' });
    await world.work();
    await world.approve(lead_id);
    await world.call('opt_out_lead', world.person, { id: lead_id, action: 'set' });
    const task_id = await world.task();
    await transaction(db.app, asCoordinator, (tx) =>
      tx.query(`UPDATE agent_tasks SET status = 'failed', finished_at = $2 WHERE id = $1`, [
        task_id,
        world.clock.now(),
      ]),
    );
    while ((await world.deliver()) > 0);
    const types = new Set(told.map(({ body }) => JSON.parse(body).type));
    for (const type of [
      'enrollment.started',
      'task.created',
      'draft.waiting',
      'touch.sent',
      'lead.opted_out',
    ])
      expect(types, type).toContain(type);
    for (const type of ['enrollment.exited', 'task.dead_end']) expect(types, type).toContain(type);
    expect(types).not.toContain('flag.raised');
    const [lead] = await world.rows<{ email: string; first_name: string }>('leads', `id = '${lead_id}'`);
    expect(JSON.stringify(told)).not.toContain(lead!.email);
    expect(JSON.stringify(told)).not.toContain(lead!.first_name);
  });

  it('that fails is retried under the same id, ten times in three days, and a success ends its failures', async () => {
    const world = await hookWorld(db);
    let status: number | null = 500;
    const { told, url } = await receiver(() => status);
    const { id } = await world.make(url, ['task.created']);
    await world.task();
    const waits_s = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
    for (const wait_s of waits_s) {
      expect(await world.deliver()).toBe(1);
      world.clock.advance(wait_s * 1_000 - 1);
      expect(await world.deliver()).toBe(0);
      world.clock.advance(1);
    }
    expect(await world.deliver()).toBe(1);
    world.clock.advance(10 * HOUR_MS);
    expect(await world.deliver()).toBe(0);
    expect(new Set(told.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(told.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(10);
    const deliveries = await world.call('list_webhook_deliveries', world.person, { id });
    expect(deliveries.items).toMatchObject([
      { status: 'failed', attempt_count: 10, last_status: 500, next_at: null },
    ]);
    expect((await world.call('list_webhooks', world.person, {})).items[0].failing_since).toBe(
      new Date(START).toISOString(),
    );
    status = 200;
    await world.task();
    await world.deliver();
    expect((await world.call('list_webhooks', world.person, {})).items[0].failing_since).toBeNull();
  });

  it.each([
    ['410 at once', 410, 0, 'gone'],
    ['only errors for five days', 503, 5 * DAY_MS, 'failing'],
  ])(
    'that answers %s is disabled, and the admins are notified once',
    async (_, status, after_ms, disabled_reason) => {
      const world = await hookWorld(db);
      const { told, url } = await receiver(() => status);
      await world.make(url, ['task.created']);
      await world.task();
      await world.task();
      await world.deliver();
      if (after_ms > 0) {
        world.clock.advance(after_ms - 1);
        await world.deliver();
        expect((await world.call('list_webhooks', world.person, {})).items[0].disabled_at).toBeNull();
        world.clock.advance(1 + DAY_MS);
        await world.deliver();
      }
      expect((await world.call('list_webhooks', world.person, {})).items[0]).toMatchObject({
        disabled_reason,
      });
      const before = told.length;
      await world.task();
      world.clock.advance(DAY_MS);
      expect(await world.deliver()).toBe(0);
      expect(told).toHaveLength(before);
      const { items } = await world.call('list_notifications', world.person, {});
      expect(items).toMatchObject([{ kind: 'webhook_disabled', says: expect.stringContaining('127.0.0.1') }]);
      expect(items[0].says).not.toContain('/in');
    },
  );

  it('that is slow delays no other, and a dead worker leaves its deliveries to the next', async () => {
    const world = await hookWorld(db);
    const slow = await receiver(() => null);
    const quick = await receiver(() => 200);
    await world.make(slow.url, ['task.created']);
    await world.make(quick.url, ['task.created']);
    for (let made = 0; made < 9; made += 1) await world.task();
    const begun: number[] = [];
    for (let rounds = 0; rounds < 40 && quick.told.length < 9; rounds += 1) {
      begun.push(await world.deliverer.begin(world.org_id));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(quick.told).toHaveLength(9);
    expect(slow.told.length).toBeLessThanOrEqual(4);
    // Another process, while this one's deliveries are under way: it takes none of them until their lease is over.
    const other = new WebhookDeliverer(world.worker_context, sender);
    await other.begin(world.org_id);
    await world.deliverer.drained();
    await other.drained();
    const ids = slow.told.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is served by the worker automatically, which finishes current deliveries before it stops', async () => {
    const world = await hookWorld(db);
    const { told, url } = await receiver(() => 200);
    const { id } = await world.make(url, ['task.created']);
    const worker = startWorker(world.worker_context, world.mail);
    await world.task();
    worker.nudge();
    await expect.poll(() => told.length, { timeout: 5_000 }).toBe(1);
    await worker.stop();
    const { items } = await world.call('list_webhook_deliveries', world.person, { id });
    expect(items).toMatchObject([{ status: 'delivered' }]);
  });

  it('can be tested at once, and reports the response', async () => {
    const world = await hookWorld(db);
    let status = 200;
    const { told, url } = await receiver(() => status);
    const { id } = await world.make(url, ['flag.raised']);
    expect(await world.call('test_webhook', world.person, { id })).toMatchObject({ ok: true, status: 200 });
    expect(JSON.parse(told[0]!.body)).toMatchObject({ type: 'webhook.test', data: { webhook_id: id } });
    status = 301;
    expect(await world.refused('test_webhook', world.person, { id })).toMatchObject({
      code: 'webhook_not_taken',
      message: 'The receiver answered 301 instead of 2xx. Redirects are not followed.',
    });
  });

  it('is refused by address, agent and number, with the path of the error', async () => {
    const world = await hookWorld(db);
    const refused = (input: object) => world.refused('create_webhook', world.person, input);
    const events = ['task.created'];
    const url = 'https://hooks.example/in';
    expect(await refused({ url: 'https://169.254.169.254/', events })).toMatchObject({
      code: 'webhook_url_refused',
      errors: [{ path: 'url' }],
    });
    expect(await refused({ url, events, agent_id: 'roles.none' })).toMatchObject({ code: 'unknown_agent' });
    expect(await refused({ url, events: ['touch.sent'], agent_id: 'roles.bdr' })).toMatchObject({
      code: 'webhook_events_invalid',
    });
    for (let made = 0; made < 20; made += 1) await world.make(url, events);
    expect(await refused({ url, events })).toMatchObject({ code: 'webhooks_exceeded', status: 409 });
    const { items } = await world.call('list_webhooks', world.person, {});
    await world.call('delete_webhook', world.person, { id: items[0].id });
    expect(await world.refused('delete_webhook', world.person, { id: items[0].id })).toMatchObject({
      code: 'not_found',
    });
    const audit = await world.rows('audit_log', `subject_table = 'webhooks'`);
    expect(audit).toHaveLength(21);
    expect(JSON.stringify(audit)).not.toMatch(/whsec|\\\\x01/);
  });

  it('keeps deliveries for 30 days', async () => {
    const world = await hookWorld(db);
    const { url } = await receiver(() => 200);
    await world.make(url, ['task.created']);
    await world.task();
    await world.deliver();
    world.clock.advance(30 * DAY_MS);
    await world.task();
    await forgetDeliveries({ db: db.app, clock: world.clock, org_id: world.org_id });
    expect(await world.rows('webhook_deliveries')).toHaveLength(2);
    world.clock.advance(1);
    await forgetDeliveries({ db: db.app, clock: world.clock, org_id: world.org_id });
    expect(await world.rows('webhook_deliveries')).toHaveLength(1);
  });
});

describe('the database', () => {
  it('lets an acting admin add a webhook, and rejects changes to it and deliveries written by hand', async () => {
    const world = await hookWorld(db);
    const { id } = await world.make('https://hooks.example/in', ['task.created']);
    const as = (who: Parameters<typeof transaction>[1], text: string, values: unknown[] = []) =>
      transaction(db.app, who, (tx) => tx.query(text, values)).then(() => null, sqlState);
    const admin = actorOf(world.person);
    const rep = actorOf(await world.addPerson('rep'));
    const agent = actorOf(world.brooke);
    const copy = `INSERT INTO webhooks (org_id, id, url, events, secret, created_by_user_id, created_at)
      SELECT org_id, gen_random_uuid(), url, events, secret, created_by_user_id, created_at FROM webhooks`;
    expect(await as(rep, copy)).toBe('TL019');
    expect(await as(coordinatorActor(world.org_id), copy)).toBe('TL019');
    expect(await as(agent, copy)).toBe('TL005');
    expect(await as(admin, `UPDATE webhooks SET url = 'https://other.example/' WHERE id = $1`, [id])).toBe(
      'TL012',
    );
    expect(await as(admin, `UPDATE webhooks SET events = '{touch.sent,no.such}' WHERE id = $1`, [id])).toBe(
      'TL012',
    );
    const told = `INSERT INTO webhook_deliveries (org_id, id, webhook_id, event, data, occurred_at, next_at)
      VALUES ($1, gen_random_uuid(), $2, 'task.created', '{}', now(), now())`;
    expect(await as(admin, told, [world.org_id, id])).toBe('42501');
    await world.task();
    expect(await as(admin, `UPDATE webhook_deliveries SET data = '{"email":"x"}'`)).toBe('TL012');
    const { rows } = await db.query<{ listed: string }>(
      `SELECT pg_get_constraintdef(oid) AS listed FROM pg_constraint WHERE conname = 'webhooks_events'`,
    );
    for (const event of WEBHOOK_EVENTS) expect(rows[0]!.listed).toContain(event);
  });
});
