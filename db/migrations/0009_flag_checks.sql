-- A flag stands for one cause: from when the cause was seen until it is gone. A person may end the flag earlier; then
-- the row goes on standing for the cause, silently, so that the next check does not raise the same thing again.

ALTER TABLE flags ADD COLUMN cause_gone_at timestamptz;
UPDATE flags SET cause_gone_at = resolved_at WHERE resolved_at IS NOT NULL;
ALTER TABLE flags
  ADD CONSTRAINT flags_cause_gone CHECK (cause_gone_at IS NULL OR resolved_at IS NOT NULL),
  -- Only a person ends a flag whose cause is still there.
  ADD CONSTRAINT flags_silenced_by CHECK (
    resolved_at IS NULL OR cause_gone_at IS NOT NULL OR resolved_by_user_id IS NOT NULL),
  ADD CONSTRAINT flags_escalated CHECK (escalated_at IS NULL OR escalated_at >= raised_at);

DROP INDEX flags_open_uniq;
-- Each cause has one flag, open or ended by a person. So no two open ones are about the same thing.
CREATE UNIQUE INDEX flags_cause_uniq ON flags (org_id, kind, subject) WHERE cause_gone_at IS NULL;
CREATE INDEX flags_open ON flags (org_id, id) WHERE resolved_at IS NULL;
-- Stalls that nobody has answered, the oldest first: what escalation looks through.
CREATE INDEX flags_unanswered_stalls ON flags (org_id, raised_at, id)
  WHERE kind = 'stall' AND resolved_at IS NULL AND acknowledged_at IS NULL AND escalated_at IS NULL;

-- Of one flag everyone is told once.
CREATE UNIQUE INDEX notifications_flag_uniq ON notifications (org_id, flag_id, to_user_id, to_agent)
  NULLS NOT DISTINCT WHERE flag_id IS NOT NULL;
CREATE INDEX notifications_unread_of_user ON notifications (org_id, to_user_id, id)
  WHERE to_user_id IS NOT NULL AND read_at IS NULL;
CREATE INDEX notifications_unread_of_agent ON notifications (org_id, to_agent, id)
  WHERE to_agent IS NOT NULL AND read_at IS NULL;
-- Nothing asks for the unread notes of everyone.
DROP INDEX notifications_unread;

-- Paused leads by lead, to count those of a rep without looking at the others.
CREATE INDEX campaign_contacts_paused_leads ON campaign_contacts (org_id, lead_id) WHERE status = 'paused';
CREATE INDEX leads_paused ON leads (org_id, id) WHERE cadence_paused_at IS NOT NULL;
