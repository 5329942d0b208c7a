import { describe, expect, it } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { sqlState } from '../../src/db/errors.ts';
import { openOwnerPool } from '../../src/db/open.ts';
import { type Actor, type Connection, transaction } from '../../src/db/pool.ts';
import { actorOf } from '../../src/principal.ts';
import { untilBlocked } from '../blocked.ts';
import { testDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { livedIn } from './erasure_world.ts';

/* No SQL adds data about a person to an erased lead: neither as the product nor as the owner of the tables. */

const { db, owner_url } = await testDatabase();

const WORDS = 'Wilhelmina Crabapple';
const world = await taskWorld(db);
const lead_id = await livedIn(db, world);
await world.call('erase_lead', world.person, { id: lead_id, reason: 'They asked us to.' });

/** By the owner of the tables, as the coordinator; no trigger is disabled. */
async function asOwner(statements: (own: Connection) => Promise<unknown>): Promise<string | null> {
  const owner = await openOwnerPool({ url: owner_url, max: 1 });
  const own = await owner.checkout();
  try {
    await own.query('BEGIN');
    await own.query(
      `SELECT set_config('touchline.org', $1, true), set_config('touchline.actor_kind', 'coordinator', true),
              set_config('touchline.actor_id', 'AGT-302', true)`,
      [world.org_id],
    );
    await statements(own);
    return null;
  } catch (error) {
    return sqlState(error) ?? String(error);
  } finally {
    await own.query('ROLLBACK');
    own.release(true);
    await owner.close();
  }
}

const asProduct = (text: string, values: unknown[], who: Actor = coordinatorActor(world.org_id)) =>
  transaction(db.app, who, async (tx) => {
    await tx.query(text, values);
    throw new Error('rolled back');
  }).catch((error: unknown) => sqlState(error) ?? null);

/** A copy of a row about the shell, with changed words. */
const copy = (table: string, changes: string, where = 'r.lead_id = $1') =>
  `INSERT INTO ${table} SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), ${changes}))).*
   FROM ${table} r WHERE ${where} LIMIT 1`;
const OF_ITEM = 'queue_id IN (SELECT q.id FROM sales_send_queue q WHERE q.lead_id = $1)';
const words = `'${WORDS}'`;
const document = `jsonb_build_object('note', ${words})`;
const now = 'clock_timestamp()';

describe('a statement that would write words about an erased lead is refused', () => {
  const statements: Record<string, string> = {
    'notes of an enrollment': `UPDATE campaign_contacts SET notes = ${words} WHERE lead_id = $1`,
    'who an enrollment is for': `UPDATE campaign_contacts SET contact_id = ${words} WHERE lead_id = $1`,
    'notes of a request': `UPDATE sequence_requests SET notes = ${words} WHERE lead_id = $1`,
    'the error of a queue item': `UPDATE sales_send_queue SET error = ${words} WHERE lead_id = $1`,
    'who a queue item is for': `UPDATE sales_send_queue SET contact_id = ${words} WHERE lead_id = $1`,
    'the error of a task': `UPDATE agent_tasks SET error = ${words} WHERE lead_id = $1`,
    'a flag': `UPDATE flags SET detail = ${document} WHERE lead_id = $1`,
    'a notification': `UPDATE notifications SET detail = ${document} WHERE lead_id = $1`,
    'a new notification': copy('notifications', `'detail', ${document}`),
    'a new flag': `INSERT INTO flags (org_id, id, kind, subject, lead_id, for_role, detail, raised_at)
      SELECT org_id, gen_random_uuid(), 'stall', id, id, 'rep', ${document}, ${now} FROM leads WHERE id = $1`,
    'what a server said': `UPDATE send_attempts SET response = ${words} WHERE ${OF_ITEM}`,
    'a new text': `INSERT INTO staged_drafts (org_id, id, queue_id, version, channel, to_id, subject, body, context, written_by_user_id)
      SELECT org_id, gen_random_uuid(), queue_id, 99, channel, 'x@x.example', 'x', ${words}, '{}', (SELECT id FROM users u WHERE u.org_id = d.org_id LIMIT 1)
      FROM staged_drafts d WHERE ${OF_ITEM} LIMIT 1`,
    'a signal': `INSERT INTO lead_signals (org_id, id, lead_id, side, source, detail, occurred_at, recorded_at)
      SELECT org_id, gen_random_uuid(), id, 'sales', 'x', ${words}, ${now}, ${now} FROM leads WHERE id = $1`,
    'an event': `INSERT INTO cadence_event_log (org_id, id, timestamp, event_type, coordinator_action, actor_kind, actor_id, lead_id, detail)
      SELECT org_id, gen_random_uuid(), ${now}, 'replied', 'record', 'coordinator', 'AGT-302', id, ${document} FROM leads WHERE id = $1`,
    'an event with a code': `INSERT INTO cadence_event_log (org_id, id, timestamp, event_type, coordinator_action, actor_kind, actor_id, lead_id, detail)
      SELECT org_id, gen_random_uuid(), ${now}, 'replied', 'record', 'coordinator', 'AGT-302', id,
        jsonb_build_object('status', ${words}) FROM leads WHERE id = $1`,
    'why it is paused': `UPDATE leads SET cadence_paused_at = ${now}, cadence_pause_reason = ${words} WHERE id = $1`,
    'a new queue item': `INSERT INTO sales_send_queue (org_id, id, client_id, contact_id, lead_id, campaign_id, enrollment_id,
        step_number, channel, scheduled_at, due_at)
      SELECT org_id, gen_random_uuid(), client_id, ${words}, lead_id, campaign_id, enrollment_id, 99, channel, ${now}, ${now}
      FROM sales_send_queue WHERE lead_id = $1 LIMIT 1`,
  };
  for (const [what, statement] of Object.entries(statements)) {
    it(what, async () => {
      // The id with which it was written stays, erased or not.
      const code = what.startsWith('who ') ? 'TL012' : 'TL040';
      expect(await asProduct(statement, [lead_id]), 'the product').toBe(code);
      expect(await asOwner((own) => own.query(statement, [lead_id])), 'the owner').toBe(code);
    });
  }

  it('text that users write under their own name', async () => {
    const { user_id } = world.person as { user_id: string };
    const [draft] = await world.rows<{ id: string }>(
      'staged_drafts',
      `${OF_ITEM.replace('$1', `'${lead_id}'`)} AND id NOT IN (SELECT draft_id FROM draft_rejections)`,
    );
    const rejection = `INSERT INTO draft_rejections (org_id, id, draft_id, reason, rejected_by_user_id, rejected_at)
      SELECT org_id, gen_random_uuid(), id, ${words}, $2, ${now} FROM staged_drafts WHERE id = $1`;
    expect(await asProduct(rejection, [draft!.id, user_id], actorOf(world.person))).toBe('TL040');
    const choice = `UPDATE lead_mailboxes SET reason = ${words}, changed_by_user_id = $2 WHERE lead_id = $1`;
    expect(await asProduct(choice, [lead_id, user_id], actorOf(world.person))).toBe('TL040');
  });
});

it('a request for an erased lead is refused and kept without its notes', async () => {
  const asked = { lead_id, campaign_slug: 'b2bea_membership_close', notes: WORDS };
  const answer = await world.call('request_sequence', world.person, asked);
  expect(answer).toMatchObject({ outcome: 'block', reason: 'compliance_block' });
  expect(await world.rows('sequence_requests', `lead_id = '${lead_id}' AND notes IS NOT NULL`)).toEqual([]);
});

it('a concurrent write is either waited for or refused', async () => {
  const one: TaskWorld = await taskWorld(db);
  const id = await one.addLead({ email: 'moment@prospect.example' });
  const note = `INSERT INTO notifications (org_id, id, to_agent, kind, lead_id, detail, created_at)
    SELECT org_id, gen_random_uuid(), 'roles.sales', 'note', id, ${document}, now() FROM leads WHERE id = $1`;
  const own = await db.checkout();
  await own.query('BEGIN');
  await own.query(note, [id]);
  const erasing = one.call('erase_lead', one.person, { id, reason: 'They asked us to.' });
  await untilBlocked(db);
  await own.query('COMMIT');
  own.release();
  expect(await erasing).toMatchObject({ changed: true });
  expect(await one.rows('notifications', `lead_id = '${id}'`)).toMatchObject([{ detail: {} }]);

  const second = await one.addLead({ email: 'second@prospect.example' });
  const { writing } = await transaction(db.app, actorOf(one.person), async (tx) => {
    await tx.query('SELECT FROM leads WHERE id = $1 FOR UPDATE', [second]);
    const started = db.query(note, [second]).then(() => null, sqlState);
    await untilBlocked(db);
    await tx.query(`UPDATE leads SET opt_out_flag = true, opted_out_at = now() WHERE id = $1`, [second]);
    await tx.query(`SELECT erase_lead($1, $2, 'asked', ARRAY[sha256('x')], now())`, [
      second,
      (one.person as { user_id: string }).user_id,
    ]);
    return { writing: started };
  });
  expect(await writing).toBe('TL040');
});
