/* Plays that no tier keeps any longer. Readers of a play do not block this. */
/* @name removePlayContent */
UPDATE sales_play_library SET
  name = '(removed)', hypothesis = '(removed)', target_definition = '{}', suggested_cadence = '{}', success_criteria = '{}',
  drafted = '{}', edits_during_review = NULL, retrospective_outcomes = NULL, content_removed_at = :now!
WHERE org_id = :org_id! AND play_id IN (
  SELECT play_id FROM sales_play_library
  WHERE org_id = :org_id! AND state = 'retired' AND content_removed_at IS NULL
    -- One more day, so the index finds all candidates and play_tier decides.
    AND retired_at < :now!::timestamptz - interval '7 years' + interval '1 day' AND play_tier(retired_at, :now!) IS NULL
  ORDER BY retired_at LIMIT :limit! FOR UPDATE SKIP LOCKED)
RETURNING originating_proposal_id;

/* @name removeProposalContent */
UPDATE brain_analysis_log b SET
  summary = '(removed)', analysis = '(removed)', evidence = '{}', model = NULL, prompt_version = NULL,
  content_removed_at = :now!
WHERE b.org_id = :org_id! AND b.proposal_id = ANY (:proposal_ids!::uuid[]) AND b.content_removed_at IS NULL
  AND NOT EXISTS (
    SELECT FROM sales_play_library p
    WHERE p.org_id = b.org_id AND p.originating_proposal_id = b.proposal_id AND p.content_removed_at IS NULL)
RETURNING b.proposal_id;
