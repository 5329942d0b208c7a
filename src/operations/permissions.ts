import { ACCOUNT_COLUMNS } from '../core/account_columns.ts';
import { type Columns, namesWith } from '../core/columns.ts';
import { LEAD_COLUMNS } from '../core/lead_columns.ts';
import type { AgentKind, UserRole } from '../schema.gen.ts';
import type { OperationName } from './definitions.ts';
import type { Permission } from './operation.ts';

const ALL = ['revops', 'slm', 'rep', 'exec', 'admin', 'auditor'] as const satisfies readonly UserRole[];
const WORKING = ['revops', 'slm', 'rep', 'exec', 'admin'] as const satisfies readonly UserRole[];
const AGENTS = ['brain', 'role', 'system'] as const satisfies readonly AgentKind[];

const everyone: Permission = { people: [], agents: [], is_public: true };
const all: Permission = { people: ALL, agents: AGENTS };
const working: Permission = { people: WORKING, agents: AGENTS };
const all_people: Permission = { people: ALL, agents: [] };
const working_people: Permission = { people: WORKING, agents: [] };
const planners: Permission = { people: ['revops', 'admin'], agents: [] };
const importers: Permission = { people: ['rep', 'revops', 'admin'], agents: [] };
const template_approvers: Permission = { people: ['revops', 'slm', 'exec', 'admin'], agents: [] };
/** A user's own key has no more permissions than the user. Needs a session or the machine's key. */
const key_owners: Permission = { people: ALL, agents: [], credential: 'session_or_machine_key' };
/** Grants of access. Need an admin's session or the machine's key. */
const doorkeepers: Permission = { people: ['admin'], agents: [], credential: 'session_or_machine_key' };
/** Access to others' mail. Needs an admin's session, which the provider's callback returns to. */
const present_admins: Permission = { people: ['admin'], agents: [], credential: 'session' };
/** RevOps and sales leaders edit and approve plays. */
const play_makers: Permission = { people: ['revops', 'slm'], agents: [] };
const revops: Permission = { people: ['revops'], agents: [] };
/** As declared with each column; db/routines/kept_from_agents.sql enforces the same for every statement. */
const fieldsOf = (table: Columns) =>
  Object.fromEntries(namesWith(table, 'patched').map((name) => [name, table[name]!.agents ?? []]));
const knowing_agents = { people: WORKING, agents: ['role', 'system'] } as const satisfies Permission;
/** Agents work for a role; executives route. */
const task_workers: Permission = { people: ['exec', 'admin'], agents: ['role', 'system'] };
const admins: Permission = { people: ['admin'], agents: [] };
const auditors: Permission = { people: ['admin', 'auditor'], agents: [] };

/**
 * The one table of permissions: operation x role x kind of principal. An operation without a row does not compile, nor does
 * the reverse. The database enforces the essentials itself: no agent approves, activates, undoes an opt-out, or resumes a
 * mailbox.
 */
export const PERMISSIONS: Readonly<Record<OperationName, Permission>> = {
  create_session: everyone,
  get_sign_in_options: everyone,
  create_sign_in_link: doorkeepers,
  list_sessions: all_people,
  delete_session: all_people,
  get_me: all,
  get_today: all_people,
  list_users: { people: ['admin', 'auditor'], agents: [] },
  list_people: all_people,
  create_user: doorkeepers,
  patch_user: doorkeepers,
  list_api_keys: all_people,
  create_api_key: key_owners,
  delete_api_key: key_owners,
  set_password: { people: ALL, agents: [], credential: 'session' },

  import_leads: importers,
  list_leads: all,
  get_lead: all,
  patch_lead: { ...knowing_agents, fields: fieldsOf(LEAD_COLUMNS) },
  assign_accounts: working_people,
  assign_leads: working_people,
  get_assignment_rules: all_people,
  put_assignment_rules: planners,
  apply_assignment_rules: planners,
  opt_out_lead: working,
  export_lead: planners,
  erase_lead: planners,
  list_erased_mentions: planners,
  review_erased_mention: planners,
  explain_lead: all,
  timeline_lead: all,
  list_lead_suppressions: all,
  add_lead_address: working_people,
  change_lead_address: working_people,
  merge_leads: planners,
  list_merge_suggestions: all_people,
  reject_merge_suggestion: planners,
  list_suppressions: all,
  add_suppressions: working_people,
  lift_suppression: planners,
  import_suppressions: importers,
  export_suppressions: all_people,
  list_opportunities: all,
  get_opportunity: all,
  create_opportunity: working_people,
  patch_opportunity: working_people,
  import_opportunities: importers,
  get_lineage: all,
  record_service_rows: { people: ['revops', 'admin'], agents: AGENTS },
  list_service_records: all,
  list_signals: all,
  record_signal: { ...knowing_agents, own_side: ['role'] },
  get_lead_mailbox: all_people,
  list_accounts: all,
  get_account: all,
  patch_account: { ...knowing_agents, fields: fieldsOf(ACCOUNT_COLUMNS) },

  list_campaigns: all,
  get_campaign: all,
  put_campaign: planners,
  import_campaign: planners,
  patch_campaign: planners,
  put_steps: planners,
  approve_template: template_approvers,

  propose_play: { people: [], agents: ['brain'] },
  list_plays: all,
  get_play: all,
  preview_play: all_people,
  pick_up_play: play_makers,
  edit_play: play_makers,
  approve_play: play_makers,
  withdraw_play_approval: play_makers,
  retire_play: revops,
  copy_play: play_makers,
  put_play_outcomes: revops,
  get_play_config: all_people,
  put_play_config: revops,
  put_segment_config: revops,
  list_segments: all,
  list_clients: all,
  create_client: planners,
  patch_client: planners,
  get_organization: all,
  patch_organization: admins,
  get_crm: all_people,
  connect_crm: admins,
  disconnect_crm: admins,
  list_crm_writes: all,
  retry_crm_write: planners,
  skip_crm_write: planners,
  sync_crm: planners,
  settle_crm_deletion: working_people,
  analytics_brains: all,
  analytics_plays: all,
  analytics_cohorts: all,
  analytics_outcomes: all,

  request_sequence: working,
  request_sequences: working_people,
  list_enrollments: all,
  pause_enrollment: working_people,
  resume_enrollment: working_people,
  exit_enrollment: working,

  list_drafts: all_people,
  count_drafts: all_people,
  get_draft: all_people,
  explain_draft: all_people,
  approve_draft: working_people,
  withdraw_draft_approval: working_people,
  edit_draft: working_people,
  reject_draft: working_people,
  mark_sent: working_people,
  list_personal_sends: all_people,
  assign_personal_send: working_people,
  write_draft: { people: [], agents: ['role', 'system'] },

  list_send_queue: all,
  cancel_queue_item: working_people,
  resolve_queue_item: working_people,
  list_tasks: all,
  claim_tasks: task_workers,
  complete_task: task_workers,
  fail_task: task_workers,
  route_task: { people: ['exec', 'admin'], agents: [] },
  retry_task: working_people,
  list_hand_offs: all_people,
  get_hand_off: all_people,
  preview_hand_off: working_people,
  take_inbound: { people: ['revops', 'admin'], agents: ['system'] },
  list_inbound: all,
  get_inbound: { people: ALL, agents: ['role', 'system'] },
  get_inbound_context: all_people,
  handle_inbound: working_people,
  judge_bounce: working_people,
  add_suggested_lead: working_people,
  list_events: all,
  analytics_suppressions: all,
  analytics_conflicts: all,
  analytics_funnel: all,

  list_flags: all,
  acknowledge_flag: working_people,
  resolve_flag: working_people,
  list_notifications: all,
  read_notification: all,
  get_notification_preferences: all_people,
  put_notification_preferences: all_people,
  put_notification_webhook: all_people,
  test_notification_webhook: all_people,
  delete_notification_webhook: all_people,

  list_agents: all,
  patch_agent: admins,
  get_policy: all,
  put_policy: planners,
  preview_policy: planners,
  get_default_policy: all,
  list_policy_versions: all_people,
  get_language_model: all_people,
  list_mailboxes: all_people,
  get_mailbox: all_people,
  create_mailbox: { people: ['admin'], agents: [] },
  patch_mailbox: planners,
  pause_mailbox: planners,
  resume_mailbox: planners,
  retire_mailbox: planners,
  test_mailbox: planners,
  connect_mailbox: present_admins,
  disconnect_mailbox: admins,
  get_mailbox_use: all_people,
  get_mailbox_dkim: all_people,
  set_lead_mailbox: planners,
  list_caught_messages: all_people,
  list_webhooks: auditors,
  create_webhook: admins,
  delete_webhook: admins,
  test_webhook: admins,
  list_webhook_deliveries: auditors,

  list_audit: auditors,
  verify_audit: auditors,
};
