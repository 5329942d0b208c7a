import { describe, expect, it } from 'vitest';
import { definitions } from '../../src/operations/definitions.ts';
import type { LeadMailboxesRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';
import { approvedLeads, mailboxOf, reserve } from './send_world.ts';

const { db } = await testDatabase();

function operate(world: World, name: string, input: Record<string, unknown>) {
  const { run } = definitions.find((one) => one.name === name)!;
  return run({ context: world.context, principal: world.person, input } as never) as Promise<
    Record<string, unknown>
  >;
}

describe('the mailbox of a new lead', () => {
  it('has capacity today: by its daily cap, its warm-up, and its pending messages', async () => {
    const world = await createWorld(db);
    const first = await mailboxOf(world);
    const second = await operate(world, 'create_mailbox', {
      address: 'two@sender.example',
      display_name: 'Two',
    });
    const third = await operate(world, 'create_mailbox', {
      address: 'three@sender.example',
      display_name: 'Three',
    });
    await db.query(`UPDATE mailboxes SET daily_cap = 1 WHERE id = $1`, [first.id]);
    await db.query(`UPDATE mailboxes SET warm_up_began_on = $2 WHERE id = $1`, [second.id, '2026-11-24']);
    // As many leads as the third lacks: by number alone the second and the first would be next.
    await db.query(
      `INSERT INTO mailbox_loads (org_id, mailbox_id, lead_count) VALUES ($1, $2, 100)
       ON CONFLICT (org_id, mailbox_id) DO UPDATE SET lead_count = 100`,
      [world.org_id, third.id],
    );
    await approvedLeads(world, 13);
    await reserve(world);
    const rows = await world.rows<LeadMailboxesRow>('lead_mailboxes');
    const count = (id: unknown) => rows.filter(({ mailbox_id }) => mailbox_id === id).length;
    expect([count(first.id), count(second.id), count(third.id)]).toEqual([1, 10, 2]);
  });
});
