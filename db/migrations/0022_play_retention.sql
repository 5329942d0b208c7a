-- How long plays are kept (specification of SalesPlayLibrary, retention): after seven years their words go. What stays is
-- what touches refer to: ids, dates and the reason of the end.

CREATE TYPE retention_tier AS ENUM ('hot', 'warm', 'cold');

ALTER TABLE brain_analysis_log
  ADD COLUMN content_removed_at timestamptz,
  ADD CONSTRAINT brain_analysis_log_removed CHECK (
    content_removed_at IS NULL
    OR (summary, analysis, evidence) = ('(removed)', '(removed)', '{}') AND num_nonnulls(model, prompt_version) = 0);

ALTER TABLE sales_play_library
  ADD COLUMN content_removed_at timestamptz,
  ADD CONSTRAINT sales_play_library_removed CHECK (
    content_removed_at IS NULL
    OR state = 'retired' AND (name, hypothesis, target_definition, suggested_cadence, success_criteria, drafted)
                             = ('(removed)', '(removed)', '{}', '{}', '{}', '{}')
       AND num_nonnulls(edits_during_review, retrospective_outcomes) = 0);

-- What is due to be removed; the state is the index's condition, since comparing enums is not leakproof (0011).
DROP INDEX sales_play_library_retired_at;
CREATE INDEX sales_play_library_retired_at ON sales_play_library (org_id, retired_at)
  WHERE state = 'retired' AND content_removed_at IS NULL;
