import { describe, expect, it } from 'vitest';
import type { SendOutcome } from '../../src/connectors/connector.ts';
import { optOutLead } from '../../src/operations/leads/opt_out.ts';
import type { CadenceEventLogRow, SalesSendQueueRow, TouchesRow } from '../../src/schema.gen.ts';
import { startWorker } from '../../src/worker/loop.ts';
import { checkSendSettings, longestSendMs, SEND_SETTINGS } from '../../src/worker/send_settings.ts';
import { testDatabase } from '../database.ts';
import { createWorld, HOUR_MS, type World } from '../world.ts';
import {
  approvedLeads,
  attempts,
  beginData,
  deliver,
  itemOf,
  record,
  reserve,
  scripted,
  sweep,
} from './send_world.ts';

const { db } = await testDatabase();
const MINUTE_MS = 60_000;
const LEASE_MS = SEND_SETTINGS.lease_ms;
const SENT: SendOutcome = { kind: 'sent', response: '250 ok' };

const stages = async (world: World) => (await attempts(world)).map(({ stage }) => stage);

describe('a process that stops', () => {
  it('before DATA: the message is retried with the same Message-ID, as a new attempt', async () => {
    const world = await createWorld(db);
    const [lead_id] = await approvedLeads(world, 1);
    const [send] = await reserve(world);
    expect(
      await deliver(
        world,
        scripted(() => true),
      ),
    ).toBe(0);
    world.clock.advance(LEASE_MS - 1);
    expect(await sweep(world)).toBe(0);
    world.clock.advance(1);
    expect(await sweep(world)).toBe(1);
    const mail = scripted(() => true);
    await deliver(world, mail);
    expect(mail.messages.map(({ message_id }) => message_id)).toEqual([send!.message_id]);
    expect(await stages(world)).toEqual(['abandoned', 'accepted']);
    expect(await itemOf(world, lead_id!)).toMatchObject({ status: 'sent', attempt_count: 0 });
  });

  it('after DATA: delivery is unknown', async () => {
    const world = await createWorld(db);
    const [lead_id] = await approvedLeads(world, 1);
    const [send] = await reserve(world);
    expect(await beginData(world, send!)).toBe(true);
    world.clock.advance(LEASE_MS);
    await sweep(world);
    expect((await itemOf(world, lead_id!)).status).toBe('unknown');
    expect(
      await deliver(
        world,
        scripted(() => true),
      ),
    ).toBe(0);
  });
});

describe('a process that wakes up after its lease has ended', () => {
  it('does not enter DATA, whether or not the sweep has run', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 1);
    const [send] = await reserve(world);
    world.clock.advance(LEASE_MS);
    expect(await beginData(world, send!)).toBe(false);
    await sweep(world);
    expect(await beginData(world, send!)).toBe(false);
    const again = await reserve(world);
    expect(again).toHaveLength(1);
    expect(await beginData(world, send!)).toBe(false);
    expect(await beginData(world, again[0]!)).toBe(true);
  });

  it.each<SendOutcome>([
    SENT,
    { kind: 'canceled' },
    { kind: 'unknown', response: 'gone' },
    { kind: 'deferred', response: '451 later' },
    { kind: 'deferred', response: 'away', unreachable: true },
    { kind: 'rejected', smtp_code: 550, enhanced_code: '5.1.1', response: 'no', scope: 'recipient' },
    { kind: 'rejected', smtp_code: 535, response: 'no', scope: 'sender' },
  ])('changes nothing with a late $kind', async (outcome) => {
    const world = await createWorld(db);
    await approvedLeads(world, 1);
    const [send] = await reserve(world);
    world.clock.advance(LEASE_MS);
    await sweep(world);
    const [again] = await reserve(world);
    await beginData(world, again!);
    const state = async () => ({
      attempts: await attempts(world),
      items: await world.rows('sales_send_queue'),
      touches: await world.rows<TouchesRow>('touches', 'true ORDER BY id'),
      mailboxes: await world.rows('mailboxes'),
      suppressions: await world.rows('suppressions'),
      // Late responses are kept as evidence: test/sending/late_replies.test.ts.
      events: (await world.rows('cadence_event_log', `event_type <> 'late_reply'`)).length,
    });
    const before = await state();
    await record(world, send!, outcome);
    expect(await state()).toEqual(before);
    await record(world, again!, SENT);
    const after = await state();
    await record(world, again!, outcome);
    expect(await state()).toEqual(after);
  });
});

describe('a batch', () => {
  it('is released when the worker stops: messages under way are finished, another worker takes the rest', async () => {
    const world = await createWorld(db);
    const lead_ids = await approvedLeads(world, 3);
    let stopping = false;
    const mail = scripted(() => {
      stopping = true;
      return true;
    });
    await deliver(world, mail, { isStopping: () => stopping });
    expect(mail.messages).toHaveLength(1);
    expect(await stages(world)).toEqual(['accepted', 'abandoned', 'abandoned']);
    const touches = await world.rows<TouchesRow>('touches');
    expect(touches.map(({ outcome }) => outcome).sort()).toEqual(['sent', 'void', 'void']);
    const other = scripted(() => true);
    await deliver(world, other);
    expect(other.messages).toHaveLength(2);
    for (const lead_id of lead_ids) {
      expect(await itemOf(world, lead_id)).toMatchObject({ status: 'sent', attempt_count: 0 });
    }
  });

  it('is released as far as its lease would not last', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 3);
    const slow = scripted(() => {
      world.clock.advance((LEASE_MS - longestSendMs(SEND_SETTINGS)) / 2);
      return true;
    });
    await deliver(world, slow);
    expect(slow.messages).toHaveLength(2);
    expect(await stages(world)).toEqual(['accepted', 'accepted', 'abandoned']);
  });

  it('has a lease longer than any hand-over, or the worker does not start', () => {
    expect(checkSendSettings(SEND_SETTINGS)).toBe(SEND_SETTINGS);
    const lease_ms = longestSendMs(SEND_SETTINGS);
    expect(() => checkSendSettings({ ...SEND_SETTINGS, lease_ms })).toThrow(
      expect.objectContaining({ code: 'lease_too_short' }),
    );
  });
});

describe('4xx', () => {
  it('waits 1, 5, 15, 60 minutes, then 4 hours, and is not retried later than 48 hours after the first attempt', async () => {
    const world = await createWorld(db);
    const [lead_id] = await approvedLeads(world, 1);
    const began_ms = world.clock.now_ms();
    const busy = scripted(() => ({ kind: 'deferred', smtp_code: 451, response: '451 4.3.2 later' }));
    const waits: number[] = [];
    for (let item = await itemOf(world, lead_id!); item.status === 'approved'; ) {
      await deliver(world, busy);
      item = await itemOf(world, lead_id!);
      if (item.status !== 'approved') break;
      expect(await deliver(world, busy)).toBe(0);
      waits.push((item.scheduled_at.getTime() - world.clock.now_ms()) / MINUTE_MS);
      world.clock.set(item.scheduled_at.getTime());
    }
    expect(waits).toEqual([1, 5, 15, 60, ...Array(11).fill(240)]);
    expect(world.clock.now_ms() - began_ms).toBeLessThanOrEqual(48 * HOUR_MS);
    expect(await itemOf(world, lead_id!)).toMatchObject({ status: 'failed', error: '451 4.3.2 later' });
    const tried = await attempts(world);
    expect(new Set(tried.map(({ message_id }) => message_id)).size).toBe(1);
    expect(tried.every(({ stage }) => stage === 'deferred')).toBe(true);
    const [failed] = await world.rows<CadenceEventLogRow>('cadence_event_log', `event_type = 'failed'`);
    expect(failed!.resolution).toBe('gave_up');
  });

  it('passes the gate before each retry: an opt-out during the wait ends it', async () => {
    const world = await createWorld(db);
    const [lead_id] = await approvedLeads(world, 1);
    await deliver(
      world,
      scripted(() => ({ kind: 'deferred', response: '451 later' })),
    );
    const input = optOutLead.input.parse({ id: lead_id, reason: 'asked by phone' });
    await optOutLead.run({ context: world.context, principal: world.person, input });
    world.clock.advance(HOUR_MS);
    expect(
      await deliver(
        world,
        scripted(() => true),
      ),
    ).toBe(0);
    expect((await itemOf(world, lead_id!)).status).toBe('canceled');
  });
});

it('a worker that is stopping reserves no more messages', async () => {
  const world = await createWorld(db);
  await approvedLeads(world, 1);
  await startWorker(world.worker_context, world.mail).stop();
  expect(await world.rows<SalesSendQueueRow>('sales_send_queue', `status = 'approved'`)).toHaveLength(1);
  expect(await attempts(world)).toEqual([]);
});
