-- Each reason in the order of time, like the others; a migration of its own, since a new value cannot be used where it is added.
CREATE INDEX cadence_event_log_organization ON cadence_event_log (org_id, timestamp DESC, id DESC)
  WHERE suppressed_reason = 'organization_not_set';
