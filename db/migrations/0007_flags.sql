-- A flag is about one thing (a lead, a queue item, a mailbox, a person, the org), is meant for someone, and ends by
-- a person's word or because its cause is gone.

ALTER TABLE flags
  -- What it is about: the id of the thing, or 'org'. With the kind it says whether the flag is raised already.
  ADD COLUMN subject text CHECK (subject <> ''),
  ADD COLUMN for_role user_role,
  ADD COLUMN acknowledged_at timestamptz,
  ADD COLUMN acknowledged_by_user_id uuid,
  ADD COLUMN escalated_at timestamptz,
  ADD COLUMN resolved_by_user_id uuid,
  -- Why it ended: cause_gone, or what the person said.
  ADD COLUMN resolution text CHECK (resolution <> ''),
  ADD FOREIGN KEY (org_id, acknowledged_by_user_id) REFERENCES users (org_id, id),
  ADD FOREIGN KEY (org_id, resolved_by_user_id) REFERENCES users (org_id, id);
UPDATE flags SET subject = coalesce(queue_id, lead_id)::text;
UPDATE flags SET resolution = 'resolved' WHERE resolved_at IS NOT NULL;
ALTER TABLE flags
  ALTER COLUMN subject SET NOT NULL,
  ADD CONSTRAINT flags_acknowledged CHECK ((acknowledged_at IS NULL) = (acknowledged_by_user_id IS NULL)),
  ADD CONSTRAINT flags_resolved CHECK ((resolved_at IS NULL) = (resolution IS NULL)),
  ADD CONSTRAINT flags_resolved_by CHECK (resolved_by_user_id IS NULL OR resolved_at IS NOT NULL);
DROP INDEX flags_open_uniq;
-- Each is raised once while it is open.
CREATE UNIQUE INDEX flags_open_uniq ON flags (org_id, kind, subject) WHERE resolved_at IS NULL;

-- A note belongs to the flag that it tells of.
ALTER TABLE notifications
  ADD COLUMN flag_id uuid,
  ADD FOREIGN KEY (org_id, flag_id) REFERENCES flags (org_id, id);
CREATE INDEX notifications_of_user ON notifications (org_id, to_user_id, id) WHERE to_user_id IS NOT NULL;
CREATE INDEX notifications_of_agent ON notifications (org_id, to_agent, id) WHERE to_agent IS NOT NULL;
