/* @name insertProposal */
INSERT INTO brain_analysis_log (org_id, proposal_id, agent_id, summary, analysis, evidence, model, prompt_version, created_at)
VALUES (:org_id!, :proposal_id!, :agent_id!, :summary!, :analysis!, :evidence!, :model, :prompt_version, :now!);

/* @name findProposal */
SELECT proposal_id FROM brain_analysis_log
WHERE org_id = :org_id! AND proposal_id = :proposal_id! AND agent_id = :agent_id!;

/* A trigger writes `drafted`; the insert must still name the column. */
/* @name insertPlay */
INSERT INTO sales_play_library (org_id, play_id, state, scope, segment, account_id, name, hypothesis, target_definition,
                                suggested_cadence, success_criteria, originating_proposal_id, writer_agent_id, created_at,
                                active_period_start, active_period_end, client_id, drafted)
VALUES (:org_id!, :play_id!, 'draft', :scope!, :segment, :account_id, :name!, :hypothesis!, :target_definition!,
        :suggested_cadence!, :success_criteria!, :originating_proposal_id!, :writer_agent_id!, :now!,
        :active_period_start, :active_period_end, :client_id, '{}');

/* @name copyPlay */
INSERT INTO sales_play_library (org_id, play_id, state, scope, segment, account_id, name, hypothesis, target_definition,
                                suggested_cadence, success_criteria, originating_proposal_id, writer_agent_id, created_at,
                                client_id, drafted, copied_from_play_id)
SELECT org_id, :new_play_id!, 'draft', scope, segment, account_id, name, hypothesis, target_definition,
       suggested_cadence, success_criteria, originating_proposal_id, writer_agent_id, :now!, client_id, '{}', play_id
FROM sales_play_library WHERE org_id = :org_id! AND play_id = :play_id!;

/* A writer filter returns that brain's plays and a state filter returns plays in that state; others are hidden. */
/* @name getPlay @prepared */
SELECT p.*, play_content_hash(p) AS "content_hash!", play_tier(p.retired_at, :now!) AS "tier?",
       a.name AS "account_name?", b.summary AS proposal_summary, b.analysis AS proposal_analysis, b.evidence AS proposal_evidence, b.model AS proposal_model,
       picker.name AS "picked_up_by_name?", slm.name AS "slm_approver_name?", revops.name AS "revops_approver_name?",
       retirer.name AS "retired_by_name?", c.slug AS "campaign_slug?"
FROM sales_play_library p
JOIN brain_analysis_log b ON b.org_id = p.org_id AND b.proposal_id = p.originating_proposal_id
LEFT JOIN accounts a ON a.org_id = p.org_id AND a.id = p.account_id
LEFT JOIN users picker ON picker.org_id = p.org_id AND picker.id = p.picked_up_by_user_id
LEFT JOIN users slm ON slm.org_id = p.org_id AND slm.id = p.slm_approver_user_id
LEFT JOIN users revops ON revops.org_id = p.org_id AND revops.id = p.revops_approver_user_id
LEFT JOIN users retirer ON retirer.org_id = p.org_id AND retirer.id = p.retired_by_user_id
LEFT JOIN campaigns c ON c.org_id = p.org_id AND c.play_id = p.play_id
WHERE p.org_id = :org_id! AND p.play_id = :play_id! AND p.content_removed_at IS NULL
  AND (:only_writer::text IS NULL OR p.writer_agent_id = :only_writer)
  AND (:only_state::text IS NULL OR p.state::text = :only_state);

/* @name playEditors */
SELECT id, name FROM users WHERE org_id = :org_id! AND id = ANY (:ids!::uuid[]);

/* The current day of the organization. */
/* @name orgDay */
SELECT org_day(:org_id!, :now!) AS "today!";

/* @name playCampaign */
SELECT id FROM campaigns WHERE org_id = :org_id! AND play_id = :play_id!;

/* Outcomes of the leads that a play matched. */
/* @name playResults */
SELECT e.*, t.touches AS "touches!", r.waiting AS "waiting!", r.not_admitted AS "not_admitted!"
FROM (
  SELECT count(*)::int AS "enrolled!", count(*) FILTER (WHERE status IN ('active', 'paused'))::int AS "under_way!",
         count(*) FILTER (WHERE status = 'converted')::int AS "converted!",
         count(*) FILTER (WHERE exit_reason = 'meeting')::int AS "meetings!",
         count(*) FILTER (WHERE status = 'rejected')::int AS "rejected!",
         count(*) FILTER (WHERE status = 'timed_out')::int AS "timed_out!"
  FROM campaign_contacts WHERE org_id = :org_id! AND play_id = :play_id!
) e, (
  SELECT count(*) FILTER (WHERE counts AND settled_at IS NOT NULL)::int AS touches
  FROM touches WHERE org_id = :org_id! AND play_id = :play_id!
) t, (
  SELECT count(*) FILTER (WHERE r.status IN ('held', 'queued'))::int AS waiting,
         count(*) FILTER (WHERE r.status IN ('blocked', 'refused'))::int AS not_admitted
  FROM campaigns c JOIN sequence_requests r ON r.org_id = c.org_id AND r.campaign_id = c.id
  WHERE c.org_id = :org_id! AND c.play_id = :play_id!
) r;

/* Reasons why leads of a play were not enrolled: the latest decision's exact case. */
/* @name notAdmittedReasons */
SELECT coalesce(r.trace -> -1 ->> 'because', r.reason::text) AS "because!", count(*)::int AS "leads!"
FROM campaigns c JOIN sequence_requests r ON r.org_id = c.org_id AND r.campaign_id = c.id
WHERE c.org_id = :org_id! AND c.play_id = :play_id! AND r.status IN ('blocked', 'refused')
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :limit!;

/* @name leadEmails */
SELECT id, email FROM leads WHERE org_id = :org_id! AND id = ANY (:ids!::uuid[]);

/* Newest first. Compares states as text, because an index by state does not help here. Scans for the search text,
   because an organization has only as many plays as people have read. */
/* @name listPlays */
SELECT p.play_id, p.state, p.scope, p.segment, p.account_id, p.name, p.hypothesis, p.originating_proposal_id,
       p.writer_agent_id, p.created_at, p.picked_up_by_user_id, p.picked_up_at, p.slm_approver_user_id,
       p.revops_approver_user_id, p.activated_at, p.active_period_start, p.active_period_end, p.retired_at, p.retire_reason,
       p.copied_from_play_id, play_tier(p.retired_at, :now!) AS "tier?", a.name AS "account_name?",
       jsonb_array_length(coalesce(p.edits_during_review, '[]')) AS "edit_count!", c.slug AS "campaign_slug?"
FROM (
  SELECT w.play_id FROM sales_play_library w
  WHERE w.org_id = :org_id! AND w.content_removed_at IS NULL
    AND (:state::text IS NULL OR w.state::text = :state)
    -- By time, which has statistics and an index: most plays are hot, and few were retired long ago.
    AND (:tier::text IS NULL OR :tier <> 'hot' OR w.retired_at IS NULL
         OR w.retired_at > :now!::timestamptz - interval '2160 hours')
    AND (:tier::text IS NULL OR :tier = 'hot' OR w.state = 'retired'
         AND w.retired_at <= :now! - interval '2160 hours' AND play_tier(w.retired_at, :now!)::text = :tier)
    AND (:segment::text IS NULL OR w.segment = :segment)
    AND (:account_id::uuid IS NULL OR w.account_id = :account_id)
    AND (:writer_agent_id::text IS NULL OR w.writer_agent_id = :writer_agent_id)
    AND (:q::text IS NULL OR position(lower(:q) IN lower(w.name || E'\n' || w.hypothesis)) > 0)
    AND (:only_writer::text IS NULL OR w.writer_agent_id = :only_writer)
    AND (:only_state::text IS NULL OR w.state::text = :only_state)
    AND (:before_time::timestamptz IS NULL OR (w.created_at, w.play_id) < (:before_time, :before_id::uuid))
  ORDER BY w.created_at DESC, w.play_id DESC
  LIMIT :limit!
) k
JOIN sales_play_library p ON p.org_id = :org_id! AND p.play_id = k.play_id
LEFT JOIN accounts a ON a.org_id = p.org_id AND a.id = p.account_id
LEFT JOIN campaigns c ON c.org_id = p.org_id AND c.play_id = p.play_id
ORDER BY p.created_at DESC, p.play_id DESC;

/* @name lockPlay */
SELECT play_id FROM sales_play_library WHERE org_id = :org_id! AND play_id = :play_id! FOR NO KEY UPDATE;

/* Each move names the old state. A process whose clock is behind moves nothing into the play's past. */
/* @name pickUpPlay */
UPDATE sales_play_library SET state = 'under_review', picked_up_by_user_id = :user_id!, picked_up_at = greatest(:now!, created_at)
WHERE org_id = :org_id! AND play_id = :play_id! AND state = 'draft' RETURNING play_id;

/* @name editPlay */
UPDATE sales_play_library SET
  name = :name!, hypothesis = :hypothesis!, target_definition = :target_definition!, suggested_cadence = :suggested_cadence!,
  success_criteria = :success_criteria!, active_period_start = :active_period_start, active_period_end = :active_period_end,
  client_id = :client_id
WHERE org_id = :org_id! AND play_id = :play_id! AND state = 'under_review' RETURNING play_id;

/* @name approvePlayAsSlm */
UPDATE sales_play_library SET slm_approver_user_id = :user_id!, slm_approved_at = greatest(:now!, picked_up_at)
WHERE org_id = :org_id! AND play_id = :play_id! AND state = 'under_review' RETURNING play_id;

/* @name approvePlayAsRevops */
UPDATE sales_play_library SET revops_approver_user_id = :user_id!, revops_approved_at = greatest(:now!, picked_up_at)
WHERE org_id = :org_id! AND play_id = :play_id! AND state = 'under_review' RETURNING play_id;

/* @name withdrawPlayApprovals */
UPDATE sales_play_library SET
  slm_approver_user_id = CASE WHEN slm_approver_user_id = :user_id! THEN NULL ELSE slm_approver_user_id END,
  slm_approved_at = CASE WHEN slm_approver_user_id = :user_id! THEN NULL ELSE slm_approved_at END,
  revops_approver_user_id = CASE WHEN revops_approver_user_id = :user_id! THEN NULL ELSE revops_approver_user_id END,
  revops_approved_at = CASE WHEN revops_approver_user_id = :user_id! THEN NULL ELSE revops_approved_at END
WHERE org_id = :org_id! AND play_id = :play_id! AND state = 'under_review'
  AND :user_id! IN (slm_approver_user_id, revops_approver_user_id) RETURNING play_id;

/* @name activatePlay */
UPDATE sales_play_library SET state = 'active', activated_at = greatest(:now!, slm_approved_at, revops_approved_at)
WHERE org_id = :org_id! AND play_id = :play_id! AND state = 'under_review' RETURNING play_id;

/* @name retirePlay */
UPDATE sales_play_library SET
  state = 'retired', retired_by_user_id = :user_id!, retire_reason = :retire_reason!,
  retired_at = greatest(:now!, created_at, picked_up_at, slm_approved_at, revops_approved_at, activated_at)
WHERE org_id = :org_id! AND play_id = :play_id! AND state::text = :from_state! RETURNING play_id;

/* @name setPlayOutcomes */
UPDATE sales_play_library SET retrospective_outcomes = :retrospective_outcomes!
WHERE org_id = :org_id! AND play_id = :play_id! RETURNING play_id;

/* Plays that could be retired to make room: oldest first, and of one day the least successful first. */
/* @name retirementCandidates */
SELECT p.play_id, p.name, p.activated_at AS "activated_at!", e.enrolled AS "enrolled!", e.converted AS "converted!",
       CASE WHEN e.enrolled = 0 THEN NULL ELSE e.converted::float8 / e.enrolled END AS conversion_rate
FROM sales_play_library wanted
JOIN sales_play_library p
  ON p.org_id = wanted.org_id AND p.state = 'active' AND (p.segment = wanted.segment OR p.account_id = wanted.account_id)
CROSS JOIN LATERAL (
  SELECT count(*)::int AS enrolled, count(*) FILTER (WHERE cc.status = 'converted')::int AS converted
  FROM campaign_contacts cc WHERE cc.org_id = p.org_id AND cc.play_id = p.play_id
) e
WHERE wanted.org_id = :org_id! AND wanted.play_id = :play_id!
ORDER BY date_trunc('day', p.activated_at), conversion_rate NULLS FIRST, p.play_id
LIMIT 20;

/* @name countActivePlays */
SELECT count(*)::int AS "active!" FROM sales_play_library WHERE org_id = :org_id! AND state = 'active';

/* @name getPlayConfig */
SELECT max_active_plays, auto_sunset AS "auto_sunset!", updated_at, updated_by_user_id
FROM sales_play_library_config WHERE org_id = :org_id! AND segment IS NULL;

/* @name putPlayConfig */
UPDATE sales_play_library_config
SET max_active_plays = :max_active_plays!, auto_sunset = :auto_sunset!, updated_at = :now!, updated_by_user_id = :user_id!
WHERE org_id = :org_id! AND segment IS NULL;

/* @name putSegmentCap */
INSERT INTO sales_play_library_config (org_id, segment, max_active_plays, updated_at, updated_by_user_id)
VALUES (:org_id!, :segment!, :max_active_plays!, :now!, :user_id!)
ON CONFLICT (org_id, config_key) DO UPDATE SET
  max_active_plays = excluded.max_active_plays, updated_at = excluded.updated_at,
  updated_by_user_id = excluded.updated_by_user_id;

/* @name deleteSegmentCap */
DELETE FROM sales_play_library_config WHERE org_id = :org_id! AND segment = :segment!;

/* @name listSegments */
SELECT t.segment, t.name, t.description, c.max_active_plays AS "cap_override?",
       (SELECT count(*)::int FROM sales_play_library p
        WHERE p.org_id = t.org_id AND p.segment = t.segment AND p.state = 'active') AS "active_plays!"
FROM territory_definitions t
LEFT JOIN sales_play_library_config c ON c.org_id = t.org_id AND c.segment = t.segment
WHERE t.org_id = :org_id! AND (:after_segment::text IS NULL OR t.segment > :after_segment)
ORDER BY t.segment
LIMIT :limit!;

/* @name putSegment */
INSERT INTO territory_definitions (org_id, segment, name, description, created_at, updated_at)
VALUES (:org_id!, :segment!::text, coalesce(:name::text, :segment!::text), :description, :now!, :now!)
ON CONFLICT (org_id, segment) DO UPDATE SET
  name = coalesce(:name::text, territory_definitions.name),
  description = coalesce(excluded.description, territory_definitions.description), updated_at = excluded.updated_at;
