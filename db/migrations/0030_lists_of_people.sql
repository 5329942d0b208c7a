-- What people filter the lists of the workspace by, each in the order that its list goes through.

-- A lead without a segment of its own has its account's.
CREATE INDEX leads_by_segment ON leads (org_id, segment, id) WHERE segment IS NOT NULL;
CREATE INDEX leads_without_segment ON leads (org_id, account_id, id) WHERE segment IS NULL;
CREATE INDEX accounts_by_segment ON accounts (org_id, segment, id) WHERE segment IS NOT NULL;

-- What was done by people and by agents outside; the coordinator writes the rest and pays for no entry.
CREATE INDEX cadence_event_log_by_actor ON cadence_event_log (org_id, actor_id, timestamp DESC, id DESC)
  WHERE actor_kind IN ('human', 'agent');
CREATE INDEX cadence_event_log_by_campaign ON cadence_event_log (org_id, campaign_id, timestamp DESC, id DESC)
  WHERE campaign_id IS NOT NULL;

-- What is held, the nearest release first, and last what waits for no known time.
CREATE INDEX sales_send_queue_by_release ON sales_send_queue
  (org_id, coalesce(held_until, timestamptz '9999-12-31 00:00:00+00'), id) WHERE status = 'held';
