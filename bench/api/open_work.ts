import type { BenchDatabase } from '../dispatch/database.ts';
import { startProgress } from '../dispatch/progress.ts';
import { fillIn, type World } from '../dispatch/world.ts';
import { ANSWERS } from './answers.ts';
import { PEOPLE } from './people.ts';
import { PLAYS } from './plays.ts';

/**
 * Data that people view besides leads and their past: pending drafts and other queue items, replies, meetings, tasks,
 * pending requests, plays, webhooks, warnings, notifications, people, keys, sessions, the audit, owners, suppressions. `user_id` is the user who
 * reads it.
 */
export async function addOpenWork(database: BenchDatabase, world: World, user_id: string): Promise<void> {
  const statements = [...QUEUE, ...ANSWERS, ...PLAYS, ...DESK, ...PEOPLE];
  const progress = startProgress('open work', statements.length);
  const own = await database.loader();
  try {
    await own.query('BEGIN');
    for (const text of statements) {
      await own.query(fillIn(text.replaceAll(':asker', `'${user_id}'::uuid`), world));
      progress.add(1);
    }
    await own.query('COMMIT');
    await own.query('VACUUM (ANALYZE)');
  } finally {
    own.release(true);
  }
  progress.done();
}

/** Ten of every twenty early enrollments are pending review, one of them as a manual send; the others differ. */
const QUEUE = [
  `CREATE TABLE bench.open_work AS
   SELECT p.*, bench.id(10, p.n) AS queue_id, bench.id(11, p.n) AS draft_id,
          ('{pending,held,approved,failed,canceled,pending,held,held,pending,canceled}'::text[])[1 + p.n % 20] AS other,
          p.n % 20 > 9 AS is_drafted
   FROM bench.plan p WHERE p.n <= least(20000, :enrollments / 2)`,
  `INSERT INTO sales_send_queue (org_id, id, client_id, contact_id, lead_id, campaign_id, enrollment_id, step_number,
     channel, requires_personal_send, staged_draft_id, scheduled_at, status, held_until, held_reason, wake,
     held_policy_version, created_at)
   SELECT :org, queue_id, client_id, lead_id::text, lead_id, campaign_id, enrollment_id, touches + 1, 'email',
          n % 20 = 19,
          CASE WHEN is_drafted OR other = 'approved' THEN draft_id END, next_send_at,
          coalesce(other, 'drafted')::queue_status, CASE WHEN other = 'held' THEN :now + interval '2 days' END,
          CASE WHEN other = 'held' THEN 'touch_cap_exceeded'::suppressed_reason END,
          CASE WHEN other = 'held' THEN 'at_until'::wake_condition END, CASE WHEN other = 'held' THEN 1 END,
          next_send_at - interval '1 hour'
   FROM bench.open_work`,
  `UPDATE campaign_contacts e SET open_queue_id = w.queue_id
   FROM bench.open_work w
   WHERE e.org_id = :org AND e.id = w.enrollment_id AND coalesce(w.other, 'drafted') NOT IN ('failed', 'canceled')`,
  `INSERT INTO staged_drafts (org_id, id, queue_id, version, channel, to_id, subject, body, context,
     written_by_agent_id, created_at)
   SELECT :org, w.draft_id, w.queue_id, 1, 'email', l.email, 'A word on visibility',
          repeat('One honest sentence on why them, and one easy question. ', 8), '{}', w.requested_by, w.next_send_at
   FROM bench.open_work w JOIN leads l ON l.org_id = :org AND l.id = w.lead_id
   WHERE w.is_drafted OR w.other = 'approved'`,
  `INSERT INTO agent_tasks (org_id, id, type, role, status, lead_id, enrollment_id, queue_id, created_at, finished_at)
   SELECT :org, bench.id(12, n), 'execute_sequence_step', requested_by,
          CASE WHEN other = 'pending' THEN 'open' WHEN other IN ('failed', 'canceled') THEN 'canceled' ELSE 'done'
          END::task_status, lead_id, enrollment_id, queue_id, next_send_at,
          CASE WHEN other = 'pending' THEN NULL ELSE next_send_at END
   FROM bench.open_work`,
  `INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, reason, held_until, wake, trace,
     policy_version, decided_at)
   SELECT :org, bench.id(13, p.n), p.lead_id, c.id, c.owner_role, 'held', 'touch_cap_exceeded',
          :now + interval '3 days', 'at_until', '[]', 1, :now
   FROM bench.plan p JOIN bench.campaigns c ON c.position = (SELECT 1 + x.position FROM bench.campaigns x
     WHERE x.id = p.campaign_id) % 5
   WHERE p.n <= least(5000, :enrollments / 4)`,
];

/** Warnings, notifications, and people. */
const DESK = [
  `INSERT INTO flags (org_id, id, kind, subject, lead_id, for_user_id, for_role, detail, raised_at, resolved_at,
     resolution, cause_gone_at)
   SELECT :org, bench.id(14, n), ('{cap_warning,concurrency,stall,backlog,routing_error}'::flag_kind[])[1 + n % 5],
          'lead ' || n, bench.id(2, n), CASE WHEN n % 3 = 0 THEN :asker END,
          CASE WHEN n % 3 > 0 THEN 'revops'::user_role END, '{}', :now - n * interval '1 minute',
          CASE WHEN n % 4 > 0 THEN :now END, CASE WHEN n % 4 > 0 THEN 'gone' END, CASE WHEN n % 4 > 0 THEN :now END
   FROM generate_series(1, least(20000, :leads / 10)) n`,
  `INSERT INTO notifications (org_id, id, to_user_id, kind, lead_id, flag_id, created_at, read_at)
   SELECT :org, bench.id(15, n), :asker, 'flag_raised', f.lead_id, f.id, f.raised_at,
          CASE WHEN n % 4 > 0 THEN f.raised_at END
   FROM generate_series(1, least(20000, :leads / 10)) n JOIN flags f ON f.org_id = :org AND f.id = bench.id(14, n)`,
  `INSERT INTO users (org_id, id, email, name, roles)
   SELECT :org, bench.id(16, n), 'person' || n || '@bench.example', 'Person ' || n, '{rep}'
   FROM generate_series(1, 300) n`,
  `INSERT INTO api_keys (org_id, id, name, prefix, key_sha256, user_id)
   SELECT :org, bench.id(17, n), 'key ' || n, 'tl_bench', sha256(('key ' || n)::bytea), bench.id(16, 1 + n % 300)
   FROM generate_series(1, 2000) n`,
  `INSERT INTO sessions (org_id, id, user_id, token_sha256, expires_at, revoked_at)
   SELECT :org, bench.id(18, n), CASE WHEN n % 100 = 0 THEN :asker ELSE bench.id(16, 1 + n % 300) END,
          sha256(('session ' || n)::bytea), :now + interval '30 days',
          CASE WHEN n % 400 > 0 AND n % 100 = 0 THEN :now END
   FROM generate_series(1, 20000) n`,
  `INSERT INTO audit_log (org_id, id, at, actor_kind, actor_id, asked_by_kind, asked_by_id, surface, operation,
     database_login, subject_table, subject_key, action, changes)
   SELECT :org, bench.event_id(:now - (200001 - n) * interval '1 minute', n), :now - (200001 - n) * interval '1 minute', 'human',
          (CASE WHEN n % 50 = 0 THEN :asker ELSE bench.id(16, 1 + n % 300) END)::text, 'human',
          (CASE WHEN n % 50 = 0 THEN :asker ELSE bench.id(16, 1 + n % 300) END)::text, 'web',
          CASE WHEN n % 1000 = 0 THEN 'put_policy' ELSE 'patch_lead' END, 'touchline',
          CASE WHEN n % 1000 = 0 THEN 'policies' ELSE 'leads' END, bench.id(2, 1 + n % :leads)::text, 'update',
          '{"title": {"old": "Buyer", "new": "Head of Purchasing"}}'
   FROM generate_series(1, least(200000, :leads)) n`,
];
