import type { TestDb } from '../database.ts';
import type { World } from '../world.ts';

const TOUCHES_PER_LEAD = 10;

/**
 * Adds an org's history: `items` messages that were approved, sent, and counted long ago, ten per lead, with the rows that
 * each leaves. Inserts whole sets without triggers that would check each row. `first` is the number of the first message.
 */
export async function addPast(
  db: TestDb,
  { org_id }: World,
  { first, items }: { first: number; items: number },
) {
  const own = await db.checkout();
  const id = (kind: number | 'a', n: string) =>
    `('0190000${kind}-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;
  const lead = `n / ${TOUCHES_PER_LEAD}`;
  const [past, leads] = [
    `generate_series(${first}, ${first + items - 1}) n`,
    `generate_series(${first} / ${TOUCHES_PER_LEAD}, ${first + items - 1} / ${TOUCHES_PER_LEAD}) n`,
  ];
  const of = {
    org: `'${org_id}'::uuid`,
    campaign: `(SELECT id FROM campaigns WHERE org_id = '${org_id}' AND slug = 'b2bea_membership_close')`,
    mailbox: `(SELECT id FROM mailboxes WHERE org_id = '${org_id}')`,
    person: `(SELECT id FROM users WHERE org_id = '${org_id}' LIMIT 1)`,
    at: `timestamptz '2025-01-01' + n * interval '1 second'`,
  };
  try {
    await own.query(`BEGIN; SET LOCAL session_replication_role = replica; SET LOCAL statement_timeout = 0`);
    await own.query(
      `INSERT INTO accounts (org_id, id, name) SELECT ${of.org}, ${id(9, 'n')}, 'Past ' || n FROM ${leads}`,
    );
    await own.query(`INSERT INTO leads (org_id, id, email, account_id)
      SELECT ${of.org}, ${id(1, 'n')}, 'past' || n || '@past.example', ${id(9, 'n')} FROM ${leads}`);
    await own.query(`INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, trace, policy_version,
        enrollment_id, decided_at)
      SELECT ${of.org}, ${id(2, 'n')}, ${id(1, 'n')}, ${of.campaign}, 'roles.sales', 'allowed', '[]', 1, ${id(3, 'n')}, '2025-01-01'
      FROM ${leads}`);
    await own.query(`INSERT INTO campaign_contacts (org_id, id, contact_id, lead_id, campaign_id, client_id, request_id, requested_by,
        status, enrolled_at, exited_at, exit_reason)
      SELECT ${of.org}, ${id(3, 'n')}, n, ${id(1, 'n')}, ${of.campaign}, 'b2bea', ${id(2, 'n')}, 'roles.sales', 'timed_out',
        '2025-01-01', '2025-06-01', 'no_engagement' FROM ${leads}`);
    await own.query(`INSERT INTO sales_send_queue (org_id, id, client_id, contact_id, lead_id, campaign_id, enrollment_id, step_number,
        channel, staged_draft_id, scheduled_at, sent_at, status, mailbox_id)
      SELECT ${of.org}, ${id(4, 'n')}, 'b2bea', n, ${id(1, lead)}, ${of.campaign}, ${id(3, lead)}, 1 + n % ${TOUCHES_PER_LEAD}, 'email',
        ${id(5, 'n')}, ${of.at}, ${of.at}, 'sent', ${of.mailbox} FROM ${past}`);
    await own.query(`INSERT INTO staged_drafts (org_id, id, queue_id, version, channel, to_id, subject, body, context, written_by_agent_id)
      SELECT ${of.org}, ${id(5, 'n')}, ${id(4, 'n')}, 1, 'email', 'past@past.example', 'Long ago', 'Long ago.', '{}', 'roles.sales'
      FROM ${past}`);
    await own.query(`INSERT INTO draft_approvals (org_id, id, draft_id, content_hash, approved_by_user_id, approved_at)
      SELECT ${of.org}, ${id(6, 'n')}, ${id(5, 'n')}, 'x', ${of.person}, ${of.at} FROM ${past}`);
    await own.query(`INSERT INTO touches (org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type, touched_at,
        time_zone, outcome, settled_at)
      SELECT ${of.org}, ${id(7, 'n')}, ${id(1, lead)}, ${id(3, lead)}, ${id(4, 'n')}, ${of.campaign}, 'email', 'closing', ${of.at},
        'UTC', 'sent', ${of.at} FROM ${past}`);
    await own.query(`INSERT INTO send_attempts (org_id, id, queue_id, draft_id, mailbox_id, content_hash, message_id, stage,
        policy_version, lease_until, started_at, finished_at)
      SELECT ${of.org}, ${id(8, 'n')}, ${id(4, 'n')}, ${id(5, 'n')}, ${of.mailbox}, 'x', '<' || n || '@past.example>', 'accepted', 1,
        ${of.at}, ${of.at}, ${of.at} FROM ${past}`);
    await own.query(`INSERT INTO agent_tasks (org_id, id, type, role, lead_id, enrollment_id, queue_id, status, finished_at)
      SELECT ${of.org}, ${id('a', 'n')}, 'execute_sequence_step', 'roles.sales', ${id(1, lead)}, ${id(3, lead)}, ${id(4, 'n')}, 'done', ${of.at}
      FROM ${past}`);
    await own.query(`INSERT INTO lead_mailboxes (org_id, lead_id, mailbox_id, chosen_at)
      SELECT ${of.org}, ${id(1, 'n')}, ${of.mailbox}, '2025-01-01' FROM ${leads}`);
    await own.query('COMMIT');
  } finally {
    own.release(true);
  }
}
