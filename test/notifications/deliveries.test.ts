import { describe, expect, it } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { queueDigests } from '../../src/coordinator/notifications/deliveries.ts';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { actorOf } from '../../src/principal.ts';
import { testDatabase } from '../database.ts';
import { DAY_MS, HOUR_MS } from '../world.ts';
import { idOf, noticeWorld } from './notice_world.ts';

/* Digests and emails at once, with a mail server that the test decides about. */

const { db } = await testDatabase();
/** A Thursday, 06:00 in London. */
const THURSDAY = Date.parse('2026-11-26T06:00:00Z');
const MINUTE_MS = 60_000;

describe('a digest', () => {
  it('leaves once per working day with news, at 08:00, however many workers run and die', async () => {
    const world = await noticeWorld(db, {
      start_ms: THURSDAY,
      policy: { holidays: { enforce: false, dates: ['2026-12-02'] } },
    });
    const rep = await world.addPerson('rep');
    const gone = await world.addPerson('rep');
    const warning = { kind: 'stall', detail: {} };
    // Fri 27, Sat 28 and Sun 29 have news; Mon 30 none after its digest; Wed 2 is a holiday.
    const news_on = ['2026-11-26', '2026-11-27', '2026-11-28', '2026-11-29', '2026-12-01', '2026-12-02'];
    const left: string[] = [];
    const hours = Array.from({ length: 8 }, (_, day) =>
      [7, 8, 9, 15, 22].map((hour) => day * 24 + hour),
    ).flat();
    for (const hour of hours) {
      world.clock.advance(THURSDAY + (hour - 6) * HOUR_MS - world.clock.now_ms());
      const now = world.clock.now().toISOString();
      if (now.slice(11, 13) === '15' && news_on.includes(now.slice(0, 10))) {
        await world.note(rep, warning, { kind: 'play_retired', detail: {} });
        await world.note(gone, warning);
        if (hour < 24)
          await db.query(`UPDATE users SET deactivated_at = $2 WHERE id = $1`, [
            idOf(gone),
            world.clock.now(),
          ]);
      }
      const before = world.mails.length;
      // A worker that has just started knows of no earlier digest.
      await Promise.all([world.deliver(), world.deliver(world.worker())]);
      for (const { subject } of world.mails.slice(before)) left.push(`${now.slice(0, 13)} ${subject}`);
    }
    expect(left).toEqual([
      '2026-11-27T08 Digest: 1 warning, 1 play',
      '2026-11-30T08 Digest: 3 warnings, 3 plays',
      '2026-12-03T08 Digest: 2 warnings, 2 plays',
    ]);
    expect(world.mails.every(({ to }) => to.name === 'P')).toBe(true);
  });

  it('names the most urgent notifications first, with links, and counts the rest', async () => {
    const world = await noticeWorld(db, { start_ms: THURSDAY });
    const rep = await world.addPerson('rep');
    const lead_id = await world.addLead({ first_name: 'Ottoline' });
    await world.call('put_notification_preferences', rep, { kinds: ['reply'], email: 'digest' });
    await world.note(rep, ...Array.from({ length: 12 }, () => ({ kind: 'stall', lead_id, detail: {} })));
    await world.note(rep, { kind: 'reply', lead_id, detail: {} });
    world.clock.advance(2 * HOUR_MS);
    await world.deliver();
    const [{ subject, text, headers, list_unsubscribe_url }] = world.mails as [(typeof world.mails)[0]];
    expect(subject).toBe('Digest: 1 reply, 12 warnings');
    expect(text).toMatch(
      /^Since your last digest: 1 reply, 12 warnings\.\n\n- A lead replied\n {2}http:\/\/touchline\.test\/replies\n/,
    );
    expect(text.match(new RegExp(`http://touchline.test/leads/${lead_id}`, 'g'))).toHaveLength(9);
    expect(text).toContain('3 more: http://touchline.test/');
    expect(text).toContain('http://touchline.test/settings/account');
    expect(text).not.toContain('Ottoline');
    expect(headers).toEqual({ 'Auto-Submitted': 'auto-generated' });
    expect(list_unsubscribe_url).toBeNull();
    // Read since: no news is left.
    world.clock.advance(DAY_MS);
    await world.deliver();
    expect(world.mails).toHaveLength(1);
  });

  it('is queued once by 64 connections at the same time', async () => {
    const world = await noticeWorld(db, { start_ms: THURSDAY });
    const people = await Promise.all(Array.from({ length: 5 }, () => world.addPerson('rep')));
    for (const person of people) await world.note(person, { kind: 'stall', detail: {} });
    world.clock.advance(3 * HOUR_MS);
    const { org_id, clock } = world;
    const queue = () =>
      transaction(db.app, coordinatorActor(org_id), (tx) => queueDigests({ tx, org_id, clock }, null));
    await Promise.all(Array.from({ length: 64 }, queue));
    expect(await world.deliveries()).toHaveLength(5);
  });
});

describe('an email at once', () => {
  it('whose worker dies before DATA is sent by another, and after DATA becomes unknown', async () => {
    const world = await noticeWorld(db);
    const rep = await world.addPerson('rep');
    for (const [outcome, later, count] of [
      ['dies_before_data', 'delivered', 1],
      ['dies_after_data', 'unknown', 1],
    ] as const) {
      world.mails.length = 0;
      await world.note(rep, { kind: 'meeting', detail: {} });
      world.server.outcome = outcome;
      const asked = world.server.asked + 1;
      await world.begin(world.worker());
      await expect.poll(() => world.server.asked).toBe(asked);
      if (outcome === 'dies_after_data') await expect.poll(() => world.mails.length).toBe(1);
      world.server.outcome = { kind: 'sent', response: '250 ok' };
      await world.deliver();
      expect((await world.deliveries()).at(-1)).toMatchObject({ status: 'pending', attempt_count: 1 });
      world.clock.advance(HOUR_MS);
      await world.deliver();
      expect((await world.deliveries()).at(-1)).toMatchObject({ status: later });
      expect(world.mails).toHaveLength(count);
    }
  });

  it('is retried on the schedule of webhooks, and a failure is shown to its person alone', async () => {
    const world = await noticeWorld(db);
    const [rep, other] = [await world.addPerson('rep'), await world.addPerson('rep')];
    await world.note(rep, { kind: 'meeting', detail: {} });
    world.server.outcome = { kind: 'deferred', smtp_code: 451, response: 'later' };
    await world.deliver();
    world.clock.advance(5_000);
    await world.deliver();
    expect(await world.deliveries()).toMatchObject([
      { status: 'pending', attempt_count: 2, last_status: 451 },
    ]);
    world.server.outcome = { kind: 'rejected', smtp_code: 550, response: 'no', scope: 'recipient' };
    world.clock.advance(5 * MINUTE_MS);
    await world.deliver();
    expect(await world.deliveries()).toMatchObject([
      { status: 'failed', attempt_count: 3, last_status: 550 },
    ]);
    const shown = await world.call('get_notification_preferences', rep, {});
    expect(shown.email_failed_at).not.toBeNull();
    expect((await world.call('get_notification_preferences', other, {})).email_failed_at).toBeNull();
  });

  it('waits while the organization has placeholder details, and is skipped once read', async () => {
    const world = await noticeWorld(db);
    const rep = await world.addPerson('rep');
    await world.note(rep, { kind: 'meeting', detail: {} });
    const { own_since: _, ...org } = await world.org();
    const worker = world.worker();
    expect(await worker.begin({ ...org, own_since: null })).toBe(0);
    const { items } = await world.call('list_notifications', rep, {});
    await world.call('read_notification', rep, { id: items[0].id });
    await world.deliver();
    expect(await world.deliveries()).toMatchObject([{ status: 'skipped' }]);
    expect(world.mails).toEqual([]);
  });
});

describe('the database', () => {
  it('queues one delivery per notification and medium, and one digest per person and day', async () => {
    const world = await noticeWorld(db);
    const rep = await world.addPerson('rep');
    await world.note(rep, { kind: 'meeting', detail: {} });
    const as = (who: Parameters<typeof transaction>[1], text: string) =>
      transaction(db.app, who, (tx) => tx.query(text)).then(() => null, sqlState);
    const coordinator = coordinatorActor(world.org_id);
    const copy = `INSERT INTO notification_deliveries (org_id, id, user_id, medium, notification_id, created_at, next_at)
      SELECT org_id, gen_random_uuid(), user_id, medium, notification_id, created_at, next_at FROM notification_deliveries`;
    const digest = `INSERT INTO notification_deliveries
        (org_id, id, user_id, medium, digest_on, digest_from, digest_until, created_at, next_at)
      SELECT org_id, gen_random_uuid(), user_id, 'email', '2026-11-24', now() - interval '1 day', now(), now(), now()
      FROM notification_deliveries LIMIT 1`;
    for (const who of [actorOf(rep), actorOf(world.brooke)]) {
      expect(await as(who, copy)).toBe('TL004');
      expect(await as(who, digest)).toBe('TL004');
    }
    expect(await as(coordinator, copy)).toBe('TL004');
    expect(await as(coordinator, digest)).toBeNull();
    // notification_deliveries_digest_uniq; notification_deliveries_once does the same for notifications.
    expect(await as(coordinator, digest)).toBe('23505');
    expect(await as(coordinator, `UPDATE notification_deliveries SET user_id = gen_random_uuid()`)).toBe(
      'TL012',
    );
    await world.deliver();
    expect(
      await as(coordinator, `UPDATE notification_deliveries SET status = 'pending', settled_at = NULL`),
    ).toBe('TL012');
  });
});
