import type { OperationName } from '../../src/operations/definitions.ts';
import { PLAY } from '../plays/play_world.ts';
import { campaignInput } from './subject_campaigns.ts';
import type { Subjects } from './subjects.ts';

export type Given = { input: Record<string, unknown>; csv?: string };
/** `fresh`: single-use values, created for each request. */
type Maker = (of: Subjects, fresh: Fresh) => Given['input'][];
export type Fresh = { link_token: string; word: string };

const plain: Maker = () => [{}];
const STEPS = campaignInput('x').steps;

/**
 * Valid inputs by operation. The first allowed caller runs the first one in its own org. Further inputs name
 * other rows. All are tried with a foreign org's subjects. An operation without an entry here does not compile.
 */
export const INPUTS: Readonly<Record<OperationName, Maker>> = {
  create_session: (_, { link_token }) => [{ link_token }],
  create_sign_in_link: plain,
  delete_session: () => [{ id: 'current' }, { id: crypto.randomUUID() }],
  get_me: plain,
  get_today: plain,
  get_sign_in_options: plain,
  list_sessions: plain,
  set_password: (_, { word }) => [{ new_password: `a long password: ${word}` }],
  list_users: plain,
  list_people: plain,
  create_user: (_, { word }) => [{ email: `${word}@people.example`, name: 'New', roles: ['rep'] }],
  patch_user: ({ user_id }, { word }) => [{ id: user_id, name: word }],
  list_api_keys: plain,
  create_api_key: (_, { word }) => [{ name: word }],
  delete_api_key: ({ key_id }) => [{ id: key_id }],

  import_leads: (_, { word }) => [{ dry_run: false, mapping: JSON.stringify({ title: word }) }],
  list_leads: ({ account_id, lead_email }) => [{}, { account_id }, { q: lead_email }],
  get_lead: ({ lead_id, lead_email }) => [{ id: lead_id }, { id: lead_email }],
  patch_lead: ({ lead_id, user_id, lead_email }, { word }) => [
    { id: lead_id, title: word },
    { id: lead_email, title: word },
    { id: 'lead1@own.example', owner_user_id: user_id },
  ],
  assign_leads: ({ lead_id, user_id }) => [
    { leads: [lead_id], owner_user_id: user_id },
    { leads: [lead_id], round_robin: [user_id] },
  ],
  get_assignment_rules: plain,
  put_assignment_rules: ({ user_id }) => [{ rules: [{ icp_tiers: ['T3'], assignee_user_ids: [user_id] }] }],
  apply_assignment_rules: () => [{ dry_run: true }],
  opt_out_lead: ({ opting_lead_id }) => [
    { id: opting_lead_id },
    { id: opting_lead_id, action: 'lift', reason: 'asked to' },
  ],
  export_lead: ({ lead_id, lead_email }) => [{ id: lead_id }, { id: lead_email }],
  erase_lead: ({ erasing_lead_id }) => [{ id: erasing_lead_id, reason: 'asked to' }],
  list_erased_mentions: ({ lead_id }) => [{}, { lead_id }],
  review_erased_mention: ({ mention_id }) => [{ id: mention_id }],
  explain_lead: ({ lead_id, lead_email }) => [{ id: lead_id }, { id: lead_email }],
  timeline_lead: ({ lead_id }) => [{ id: lead_id }, { id: lead_id, kind: 'sent' }],
  add_lead_address: ({ lead_id }, { word }) => [{ id: lead_id, value: `${word}@further.example` }],
  change_lead_address: ({ address_id }) => [{ id: address_id, is_verified: true }],
  merge_leads: ({ free_lead_id, opting_lead_id }) => [
    { id: free_lead_id, other_lead_id: opting_lead_id, dry_run: true },
  ],
  list_merge_suggestions: ({ lead_id }) => [{}, { lead_id }],
  reject_merge_suggestion: ({ merge_suggestion_id }) => [{ id: merge_suggestion_id }],
  list_suppressions: () => [{}, { q: 'acme', kind: 'domain' }],
  add_suppressions: () => [
    { values: ['no@acme.example', 'acme.example'], reason: 'asked by phone', dry_run: true },
  ],
  lift_suppression: ({ suppression_id }) => [{ id: suppression_id, reason: 'agreed again' }],
  import_suppressions: () => [{ dry_run: true }],
  export_suppressions: () => [{}],
  list_lead_suppressions: ({ lead_id, lead_email }) => [{ id: lead_id }, { id: lead_email }],
  get_lead_mailbox: ({ lead_id, lead_email }) => [{ id: lead_id }, { id: lead_email }],
  get_crm: plain,
  connect_crm: () => [
    { crm: 'hubspot', api_key: 'key', app_id: '7', client_secret: 'secret' },
    { crm: 'attio', api_key: 'key' },
  ],
  disconnect_crm: plain,
  list_crm_writes: ({ lead_id }) => [{}, { status: 'refused' }, { lead_id }],
  retry_crm_write: ({ retrying_crm_write_id }) => [{ id: retrying_crm_write_id }],
  skip_crm_write: ({ skipping_crm_write_id }) => [{ id: skipping_crm_write_id, reason: 'wrote it by hand' }],
  sync_crm: plain,
  settle_crm_deletion: ({ lead_id }) => [{ id: lead_id, action: 'keep' }],
  list_opportunities: ({ lead_id, account_id }) => [{}, { lead_id }, { account_id }],
  get_opportunity: ({ opportunity_id }) => [{ id: opportunity_id }],
  create_opportunity: ({ lead_id, lead_email, account_id, user_id }) => [
    { lead_id, name: 'Acme', amount_cents: 120_000, currency: 'EUR', account_id, owner_user_id: user_id },
    { lead_id: lead_email, name: 'Acme', enrollment_id: null },
  ],
  patch_opportunity: ({ opportunity_id, user_id, account_id }, { word }) => [
    { id: opportunity_id, name: word },
    { id: opportunity_id, owner_user_id: user_id, account_id },
  ],
  import_opportunities: () => [{ dry_run: true }],
  get_lineage: ({ lead_id, opportunity_id, play_id, proposal_id }) =>
    [lead_id, opportunity_id, play_id, proposal_id].map((id) => ({ id })),
  record_service_rows: ({ lead_id, opportunity_id, account_id, play_id, proposal_id }, { word }) =>
    [
      { subject_id: lead_id },
      { opportunity_id },
      { account_id },
      { play_id },
      { originating_proposal_id: proposal_id },
    ].map((named, at) => ({
      rows: [
        { service: 'qbr_log', external_id: `${word}-${at}`, occurred_at: '2026-01-05T09:00:00Z', ...named },
      ],
    })),
  list_service_records: ({ lead_id, proposal_id }) => [
    {},
    { lead_id },
    { originating_proposal_id: proposal_id },
  ],
  list_signals: ({ lead_id, lead_email }) => [{ id: lead_id }, { id: lead_email }],
  record_signal: ({ lead_id, lead_email }) => [
    { id: lead_id, side: 'sales', source: 'demo_request' },
    { id: lead_email, side: 'marketing', source: 'webinar' },
  ],
  assign_accounts: ({ account_id, user_id }) => [{ accounts: [account_id], owner_user_id: user_id }],
  list_accounts: plain,
  get_account: ({ account_id }) => [{ id: account_id }],
  patch_account: ({ account_id }, { word }) => [{ id: account_id, segment: word }],

  list_campaigns: plain,
  get_campaign: ({ campaign }) => [{ slug: campaign }],
  put_campaign: (_, { word }) => [campaignInput(`put_${word}`)],
  import_campaign: (_, { word }) => [{ yaml: JSON.stringify(campaignInput(`import_${word}`)) }],
  patch_campaign: ({ campaign }, { word }) => [
    { slug: campaign, status: 'active' },
    { slug: campaign, name: word },
  ],
  put_steps: ({ campaign }) => [{ slug: campaign, steps: STEPS }],
  approve_template: ({ campaign, template_hash }) => [{ slug: campaign, step_number: 1, template_hash }],

  propose_play: ({ segment, account_id, proposal_id }) => [
    { scope: 'segment', segment, proposal: { summary: 'Relief', analysis: 'They close by hand.' }, ...PLAY },
    {
      scope: 'account_specific',
      account_id,
      proposal: { summary: 'Relief', analysis: 'They close by hand.' },
      ...PLAY,
    },
    { scope: 'segment', segment: 'own_segment', originating_proposal_id: proposal_id, ...PLAY },
  ],
  list_plays: ({ account_id, segment }) => [{}, { account_id }, { segment }],
  get_play: ({ play_id }) => [{ id: play_id }],
  preview_play: ({ play_id }) => [{ id: play_id }],
  pick_up_play: ({ picking_play_id }) => [{ id: picking_play_id }],
  edit_play: ({ editing_play_id }, { word }) => [
    { id: editing_play_id, name: word },
    { id: editing_play_id, client_id: 'no_such_client' },
  ],
  approve_play: ({ approving_play_id }) => [{ id: approving_play_id, role: 'revops' }],
  withdraw_play_approval: ({ approving_play_id }) => [{ id: approving_play_id }],
  retire_play: ({ retiring_play_id }) => [{ id: retiring_play_id }],
  copy_play: ({ retired_play_id }) => [{ id: retired_play_id }],
  put_play_outcomes: ({ play_id }) => [
    { id: play_id, retrospective_outcomes: { quarter: '2026-Q4', meeting_rate: 0.1 } },
  ],
  get_play_config: plain,
  put_play_config: () => [{ max_active_plays: 6 }],
  analytics_brains: plain,
  analytics_plays: plain,
  analytics_cohorts: plain,
  analytics_outcomes: plain,
  list_segments: plain,
  list_clients: plain,
  create_client: (_, { word }) => [{ client_id: `brand_${word}`, name: 'A brand' }],
  patch_client: ({ client_id }, { word }) => [{ client_id, name: word }],
  get_organization: plain,
  patch_organization: (_, { word }) => [{ legal_name: word }],
  put_segment_config: (_, { word }) => [{ segment: word, max_active_plays: 4 }],

  request_sequence: ({ free_lead_id, lead_email, campaign }) => [
    { lead_id: free_lead_id, campaign_slug: 'b2bea_membership_close' },
    { lead_id: lead_email, campaign_slug: 'b2bea_membership_close' },
    { lead_id: 'lead1@own.example', campaign_slug: campaign },
  ],
  request_sequences: ({ free_lead_id, lead_email, campaign }) => [
    { leads: [free_lead_id, lead_email], campaign_slug: 'b2bea_membership' },
    { leads: [free_lead_id], campaign_slug: campaign, dry_run: true },
  ],
  list_enrollments: ({ lead_id, campaign }) => [{}, { lead_id }, { campaign_slug: campaign }],
  pause_enrollment: ({ pausing_id }) => [{ id: pausing_id, reason: 'test' }],
  resume_enrollment: ({ resuming_id }) => [{ id: resuming_id }],
  exit_enrollment: ({ exiting_id }) => [{ id: exiting_id, exit_reason: 'rejected' }],

  list_drafts: ({ unknown_id, campaign }) => [
    {},
    { status: 'drafted', campaign_slug: campaign },
    { queue_id: unknown_id },
  ],
  count_drafts: plain,
  get_draft: ({ approving }) => [{ id: approving.id }],
  explain_draft: ({ approving }) => [{ id: approving.id }],
  approve_draft: ({ approving }) => [approving],
  withdraw_draft_approval: ({ withdrawing }) => [{ id: withdrawing.id }],
  edit_draft: ({ editing }) => [{ ...editing, body: 'Another text.' }],
  reject_draft: ({ rejecting }) => [{ ...rejecting, reason: 'test' }],
  mark_sent: ({ personal }) => [{ ...personal, already_sent: true }],
  list_personal_sends: plain,
  assign_personal_send: ({ assigned_id }) => [{ id: assigned_id }],
  write_draft: ({ writing }) => [{ ...writing, subject: 'Hello', body: 'A text.' }],

  list_send_queue: ({ lead_id }) => [{}, { lead_id }],
  cancel_queue_item: ({ canceling_id }) => [{ id: canceling_id, reason: 'test' }],
  resolve_queue_item: ({ unknown_id }) => [{ id: unknown_id, went: true }],
  list_tasks: plain,
  claim_tasks: () => [{ limit: 1 }, { role: 'roles.no_such', limit: 1 }],
  complete_task: ({ completing }) => [{ ...completing, result: { intent: 'question' } }],
  fail_task: ({ failing }) => [{ ...failing, error: 'test' }],
  retry_task: ({ failed_task_id }) => [{ id: failed_task_id }],
  route_task: ({ meeting_id, campaign }) => [{ id: meeting_id, campaigns: [campaign] }],
  list_hand_offs: () => [{}, { status: 'routed' }],
  get_hand_off: ({ meeting_id }) => [{ id: meeting_id }],
  preview_hand_off: ({ meeting_id, campaign }) => [{ id: meeting_id, campaigns: [campaign] }],
  take_inbound: ({ mailbox_id }, { word }) => [
    { raw: `From: ${word}@else.example\nSubject: Hello\n\nA word.` },
    { raw: `From: ${word}@else.example\nSubject: Hello\n\nA word.`, mailbox: mailbox_id },
  ],
  list_inbound: ({ lead_id }) => [{}, { lead_id }, { suggesting: true }],
  get_inbound: ({ inbound_id }) => [{ id: inbound_id }],
  get_inbound_context: ({ inbound_id }) => [{ id: inbound_id, whole: true }],
  handle_inbound: ({ inbound_id }) => [{ id: inbound_id, intent: 'question' }],
  judge_bounce: ({ pending_bounce_id }) => [{ id: pending_bounce_id, bounce_severity: 'soft' }],
  add_suggested_lead: ({ inbound_id }, { word }) => [{ id: inbound_id, email: `${word}@else.example` }],
  list_events: ({ lead_id, play_id, campaign, user_id }) => [
    { words: true },
    { lead_id, words: true },
    { play_id },
    { campaign_slug: campaign },
    { actor_id: user_id },
  ],

  analytics_conflicts: plain,
  analytics_suppressions: ({ campaign }) => [{ by: 'agent' }, { campaign_slug: campaign }],
  analytics_funnel: ({ campaign }) => [{}, { campaign_slug: campaign }],

  list_flags: ({ lead_id }) => [{}, { lead_id, open_only: false }],
  acknowledge_flag: ({ acknowledged_flag_id }) => [{ id: acknowledged_flag_id }],
  resolve_flag: ({ resolved_flag_id }) => [{ id: resolved_flag_id, reason: 'test' }],
  list_notifications: plain,
  read_notification: ({ notification_id }) => [{ id: notification_id }],

  list_agents: plain,
  patch_agent: () => [{ id: 'roles.cs', worked_by: 'built_in' }],
  get_policy: plain,
  put_policy: () => [{ document: { business_hours: { enforce: false } }, expected_version: 1 }],
  preview_policy: () => [{ document: { touch_cap: { max_touches_per_window: 4 } } }],
  get_default_policy: plain,
  list_policy_versions: plain,
  get_language_model: plain,
  list_mailboxes: plain,
  get_mailbox: ({ mailbox_id }) => [{ id: mailbox_id }],
  patch_mailbox: ({ mailbox_id }) => [{ id: mailbox_id, display_name: 'Testers' }],
  create_mailbox: ({ user_id }, { word }) => [
    { address: `${word}@boxes.example`, display_name: 'New', owner_user_id: user_id },
  ],
  retire_mailbox: ({ mailbox_id }) => [{ id: mailbox_id, undo: true }],
  get_mailbox_dkim: ({ mailbox_id }) => [{ id: mailbox_id }],
  get_mailbox_use: ({ mailbox_id }) => [{ id: mailbox_id }],
  set_lead_mailbox: ({ lead_id, mailbox_id }) => [{ id: lead_id, mailbox_id, reason: 'test' }],
  pause_mailbox: ({ mailbox_id }) => [{ id: mailbox_id, reason: 'test' }],
  resume_mailbox: ({ mailbox_id }) => [{ id: mailbox_id }],
  test_mailbox: ({ mailbox_id }) => [{ id: mailbox_id }],
  connect_mailbox: ({ mailbox_id }) => [{ id: mailbox_id, provider: 'google', client_id: 'a client' }],
  disconnect_mailbox: ({ mailbox_id }) => [{ id: mailbox_id }],
  list_caught_messages: plain,
  get_notification_preferences: plain,
  put_notification_preferences: () => [{ kinds: ['warning'], email: 'digest' }],
  put_notification_webhook: () => [{ url: 'https://hooks.example/in', form: 'slack' }],
  test_notification_webhook: plain,
  delete_notification_webhook: plain,
  list_webhooks: plain,
  create_webhook: (_, { word }) => [
    { url: `https://hooks.example/${word}`, events: ['task.created'], agent_id: 'roles.bdr' },
  ],
  test_webhook: ({ webhook_id }) => [{ id: webhook_id }],
  list_webhook_deliveries: ({ webhook_id }) => [{ id: webhook_id }],
  delete_webhook: ({ deleting_webhook_id }) => [{ id: deleting_webhook_id }],

  list_audit: ({ user_id, lead_id }) => [{}, { actor_id: user_id }, { subject: `leads:${lead_id}` }],
  verify_audit: plain,
};

/** The raw body of operations that take one. */
export const BODIES: Readonly<Partial<Record<OperationName, (fresh: Fresh) => string>>> = {
  import_leads: ({ word }) => `email,first_name,${word}\n${word}@own.example,New,Boss\n`,
  import_opportunities: ({ word }) => `email,name\nlead1@own.example,${word}\n`,
  import_suppressions: ({ word }) => `email,reason\n${word}@no.example,asked\n`,
};
