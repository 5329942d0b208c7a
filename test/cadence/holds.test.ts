import { describe, expect, it } from 'vitest';
import { approveDraft } from '../../src/operations/drafts/decisions.ts';
import { policyOperations } from '../../src/operations/policy/policies.ts';
import { sendQueueOperations } from '../../src/operations/sending/send_queue.ts';
import type { CadenceEventLogRow, SalesSendQueueRow, StagedDraftsRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { replaysEveryDecision } from '../gate/replay.ts';
import { createWorld, DAY_MS, HOUR_MS, START, type World } from '../world.ts';

const { db } = await testDatabase();

/** The end of the lead's day (London, in winter) on which a world begins. */
const MIDNIGHT = Date.parse('2026-11-25T00:00:00Z');
const [, cancelQueueItem] = sendQueueOperations;
const SALES = ['b2bea_membership', 'b2bea_world', 'dreamborn'];

/** A lead with one message sent today, and the first messages of other campaigns approved and held behind it. */
async function heldLead(world: World, columns: Record<string, unknown> = {}): Promise<string> {
  const lead_id = await world.addLead({ time_zone: 'Europe/London', ...columns });
  for (const slug of SALES) await world.request(lead_id, slug);
  await world.work();
  for (const draft of await world.rows<StagedDraftsRow>('staged_drafts')) {
    const input = { id: draft.id, content_hash: draft.content_hash };
    await approveDraft.run({ context: world.context, principal: world.person, input });
  }
  await world.work();
  await world.work();
  expect(await sentCount(world)).toBe(1);
  return lead_id;
}

/** The worker serves every org of the database, so sent messages are counted by org. */
async function sentCount(world: World): Promise<number> {
  return (await world.rows('sales_send_queue', `status = 'sent'`)).length;
}

async function held(world: World): Promise<SalesSendQueueRow[]> {
  const rows = await world.rows<SalesSendQueueRow>('sales_send_queue', `status = 'held'`);
  return rows.sort((a, b) => a.held_until!.getTime() - b.held_until!.getTime());
}

async function putPolicy(world: World, document: Record<string, unknown>): Promise<void> {
  const [get, put] = policyOperations;
  const call = { context: world.context, principal: world.person };
  const { version: expected_version } = await get.run({ ...call, input: {} });
  await put.run({
    ...call,
    input: {
      document: {
        business_hours: { enforce: false },
        mailbox_limits: { enforce: false },
        drafts: { undo_seconds: 0 },
        sequences_per_side: { sales: null, marketing: null },
        ...document,
      },
      expected_version,
    },
  });
}

describe('held touches of one lead', () => {
  it('take turns, each until the time that earlier ones leave it', async () => {
    const world = await createWorld(db);
    await heldLead(world);
    // One per day; then the three of the week are used up.
    expect((await held(world)).map((item) => item.held_until!.getTime())).toEqual([
      MIDNIGHT,
      MIDNIGHT + DAY_MS,
    ]);
    const before = await world.rows<CadenceEventLogRow>('cadence_event_log', `event_type = 'held'`);
    world.clock.set(MIDNIGHT);
    await world.work();
    expect(await sentCount(world)).toBe(2);
    const [last] = await held(world);
    expect(last!.held_until!.getTime()).toBe(MIDNIGHT + DAY_MS);
    // Its turn did not change, so no event was written.
    const after = await world.rows<CadenceEventLogRow>('cadence_event_log', `event_type = 'held'`);
    expect(after).toHaveLength(before.length);
    world.clock.set(MIDNIGHT + DAY_MS);
    await world.work();
    expect(await sentCount(world)).toBe(3);
  });

  it('move up when one before them is canceled', async () => {
    const world = await createWorld(db);
    await heldLead(world);
    const [first, second] = await held(world);
    await cancelQueueItem.run({
      context: world.context,
      principal: world.person,
      input: { id: first!.id, reason: 'not now' },
    });
    await world.work();
    expect(await held(world)).toMatchObject([{ id: second!.id, held_until: new Date(MIDNIGHT) }]);
  });

  it('are decided again when the lead’s time zone changes, by the stricter of both days', async () => {
    const world = await createWorld(db);
    const lead_id = await heldLead(world);
    await db.query(`UPDATE leads SET time_zone = 'Pacific/Auckland' WHERE org_id = $1 AND id = $2`, [
      world.org_id,
      lead_id,
    ]);
    await world.work();
    // Noon in London is 01:00 of the 25th in Auckland. The touch of the 24th also counted for that day.
    const midnight_in_auckland = Date.parse('2026-11-25T11:00:00Z');
    expect((await held(world))[0]!.held_until!.getTime()).toBe(midnight_in_auckland);
  });

  it('are decided again when their account’s time zone changes', async () => {
    const world = await createWorld(db);
    await heldLead(world, { time_zone: null });
    expect((await held(world))[0]!.held_until!.getTime()).toBe(MIDNIGHT);
    await db.query(`UPDATE accounts SET time_zone = 'Asia/Kolkata' WHERE org_id = $1`, [world.org_id]);
    await world.work();
    expect((await held(world))[0]!.held_until!.getTime()).toBe(Date.parse('2026-11-24T18:30:00Z'));
  });
});

describe('caps that change while touches are held', () => {
  it('a higher cap releases them at once', async () => {
    const world = await createWorld(db);
    await heldLead(world);
    await putPolicy(world, { touch_cap: { max_touches_per_day: 2 } });
    await world.work();
    expect(await sentCount(world)).toBe(2);
    expect(await held(world)).toMatchObject([{ held_until: new Date(MIDNIGHT), held_policy_version: 2 }]);
  });

  it('a lower cap holds them longer', async () => {
    const world = await createWorld(db);
    await heldLead(world);
    await putPolicy(world, { touch_cap: { max_touches_per_window: 1 } });
    await world.work();
    const week_ms = 168 * HOUR_MS;
    expect((await held(world)).map((item) => item.held_until!.getTime())).toEqual([
      START + week_ms,
      START + 2 * week_ms,
    ]);
  });

  it('a cap of 0 holds without an end, says so, and ends with the next policy', async () => {
    const world = await createWorld(db);
    await heldLead(world);
    await putPolicy(world, { touch_cap: { max_touches_per_window: 0 } });
    await world.work();
    const none = await world.rows<SalesSendQueueRow>('sales_send_queue', `status = 'held'`);
    expect(none).toMatchObject([
      { held_until: null, wake: 'policy_changes' },
      { held_until: null, wake: 'policy_changes' },
    ]);
    const told = await world.rows<CadenceEventLogRow>('cadence_event_log', `resolution = 'cap_zero'`);
    expect(told).toHaveLength(2);
    world.clock.set(START + 30 * DAY_MS);
    await world.work();
    expect(await sentCount(world)).toBe(1);
    await putPolicy(world, {});
    await world.work();
    expect(await sentCount(world)).toBe(2);
  });
});

describe('the database', () => {
  it('refuses an item that does not match its enrollment', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    const other_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership');
    const insert = (lead: string) =>
      db.query(
        `INSERT INTO sales_send_queue (org_id, id, client_id, contact_id, lead_id, campaign_id, enrollment_id,
           step_number, channel, scheduled_at)
         SELECT org_id, gen_random_uuid(), client_id, contact_id, $2, campaign_id, id, 1, 'email', now()
         FROM campaign_contacts WHERE org_id = $1`,
        [world.org_id, lead],
      );
    await expect(insert(other_id)).rejects.toMatchObject({ code: 'TL012' });
    await expect(insert(lead_id)).resolves.toMatchObject({ rowCount: 1 });
  });

  it('refuses a held item without the version of the policy that held it', async () => {
    const world = await createWorld(db);
    await heldLead(world);
    const forget = db.query(`UPDATE sales_send_queue SET held_policy_version = NULL WHERE org_id = $1`, [
      world.org_id,
    ]);
    await expect(forget).rejects.toMatchObject({ code: '23514' });
  });
});

replaysEveryDecision(db, ['requested', 'dispatched', 'sent']);
