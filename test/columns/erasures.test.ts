import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ACCOUNT_COLUMNS } from '../../src/core/account_columns.ts';
import { namesWith } from '../../src/core/columns.ts';
import { LEAD_COLUMNS } from '../../src/core/lead_columns.ts';
import { testDatabase } from '../database.ts';

/* Lists for every column of every table about leads what an erasure does with it. A new column fails this test until its
   entry is added. */

const { db } = await testDatabase();

/** Emptied or replaced by a mark in db/routines/erasures.sql. */
const ERASED = {
  agent_tasks: ['error', 'payload', 'result'],
  audit_log: ['changes'],
  cadence_event_log: ['detail'],
  campaign_contacts: ['contact_id', 'notes'],
  draft_rejections: ['reason'],
  contact_ids: ['contact_id'],
  crm_writes: ['last_message', 'record_id', 'skip_reason'],
  flags: ['detail', 'resolution'],
  idempotency_keys: ['body'],
  inbound_messages: [
    ...['bounced_address', 'fault', 'from_address', 'message_id', 'note', 'subject', 'text', 'to_address'],
    ...['answer_hash', 'suggested_email', 'suggested_name'],
  ],
  inbound_sources: ['raw'],
  lead_addresses: ['value'],
  lead_mailboxes: ['reason'],
  lead_merges: ['lead_before', 'reason'],
  lead_signals: ['detail'],
  notifications: ['detail'],
  opportunities: ['lost_reason', 'name'],
  sales_send_queue: ['contact_id', 'error'],
  send_attempts: ['recipient_domain', 'response'],
  sequence_requests: ['notes'],
  service_records: ['external_id', 'kind'],
  staged_drafts: ['body', 'context', 'subject', 'to_id'],
  suppressions: ['lift_reason', 'reason', 'value'],
};

/** Ids, stable words, hashes, and the product's own texts. */
const NOBODYS = {
  agent_tasks: ['claimed_by', 'role'],
  cadence_event_log: ['actor_id', 'coordinator_action', 'facts', 'resolution', 'trace'],
  campaign_contacts: ['client_id', 'exit_reason', 'paused_reason', 'requested_by'],
  crm_writes: ['last_code', 'last_path', 'part'],
  erased_addresses: ['address_hmac'],
  erased_mentions: ['field', 'subject_key', 'subject_table'],
  flags: ['for_agent', 'subject'],
  inbound_messages: ['bounce_status', 'folder', 'handled_by_agent', 'raw_hash', 'task_role'],
  lead_signals: ['recorded_by_id', 'source'],
  log_erasures: ['hash', 'kind', 'was_hash'],
  model_calls: ['model', 'outcome', 'purpose'],
  notifications: ['kind', 'to_agent'],
  opportunities: ['crm_deal_id', 'currency'],
  play_runs: [],
  sales_send_queue: ['client_id', 'deferred_detail'],
  send_attempts: ['content_hash', 'failure', 'message_id'],
  sequence_requests: ['requested_by', 'trace', 'unreachable_steps'],
  service_records: ['content_hash', 'recorded_by_agent_id'],
  staged_drafts: ['fallback_reason', 'template_hash', 'written_by_agent_id'],
  touches: ['time_zone'],
  // A file under import: the whole row is removed.
  lead_import_rows: ['address_hmac', 'further_addresses', ...namesWith(LEAD_COLUMNS, 'synonyms')],
  // test/leads/declared_columns.test.ts erases a lead with every declared column.
  leads: Object.keys(LEAD_COLUMNS),
};

it('each column is erased or holds no personal data', async () => {
  const { rows } = await db.query<{ place: string }>(
    `SELECT c.relname || '.' || a.attname AS place
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
       AND a.atttypid IN ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype, 'bytea'::regtype)
       AND (c.relname = 'leads' OR EXISTS (
         SELECT FROM pg_attribute k WHERE k.attrelid = c.oid
           AND k.attname IN ('lead_id', 'queue_id', 'attempt_id', 'inbound_id') AND NOT k.attisdropped))
     ORDER BY 1`,
  );
  const decided = new Set(
    [ERASED, NOBODYS].flatMap((tables) =>
      Object.entries(tables).flatMap(([table, columns]) => columns.map((column) => `${table}.${column}`)),
    ),
  );
  expect(rows.map(({ place }) => place).filter((place) => !decided.has(place))).toEqual([]);
  expect(rows.length).toBeGreaterThan(40);
});

it('each column declared as erased is written, or its row removed, by the routines that erase', () => {
  const routines = ['erasures', 'erased_crm', 'erased_mail', 'erased_mentions'].map((name) =>
    readFileSync(new URL(`../../db/routines/${name}.sql`, import.meta.url), 'utf8'),
  );
  const statements = routines.join('\n').split(';');
  const missing = Object.entries(ERASED).flatMap(([table, columns]) =>
    columns
      .filter((column) => !statements.some((one) => isErasing(one, table, column)))
      .map((column) => `${table}.${column}`),
  );
  expect(missing).toEqual([]);
});

/** Text columns without texts about people, of tables that are not in `mention_columns`. */
const NEVER_MENTIONS = {
  lead_addresses: 'an address of its lead',
  agents: 'a name of an agent, its topic',
  api_keys: 'a name that its owner sees',
  audit_log: 'erase_from_audit',
  cadence_event_log: 'erase_from_events',
  idempotency_keys: 'erase_kept_answers',
  organizations: 'the organization itself',
  users: 'people of the organization',
  assignment_rules: 'segments and countries',
  notification_deliveries: 'codes',
  notification_preferences: 'codes',
  notification_webhooks: 'an address of a receiver',
  webhooks: 'an address of a receiver',
  webhook_deliveries: 'ids',
  event_log_batches: 'hashes',
  event_log_heads: 'hashes',
  erased_addresses: 'hashes',
  erased_mentions: 'keys of rows',
  log_erasures: 'hashes',
  lead_erasures: 'the reason, without the name',
  inbound_sources: 'bytes, for 30 days',
  lead_import_rows: 'of a file that is being merged',
  lead_imports: 'what became of a file',
  mailbox_cursors: 'how far a folder was read',
  mailbox_grants: 'addresses and keys of a provider',
  model_calls: 'figures',
  sessions: 'of users',
  sign_in_counts: 'of users',
  sign_in_links: 'of users',
  template_approvals: 'hashes',
  draft_approvals: 'hashes',
  contact_ids: 'ids of a CRM',
  crm_actors: 'ids of a CRM',
  crm_connections: 'ids and stages of a CRM',
  crm_workspaces: 'ids of a CRM',
  crm_limits: 'times',
  crm_events: 'ids of a CRM',
  crm_records: 'ids of a CRM',
  crm_subscriptions: 'ids of a CRM, and its answer about a subscription',
  crm_syncs: 'the progress of a run, and the answer of a CRM about a page',
  opportunity_moves: 'codes',
  service_records: 'ids and codes',
  touches: 'codes',
};
/** In tables of `mention_columns`: ids, codes and derived columns; texts to and from other leads, which are theirs. */
const NOT_MENTIONS: Record<string, readonly string[]> = {
  accounts: Object.keys(ACCOUNT_COLUMNS).filter((name) => name !== 'name'),
  agent_tasks: ['claim_key', 'claimed_by', 'role'],
  brain_analysis_log: ['agent_id', 'model', 'prompt_version'],
  campaign_contacts: ['client_id', 'contact_id', 'exit_reason', 'paused_reason', 'requested_by'],
  campaign_sequences: ['template_hash'],
  campaigns: ['client_id', 'on_exit', 'owner_role', 'slug'],
  clients: ['client_id'],
  crm_writes: ['last_code', 'last_message', 'last_path', 'part', 'record_id'],
  flags: ['for_agent', 'subject'],
  inbound_messages: [
    ...[
      'bounce_status',
      'bounced_address',
      'fault',
      'folder',
      'from_address',
      'handled_by_agent',
      'kind_key',
    ],
    ...['message_id', 'subject', 'suggested_email', 'suggested_name', 'task_role', 'text', 'to_address'],
  ],
  lead_signals: ['recorded_by_id', 'source'],
  leads: Object.keys(LEAD_COLUMNS).filter((name) => name !== 'cadence_pause_reason'),
  mailboxes: [
    ...[
      'address',
      'client_id',
      'display_name',
      'dkim_domain',
      'dkim_public_key',
      'dkim_selector',
      'imap_host',
    ],
    ...['imap_user', 'smtp_host', 'smtp_user', 'time_zone'],
  ],
  notifications: ['kind', 'to_agent'],
  opportunities: ['crm_deal_id', 'currency'],
  sales_play_library: ['client_id'],
  sales_play_library_config: ['config_key'],
  sales_send_queue: ['client_id', 'contact_id', 'deferred_detail'],
  send_attempts: ['content_hash', 'failure', 'message_id', 'recipient_domain'],
  sequence_requests: ['requested_by', 'trace', 'unreachable_steps'],
  staged_drafts: [
    ...['body', 'content_hash', 'context', 'fallback_reason', 'subject', 'template_hash', 'to_id'],
    'written_by_agent_id',
  ],
  suppressions: ['value'],
};

it('each text column of other rows is searched for names, or gives a reason why not', async () => {
  const { rows } = await db.query<{ name: string; of_table: string; is_listed: boolean }>(
    `SELECT a.attname AS name, c.relname AS of_table,
            EXISTS (SELECT FROM mention_columns() m WHERE m.of_table = c.relname AND a.attname = ANY (m.columns)) AS is_listed
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid IN ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype)
       AND EXISTS (SELECT FROM pg_attribute o WHERE o.attrelid = c.oid AND o.attname = 'org_id')
     ORDER BY 2, 1`,
  );
  const open = rows.filter(
    ({ name, of_table, is_listed }) =>
      is_listed ===
      (Object.hasOwn(NEVER_MENTIONS, of_table) || (NOT_MENTIONS[of_table] ?? []).includes(name)),
  );
  expect(open.map(({ of_table, name }) => `${of_table}.${name}`)).toEqual([]);
  const listed = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM mention_columns() m CROSS JOIN unnest(m.columns)`,
  );
  expect(rows.filter(({ is_listed }) => is_listed).length).toBe(listed.rows[0]!.count - 1);
});

function isErasing(statement: string, table: string, column: string): boolean {
  if (new RegExp(`DELETE FROM ${table}\\b`).test(statement)) return true;
  const change = new RegExp(`UPDATE ${table}\\b[\\s\\S]*`).exec(statement)?.[0] ?? '';
  return new RegExp(`\\b${column} = `).test(change);
}
