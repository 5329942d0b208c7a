-- Holds that follow the policy, and the tables that change all day.

-- A held touch was judged by a policy; when another one is in force it is asked again, a batch at a time. Version 0,
-- which no policy has, says that it is to be asked again at once: a new hold is, to take its turn among those of its
-- lead.
ALTER TABLE sales_send_queue ADD COLUMN held_policy_version int;
UPDATE sales_send_queue SET held_policy_version = 0 WHERE status = 'held';
ALTER TABLE sales_send_queue
  DROP CONSTRAINT sales_send_queue_held,
  ADD CONSTRAINT sales_send_queue_held CHECK (
    (status = 'held') = (held_reason IS NOT NULL) AND (status = 'held') = (wake IS NOT NULL)
    AND (status = 'held') = (held_policy_version IS NOT NULL)
    AND (held_until IS NULL OR status = 'held'));
CREATE INDEX sales_send_queue_held_by_policy ON sales_send_queue (org_id, held_policy_version, id)
  WHERE status = 'held';
CREATE INDEX sequence_requests_waiting_by_policy ON sequence_requests (org_id, policy_version, id)
  WHERE status IN ('held', 'queued');
DROP TRIGGER IF EXISTS policies_wake ON policies;
DROP FUNCTION IF EXISTS wake_on_policy();

-- An item's lead, campaign and client are its enrollment's, which refers to them: a trigger compares all of them
-- (db/routines/send_queue.sql). That says more than three foreign keys did, and takes a tenth of their time.
ALTER TABLE sales_send_queue
  DROP CONSTRAINT sales_send_queue_org_id_lead_id_fkey,
  DROP CONSTRAINT sales_send_queue_org_id_campaign_id_fkey,
  DROP CONSTRAINT sales_send_queue_org_id_client_id_fkey;

-- In the order in which due steps are claimed, so that a long backlog is never sorted.
DROP INDEX campaign_contacts_due;
CREATE INDEX campaign_contacts_due ON campaign_contacts (org_id, next_send_at, id)
  WHERE status = 'active' AND open_queue_id IS NULL AND next_send_at IS NOT NULL;

-- Each row of these changes several times on its way: vacuum them early and often, so that claims do not wade
-- through what is dead.
ALTER TABLE campaign_contacts SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);
ALTER TABLE sales_send_queue SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);
ALTER TABLE agent_tasks SET (
  fillfactor = 80,
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);
ALTER TABLE leads SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
