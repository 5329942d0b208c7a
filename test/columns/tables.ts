import type { Queryable } from '../../src/db/pool.ts';
import { type Read, statementNames } from './read.ts';

/** A list of tables that is kept by hand, with the tables that it omits and the reason for each. */
export type TableList = {
  list: string;
  /** Only tables with one of these columns. */
  with?: readonly string[];
  read: Read;
  without: Readonly<Record<string, string>>;
};

/** Like `complaintsOf`, for tables. */
export async function tableComplaintsOf(db: Queryable, lists: readonly TableList[]): Promise<string[]> {
  const complaints: string[] = [];
  for (const { list, with: columns = ['org_id'], read, without } of lists) {
    const listed = await read(db);
    const { rows } = await db.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
         AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = ANY ($1) AND NOT a.attisdropped)
       ORDER BY 1`,
      [columns],
    );
    const names = rows.map(({ name }) => name);
    for (const name of names) {
      const is_excepted = Object.hasOwn(without, name);
      if (!listed.has(name) && !is_excepted) complaints.push(`${list} neither contains nor excludes ${name}`);
      if (listed.has(name) && is_excepted)
        complaints.push(`${list} has ${name}, which is also one of its exceptions`);
    }
    for (const name of Object.keys(without)) {
      if (!names.includes(name)) complaints.push(`${list} has an exception for ${name}, which there is not`);
    }
  }
  return complaints;
}

/** The tables on which a trigger runs this function. */
function triggerRuns(...functions: string[]): Read {
  return async (db) => {
    const { rows } = await db.query<{ name: string }>(
      `SELECT DISTINCT c.relname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
       JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = ANY ($1)`,
      [functions],
    );
    return new Set(rows.map(({ name }) => name));
  };
}

const BY_OWNER = 'only the product writes it, as the owner of the tables';

export const TABLE_LISTS: readonly TableList[] = [
  {
    list: 'tables closed to agents (db/routines/kept_from_agents.sql)',
    read: triggerRuns('refuse_agents', 'refuse_agents_themselves'),
    without: {
      agent_tasks: 'agents claim and end tasks of their role (TL034, TL035), and create none (TL005)',
      api_keys: 'a person creates and revokes keys (TL005, TL019)',
      ...{ audit_log: BY_OWNER, event_log_batches: BY_OWNER, event_log_heads: BY_OWNER },
      ...{
        erasures_begun: BY_OWNER,
        lead_erasures: BY_OWNER,
        log_erasures: BY_OWNER,
        erased_addresses: BY_OWNER,
        erased_mentions:
          'a person reviews in their own name (TL005); an edit by any permitted actor ends one',
      },
      brain_analysis_log: 'brains write it, in their own name (TL023)',
      contact_ids: 'a trigger writes it as the owner',
      crm_writes: 'triggers write it as the owner; only the coordinator and people settle (TL004)',
      cadence_event_log: 'append-only, in the actor’s own name (TL032)',
      ...{ draft_approvals: 'only a person (TL005)', draft_rejections: 'only a person (TL005)' },
      idempotency_keys: 'stored answers to agents',
      lead_signals: 'agents report those of their own side (TL064)',
      mailbox_loads: 'triggers maintain it',
      model_calls: 'only the coordinator (TL004)',
      service_records: 'agents hand in rows, in their own name (TL032)',
      sales_play_library: 'brains draft plays (TL023), people move them (TL005)',
      staged_drafts: 'agents write texts of touches that they hold (TL035)',
      notification_deliveries: 'triggers write it as the owner; the coordinator adds digests (TL004)',
      webhook_deliveries: 'triggers write it as the owner',
    },
  },
  {
    list: 'audited tables (db/routines/audit.sql)',
    read: triggerRuns('audit_change'),
    without: {
      ...{ audit_log: 'the audit', event_log_batches: 'its chain', event_log_heads: 'its chain' },
      cadence_event_log: 'a log itself',
      ...{ erased_addresses: 'lead_erasures is audited', log_erasures: 'lead_erasures is audited' },
      idempotency_keys: 'not a change by a user',
      ...{
        inbound_sources: 'inbound_messages is audited',
        lead_import_rows: 'lead_imports is audited as a whole',
      },
      ...{
        crm_events: 'what the CRM reported',
        crm_records: 'what was read from the CRM',
        crm_subscriptions: 'a subscription at the CRM',
        crm_syncs: 'the progress of a run',
      },
      ...{
        contact_ids: 'leads is audited',
        crm_actors: 'codes of a CRM',
        crm_workspaces: 'crm_connections is audited',
        crm_limits: 'a limit in time',
      },
      mailbox_cursors: 'the position in a folder',
      mailbox_loads: 'a count',
      model_calls: 'a log itself',
      notification_deliveries: 'deliveries of notifications, which record the same',
      opportunity_moves: 'opportunities is audited',
      notifications: 'records only that a notification was sent and read',
      play_runs: 'the progress of a run',
      send_attempts: 'the event log has them',
      sequence_requests: 'the event log has them',
      touches: 'the event log has them',
      webhook_deliveries: 'deliveries of changes that the logs contain',
    },
  },
  {
    list: 'exportLead (db/queries/erasures.sql)',
    with: ['lead_id', 'queue_id', 'draft_id', 'inbound_id'],
    read: statementNames('erasures', 'exportLead', /\b(?:FROM|JOIN) (\w+)/g),
    without: {
      erased_addresses: 'a hash that keeps the address from being imported again',
      erased_mentions: 'mentions of the lead by others, after the erasure',
      inbound_sources: 'the raw bytes of inbound_messages, for 30 days',
      lead_import_rows: 'rows of an import under way, deleted when it ends',
      log_erasures: 'hashes of removed data',
      model_calls: 'usage figures of a model',
    },
  },
];
