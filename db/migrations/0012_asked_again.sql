-- What was decided and is not yet done is asked again when what it was decided by has changed.

-- The policy that let a reserved message go. With a newer one in force it is given back and asked again. Null: reserved
-- before this was kept.
ALTER TABLE send_attempts ADD COLUMN policy_version int,
  ADD CONSTRAINT send_attempts_policy FOREIGN KEY (org_id, policy_version) REFERENCES policies (org_id, version);

-- What put an approved touch off until scheduled_at, and the policy that said so: another one, or version 0, which a
-- changed zone sets, has it asked again.
CREATE TYPE deferred_reason AS ENUM ('business_hours', 'holiday');
ALTER TABLE sales_send_queue
  -- When it was due first, once scheduled_at has been moved.
  ADD COLUMN due_at timestamptz,
  ADD COLUMN deferred_reason deferred_reason,
  ADD COLUMN deferred_policy_version int,
  ADD CONSTRAINT sales_send_queue_deferred CHECK (
    (deferred_reason IS NULL) = (deferred_policy_version IS NULL)
    AND (deferred_reason IS NULL OR (status = 'approved' AND due_at IS NOT NULL)));
CREATE INDEX sales_send_queue_deferred_by_policy ON sales_send_queue (org_id, deferred_policy_version, id)
  WHERE deferred_policy_version IS NOT NULL;
-- What was put off before this was kept is asked once more. Nothing but opening hours and retries moved it, and a retry
-- that comes early does no harm.
ALTER TABLE sales_send_queue NO FORCE ROW LEVEL SECURITY;
UPDATE sales_send_queue SET due_at = scheduled_at, deferred_reason = 'business_hours', deferred_policy_version = 0
WHERE status = 'approved' AND attempt_count = 0;

-- Waits for the end of ABM that nobody woke, found by lead.
CREATE INDEX campaign_contacts_abm_waits ON campaign_contacts (org_id, lead_id)
  WHERE wake = 'abm_ends' AND paused_until IS NULL;
CREATE INDEX sales_send_queue_abm_waits ON sales_send_queue (org_id, lead_id)
  WHERE wake = 'abm_ends' AND held_until IS NULL;

-- Requests that wait for a campaign, for when it is archived.
CREATE INDEX sequence_requests_waiting_by_campaign ON sequence_requests (org_id, campaign_id)
  WHERE status IN ('held', 'queued');
