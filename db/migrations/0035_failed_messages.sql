-- A message that could not be built: no mail server was asked.
ALTER TYPE flag_kind ADD VALUE 'message_invalid';

-- Why an attempt failed for good, as its event says. A mailbox whose every message fails is found by it.
ALTER TABLE send_attempts ADD COLUMN failure text CONSTRAINT send_attempts_failure CHECK (
  failure IS NULL
  OR stage IN ('rejected', 'abandoned') AND failure = 'message_invalid'
  OR stage = 'rejected' AND failure IN ('rejected_message', 'rejected_recipient', 'rejected_sender'));
CREATE INDEX send_attempts_failed ON send_attempts (org_id, mailbox_id, finished_at DESC)
  WHERE failure IN ('message_invalid', 'rejected_message');
