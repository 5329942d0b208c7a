-- How a lead may enter a campaign: by any request; only by a person's routing or by an exit that a campaign's map allows; or
-- only if an executive decides about the lead.
CREATE TYPE campaign_entry AS ENUM ('open', 'routed', 'executive');
-- The right by which a request enters: the routing of a hand-off, the exit map of another campaign, an executive's own request,
-- or the merge of a lead whose enrollment continues.
CREATE TYPE entry_right AS ENUM ('routing', 'exit', 'executive', 'merge');

ALTER TABLE campaigns
  ADD COLUMN entry campaign_entry NOT NULL DEFAULT 'open',
  ADD CONSTRAINT campaigns_play_open CHECK (play_id IS NULL OR entry = 'open');
ALTER TABLE sequence_requests
  ADD COLUMN entered_by    entry_right,
  ADD COLUMN entry_task_id uuid,
  ADD FOREIGN KEY (org_id, entry_task_id) REFERENCES agent_tasks (org_id, id),
  ADD CONSTRAINT sequence_requests_routed CHECK ((entered_by = 'routing') = (entry_task_id IS NOT NULL)) NOT VALID;
ALTER TABLE sequence_requests VALIDATE CONSTRAINT sequence_requests_routed;

-- The shipped closing campaign, as the specification has it.
ALTER TABLE campaigns NO FORCE ROW LEVEL SECURITY;
ALTER TABLE campaigns DISABLE TRIGGER USER;
UPDATE campaigns SET entry = 'routed' WHERE slug = 'b2bea_membership_close' AND play_id IS NULL;
ALTER TABLE campaigns ENABLE TRIGGER USER;

CREATE OR REPLACE FUNCTION task_type_text(task_type) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE $1 WHEN 'meeting_booked' THEN 'meeting_booked' WHEN 'entry_requested' THEN 'entry_requested'
                 WHEN 'enroll_contact' THEN 'enroll_contact' WHEN 'execute_sequence_step' THEN 'execute_sequence_step'
                 WHEN 'process_reply' THEN 'process_reply' WHEN 'exit_contact' THEN 'exit_contact' END;
-- An executive also decides about entries that were requested without the right.
ALTER TABLE agent_tasks DROP CONSTRAINT agent_tasks_decided;
ALTER TABLE agent_tasks ADD CONSTRAINT agent_tasks_decided CHECK (
  (decided_by_user_id IS NOT NULL) = (type IN ('meeting_booked', 'entry_requested') AND status = 'done'));
DROP INDEX agent_tasks_routed;
CREATE INDEX agent_tasks_routed ON agent_tasks (org_id, finished_at DESC, id DESC)
  WHERE type IN ('meeting_booked', 'entry_requested') AND status = 'done';
-- One open hand-off for a lead and campaign, however often it is requested.
CREATE UNIQUE INDEX agent_tasks_entry_uniq ON agent_tasks (org_id, lead_id, (payload ->> 'suggested_campaign'))
  WHERE type = 'entry_requested' AND status IN ('open', 'claimed');
