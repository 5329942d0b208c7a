import type { OwnerPool } from '../../src/db/pool.ts';

/** Counts results that only people may cause, and opt-outs, which only a person may lift. */
export async function powers(db: OwnerPool): Promise<Record<string, number>> {
  const counted = {
    approvals: 'draft_approvals',
    template_approvals: 'template_approvals',
    rejections: 'draft_rejections',
    versions: 'staged_drafts WHERE written_by_user_id IS NOT NULL',
    approved_items: `sales_send_queue WHERE status IN ('approved', 'sent')`,
    touches: 'touches',
    attempts: 'send_attempts',
    active_campaigns: `campaigns WHERE status = 'active'`,
    campaigns: 'campaigns',
    policies: 'policies',
    people: 'users',
    keys: 'api_keys',
    sessions: 'sessions',
    agents: 'agents',
    active_plays: `sales_play_library WHERE state <> 'draft'`,
    play_approvals:
      'sales_play_library WHERE num_nonnulls(slm_approver_user_id, revops_approver_user_id) > 0',
    play_caps: 'sales_play_library_config',
    routed_meetings: `agent_tasks WHERE type = 'meeting_booked' AND status <> 'open'`,
    role_workers: `agents WHERE worked_by = 'outside'`,
    paused_enrollments: `campaign_contacts WHERE status = 'paused'`,
    links_by_agents: `audit_log WHERE subject_table = 'sign_in_links' AND asked_by_kind = 'agent'`,
    opt_outs_lifted: `cadence_event_log WHERE event_type = 'opt_out_lifted'`,
    answered_flags: 'flags WHERE acknowledged_at IS NOT NULL OR resolved_at IS NOT NULL',
  };
  const counts: Record<string, number> = {};
  for (const [name, from] of Object.entries(counted)) {
    const { rows } = await db.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${from}`);
    counts[name] = rows[0]!.count;
  }
  return counts;
}
