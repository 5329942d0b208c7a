import { expect, it } from 'vitest';
import { sendQueueOperations } from '../../src/operations/sending/send_queue.ts';
import type { SalesSendQueueRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';
import { approveDrafts, deliver, scripted } from './send_world.ts';

const { db } = await testDatabase();

async function operate(world: World, name: string, input: Record<string, unknown>) {
  const operation = sendQueueOperations.find((one) => one.name === name)!;
  const call = { context: world.context, principal: world.person, input: operation.input.parse(input) };
  return operation.run(call as never) as Promise<Record<string, unknown>>;
}

const letGo = (world: World) =>
  db.query(`UPDATE leads SET cadence_paused_at = NULL, cadence_pause_reason = NULL WHERE org_id = $1`, [
    world.org_id,
  ]);
const paused = (world: World) => world.rows('leads', 'cadence_paused_at IS NOT NULL');

/** One lead with a message of unknown delivery in each of two campaigns. */
async function twoUnknown(): Promise<{ world: World; items: SalesSendQueueRow[] }> {
  const world = await createWorld(db, { policy: { touch_cap: { max_touches_per_day: 3 } } });
  const lead_id = await world.addLead();
  await world.request(lead_id, 'b2bea_membership');
  await world.request(lead_id, 'b2bea_world');
  await world.work();
  await approveDrafts(world);
  const vanishing = scripted(async (_message, hooks) => {
    await hooks.beforeData?.();
    return { kind: 'unknown', response: 'gone' };
  });
  await deliver(world, vanishing);
  expect(await paused(world)).toHaveLength(1);
  // The pause holds the second one; lifting it by hand creates the case under test.
  await letGo(world);
  await deliver(world, vanishing);
  const items = await world.rows<SalesSendQueueRow>('sales_send_queue', `status = 'unknown' ORDER BY id`);
  expect(items).toHaveLength(2);
  return { world, items };
}

it('the lead stays paused until the last message of unknown delivery is settled', async () => {
  const { world, items } = await twoUnknown();
  await operate(world, 'resolve_queue_item', { id: items[0]!.id, went: true });
  expect(await paused(world)).toHaveLength(1);
  await operate(world, 'resolve_queue_item', { id: items[1]!.id, went: false });
  expect(await paused(world)).toHaveLength(0);
  expect(await world.rows('flags', 'resolved_at IS NULL')).toEqual([]);
});

it('settling a message ends no pause made for another reason', async () => {
  const { world, items } = await twoUnknown();
  await letGo(world);
  await db.query(
    `UPDATE leads SET cadence_paused_at = $2, cadence_pause_reason = 'on holiday' WHERE org_id = $1`,
    [world.org_id, world.clock.now()],
  );
  for (const { id } of items) await operate(world, 'resolve_queue_item', { id, went: true });
  expect(await paused(world)).toMatchObject([{ cadence_pause_reason: 'on holiday' }]);
});

it('the list names the action for a person, and the id of the message to look for', async () => {
  const { world, items } = await twoUnknown();
  const page = await operate(world, 'list_send_queue', { status: 'unknown' });
  const attempts = await world.rows<{ queue_id: string; message_id: string }>('send_attempts');
  const told = (page.items as { id: string; what_next: string }[]).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  expect(told.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
  for (const { id, what_next } of told) {
    expect(what_next).toContain(attempts.find(({ queue_id }) => queue_id === id)!.message_id);
    expect(what_next).toContain(`touchline resolve ${id} --went (or --no-went)`);
  }
});
