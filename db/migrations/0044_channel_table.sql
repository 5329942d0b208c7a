-- What holds for a channel is asked of functions, so that a further channel changes no constraint and no index. They are made
-- from the table of channels (db/routines/channels.sql), which replaces these first versions.
CREATE FUNCTION channel_has_subject(channel) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN $1 = 'email';
CREATE FUNCTION channel_is_personal(channel) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN $1 <> 'email';

-- A hash of a text whose channel has no name would be the hash of other texts, too.
ALTER TABLE staged_drafts
  DROP CONSTRAINT staged_drafts_subject,
  ADD CONSTRAINT staged_drafts_subject CHECK (NOT channel_has_subject(channel) OR subject IS NOT NULL),
  ADD CONSTRAINT staged_drafts_channel CHECK (channel_text(channel) IS NOT NULL);

-- An item says by itself that a person sends it, so that nothing else has to ask its channel.
UPDATE sales_send_queue SET requires_personal_send = true WHERE NOT requires_personal_send AND channel_is_personal(channel);
ALTER TABLE sales_send_queue
  ADD CONSTRAINT sales_send_queue_personal CHECK (requires_personal_send OR NOT channel_is_personal(channel));

DROP INDEX sales_send_queue_by_mailbox;
CREATE INDEX sales_send_queue_by_mailbox ON sales_send_queue (org_id, mailbox_id, scheduled_at, id)
  WHERE status = 'approved' AND NOT requires_personal_send;
