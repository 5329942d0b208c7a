import { describe, expect, it } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { sqlState } from '../../src/db/errors.ts';
import { type Actor, type Pool, type Queryable, type Tx, transaction } from '../../src/db/pool.ts';
import { openAppPool } from '../../src/db/roles.ts';
import { actorOf } from '../../src/principal.ts';
import type { SalesSendQueueRow, StagedDraftsRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';

const { db, url } = await testDatabase();

/** The SQLSTATE with which a statement is refused, or null if it succeeds. */
async function refusal(run: () => Promise<unknown>): Promise<string | null> {
  try {
    await run();
    return null;
  } catch (error) {
    return sqlState(error) ?? String(error);
  }
}

async function drafted(): Promise<{
  world: World;
  lead_id: string;
  item: SalesSendQueueRow;
  draft: StagedDraftsRow;
}> {
  const world = await createWorld(db);
  const lead_id = await world.addLead();
  await world.request(lead_id, 'b2bea_membership');
  await world.work();
  const [item] = await world.rows<SalesSendQueueRow>('sales_send_queue');
  const [draft] = await world.rows<StagedDraftsRow>('staged_drafts');
  return { world, lead_id, item: item!, draft: draft! };
}

describe('tenancy in the keys', () => {
  it('starts every primary key with org_id and carries it in every foreign key', async () => {
    const { rows } = await db.query<{ table: string; kind: string; columns: string[] }>(`
      SELECT c.conrelid::regclass::text AS "table", c.contype AS kind,
             array_agg(a.attname::text ORDER BY k.place) AS columns
      FROM pg_constraint c
      CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY k(attnum, place)
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
      JOIN pg_class t ON t.oid = c.conrelid AND NOT t.relispartition
      WHERE c.connamespace = 'public'::regnamespace AND c.contype IN ('p', 'f', 'u')
        AND c.conrelid::regclass::text <> 'schema_migrations'
      GROUP BY c.oid, c.conrelid, c.contype`);
    expect(rows.length).toBeGreaterThan(60);
    // Sign-ins are counted before the org is known, and all orgs share the clock.
    const without_org = ['organizations', 'sign_in_counts', 'simulated_clock'];
    const stray = rows.filter((row) => row.columns[0] !== 'org_id' && !without_org.includes(row.table));
    expect(stray).toEqual([]);
  });

  it('refuses a row that refers to another org', async () => {
    const [one, other] = [await createWorld(db), await createWorld(db)];
    const lead_id = await one.addLead();
    const insert = `INSERT INTO notifications (org_id, id, to_agent, kind, lead_id, created_at)
                    VALUES ($1, gen_random_uuid(), 'AGT-304', 'x', $2, now())`;
    expect(await refusal(() => db.query(insert, [other.org_id, lead_id]))).toBe('23503');
    expect(await refusal(() => db.query(insert, [one.org_id, lead_id]))).toBeNull();
  });
});

describe('nothing is sent without a person’s approval of the same text', () => {
  it('refuses approved, sent, and inserted-as-sent rows by raw SQL', async () => {
    const { item } = await drafted();
    const move = (status: string) => () =>
      db.query(
        `UPDATE sales_send_queue SET status = $2::queue_status, sent_at = CASE WHEN $2::text = 'sent' THEN now() END WHERE id = $1`,
        [item.id, status],
      );
    expect(await refusal(move('approved'))).toBe('TL002');
    expect(await refusal(move('sent'))).toBe('TL002');
    const born = `INSERT INTO sales_send_queue SELECT (json_populate_record(q, '{"id":"${crypto.randomUUID()}","status":"sent","step_number":9}')).* FROM sales_send_queue q WHERE id = $1`;
    expect(await refusal(() => db.query(born, [item.id]))).toBe('TL001');
  });

  it('refuses an approval by an agent, in another user’s name, or for another hash', async () => {
    const { world, draft } = await drafted();
    const approve = (tx: Queryable, hash = draft.content_hash) =>
      tx.query(
        `INSERT INTO draft_approvals (org_id, id, draft_id, content_hash, approved_by_user_id)
         VALUES ($1, gen_random_uuid(), $2, $3, (SELECT id FROM users WHERE org_id = $1))`,
        [world.org_id, draft.id, hash],
      );
    const { org_id, person } = world;
    const user_id = person.kind === 'human' ? person.user_id : '';
    const as = (kind: 'human' | 'agent' | 'coordinator', id: string, hash?: string) =>
      refusal(() => transaction(db, { org_id, kind, id }, (tx) => approve(tx, hash)));
    expect(await refusal(() => approve(db))).toBe('TL005');
    expect(await as('agent', 'roles.sales')).toBe('TL005');
    expect(await as('coordinator', 'AGT-302')).toBe('TL005');
    expect(await as('human', crypto.randomUUID())).toBe('TL005');
    expect(await as('human', user_id, 'f'.repeat(64))).toBe('TL009');
    expect(await as('human', user_id)).toBeNull();
  });

  it('refuses an attempt for an unapproved text, and sent without a touch', async () => {
    const { world, item, draft } = await drafted();
    const attempt = () =>
      db.query(
        `INSERT INTO send_attempts (org_id, id, queue_id, draft_id, mailbox_id, content_hash, message_id, stage, lease_until, started_at)
         SELECT org_id, gen_random_uuid(), $2, $3, id, $4, '<x@y>', 'intent', now(), now() FROM mailboxes WHERE org_id = $1`,
        [world.org_id, item.id, draft.id, draft.content_hash],
      );
    expect(await refusal(attempt)).toBe('TL002');
    const { org_id, person } = world;
    const user_id = person.kind === 'human' ? person.user_id : '';
    await transaction(db, { org_id, kind: 'human', id: user_id }, async (tx) => {
      await tx.query(
        `INSERT INTO draft_approvals (org_id, id, draft_id, content_hash, approved_by_user_id) VALUES ($1, gen_random_uuid(), $2, $3, $4)`,
        [org_id, draft.id, draft.content_hash, user_id],
      );
      await tx.query(`UPDATE sales_send_queue SET status = 'approved' WHERE id = $1`, [item.id]);
    });
    const sent = () =>
      db.query(`UPDATE sales_send_queue SET status = 'sent', sent_at = now() WHERE id = $1`, [item.id]);
    expect(await refusal(sent)).toBe('TL011');
    expect(await refusal(attempt)).toBeNull();
  });

  it('keeps a draft’s text and its approval unchanged', async () => {
    const { draft } = await drafted();
    expect(
      await refusal(() => db.query(`UPDATE staged_drafts SET body = 'x' WHERE id = $1`, [draft.id])),
    ).toBe('TL006');
    expect(await refusal(() => db.query(`DELETE FROM staged_drafts WHERE id = $1`, [draft.id]))).toBe(
      'TL006',
    );
    expect(
      await refusal(() => db.query(`UPDATE staged_drafts SET content_hash = 'x' WHERE id = $1`, [draft.id])),
    ).not.toBeNull();
  });

  it('accepts pre_approved only from AGT-301 and AGT-304, and only for an approved template', async () => {
    const { world, item, draft } = await drafted();
    const rule = `UPDATE campaigns SET send_rule = 'pre_approved' WHERE org_id = $1 AND slug = 'b2bea_membership'`;
    expect(await refusal(() => db.query(rule, [world.org_id]))).toBe('23514');
    expect(draft.template_hash).not.toBeNull();
    expect(
      await refusal(() =>
        db.query(`UPDATE sales_send_queue SET status = 'approved' WHERE id = $1`, [item.id]),
      ),
    ).toBe('TL002');
  });
});

describe('the log', () => {
  it('is append-only, and refuses TRUNCATE of the table and of a partition', async () => {
    const { world } = await drafted();
    expect((await world.rows('cadence_event_log')).length).toBeGreaterThan(1);
    expect(await refusal(() => db.query(`UPDATE cadence_event_log SET resolution = 'x'`))).toBe('TL003');
    expect(await refusal(() => db.query(`DELETE FROM cadence_event_log`))).toBe('TL003');
    expect(await refusal(() => db.query(`TRUNCATE cadence_event_log`))).toBe('TL003');
    expect(await refusal(() => db.query(`TRUNCATE cadence_event_log_2026_11`))).toBe('TL003');
    expect(await refusal(() => db.query(`DELETE FROM touches WHERE org_id = '${world.org_id}'`))).toBeNull();
  });

  it('gets its next months without long locks, now and later', async () => {
    const { world } = await drafted();
    const months = (from: string, to: string) =>
      db.query<{ made: number }>('SELECT ensure_event_partitions($1, $2) AS made', [from, to]);
    const busy = await db.checkout();
    await busy.query(`begin; UPDATE leads SET title = 'busy' WHERE org_id = '${world.org_id}'`);
    expect((await months('2026-11-24Z', '2030-01-15Z')).rows[0]!.made).toBe(0);
    expect(await refusal(() => months('2030-01-15Z', '2030-01-15Z'))).toBe('55P03');
    await busy.query('commit');
    busy.release();
    expect((await months('2029-12-24Z', '2030-01-15Z')).rows[0]!.made).toBe(2);
  });

  it('accepts a suppression reason from the coordinator only', async () => {
    const { world, lead_id } = await drafted();
    const insert = (tx: Queryable) =>
      tx.query(
        `INSERT INTO cadence_event_log (org_id, id, timestamp, event_type, coordinator_action, actor_kind, actor_id, lead_id, suppressed_reason)
         VALUES ($1, gen_random_uuid(), '2026-11-25Z', 'suppressed', 'block', 'coordinator', 'AGT-302', $2, 'compliance_block')`,
        [world.org_id, lead_id],
      );
    const { org_id } = world;
    const as = (kind: 'human' | 'agent' | 'system', id: string) =>
      refusal(() => transaction(db, { org_id, kind, id }, insert));
    expect(await refusal(() => insert(db))).toBe('TL004');
    expect(await as('agent', 'AGT-304')).toBe('TL004');
    expect(await as('human', crypto.randomUUID())).toBe('TL004');
    expect(await as('system', 'setup')).toBe('TL004');
    expect(await refusal(() => transaction(db, coordinatorActor(org_id), insert))).toBeNull();
    expect(
      await refusal(() =>
        db.query(
          `UPDATE sales_send_queue SET status = 'held', held_reason = 'touch_cap_exceeded', wake = 'at_until' WHERE org_id = $1`,
          [org_id],
        ),
      ),
    ).toBe('TL004');
  });
});

describe('legal moves', () => {
  it.each([
    [
      'campaign_contacts',
      `status = 'converted', exited_at = now(), exit_reason = 'x', next_send_at = NULL`,
      `status = 'active', exited_at = NULL, exit_reason = NULL`,
    ],
    ['sales_send_queue', `status = 'canceled'`, `status = 'drafted'`],
    ['sequence_requests', `goal = 'pipeline'`, `status = 'held', enrollment_id = NULL, wake = 'never'`],
  ])('%s moves forward and not back', async (table, forward, back) => {
    const { world } = await drafted();
    expect(
      await refusal(() => db.query(`UPDATE ${table} SET ${forward} WHERE org_id = $1`, [world.org_id])),
    ).toBeNull();
    expect(
      await refusal(() => db.query(`UPDATE ${table} SET ${back} WHERE org_id = $1`, [world.org_id])),
    ).toMatch(/^(TL001|TL004)$/);
  });

  it('lets only a person lift an opt-out', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead({ opt_out_flag: true, opted_out_at: new Date() });
    const lift = (tx: Queryable) =>
      tx.query(`UPDATE leads SET opt_out_flag = false WHERE id = $1`, [lead_id]);
    const { org_id } = world;
    expect(await refusal(() => lift(db))).toBe('TL007');
    expect(await refusal(() => transaction(db, { org_id, kind: 'agent', id: 'AGT-304' }, lift))).toBe(
      'TL007',
    );
    expect(await refusal(() => transaction(db, coordinatorActor(org_id), lift))).toBe('TL007');
    const nobody: Actor = { org_id, kind: 'human', id: crypto.randomUUID() };
    expect(await refusal(() => transaction(db, nobody, lift))).toBe('TL007');
    expect(await refusal(() => transaction(db, actorOf(world.person), lift))).toBeNull();
  });
});

describe('one active enrollment per lead and campaign', () => {
  it('holds against 64 connections at once', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    const pool = await openAppPool({ url, max: 64 });
    try {
      const asks = Array.from({ length: 64 }, () => askOn(pool, world, lead_id));
      const answers = await Promise.all(asks);
      const allowed = answers.filter((answer) => answer === 'answered');
      expect(allowed).toHaveLength(1);
      expect(await world.rows('campaign_contacts')).toHaveLength(1);
    } finally {
      await pool.close();
    }
    const copy = `INSERT INTO campaign_contacts SELECT (json_populate_record(e, json_build_object('id', gen_random_uuid(), 'open_queue_id', null))).* FROM campaign_contacts e WHERE org_id = $1`;
    expect(await refusal(() => db.query(copy, [world.org_id]))).toBe('23505');
  });
});

/** The 64 wait for one another: the test is about who wins, not about how long the last one waits. */
const PATIENT = { lock_timeout_ms: 20_000, statement_timeout_ms: 25_000 };

async function askOn(pool: Pool, world: World, lead_id: string): Promise<string> {
  const { findCampaignForRequest, hasSteps } = await import('../../src/coordinator/gate/campaigns.ts');
  const { requestSequences } = await import('../../src/coordinator/gate/sequence_requests.ts');
  const ask = async (tx: Tx) => {
    const scope = { tx, org_id: world.org_id, clock: world.clock };
    const campaign = await findCampaignForRequest(scope, 'b2bea_membership');
    if (campaign === undefined || !hasSteps(campaign)) throw new Error('no campaign');
    const [answer] = await requestSequences(scope, [{ lead_id, campaign, requested_by: 'roles.sales' }]);
    return answer!.kind;
  };
  return transaction(pool, coordinatorActor(world.org_id), ask, PATIENT);
}
