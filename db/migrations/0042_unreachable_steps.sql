-- What happens at a step that cannot reach its lead, since the lead lacks the address for its channel: the step is skipped,
-- a person is asked and the sequence waits, or the sequence ends.
CREATE TYPE when_unreachable AS ENUM ('skip', 'ask', 'end');
ALTER TABLE campaign_sequences ADD COLUMN when_unreachable when_unreachable NOT NULL DEFAULT 'skip';

ALTER TYPE event_type ADD VALUE 'skipped';
ALTER TYPE flag_kind ADD VALUE 'lead_unreachable';
ALTER TYPE wake_condition ADD VALUE 'address_known';

-- The steps that a request found out of reach. A request is refused without a reason of the gate only where no step reaches
-- the lead, and then it names them.
ALTER TABLE sequence_requests
  ADD COLUMN unreachable_steps jsonb CONSTRAINT sequence_requests_unreachable CHECK (
    unreachable_steps IS NULL OR jsonb_typeof(unreachable_steps) = 'array' AND jsonb_array_length(unreachable_steps) > 0),
  DROP CONSTRAINT sequence_requests_reason,
  ADD CONSTRAINT sequence_requests_reason CHECK (
    status IN ('allowed', 'canceled') OR reason IS NOT NULL
    OR status = 'refused' AND unreachable_steps IS NOT NULL);
