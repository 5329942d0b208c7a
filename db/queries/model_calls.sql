/* The database refuses the call when the daily budget is used up. */
/* @name reserveModelCall */
INSERT INTO model_calls (org_id, id, purpose, model, queue_id, at, day, reserved_tokens)
VALUES (:org_id!, :id!, :purpose!, :model!, :queue_id, :now!, :now!::timestamptz::date, :reserved_tokens!);

/* @name settleModelCall */
UPDATE model_calls
SET outcome = :outcome!, input_tokens = :input_tokens, output_tokens = :output_tokens, duration_ms = :duration_ms!
WHERE org_id = :org_id! AND id = :id! AND outcome = 'reserved';

/* Tokens that count toward the organization's day so far. */
/* @name modelTokensOfDay */
SELECT coalesce(sum(c.counted_tokens), 0)::bigint AS "counted_tokens!", count(c.id) AS "call_count!", d.day AS "day!"
FROM (
  SELECT (:now!::timestamptz AT TIME ZONE o.time_zone)::date AS day FROM organizations o WHERE o.org_id = :org_id!
) d
LEFT JOIN model_calls c ON c.org_id = :org_id! AND c.day = d.day
GROUP BY d.day;

/* Claims drafting tasks that a model may do, for the roles that the product works itself, each with its own fence.
   Materialized, so no plan claims more than the chosen rows. */
/* @name claimModelTasks */
WITH free AS MATERIALIZED (
  SELECT f.id FROM agents g
  CROSS JOIN LATERAL (
    SELECT w.id, w.available_at FROM agent_tasks w
    WHERE w.org_id = g.org_id AND w.claim_key = g.id || ' execute_sequence_step' AND w.status IN ('open', 'claimed')
      AND w.available_at <= :now! AND w.attempt_count < :attempts_max! AND w.queue_id IS NOT NULL
      AND model_may_write(w.org_id, w.queue_id)
    ORDER BY w.available_at, w.id
    LIMIT :limit!
    FOR UPDATE OF w SKIP LOCKED
  ) f
  WHERE g.org_id = :org_id! AND g.worked_by = 'built_in'
  ORDER BY f.available_at, f.id
  LIMIT :limit!
)
UPDATE agent_tasks t
SET status = 'claimed', claim_id = gen_random_uuid(), claimed_by = :claimed_by!, claimed_at = :now!,
    lease_until = :lease_until!, process_id = :process_id, attempt_count = t.attempt_count + 1
FROM free
WHERE t.org_id = :org_id! AND t.id = free.id
RETURNING t.id, t.claim_id AS "claim_id!", t.queue_id AS "queue_id!", t.lead_id, t.attempt_count;

/* Messages sent to the lead in this enrollment, latest first. */
/* @name sentTexts */
SELECT d.subject, d.body, q.channel, q.sent_at AS "sent_at!"
FROM sales_send_queue q
JOIN staged_drafts d ON d.org_id = q.org_id AND d.queue_id = q.id AND d.id = q.staged_draft_id
WHERE q.org_id = :org_id! AND q.enrollment_id = :enrollment_id! AND q.status = 'sent'
ORDER BY q.step_number DESC
LIMIT :limit!;

/* Approved human edits of agents' texts for this step, latest first, among the organization's last few hundred edits. */
/* @name approvedEdits */
WITH recent AS MATERIALIZED (
  SELECT d.org_id, d.id, d.queue_id, d.version, d.subject, d.body, d.created_at
  FROM staged_drafts d
  WHERE d.org_id = :org_id! AND d.written_by_user_id IS NOT NULL
  ORDER BY d.created_at DESC, d.id DESC
  LIMIT 300
)
SELECT b.subject AS before_subject, b.body AS before_body, r.subject AS after_subject, r.body AS after_body
FROM recent r
JOIN sales_send_queue q ON q.org_id = r.org_id AND q.id = r.queue_id AND q.staged_draft_id = r.id
JOIN draft_approvals p ON p.org_id = r.org_id AND p.draft_id = r.id AND p.withdrawn_at IS NULL
CROSS JOIN LATERAL (
  SELECT a.subject, a.body FROM staged_drafts a
  WHERE a.org_id = r.org_id AND a.queue_id = r.queue_id AND a.version < r.version AND a.written_by_agent_id IS NOT NULL
  ORDER BY a.version DESC
  LIMIT 1
) b
WHERE q.campaign_id = :campaign_id! AND q.step_number = :step_number!
ORDER BY r.created_at DESC, r.id DESC
LIMIT :limit!;

/* The organization's day so far: counted tokens, calls, and answered calls. */
/* @name modelDay */
SELECT d.day AS "day!", coalesce(sum(c.counted_tokens), 0)::bigint AS "tokens!", count(c.id)::int AS "calls!",
       (count(*) FILTER (WHERE c.outcome IN ('unavailable', 'refused', 'invalid')))::int AS "failed_calls!",
       max(c.at) AS last_call_at
FROM (
  SELECT (:now!::timestamptz AT TIME ZONE o.time_zone)::date AS day FROM organizations o WHERE o.org_id = :org_id!
) d
LEFT JOIN model_calls c ON c.org_id = :org_id! AND c.day = d.day
GROUP BY d.day;
