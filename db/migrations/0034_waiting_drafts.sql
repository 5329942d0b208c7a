-- Who has started a campaign looks for its drafts among those of all others.
CREATE INDEX sales_send_queue_drafted_of_campaign ON sales_send_queue (org_id, campaign_id, scheduled_at, id)
  WHERE status = 'drafted';

-- What waits for an approval is counted for everyone's first page: without what a person sends, and without reading the rows.
DROP INDEX sales_send_queue_drafted;
CREATE INDEX sales_send_queue_drafted ON sales_send_queue (org_id, scheduled_at, id) INCLUDE (requires_personal_send)
  WHERE status = 'drafted';
