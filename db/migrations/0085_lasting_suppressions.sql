-- A suppression with an end kept one without an end from being added, and everything lapsed with it. Suppressions of one value
-- differ by their ends now.
DROP INDEX suppressions_address_uniq;
DROP INDEX suppressions_domain_uniq;
DROP INDEX suppressions_phone_uniq;
CREATE UNIQUE INDEX suppressions_value_uniq ON suppressions (org_id, value, kind, until) NULLS NOT DISTINCT
  WHERE lifted_at IS NULL AND source <> 'opt_out';
CREATE INDEX suppressions_of_domain ON suppressions (org_id, value) WHERE kind = 'domain' AND lifted_at IS NULL;
-- One decision routes a lead into a campaign once, however often its task is copied.
CREATE UNIQUE INDEX agent_tasks_routed_once ON agent_tasks (org_id, (payload ->> 'from_task_id'), (payload ->> 'campaign'))
  WHERE type = 'enroll_contact' AND payload ->> 'from_task_id' IS NOT NULL;
