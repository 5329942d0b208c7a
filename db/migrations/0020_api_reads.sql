-- What the lists of the API are filtered by, in the order that they go through. Comparing enums is not leakproof, so each
-- value that can be rare has an index of its own: a row stands in one of them at most, so writing costs one entry.

-- Every value, since any of them may be the rare one.
CREATE INDEX leads_idle ON leads (org_id, id) WHERE cadence_state = 'idle';
CREATE INDEX leads_nurture ON leads (org_id, id) WHERE cadence_state = 'nurture';
CREATE INDEX leads_prospecting ON leads (org_id, id) WHERE cadence_state = 'prospecting';
CREATE INDEX leads_closing ON leads (org_id, id) WHERE cadence_state = 'closing';
CREATE INDEX leads_onboarding ON leads (org_id, id) WHERE cadence_state = 'onboarding';
CREATE INDEX leads_customer ON leads (org_id, id) WHERE cadence_state = 'customer';
CREATE INDEX leads_cadence_paused ON leads (org_id, id) WHERE cadence_state = 'paused';
CREATE INDEX leads_blocked ON leads (org_id, id) WHERE unsubscribe_flag OR opt_out_flag;
-- A lead without a tier has its account's.
CREATE INDEX leads_t1 ON leads (org_id, id) WHERE icp_tier = 'T1';
CREATE INDEX leads_t2 ON leads (org_id, id) WHERE icp_tier = 'T2';
CREATE INDEX leads_t3 ON leads (org_id, id) WHERE icp_tier = 'T3';
CREATE INDEX leads_without_tier ON leads (org_id, account_id, id) WHERE icp_tier IS NULL;
CREATE INDEX accounts_t1 ON accounts (org_id, id) WHERE icp_tier = 'T1';
CREATE INDEX accounts_t2 ON accounts (org_id, id) WHERE icp_tier = 'T2';
CREATE INDEX accounts_t3 ON accounts (org_id, id) WHERE icp_tier = 'T3';
CREATE INDEX accounts_abm_active ON accounts (org_id, id) WHERE abm_active;

-- What ended is written once and stays, so these cost the running steps nothing.
DROP INDEX campaign_contacts_by_campaign;
CREATE INDEX campaign_contacts_by_campaign ON campaign_contacts (org_id, campaign_id, id)
  WHERE status IN ('active', 'paused');
CREATE INDEX campaign_contacts_ended_by_campaign ON campaign_contacts (org_id, campaign_id, id)
  WHERE status NOT IN ('active', 'paused');
CREATE INDEX campaign_contacts_paused_by_id ON campaign_contacts (org_id, id) WHERE status = 'paused';
CREATE INDEX campaign_contacts_converted ON campaign_contacts (org_id, id) WHERE status = 'converted';
CREATE INDEX campaign_contacts_rejected ON campaign_contacts (org_id, id) WHERE status = 'rejected';
CREATE INDEX campaign_contacts_timed_out ON campaign_contacts (org_id, id) WHERE status = 'timed_out';

-- The other statuses have theirs already.
CREATE INDEX sales_send_queue_held ON sales_send_queue (org_id, scheduled_at, id) WHERE status = 'held';
CREATE INDEX sales_send_queue_failed ON sales_send_queue (org_id, scheduled_at, id) WHERE status = 'failed';
CREATE INDEX sales_send_queue_canceled ON sales_send_queue (org_id, scheduled_at, id) WHERE status = 'canceled';

-- Most tasks are done, so those are met on any way through.
CREATE INDEX agent_tasks_open ON agent_tasks (org_id, id) WHERE status = 'open';
CREATE INDEX agent_tasks_claimed ON agent_tasks (org_id, id) WHERE status = 'claimed';
CREATE INDEX agent_tasks_failed ON agent_tasks (org_id, id) WHERE status = 'failed';
CREATE INDEX agent_tasks_canceled ON agent_tasks (org_id, id) WHERE status = 'canceled';

-- Each reason in the order of time: with the reason as a column behind the org, all suppressions were read and sorted.
DROP INDEX cadence_event_log_suppressions;
CREATE INDEX cadence_event_log_compliance ON cadence_event_log (org_id, timestamp DESC, id DESC)
  WHERE suppressed_reason = 'compliance_block';
CREATE INDEX cadence_event_log_abm ON cadence_event_log (org_id, timestamp DESC, id DESC)
  WHERE suppressed_reason = 'abm_active_suppression';
CREATE INDEX cadence_event_log_caps ON cadence_event_log (org_id, timestamp DESC, id DESC)
  WHERE suppressed_reason = 'touch_cap_exceeded';
CREATE INDEX cadence_event_log_conflicts ON cadence_event_log (org_id, timestamp DESC, id DESC)
  WHERE suppressed_reason = 'conflict_resolved_queued';
CREATE INDEX cadence_event_log_transitions ON cadence_event_log (org_id, timestamp DESC, id DESC)
  WHERE suppressed_reason = 'illegal_transition';
-- What happens to a few only. What every touch writes is met on any way through the log, and pays for no entry.
CREATE INDEX cadence_event_log_rare ON cadence_event_log (org_id, timestamp DESC, id DESC)
  WHERE event_type IN ('edited', 'draft_rejected', 'marked_sent', 'paused', 'resumed', 'exited', 'canceled', 'failed',
                       'unknown', 'retried', 'opted_out', 'opt_out_lifted', 'template_approved', 'late_reply');

CREATE INDEX flags_by_lead ON flags (org_id, lead_id, id) WHERE lead_id IS NOT NULL;
CREATE INDEX audit_log_of_operation ON audit_log (org_id, operation, id);
