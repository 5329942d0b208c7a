import { leadDetail } from '../../src/operations/leads/access.ts';
import {
  all,
  type ColumnList,
  comparedBy,
  functionNames,
  statementNames,
  these,
  triggersOf,
} from './read.ts';
import { DERIVED_OF_LEADS, KEYS, OPT_OUT_DATES, PAUSES, SIGNALS, STAMPS } from './reasons.ts';
import { IMPORTS, PATCHES } from './writing_lists.ts';

/** What is shown of a lead is what its person may ask for. */
const EXPORTS: readonly ColumnList[] = [
  {
    list: 'what export_lead shows of the lead (src/operations/leads/access.ts)',
    table: 'leads',
    read: these(Object.keys(leadDetail.shape)),
    without: { org_id: 'whose it is' },
  },
  {
    list: 'leadsById (db/queries/leads.sql)',
    table: 'leads',
    read: statementNames('leads', 'leadsById', /\bl\.(\w+)/g),
    without: {},
  },
];

const ERASURES: readonly ColumnList[] = [
  {
    list: 'erase_lead (db/routines/erasures.sql)',
    table: 'leads',
    read: functionNames('erase_lead', /\b(\w+) = /g, /UPDATE leads SET[\s\S]*?WHERE/),
    without: {
      ...{ ...KEYS, created_at: 'a time, of nobody', ...DERIVED_OF_LEADS },
      ...{ sales_signal_at: 'a time, of nobody', marketing_signal_at: 'a time, of nobody' },
      ...{ icp_tier: 'one of three', unsubscribe_flag: 'stays for good', unsubscribed_at: 'stays for good' },
      cadence_paused_at: 'a time, of nobody',
    },
  },
  {
    list: 'leads_stay_erased (db/routines/erasures.sql)',
    table: 'leads',
    read: comparedBy('leads_stay_erased'),
    without: {
      ...{ org_id: 'row-level security', ...STAMPS, ...DERIVED_OF_LEADS, ...PAUSES },
      ...{
        unsubscribe_flag: 'the way out of an old mail still works',
        unsubscribed_at: 'goes with its flag',
      },
    },
  },
];

/** What is audited of a lead is made from the catalog; this holds what is left out of it. */
const AUDITED: readonly ColumnList[] = [
  {
    list: 'leads_audit (db/routines/audit.sql)',
    table: 'leads',
    read: triggersOf('leads_audit'),
    without: { ...DERIVED_OF_LEADS, ...SIGNALS, updated_at: 'when, not what' },
    made: true,
  },
];

/** What people look for a lead or an account by: a column of text is a key of the search, or says why it is none. */
const SEARCHED: readonly ColumnList[] = [
  {
    list: 'searchNextLeads (db/queries/lead_search.sql)',
    table: 'leads',
    read: statementNames('lead_search', 'searchNextLeads', /\bl\.(\w+) (?:COLLATE "C" )?>= lower/g),
    generated: true,
    without: {
      ...{ ...KEYS, ...STAMPS, ...DERIVED_OF_LEADS, ...SIGNALS, ...PAUSES, ...OPT_OUT_DATES },
      ...{ email: 'by email_key', first_name: 'by name_key', last_name: 'by last_name_key' },
      ...{ account_id: 'a filter', icp_tier: 'a filter', segment: 'a filter' },
      ...{ unsubscribe_flag: 'a filter', opt_out_flag: 'a filter' },
      ...{
        title: 'of many',
        country: 'of many',
        time_zone: 'of many',
        vertical: 'of many',
        lifecycle_stage: 'of many',
      },
      ...{ linkedin_url: 'opened, not typed', crm_contact_id: 'opened in the CRM', owner_user_id: 'of many' },
      ...{ intent_signals: 'of many', erased_at: 'when' },
    },
  },
  {
    list: 'searchAccounts (db/queries/accounts.sql)',
    table: 'accounts',
    read: statementNames('accounts', 'searchAccounts', /\bx\.(\w+) (?:COLLATE "C" )?>= lower/g),
    generated: true,
    without: {
      ...{
        ...KEYS,
        ...STAMPS,
        name: 'by name_key',
        account_key: 'the domain or the name',
        abm_active: 'a filter',
      },
      ...{
        icp_tier: 'a filter',
        segment: 'of many',
        vertical: 'of many',
        country: 'of many',
        time_zone: 'of many',
      },
      crm_account_id: 'opened in the CRM',
    },
  },
];

const HASHED: readonly ColumnList[] = [
  {
    table: 'cadence_event_log',
    list: 'event_hash_1',
    read: functionNames('event_hash_1', /\(v\)\."?(\w+)/g),
  },
  { table: 'audit_log', list: 'audit_hash_1', read: functionNames('audit_hash_1', /\(a\)\."?(\w+)/g) },
].map((one) => ({ ...one, without: {} }));

/** Of a table that agents change a part of: what is closed to them, or means something else and so never changes. */
const AGENTS: readonly ColumnList[] = [
  {
    list: 'what agents do not write of an enrollment (db/routines/kept_from_agents.sql)',
    table: 'campaign_contacts',
    read: all(
      triggersOf('campaign_contacts_kept_from_agents', 'campaign_contacts_pause_kept_from_agents'),
      comparedBy('campaign_contacts_identity'),
    ),
    without: { open_queue_id: 'triggers keep it while an agent’s touch goes on' },
  },
  {
    list: 'what agents do not write of a touch (db/routines/kept_from_agents.sql)',
    table: 'sales_send_queue',
    read: all(
      triggersOf('sales_send_queue_kept_from_agents', 'sales_send_queue_hold_kept_from_agents'),
      comparedBy('sales_send_queue_identity'),
    ),
    without: {
      ...{
        staged_draft_id: 'an agent writes the text',
        status: 'goes to drafted with its text; legal moves only',
      },
      error: 'cleared with a new text',
    },
  },
  {
    list: 'what agents do not write of a notification (db/routines/kept_from_agents.sql)',
    table: 'notifications',
    read: triggersOf('notifications_kept_from_agents'),
    without: { read_at: 'that it was read' },
  },
];

/** What a row is about: compared by a trigger, or one of what happens to it. */
const IDENTITIES: readonly ColumnList[] = [
  identity('sales_send_queue', [
    ...[
      'contact_id',
      'requires_personal_send',
      'staged_draft_id',
      'scheduled_at',
      'sent_at',
      'status',
      'held_until',
    ],
    ...['held_reason', 'wake', 'attempt_count', 'error', 'created_at', 'held_policy_version', 'due_at'],
    ...['deferred_reason', 'deferred_policy_version', 'mailbox_id', 'deferred_detail'],
  ]),
  identity('campaign_contacts', [
    ...['contact_id', 'requested_by', 'status', 'current_step', 'next_send_at', 'open_queue_id', 'exited_at'],
    ...['exit_reason', 'goal', 'notes', 'paused_at', 'paused_reason', 'paused_until', 'wake'],
  ]),
  identity('sequence_requests', [
    ...[
      'requested_by_user_id',
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
  identity('touches', ['local_day', 'time_zone', 'outcome', 'settled_at']),
  identity('flags', [
    ...['for_agent', 'for_user_id', 'detail', 'resolved_at', 'for_role', 'acknowledged_at', 'resolution'],
    ...['acknowledged_by_user_id', 'escalated_at', 'resolved_by_user_id', 'cause_gone_at'],
  ]),
  identity('send_attempts', [
    ...['stage', 'lease_until', 'finished_at', 'smtp_code', 'response', 'mailbox_id'],
    ...['bounced_at', 'failure', 'orphaned_at'],
  ]),
  identity('suppressions', ['reason']),
];

export const LISTS: readonly ColumnList[] = [
  ...[
    ...IMPORTS,
    ...PATCHES,
    ...EXPORTS,
    ...ERASURES,
    ...AUDITED,
    ...SEARCHED,
    ...HASHED,
    ...AGENTS,
    ...IDENTITIES,
  ],
];

function identity(table: string, changing: readonly string[]): ColumnList {
  const list = `${table}_identity (db/routines/identities.sql)`;
  const without = Object.fromEntries(changing.map((column) => [column, 'changes in the life of the row']));
  return { list, table, read: comparedBy(`${table}_identity`), without };
}
