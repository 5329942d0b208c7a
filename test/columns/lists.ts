import { all, type ColumnList, comparedBy, functionNames, triggersOf } from './read.ts';

const BY_ENROLLMENTS = 'follows from the enrollments';
const NAMES_NO_PERSON = 'names no person';
const NOT_SENT = 'a merged lead gets no touches';
const CONSENT = 'a withdrawn consent stays on record';

const HASHED: readonly ColumnList[] = [
  {
    table: 'cadence_event_log',
    list: 'event_hash_2',
    read: functionNames('event_hash_2', /\(v\)\."?(\w+)/g),
  },
  { table: 'audit_log', list: 'audit_hash_1', read: functionNames('audit_hash_1', /\(a\)\."?(\w+)/g) },
].map((one) => ({ ...one, without: {} }));

/**
 * For tables that agents may change in part: columns that are closed to agents, or that identify the row and so never
 * change.
 */
const AGENTS: readonly ColumnList[] = [
  {
    list: 'columns of an enrollment that agents may not write (db/routines/kept_from_agents.sql)',
    table: 'campaign_contacts',
    read: all(
      triggersOf('campaign_contacts_kept_from_agents', 'campaign_contacts_pause_kept_from_agents'),
      comparedBy('campaign_contacts_identity'),
    ),
    without: { open_queue_id: 'triggers maintain it while an agent’s touch is open' },
  },
  {
    list: 'columns of a touch that agents may not write (db/routines/kept_from_agents.sql)',
    table: 'sales_send_queue',
    read: all(
      triggersOf('sales_send_queue_kept_from_agents', 'sales_send_queue_hold_kept_from_agents'),
      comparedBy('sales_send_queue_identity'),
    ),
    without: {
      ...{
        staged_draft_id: 'an agent writes the text',
        status: 'becomes drafted with its text; legal moves only',
      },
      error: 'cleared with a new text',
    },
  },
  {
    list: 'columns of a notification that agents may not write (db/routines/kept_from_agents.sql)',
    table: 'notifications',
    read: triggersOf('notifications_kept_from_agents'),
    without: { read_at: 'records only that it was read' },
  },
];

/** The columns that identify a row, which a trigger compares. The exceptions record what happens to it. */
const IDENTITIES: readonly ColumnList[] = [
  identity('sales_send_queue', [
    ...['requires_personal_send', 'staged_draft_id', 'scheduled_at', 'sent_at', 'status', 'held_until'],
    ...['held_reason', 'wake', 'attempt_count', 'error', 'created_at', 'held_policy_version', 'due_at'],
    ...['deferred_reason', 'deferred_policy_version', 'mailbox_id', 'deferred_detail', 'assigned_to_user_id'],
  ]),
  identity('campaign_contacts', [
    ...['requested_by', 'status', 'current_step', 'next_send_at', 'open_queue_id', 'exited_at'],
    ...[
      'exit_reason',
      'goal',
      'notes',
      'paused_at',
      'paused_reason',
      'paused_until',
      'wake',
      'conflict_since',
      'paused_policy_version',
    ],
  ]),
  identity('sequence_requests', [
    ...[
      'requested_by_user_id',
      'conflict_since',
      'answer_count',
      'goal',
      'notes',
      'exited_enrollment_id',
      'status',
      'reason',
      'held_until',
      'wake',
    ],
    ...['trace', 'policy_version', 'enrollment_id', 'decided_at', 'unreachable_steps'],
  ]),
  identity('touches', ['outcome', 'settled_at', 'result']),
  identity('flags', [
    ...['for_agent', 'for_user_id', 'detail', 'resolved_at', 'for_role', 'acknowledged_at', 'resolution'],
    ...['acknowledged_by_user_id', 'escalated_at', 'resolved_by_user_id', 'cause_gone_at'],
  ]),
  identity('send_attempts', [
    ...['stage', 'lease_until', 'finished_at', 'smtp_code', 'response', 'mailbox_id'],
    ...['bounced_at', 'failure', 'orphaned_at'],
  ]),
  identity('suppressions', ['reason', 'lifted_at', 'lifted_by_user_id', 'lift_reason', 'settled_at']),
  identity('crm_writes', [
    ...[
      'lead_id',
      'status',
      'attempt_count',
      'next_at',
      'claim_id',
      'process_id',
      'is_uncertain',
      'record_id',
    ],
    ...['last_code', 'last_path', 'last_message', 'settled_at', 'decided_by_user_id', 'skip_reason'],
  ]),
  identity('opportunities', [
    ...['account_id', 'name', 'stage', 'amount_cents', 'currency', 'term_months', 'opened_at', 'closed_at'],
    ...['lost_reason', 'owner_user_id', 'crm_deal_id', 'updated_at'],
  ]),
];

/** A merge loses the value of a column that it does not fill in. The merged lead keeps a value that is not cleared. */
const MERGES: readonly ColumnList[] = [
  {
    list: 'columns that a merge fills in or settles (db/routines/lead_merges.sql)',
    table: 'leads',
    read: functionNames('merge_leads', /\b(\w+) = /g, /UPDATE leads l SET\n[\s\S]*?WHERE l\.org_id/),
    without: {
      ...{
        org_id: 'whose it is',
        id: 'which it is',
        created_at: 'set once',
        email: 'the kept lead’s stays the primary',
      },
      ...{ erased_at: 'neither lead is erased', merged_into_id: 'the merged lead’s only' },
      ...{ sales_signal_at: 'follows from the signals', marketing_signal_at: 'follows from the signals' },
      ...{ cadence_state: BY_ENROLLMENTS, active_sequence_id: BY_ENROLLMENTS, current_step: BY_ENROLLMENTS },
    },
  },
  {
    list: 'columns that a merge clears in the merged lead (db/routines/lead_merges.sql)',
    table: 'leads',
    read: functionNames(
      'merge_leads',
      /\b(\w+) = /g,
      /UPDATE leads l SET merged_into_id = into_lead, email[\s\S]*?WHERE l\.org_id/,
    ),
    without: {
      ...{ org_id: 'whose it is', id: 'which it is', created_at: 'set once' },
      ...{ icp_tier: NAMES_NO_PERSON, country: NAMES_NO_PERSON, time_zone: NAMES_NO_PERSON },
      ...{ unsubscribe_flag: CONSENT, unsubscribed_at: CONSENT },
      ...{ opt_out_flag: CONSENT, opted_out_at: CONSENT },
      ...{ sales_signal_at: 'follows from the signals', marketing_signal_at: 'follows from the signals' },
      ...{ cadence_state: BY_ENROLLMENTS, active_sequence_id: BY_ENROLLMENTS, current_step: BY_ENROLLMENTS },
      ...{ customer_since: BY_ENROLLMENTS, last_touch_at: 'follows from the touches' },
      ...{ cadence_paused_at: NOT_SENT, cadence_pause_reason: NOT_SENT },
      erased_at: 'the erasure of the kept lead sets it',
    },
  },
];

export const LISTS: readonly ColumnList[] = [...HASHED, ...AGENTS, ...IDENTITIES, ...MERGES];

function identity(table: string, changing: readonly string[]): ColumnList {
  const list = `${table}_identity (db/routines/identities.sql)`;
  const without = Object.fromEntries(changing.map((column) => [column, 'changes during the row’s life']));
  return { list, table, read: comparedBy(`${table}_identity`), without };
}
