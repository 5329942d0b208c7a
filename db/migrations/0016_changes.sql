-- What changed lately, for those who look on: flags and notes are rows that change, so they are found by their last change.
-- Events are found by their own time.
CREATE INDEX flags_changed ON flags
  (org_id, greatest(raised_at, acknowledged_at, escalated_at, resolved_at, cause_gone_at));
CREATE INDEX notifications_changed ON notifications (org_id, greatest(created_at, read_at));
