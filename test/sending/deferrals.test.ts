import { describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { editDraft } from '../../src/operations/drafts/decisions.ts';
import { withdrawDraftApproval } from '../../src/operations/drafts/drafts.ts';
import { explainOperations } from '../../src/operations/leads/explain.ts';
import { policyOperations } from '../../src/operations/policy/policies.ts';
import { sendQueueOperations } from '../../src/operations/sending/send_queue.ts';
import type { CadenceEventLogRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, HOUR_MS, START, type World } from '../world.ts';
import { approve, approvedLeads, itemOf } from './send_world.ts';

const { db } = await testDatabase();
const MONDAYS = { business_hours: { enforce: true, weekdays: [1], start: '08:00', end: '18:00' } };
/** 08:00 of the first Monday, in London. */
const MONDAY = Date.parse('2026-11-30T08:00:00Z');

async function newPolicy(world: World, document: Record<string, unknown>): Promise<void> {
  const [get, put] = policyOperations;
  const call = { context: world.context, principal: world.person };
  const { version: expected_version } = await get.run({ ...call, input: {} });
  await put.run({
    ...call,
    input: {
      document: { mailbox_limits: { enforce: false }, drafts: { undo_seconds: 0 }, ...document },
      expected_version,
    },
  });
}

const OPEN = { business_hours: { enforce: false } };
const told = (world: World) => world.rows<CadenceEventLogRow>('cadence_event_log', `event_type = 'deferred'`);

/** An approved touch that a policy defers. */
async function deferred(document: Record<string, unknown>): Promise<{ world: World; lead_id: string }> {
  const world = await createWorld(db);
  const [lead_id] = await approvedLeads(world, 1);
  await newPolicy(world, document);
  await world.work();
  expect(world.sent).toEqual([]);
  return { world, lead_id: lead_id! };
}

describe('a touch deferred by the send window', () => {
  it('shows its reason and end once, and is sent at that time', async () => {
    const { world, lead_id } = await deferred(MONDAYS);
    expect(await itemOf(world, lead_id)).toMatchObject({
      status: 'approved',
      scheduled_at: new Date(MONDAY),
      due_at: new Date(START),
      deferred_reason: 'business_hours',
      deferred_policy_version: 2,
    });
    const call = { context: world.context, principal: world.person };
    const [list] = sendQueueOperations;
    const { items } = await list.run({ ...call, input: { limit: 10 } });
    expect(items).toMatchObject([{ deferred_reason: 'business_hours' }]);
    const [explain] = explainOperations;
    const explained = await explain.run({ ...call, input: { id: lead_id } } as never);
    expect(JSON.stringify(explained)).toContain('was deferred: it was outside the send window');
    // The same answer by another policy is not told again.
    await newPolicy(world, { ...MONDAYS, stall_days: 8 });
    await world.work();
    expect(await itemOf(world, lead_id)).toMatchObject({ deferred_policy_version: 3 });
    expect(await told(world)).toHaveLength(1);
    world.clock.set(MONDAY);
    await world.work();
    expect(await itemOf(world, lead_id)).toMatchObject({ status: 'sent', deferred_reason: null });
  });

  it('can be withdrawn as long as any other, even when another policy opens the window', async () => {
    const { world, lead_id } = await deferred(MONDAYS);
    const { draft } = await world.draftOf(lead_id);
    await withdrawDraftApproval.run({
      context: world.context,
      principal: world.person,
      input: { id: draft.id },
    });
    await approve(world, lead_id);
    await newPolicy(world, { ...OPEN, drafts: { undo_seconds: 10 } });
    world.clock.advance(9_999);
    await world.work();
    expect(world.sent).toEqual([]);
    world.clock.advance(1);
    await world.work();
    expect(world.sent).toHaveLength(1);
  });

  it('is sent at once when another policy opens the window', async () => {
    const { world, lead_id } = await deferred(MONDAYS);
    await newPolicy(world, OPEN);
    await world.work();
    expect((await itemOf(world, lead_id)).status).toBe('sent');
  });

  it('is checked again when its lead moves to another time zone', async () => {
    const { world, lead_id } = await deferred(MONDAYS);
    await db.query(`UPDATE leads SET time_zone = 'Pacific/Auckland' WHERE org_id = $1`, [world.org_id]);
    await world.work();
    // Auckland is 13 hours ahead in November.
    expect((await itemOf(world, lead_id)).scheduled_at).toEqual(new Date(MONDAY - 13 * HOUR_MS));
    await db.query(`UPDATE leads SET time_zone = NULL WHERE org_id = $1`, [world.org_id]);
    await db.query(`UPDATE accounts SET time_zone = 'Asia/Kolkata' WHERE org_id = $1`, [world.org_id]);
    await world.work();
    expect((await itemOf(world, lead_id)).scheduled_at).toEqual(new Date(MONDAY - 5.5 * HOUR_MS));
  });

  it('is due as before once it is edited, and the database keeps no reason without a deferral', async () => {
    const { world, lead_id } = await deferred(MONDAYS);
    const { draft } = await world.draftOf(lead_id);
    const input = { id: draft.id, content_hash: draft.content_hash, body: 'Another text.' };
    await editDraft.run({ context: world.context, principal: world.person, input });
    expect(await itemOf(world, lead_id)).toMatchObject({
      status: 'drafted',
      scheduled_at: new Date(START),
      deferred_reason: null,
    });
    const raw = db.query(`UPDATE sales_send_queue SET deferred_reason = 'holiday' WHERE org_id = $1`, [
      world.org_id,
    ]);
    expect(await raw.then(() => null, sqlState)).toBe('23514');
  });
});

it('a holiday is its own reason, and its end is reconsidered too', async () => {
  const dates = Array.from({ length: 400 }, (_, day) =>
    new Date(START - DAY_MS + day * DAY_MS).toISOString().slice(0, 10),
  );
  const { world, lead_id } = await deferred({ ...OPEN, holidays: { enforce: true, dates } });
  expect(await itemOf(world, lead_id)).toMatchObject({ deferred_reason: 'holiday' });
  expect(await told(world)).toMatchObject([{ resolution: 'holiday' }]);
  await newPolicy(world, OPEN);
  await world.work();
  expect((await itemOf(world, lead_id)).status).toBe('sent');
});

it('a public holiday is named for leads of its country, and for no other country', async () => {
  const world = await createWorld(db, { start_ms: Date.parse('2026-10-26T09:00:00Z') });
  const [lead_id] = await approvedLeads(world, 1);
  await db.query(`UPDATE leads SET country = 'Austria' WHERE org_id = $1`, [world.org_id]);
  await newPolicy(world, { ...OPEN, holidays: { enforce: true } });
  await world.work();
  expect(await itemOf(world, lead_id!)).toMatchObject({
    deferred_reason: 'holiday',
    deferred_detail: { holiday: 'National Holiday' },
    scheduled_at: new Date('2026-10-27T00:00:00Z'),
  });
  await db.query(`UPDATE leads SET country = 'DE' WHERE org_id = $1`, [world.org_id]);
  await world.work();
  expect((await itemOf(world, lead_id!)).status).toBe('sent');
});
