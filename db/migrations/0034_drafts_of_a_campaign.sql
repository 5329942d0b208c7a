-- Who has started a campaign looks for its drafts among those of all others.
CREATE INDEX sales_send_queue_drafted_of_campaign ON sales_send_queue (org_id, campaign_id, scheduled_at, id)
  WHERE status = 'drafted';
