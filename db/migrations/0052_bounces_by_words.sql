-- What a bounce is about, and that a person judges one that no rule knows.
ALTER TYPE inbound_reason ADD VALUE 'unknown_bounce';
ALTER TYPE inbound_reason ADD VALUE 'other_address';
CREATE TYPE bounce_cause AS ENUM (
  'no_recipient', 'full', 'rate', 'dns', 'unreachable', 'loop', 'message', 'policy', 'sender', 'account', 'unknown');

ALTER TABLE inbound_messages
  ADD COLUMN bounce_cause bounce_cause,
  ADD CONSTRAINT inbound_messages_bounce_cause CHECK (bounce_cause IS NULL OR bounce_severity IS NOT NULL),
  -- A person judges a bounce, which has no intent.
  DROP CONSTRAINT inbound_messages_handled,
  ADD CONSTRAINT inbound_messages_handled CHECK (
    (handled_at IS NOT NULL OR num_nonnulls(handled_by_user_id, handled_by_agent, note) = 0)
    AND (handled_by_user_id IS NOT NULL) = (intent_source IS NOT DISTINCT FROM 'person' OR kind = 'bounce' AND handled_by_user_id IS NOT NULL)
    AND num_nonnulls(handled_by_user_id, handled_by_agent) < 2);
