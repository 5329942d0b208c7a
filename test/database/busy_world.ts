import { transaction } from '../../src/db/pool.ts';
import type { TestDb } from '../database.ts';
import { createWorld, type World } from '../world.ts';

const LEADS = 20_000;

/** An org with so many rows that a sequential scan would show. */
export async function busyWorld(db: TestDb): Promise<World> {
  const world = await createWorld(db);
  await transaction(
    db,
    { org_id: world.org_id, kind: 'coordinator', id: 'test' },
    async (tx) => {
      const org = `'${world.org_id}'::uuid`;
      const campaign = `(SELECT id FROM campaigns WHERE org_id = ${org} AND slug = 'b2bea_membership_close')`;
      await tx.query(`UPDATE campaigns SET entry = 'open' WHERE org_id = ${org}`);
      await tx.query(`CREATE TEMP TABLE many ON COMMIT DROP AS
      SELECT n, gen_random_uuid() AS lead, gen_random_uuid() AS request, gen_random_uuid() AS enrollment
      FROM generate_series(1, ${LEADS}) n`);
      await tx.query(
        `INSERT INTO leads (org_id, id, email) SELECT ${org}, lead, 'p' || n || '@many' || n % 1000 || '.example' FROM many`,
      );
      await tx.query('ANALYZE leads');
      await tx.query(`INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, trace,
        policy_version, enrollment_id, decided_at)
      SELECT ${org}, request, lead, ${campaign}, 'roles.sales', 'allowed', '[]', 1, enrollment, now() FROM many`);
      await tx.query('ANALYZE sequence_requests');
      // In two parts, like the product's batches: PostgreSQL would plan the triggers of one large statement on a table
      // without statistics as if the table were empty.
      for (const part of ['n <= 500', 'n > 500']) {
        await tx.query(`INSERT INTO campaign_contacts (org_id, id, contact_id, lead_id, campaign_id, client_id, request_id,
            requested_by, next_send_at)
          SELECT ${org}, enrollment, n::text, lead, ${campaign}, 'b2bea', request, 'roles.sales',
            '2026-11-24'::timestamptz + n * interval '1 hour' FROM many WHERE ${part}`);
        await tx.query('ANALYZE campaign_contacts');
      }
      await tx.query(`INSERT INTO sales_send_queue (org_id, id, client_id, contact_id, lead_id, campaign_id, enrollment_id,
        step_number, channel, scheduled_at)
      SELECT ${org}, gen_random_uuid(), 'b2bea', n::text, lead, ${campaign}, enrollment, 1, 'email',
        '2026-11-24'::timestamptz + n * interval '1 hour' FROM many WHERE n % 2 = 0`);
      await tx.query('ANALYZE sales_send_queue');
      await tx.query(`INSERT INTO touches (org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type,
          touched_at, outcome, settled_at)
        SELECT org_id, gen_random_uuid(), lead_id, enrollment_id, id, campaign_id, 'email', 'closing', now(), 'sent', now() FROM sales_send_queue WHERE org_id = ${org}`);
      // Messages handed over, without the drafts and approvals that each would need.
      await tx.query('SET LOCAL session_replication_role = replica');
      await tx.query(`INSERT INTO send_attempts (org_id, id, queue_id, draft_id, mailbox_id, content_hash, message_id, stage,
          lease_until, started_at, finished_at, bounced_at)
        SELECT q.org_id, gen_random_uuid(), q.id, gen_random_uuid(), m.id, 'x', '<x@y>', 'accepted', q.scheduled_at,
          q.scheduled_at, q.scheduled_at, q.scheduled_at
        FROM sales_send_queue q JOIN mailboxes m ON m.org_id = q.org_id WHERE q.org_id = ${org}`);
      await tx.query(`INSERT INTO suppressions (org_id, id, kind, value, reason, source, created_at, settled_at)
        SELECT ${org}, gen_random_uuid(), CASE WHEN n % 1000 = 0 THEN 'domain' ELSE 'address' END::suppression_kind,
          CASE WHEN n % 1000 = 0 THEN '' ELSE 's' || n || '@' END || 'gone' || n || '.example', 'bounced', 'bounce', now(), now()
        FROM many`);
      await tx.query('SET LOCAL session_replication_role = origin');
      await tx.query(`INSERT INTO agent_tasks (org_id, id, type, role, lead_id, queue_id)
      SELECT org_id, gen_random_uuid(), 'execute_sequence_step', 'roles.sales', lead_id, id FROM sales_send_queue
      WHERE org_id = ${org}`);
    },
    { statement_timeout_ms: 120_000 },
  );
  await db.query('ANALYZE');
  return world;
}
