import { afterEach, describe, expect, it, vi } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { reserveSends } from '../../src/coordinator/sending/sending.ts';
import { sqlState } from '../../src/db/errors.ts';
import { openOwnerPool } from '../../src/db/open.ts';
import { type Queryable, transaction } from '../../src/db/pool.ts';
import { lockSendingMailboxes } from '../../src/db/queries/mailboxes.gen.ts';
import { definitions } from '../../src/operations/definitions.ts';
import type { CadenceEventLogRow, LeadMailboxesRow, SalesSendQueueRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { openConnections } from '../open_connections.ts';
import { createWorld, HOUR_MS, START, type World } from '../world.ts';
import {
  approve,
  approvedLeads,
  attempts,
  deliver,
  itemOf,
  mailboxOf,
  reserve,
  scripted,
} from './send_world.ts';

const { db, url } = await testDatabase();
afterEach(() => vi.restoreAllMocks());

function operate(world: World, name: string, input: Record<string, unknown>) {
  const { run } = definitions.find((one) => one.name === name)!;
  return run({ context: world.context, principal: world.person, input } as never) as Promise<
    Record<string, unknown>
  >;
}

const refusal = (run: () => Promise<unknown>) => run().then(() => null, sqlState);
const deferrals = (world: World) =>
  world.rows<CadenceEventLogRow>('cadence_event_log', `event_type = 'deferred' ORDER BY id`);
const items = (world: World) =>
  world.rows<SalesSendQueueRow>('sales_send_queue', 'true ORDER BY scheduled_at, id');
const limit = (world: World, set: string) =>
  db.query(`UPDATE mailboxes SET ${set} WHERE org_id = $1`, [world.org_id]);

describe('a mailbox at its limit', () => {
  it('defers what exceeds it, names the limit everywhere, and delays no other mailbox', async () => {
    const world = await createWorld(db);
    const lead_ids = await approvedLeads(world, 4);
    await limit(world, 'hourly_cap = 2');
    await world.work();
    expect(world.sent).toHaveLength(2);
    const told = await deferrals(world);
    expect(told.map(({ resolution }) => resolution)).toEqual(['mailbox_hourly', 'mailbox_hourly']);
    expect(told[0]).toMatchObject({ detail: { address: 'justin@sender.example', count: 2, limit: 2 } });
    const { items: queue } = (await operate(world, 'list_send_queue', { status: 'approved', limit: 10 })) as {
      items: { why: string; lead_id: string }[];
    };
    expect(queue[0]!.why).toContain('its mailbox reached the hourly limit (justin@sender.example: 2 of 2)');
    const explained = await operate(world, 'explain_lead', { id: queue[0]!.lead_id });
    expect(JSON.stringify(explained)).toContain('was deferred');
    const mailbox = await mailboxOf(world);
    expect(await operate(world, 'get_mailbox_use', { id: mailbox.id })).toMatchObject({
      hour: { count: 2, limit: 2 },
    });

    const other = await operate(world, 'create_mailbox', {
      address: 'ann@sender.example',
      display_name: 'Ann',
    });
    const own = await world.addLead();
    await db.query(
      `INSERT INTO lead_mailboxes (org_id, lead_id, mailbox_id, chosen_at) VALUES ($1, $2, $3, now())`,
      [world.org_id, own, other.id],
    );
    await world.request(own, 'b2bea_membership_close');
    await world.work();
    await approve(world, own);
    await world.work();
    expect(world.sent.at(-1)!.mail.from.address).toBe('ann@sender.example');

    world.clock.set(START + HOUR_MS + 60_000);
    await world.work();
    expect(world.sent).toHaveLength(5);
    for (const lead_id of lead_ids) expect((await itemOf(world, lead_id)).status).toBe('sent');
  }, 60_000);

  it('is checked again at once when its limit is lifted', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 2);
    await limit(world, 'daily_cap = 1');
    await world.work();
    expect(await items(world)).toMatchObject([{ status: 'sent' }, { deferred_reason: 'mailbox_daily' }]);
    const { id } = await mailboxOf(world);
    await operate(world, 'patch_mailbox', { id, daily_cap: 2 });
    await world.work();
    expect(world.sent).toHaveLength(2);
  });

  it('starts no enrollments at a high bounce rate, and resumes automatically', async () => {
    const world = await createWorld(db, {
      policy: { mailbox_limits: { enforce: false, bounce_rate: { percent: 8, min_sent: 1 } } },
    });
    const [, second] = await approvedLeads(world, 2);
    await limit(world, 'hourly_cap = 1');
    await world.work();
    await limit(world, 'hourly_cap = NULL');
    const bounced = `UPDATE send_attempts SET bounced_at = $2 WHERE org_id = $1`;
    await transaction(db, coordinatorActor(world.org_id), (tx) =>
      tx.query(bounced, [world.org_id, new Date(START)]),
    );
    await world.work();
    expect(await itemOf(world, second!)).toMatchObject({
      deferred_reason: 'bounce_rate',
      scheduled_at: new Date(START + 24 * HOUR_MS),
    });
    expect(await world.rows('flags', `kind = 'mailbox_health'`)).toMatchObject([
      { detail: { cause: 'bounce_rate' } },
    ]);
    world.clock.set(START + 24 * HOUR_MS + 1);
    await world.work();
    expect((await itemOf(world, second!)).status).toBe('sent');
    const undo = db.query(
      `UPDATE send_attempts SET bounced_at = NULL WHERE org_id = $1 AND bounced_at IS NOT NULL`,
      [world.org_id],
    );
    expect(await refusal(() => undo)).toBe('TL003');
  });

  const CAP = 3;
  const TIMES = 4;
  const PATIENT = { lock_timeout_ms: 60_000, statement_timeout_ms: 60_000 };
  async function race(world: World): Promise<number> {
    await approvedLeads(world, 16);
    await limit(world, `daily_cap = ${CAP}`);
    // Both have a mailbox already: otherwise the choice, which comes first, would make them take turns.
    await db.query(
      `INSERT INTO lead_mailboxes SELECT q.org_id, q.lead_id, m.id, now() FROM sales_send_queue q JOIN mailboxes m USING (org_id)
       WHERE org_id = $1`,
      [world.org_id],
    );
    await db.query(
      `UPDATE sales_send_queue q SET mailbox_id = b.mailbox_id FROM lead_mailboxes b
       WHERE q.org_id = $1 AND b.org_id = q.org_id AND b.lead_id = q.lead_id`,
      [world.org_id],
    );
    const pool = await openOwnerPool({ url, max: 64 });
    await openConnections(pool, 64);
    const { org_id, clock } = world;
    const options = { limit: 1, secret: 'x', lease_ms: 900_000, speed: 1 };
    const ask = () =>
      transaction(
        pool,
        coordinatorActor(org_id),
        (tx) => reserveSends({ tx, org_id, clock }, options),
        PATIENT,
      );
    const ask_often = async () => {
      for (let time = 0; time < TIMES; time += 1) await ask();
    };
    // A worker that finds the mailbox locked returns without a message, so a round may end below the cap.
    const rounds = async (before: number): Promise<number> => {
      await Promise.all(Array.from({ length: 64 }, ask_often));
      const now = (await attempts(world)).length;
      return now === before ? now : rounds(now);
    };
    return rounds(0).finally(() => pool.close());
  }

  it('is never exceeded by any number of workers, and would be without its lock', async () => {
    expect(await race(await createWorld(db))).toBe(CAP);
    vi.spyOn(lockSendingMailboxes, 'run').mockImplementation(async ({ org_id }, tx) => {
      const { rows } = await tx.query<{ id: string }>('SELECT id FROM mailboxes WHERE org_id = $1', [org_id]);
      return rows;
    });
    expect(await race(await createWorld(db))).toBeGreaterThan(CAP);
  }, 180_000);
});

describe('the mailbox of a lead', () => {
  it('is kept when paused or retired: messages wait until a person assigns another one', async () => {
    const world = await createWorld(db);
    const [lead_id] = await approvedLeads(world, 1);
    const { id } = await mailboxOf(world);
    const other = await operate(world, 'create_mailbox', {
      address: 'ann@sender.example',
      display_name: 'Ann',
    });
    const mail = scripted(() => ({ kind: 'deferred', response: '451 later' }));
    await deliver(world, mail);
    expect(await world.rows<LeadMailboxesRow>('lead_mailboxes')).toMatchObject([{ lead_id, mailbox_id: id }]);
    await operate(world, 'retire_mailbox', { id, reason: 'left' });
    world.clock.set(START + HOUR_MS);
    await world.work();
    expect((await itemOf(world, lead_id!)).status).toBe('approved');
    expect(JSON.stringify(await operate(world, 'explain_lead', { id: lead_id }))).toContain(
      'is retired (left)',
    );
    await operate(world, 'set_lead_mailbox', {
      id: lead_id,
      mailbox_id: other.id,
      reason: 'the other one left',
    });
    await world.work();
    expect((await itemOf(world, lead_id!)).status).toBe('sent');
    expect(world.sent.map((one) => one.mail.from.address)).toContain('ann@sender.example');
    expect(await world.rows('audit_log', `subject_table = 'lead_mailboxes'`)).toHaveLength(1);
  });

  it('is kept by the database', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 1);
    const { id, org_id } = await mailboxOf(world);
    const other = await operate(world, 'create_mailbox', {
      address: 'ann@sender.example',
      display_name: 'Ann',
    });
    const [send] = await reserve(world);
    const user_id = world.person.kind === 'human' ? world.person.user_id : '';
    const move = (tx: Queryable) =>
      tx.query(
        `UPDATE lead_mailboxes SET mailbox_id = $2, reason = 'x', changed_by_user_id = $3 WHERE org_id = $1`,
        [org_id, other.id, user_id],
      );
    expect(await refusal(() => transaction(db, coordinatorActor(org_id), move))).toBe('TL037');
    const human = { org_id, kind: 'human', id: user_id } as const;
    expect(await refusal(() => transaction(db, human, move))).toBe('TL014');
    expect(await refusal(() => db.query('DELETE FROM lead_mailboxes WHERE org_id = $1', [org_id]))).toBe(
      'TL003',
    );
    expect(await refusal(() => db.query('DELETE FROM mailboxes WHERE org_id = $1', [org_id]))).toBe('TL003');
    const item = `UPDATE sales_send_queue SET mailbox_id = $2 WHERE org_id = $1`;
    expect(await refusal(() => db.query(item, [org_id, other.id]))).toBe('TL037');
    const copy = `INSERT INTO send_attempts (org_id, id, queue_id, draft_id, mailbox_id, content_hash, message_id, stage, lease_until, started_at)
      SELECT org_id, gen_random_uuid(), queue_id, draft_id, $2, content_hash, message_id, 'intent', lease_until, started_at
      FROM send_attempts WHERE org_id = $1`;
    expect(await refusal(() => db.query(copy, [org_id, other.id]))).toBe('TL037');
    await transaction(db, human, (tx) =>
      tx.query(
        `UPDATE mailboxes SET retired_at = now(), retired_reason = 'x', retired_by_user_id = $2 WHERE id = $1`,
        [id, user_id],
      ),
    );
    const data = `UPDATE send_attempts SET stage = 'data' WHERE id = $1`;
    expect(await refusal(() => db.query(data, [send!.attempt_id]))).toBe('TL038');
    const revive = `UPDATE mailboxes SET retired_at = NULL, retired_reason = NULL, retired_by_user_id = NULL WHERE id = $1`;
    const agent = coordinatorActor(org_id);
    expect(await refusal(() => transaction(db, agent, (tx) => tx.query(revive, [id])))).toBe('TL005');
  });
});

describe('a mailbox with a server of its own', () => {
  it('keeps its password sealed, and gives it to no other server', async () => {
    const world = await createWorld(db);
    const smtp = {
      host: 'mail.sender.example',
      port: 465,
      security: 'tls',
      user: 'ann',
      password: 'sesame-open',
    };
    const made = await operate(world, 'create_mailbox', {
      address: 'ann@sender.example',
      display_name: 'Ann',
      smtp,
    });
    expect(made.smtp).toEqual({
      host: smtp.host,
      port: 465,
      security: 'tls',
      login: 'password',
      user: 'ann',
      has_password: true,
    });
    const audit = await world.rows('audit_log', `subject_table = 'mailboxes'`);
    expect(JSON.stringify([made, audit])).not.toContain('sesame-open');
    const patch = (given: Record<string, unknown>) => {
      const { password: _, ...rest } = smtp;
      return operate(world, 'patch_mailbox', { id: made.id, smtp: { ...rest, ...given } });
    };
    expect((await patch({})).smtp).toMatchObject({ has_password: true });
    for (const elsewhere of [{ host: 'evil.example' }, { port: 25 }, { security: 'none' }, { user: 'bob' }]) {
      await expect(patch(elsewhere)).rejects.toMatchObject({ code: 'password_missing' });
    }
    await db.query(`UPDATE leads SET owner_user_id = NULL WHERE org_id = $1`, [world.org_id]);
    const lead_id = await world.addLead();
    await db.query(
      `INSERT INTO lead_mailboxes (org_id, lead_id, mailbox_id, chosen_at) VALUES ($1, $2, $3, now())`,
      [world.org_id, lead_id, made.id],
    );
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    await approve(world, lead_id);
    await world.work();
    expect(world.sent.find(({ mail }) => mail.from.address === made.address)!.mail.connection).toEqual({
      host: smtp.host,
      port: 465,
      security: 'tls',
      auth: { user: 'ann', pass: 'sesame-open' },
    });
  });
});
