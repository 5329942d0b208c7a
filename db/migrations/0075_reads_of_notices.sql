-- A digest reads a user's unread notifications of its time, not all older ones.
CREATE INDEX notifications_news_of_user ON notifications (org_id, to_user_id, created_at, id)
  WHERE read_at IS NULL AND to_user_id IS NOT NULL;
-- The latest email with a known or unknown outcome. The index of all deliveries of a user had no other reader.
CREATE INDEX notification_deliveries_last_email ON notification_deliveries (org_id, user_id, settled_at)
  WHERE medium = 'email' AND status IN ('delivered', 'failed', 'unknown');
DROP INDEX notification_deliveries_of_user;
