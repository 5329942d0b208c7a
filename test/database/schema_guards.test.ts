import { describe, expect, it } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import type { SalesSendQueueRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { approvedLeads, attempts, beginData, itemOf, record, reserve } from '../sending/send_world.ts';
import { createWorld, type World } from '../world.ts';
import { attackersOf } from './attackers.ts';

/* Refusals of a pending touch's rows, for every writer. */

const { db } = await testDatabase();

async function refusal(run: () => Promise<unknown>): Promise<string | null> {
  try {
    await run();
    return null;
  } catch (error) {
    return sqlState(error) ?? String(error);
  }
}

/** Runs the statement as the owner of the tables, as a user, and as the coordinator. */
async function refusals(world: World, text: string, values: unknown[]): Promise<(string | null)[]> {
  const { org_id } = world;
  const person = { org_id, kind: 'human', id: newId(world.clock) } as const;
  const as = [person, coordinatorActor(org_id)].map(
    (actor) => () => transaction(db, actor, (tx) => tx.query(text, values)),
  );
  const said = [];
  for (const run of [() => db.query(text, values), ...as]) said.push(await refusal(run));
  return said;
}

async function reserved() {
  const world = await createWorld(db);
  const [lead_id] = await approvedLeads(world, 1);
  const [send] = await reserve(world);
  return { world, lead_id: lead_id!, send: send!, queue_id: send!.item.id };
}

describe('a suppression', () => {
  it.each([
    `value = 'other@prospect.example'`,
    `kind = 'domain'`,
    `org_id = gen_random_uuid()`,
    `id = gen_random_uuid()`,
  ])('refuses %s from every actor', async (change) => {
    const world = await createWorld(db);
    await db.query(
      `INSERT INTO suppressions (org_id, id, kind, value, reason, source)
       VALUES ($1, gen_random_uuid(), 'address', 'gone@prospect.example', 'bounced', 'bounce')`,
      [world.org_id],
    );
    const text = `UPDATE suppressions SET ${change} WHERE org_id = $1`;
    expect(await refusals(world, text, [world.org_id])).toEqual(['TL012', 'TL012', 'TL012']);
  });
});

describe('a touch', () => {
  const COLUMNS = `org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type, touched_at,
    outcome, settled_at`;
  const INSERT = `WITH other AS (
      SELECT (jsonb_populate_record(t, $2::jsonb || jsonb_build_object('id', gen_random_uuid()))).*
      FROM touches t WHERE t.queue_id = $1)
    INSERT INTO touches (${COLUMNS}) SELECT ${COLUMNS} FROM other`;

  it.each(['lead_id', 'enrollment_id', 'campaign_id', 'sequence_type', 'channel'])(
    'cannot have another %s than its queue item',
    async (column) => {
      const { world, queue_id, lead_id } = await reserved();
      const other_lead = await world.addLead();
      await world.request(other_lead, 'b2bea_world');
      const [other] = await world.rows<{ id: string; campaign_id: string }>(
        'campaign_contacts',
        `lead_id <> '${lead_id}'`,
      );
      const wrong: Record<string, unknown> = {
        lead_id: other_lead,
        enrollment_id: other!.id,
        campaign_id: other!.campaign_id,
        sequence_type: 'transactional',
        channel: 'linkedin',
      };
      const values = [
        queue_id,
        JSON.stringify({ [column]: wrong[column], outcome: 'void', settled_at: 'now' }),
      ];
      expect(await refusals(world, INSERT, values)).toEqual(['TL012', 'TL004', 'TL012']);
      const right = [queue_id, JSON.stringify({ outcome: 'void', settled_at: 'now' })];
      expect(await refusal(() => db.query(INSERT, right))).toBeNull();
    },
  );

  it('cannot be voided while its message is at the server or after it was', async () => {
    const { world, send, queue_id } = await reserved();
    const text = `UPDATE touches SET outcome = 'void', settled_at = now() WHERE queue_id = $1`;
    expect(await beginData(world, send)).toBe(true);
    expect(await refusals(world, text, [queue_id])).toEqual(['TL003', 'TL004', 'TL003']);
    await record(world, send, { kind: 'unknown', response: 'gone' });
    expect(await refusals(world, text, [queue_id])).toEqual(['TL003', 'TL003', 'TL003']);
  });

  it('can be voided while nothing was handed over', async () => {
    const { queue_id } = await reserved();
    const text = `UPDATE touches SET outcome = 'void', settled_at = now() WHERE queue_id = $1`;
    expect(await refusal(() => db.query(text, [queue_id]))).toBeNull();
  });
});

describe('the cause for which an enrollment waits', () => {
  it('cannot be deleted: neither the item, in any state, nor the task of an open one', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    const item = await itemOf(world, lead_id);
    const org = [world.org_id];
    const task = 'DELETE FROM agent_tasks WHERE org_id = $1';
    expect(await world.rows('campaign_contacts', `open_queue_id = '${item.id}'`)).toHaveLength(1);
    expect(await world.rows('agent_tasks', `queue_id = '${item.id}'`)).not.toEqual([]);
    expect(await refusals(world, task, org)).toEqual(['TL003', 'TL003', 'TL003']);
    // No row refers to this one, so no foreign key protects it.
    const bare = newId(world.clock);
    await db.query(`UPDATE sales_send_queue SET status = 'canceled' WHERE id = $1`, [item.id]);
    await db.query(
      `INSERT INTO sales_send_queue SELECT (jsonb_populate_record(q, jsonb_build_object('id', $2::text, 'step_number', 9,
         'status', 'pending', 'staged_draft_id', NULL))).* FROM sales_send_queue q WHERE q.id = $1`,
      [item.id, bare],
    );
    const remove = 'DELETE FROM sales_send_queue WHERE id = $1';
    expect(await refusals(world, remove, [bare])).toEqual(['TL003', 'TL003', 'TL003']);
    await db.query(`UPDATE sales_send_queue SET status = 'canceled' WHERE id = $1`, [bare]);
    expect(await refusal(() => db.query(remove, [bare]))).toBe('TL003');
    expect(await refusal(() => db.query(task, org))).toBe('TL003');
  });

  it.each(['sales_send_queue', 'agent_tasks'])('%s cannot be truncated', async (table) => {
    expect(await refusal(() => db.query(`TRUNCATE ${table} CASCADE`))).toBe('TL003');
  });
});

describe('the address of a lead', () => {
  const change = `UPDATE leads SET email = 'new@prospect.example' WHERE id = $1`;

  it('cannot change while a message to it is being handed over, but may change before and after', async () => {
    const { world, lead_id, send } = await reserved();
    expect(await refusals(world, change, [lead_id])).toEqual(['TL014', 'TL014', 'TL014']);
    expect(await beginData(world, send)).toBe(true);
    expect(await refusal(() => db.query(change, [lead_id]))).toBe('TL014');
    const spelling = 'UPDATE leads SET email = upper(email) WHERE id = $1';
    expect(await refusal(() => db.query(spelling, [lead_id]))).toBeNull();
    await record(world, send, { kind: 'sent', response: '250 ok' });
    expect((await attempts(world)).map(({ stage }) => stage)).toEqual(['accepted']);
    expect(await refusal(() => db.query(change, [lead_id]))).toBeNull();
  });

  it('gets no attempt when it changed after the approval', async () => {
    const world = await createWorld(db);
    const [lead_id] = await approvedLeads(world, 1);
    // As if the draft did not follow its lead.
    const of_drafts = 'TRIGGER leads_record_changed_addresses';
    await db.query(
      `ALTER TABLE leads DISABLE ${of_drafts}; ${change.replace('$1', `'${lead_id}'`)}; ALTER TABLE leads ENABLE ${of_drafts}`,
    );
    expect(await refusal(() => reserve(world))).toBe('TL002');
    const item: SalesSendQueueRow = await itemOf(world, lead_id!);
    expect(item.status).toBe('approved');
  });
});

describe('the time zone of an organization', () => {
  it('must exist', async () => {
    const world = await createWorld(db);
    const set = (zone: string) =>
      refusal(() =>
        db.query(`UPDATE organizations SET time_zone = $2 WHERE org_id = $1`, [world.org_id, zone]),
      );
    expect(await set('Mars/X')).toBe('22023');
    expect(await set('')).toBe('22023');
    expect(await set('Asia/Kathmandu')).toBeNull();
  });
});

describe('the settings', () => {
  it('lets only RevOps and admins set campaigns, steps, the policy, and mailboxes', async () => {
    const world = await createWorld(db);
    const { as, rep, tried } = await attackersOf(db, world);
    const attacks = [
      `UPDATE campaigns SET entry = 'open'`,
      `UPDATE campaigns SET approvers = 'anyone'`,
      `UPDATE campaigns SET on_exit = '{}', priority = 1`,
      `UPDATE campaign_sequences SET body_template = 'Buy.'`,
      `DELETE FROM campaign_sequences WHERE step_number = 1`,
      `UPDATE mailboxes SET owner_user_id = '${rep}'`,
      `INSERT INTO policies (org_id, version, document, note, created_at)
       SELECT org_id, version + 1, document, note, created_at FROM policies ORDER BY version DESC LIMIT 1`,
    ];
    for (const attack of attacks)
      expect([attack, await tried([attack], ['admin', 'rep', 'agent'])]).toEqual([
        attack,
        { admin: null, rep: 'TL022', agent: 'TL005' },
      ]);
    // A user who was deactivated.
    await db.query(`UPDATE users SET roles = '{revops}', deactivated_at = now() WHERE id = $1`, [rep]);
    await expect(as('rep', (tx) => tx.query(attacks[0]!))).rejects.toMatchObject({ code: 'TL022' });
  });
});
