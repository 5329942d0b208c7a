import { describe, expect, it } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { sqlState } from '../../src/db/errors.ts';
import { type Queryable, transaction } from '../../src/db/pool.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';

/* Raw SQL cannot change the identity of rows, or what they recorded. */

const { db } = await testDatabase();

async function refusal(run: () => Promise<unknown>): Promise<string | null> {
  try {
    await run();
    return null;
  } catch (error) {
    return sqlState(error) ?? String(error);
  }
}

async function sentOne(): Promise<{ world: World; lead_id: string; other: string }> {
  const world = await createWorld(db);
  const lead_id = await world.addLead();
  const other = await world.addLead();
  await world.request(lead_id, 'b2bea_membership_close');
  await world.work();
  await world.approve(lead_id);
  return { world, lead_id, other };
}

describe('identity columns', () => {
  it.each([
    ['sales_send_queue', 'lead_id = $2'],
    ['sales_send_queue', `step_number = 7 + (length($2::text) - 36)`],
    ['campaign_contacts', 'lead_id = $2'],
    ['sequence_requests', 'lead_id = $2'],
    ['touches', 'lead_id = $2'],
    ['touches', `sequence_type = 'transactional', settled_at = coalesce(settled_at, $2::text::timestamptz)`],
    ['send_attempts', `message_id = $2::text`],
  ])('%s refuses %s', async (table, change) => {
    const { world, other } = await sentOne();
    const run = () => db.query(`UPDATE ${table} SET ${change} WHERE org_id = $1`, [world.org_id, other]);
    expect(await refusal(run)).toMatch(/^(TL012|TL003)$/);
  });

  it('a reserved touch keeps its lead, its type, and its time', async () => {
    const { world, other } = await sentOne();
    await world.request(other, 'b2bea_membership_close');
    await world.work();
    const { item } = await world.draftOf(other);
    await db.query(
      `INSERT INTO touches (org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type, touched_at,
         outcome)
       VALUES ($1, gen_random_uuid(), $2, $3, $4, $5, 'email', 'closing', '2026-11-24T12:00Z', 'reserved')`,
      [world.org_id, other, item.enrollment_id, item.id, item.campaign_id],
    );
    const change = (set: string) => () =>
      db.query(`UPDATE touches SET ${set} WHERE queue_id = $1`, [item.id]);
    expect(await refusal(change(`sequence_type = 'transactional'`))).toBe('TL012');
    expect(await refusal(change(`touched_at = touched_at - interval '8 days'`))).toBe('TL012');
    expect(await refusal(change(`outcome = 'void', settled_at = '2026-11-24T12:01Z'`))).toBeNull();
  });
});

describe('records', () => {
  it.each([
    'draft_approvals',
    'draft_rejections',
    'template_approvals',
    'send_attempts',
    'policies',
    'suppressions',
    'touches',
  ])('%s cannot be truncated', async (table) => {
    await sentOne();
    expect(await refusal(() => db.query(`TRUNCATE ${table} CASCADE`))).toBe('TL003');
  });

  it('an attempt cannot be deleted or withdrawn', async () => {
    const { world } = await sentOne();
    const org = [world.org_id];
    expect(await refusal(() => db.query(`DELETE FROM send_attempts WHERE org_id = $1`, org))).toBe('TL003');
    const back = `UPDATE send_attempts SET stage = 'intent', finished_at = NULL WHERE org_id = $1`;
    expect(await refusal(() => db.query(back, org))).toBe('TL001');
  });

  it('an address that opted out stays opted out when its lead’s address changes', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead({ unsubscribe_flag: true, unsubscribed_at: new Date() });
    const change = `UPDATE leads SET email = 'other@prospect.example' WHERE id = $1`;
    expect(await refusal(() => db.query(change, [lead_id]))).toBe('TL007');
  });
});

describe('a rendering of an approved template', () => {
  const forge = (tx: Queryable, world: World, queue_id: string) =>
    tx.query(
      `INSERT INTO staged_drafts (org_id, id, queue_id, version, channel, to_id, subject, body, context, template_hash,
         written_by_agent_id)
       SELECT $1, gen_random_uuid(), $2, version + 1, 'email', to_id, subject, 'Forged.', '{}', template_hash, 'roles.sales'
       FROM staged_drafts WHERE queue_id = $2`,
      [world.org_id, queue_id],
    );

  it('can be claimed by the coordinator only, and only for the first version', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    const { item } = await world.draftOf(lead_id);
    const { org_id } = world;
    expect(await refusal(() => forge(db, world, item.id))).toBe('TL004');
    const agent = { org_id, kind: 'agent', id: 'roles.sales' } as const;
    expect(await refusal(() => transaction(db, agent, (tx) => forge(tx, world, item.id)))).toBe('TL004');
    const coordinator = coordinatorActor(org_id);
    expect(await refusal(() => transaction(db, coordinator, (tx) => forge(tx, world, item.id)))).toBe(
      'TL004',
    );
  });
});
