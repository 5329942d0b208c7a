import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { testDatabase } from '../database.ts';

/*
 * Every column that could hold something of a person, of every table with rows about leads: what an erasure does with it is
 * decided here. A new column fails this until somebody has decided.
 */

const { db } = await testDatabase();

/** Emptied, or replaced by a mark, in db/routines/erasures.sql. */
const ERASED = {
  agent_tasks: ['error', 'payload', 'result'],
  audit_log: ['changes'],
  cadence_event_log: ['detail'],
  campaign_contacts: ['contact_id', 'notes'],
  draft_rejections: ['reason'],
  flags: ['detail', 'resolution'],
  idempotency_keys: ['body'],
  inbound_messages: [
    ...['bounced_address', 'fault', 'from_address', 'message_id', 'note', 'subject', 'text', 'to_address'],
  ],
  inbound_sources: ['raw'],
  lead_mailboxes: ['reason'],
  leads: [
    ...[
      'cadence_pause_reason',
      'country',
      'crm_contact_id',
      'email',
      'first_name',
      'intent_signals',
      'last_name',
    ],
    ...['lifecycle_stage', 'linkedin_url', 'segment', 'time_zone', 'title', 'vertical'],
  ],
  lead_signals: ['detail'],
  notifications: ['detail'],
  sales_send_queue: ['contact_id', 'error'],
  send_attempts: ['recipient_domain', 'response'],
  sequence_requests: ['notes'],
  staged_drafts: ['body', 'context', 'subject', 'to_id'],
  suppressions: ['value'],
};

/** Ids, stable words, hashes, and what the product itself says. */
const NOBODYS = {
  agent_tasks: ['claimed_by', 'role'],
  cadence_event_log: ['actor_id', 'coordinator_action', 'resolution', 'trace'],
  campaign_contacts: ['client_id', 'exit_reason', 'paused_reason', 'requested_by'],
  erased_addresses: ['address_hmac'],
  flags: ['for_agent', 'subject'],
  inbound_messages: ['bounce_status', 'folder', 'handled_by_agent', 'raw_hash', 'task_role'],
  lead_signals: ['recorded_by_id', 'source'],
  log_erasures: ['hash', 'kind', 'was_hash'],
  model_calls: ['model', 'outcome', 'purpose'],
  notifications: ['kind', 'to_agent'],
  play_runs: [],
  sales_send_queue: ['client_id', 'deferred_detail'],
  send_attempts: ['content_hash', 'failure', 'message_id'],
  sequence_requests: ['requested_by', 'trace', 'unreachable_steps'],
  staged_drafts: ['fallback_reason', 'template_hash', 'written_by_agent_id'],
  touches: ['time_zone'],
  // Of a file that is being merged: the row goes.
  lead_import_rows: [
    ...[
      'address_hmac',
      'company',
      'company_domain',
      'country',
      'crm_contact_id',
      'email',
      'first_name',
      'intent_signals',
    ],
    ...['last_name', 'lifecycle_stage', 'linkedin_url', 'segment', 'time_zone', 'title', 'vertical'],
  ],
};

it('each is erased, or holds nothing of a person', async () => {
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

it('what is said to be erased is written, or its row removed, by the routines that erase', () => {
  const routines = ['erasures', 'erased_mail'].map((name) =>
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

function isErasing(statement: string, table: string, column: string): boolean {
  if (new RegExp(`DELETE FROM ${table}\\b`).test(statement)) return true;
  const change = new RegExp(`UPDATE ${table}\\b[\\s\\S]*`).exec(statement)?.[0] ?? '';
  return new RegExp(`\\b${column} = `).test(change);
}
