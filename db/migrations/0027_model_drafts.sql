-- Texts that a language model writes, and what its calls cost.

ALTER TYPE flag_kind ADD VALUE 'model_budget_spent';

-- Who wrote a first text: the model, the step's template, or the template because the model did not. Null: a person, or an
-- agent outside.
CREATE TYPE draft_source AS ENUM ('model', 'template', 'fallback');
ALTER TABLE staged_drafts
  ADD COLUMN written_with draft_source,
  ADD COLUMN fallback_reason text CHECK (fallback_reason <> '' AND length(fallback_reason) <= 200),
  ADD CONSTRAINT staged_drafts_fallback CHECK (
    (written_with IS NOT DISTINCT FROM 'fallback') = (fallback_reason IS NOT NULL)),
  -- What a model wrote is no rendering of a template, so nobody's yes to the template stands for it.
  ADD CONSTRAINT staged_drafts_model CHECK (written_with IS DISTINCT FROM 'model' OR template_hash IS NULL);

-- What people made of texts, the latest first: the model is shown some.
CREATE INDEX staged_drafts_by_people ON staged_drafts (org_id, created_at, id) WHERE written_by_user_id IS NOT NULL;

-- One call of a model: reserved before it is made, settled once after it. What breaks off stays reserved and counts as that.
CREATE TABLE model_calls (
  org_id          uuid NOT NULL REFERENCES organizations,
  id              uuid NOT NULL,
  purpose         text NOT NULL CHECK (purpose IN ('draft', 'classify')),
  model           text NOT NULL CHECK (length(model) BETWEEN 1 AND 200),
  queue_id        uuid,
  at              timestamptz NOT NULL,
  -- The org's calendar day of `at`, which the budget is for; a trigger says it.
  day             date NOT NULL,
  reserved_tokens int NOT NULL CHECK (reserved_tokens > 0),
  input_tokens    int CHECK (input_tokens >= 0),
  output_tokens   int CHECK (output_tokens >= 0),
  outcome         text NOT NULL DEFAULT 'reserved'
                  CHECK (outcome IN ('reserved', 'answered', 'unavailable', 'refused', 'invalid')),
  duration_ms     int CHECK (duration_ms >= 0),
  counted_tokens  bigint NOT NULL GENERATED ALWAYS AS
                  (coalesce(input_tokens::bigint + output_tokens, reserved_tokens)) STORED,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, queue_id) REFERENCES sales_send_queue (org_id, id),
  CONSTRAINT model_calls_tokens CHECK ((input_tokens IS NULL) = (output_tokens IS NULL)),
  CONSTRAINT model_calls_settled CHECK (
    (outcome = 'reserved') = (duration_ms IS NULL) AND (outcome <> 'reserved' OR input_tokens IS NULL))
);
CREATE INDEX model_calls_by_day ON model_calls (org_id, day) INCLUDE (counted_tokens);
