/* Rows have the columns of sequence_requests. A request that is already pending for the same lead and campaign is not
   written twice: its id is missing from the result. */
/* @name insertRequests */
INSERT INTO sequence_requests
SELECT * FROM json_populate_recordset(NULL::sequence_requests, :rows!)
ON CONFLICT (org_id, lead_id, campaign_id) WHERE status IN ('held', 'queued') DO NOTHING
RETURNING id;

/* Counts the same answer to requests that were pending already. */
/* @name countAnswersAgain */
UPDATE sequence_requests r
SET answer_count = coalesce(r.answer_count, 1) + 1, trace = u.trace, decided_at = u.decided_at
FROM jsonb_populate_recordset(NULL::sequence_requests, :rows!) u
WHERE r.org_id = u.org_id AND r.lead_id = u.lead_id AND r.campaign_id = u.campaign_id AND r.id <> u.id
  -- As text, so the index by lead finds a lead's few rows.
  AND r.status::text IN ('held', 'queued') AND r.status = u.status AND r.reason = u.reason;

/* Pending requests that are due, or that an older policy decided. */
/* @name claimDueRequests */
WITH due AS MATERIALIZED (
  (SELECT r.id FROM sequence_requests r
   JOIN campaigns c ON c.org_id = r.org_id AND c.id = r.campaign_id AND c.status = 'active'
   WHERE r.org_id = :org_id! AND r.status IN ('held', 'queued') AND r.held_until <= :now!
     AND r.id <> ALL (:set_aside!::uuid[])
   ORDER BY r.held_until, r.id LIMIT :limit!)
  UNION
  (SELECT r.id FROM sequence_requests r
   JOIN campaigns c ON c.org_id = r.org_id AND c.id = r.campaign_id AND c.status = 'active'
   WHERE r.org_id = :org_id! AND r.status IN ('held', 'queued') AND r.policy_version < :policy_version!
     AND r.id <> ALL (:set_aside!::uuid[])
   ORDER BY r.policy_version, r.id LIMIT :limit!)
)
SELECT r.*
FROM due JOIN sequence_requests r ON r.org_id = :org_id! AND r.id = due.id
WHERE r.status IN ('held', 'queued')
LIMIT :limit!
FOR UPDATE OF r SKIP LOCKED;

/* Records the new decisions on pending requests, and counts them. */
/* @name updateRequests */
UPDATE sequence_requests r
SET status = u.status, reason = u.reason, held_until = u.held_until, wake = u.wake, trace = u.trace,
    conflict_since = u.conflict_since, answer_count = coalesce(r.answer_count, 1) + 1, policy_version = u.policy_version, enrollment_id = u.enrollment_id, unreachable_steps = u.unreachable_steps,
    decided_at = u.decided_at
FROM jsonb_populate_recordset(NULL::sequence_requests, :rows!) u
WHERE r.org_id = u.org_id AND r.id = u.id AND r.status IN ('held', 'queued');

/* @name cancelRequestsOfLeads */
UPDATE sequence_requests
SET status = 'blocked', reason = 'compliance_block', held_until = NULL, wake = NULL, decided_at = :now!
WHERE org_id = :org_id! AND lead_id = ANY (:lead_ids!::uuid[]) AND status::text IN ('held', 'queued')
RETURNING id, lead_id, campaign_id, policy_version, play_id, originating_proposal_id;

/* Pending requests whose reason to wait is gone. */
/* @name cancelRequests */
UPDATE sequence_requests SET status = 'canceled', reason = NULL, held_until = NULL, wake = NULL, decided_at = :now!
WHERE org_id = :org_id! AND id = ANY (:ids!::uuid[]) AND status IN ('held', 'queued')
RETURNING id, lead_id, campaign_id, policy_version, play_id, originating_proposal_id;

/* Pending requests for leads and campaigns that a newer request has just enrolled. */
/* @name waitingTwins */
SELECT r.id FROM sequence_requests r
JOIN unnest(:lead_ids!::uuid[], :campaign_ids!::uuid[]) AS n(lead_id, campaign_id)
  ON n.lead_id = r.lead_id AND n.campaign_id = r.campaign_id
WHERE r.org_id = :org_id! AND r.status::text IN ('held', 'queued');

/* A lead's pending request for a campaign: held, queued, or (`request_id`) the one that a hand-off waits for. */
/* @name pendingRequest */
SELECT r.created_at, coalesce(u.name, g.display_name, r.requested_by) AS "requested_by_name!", r.held_until, r.wake, r.reason
FROM sequence_requests r
LEFT JOIN users u ON u.org_id = r.org_id AND u.id = r.requested_by_user_id
LEFT JOIN agents g ON g.org_id = r.org_id AND g.id = r.requested_by
WHERE r.org_id = :org_id! AND r.lead_id = :lead_id! AND r.campaign_id = :campaign_id!
  AND (r.status::text IN ('held', 'queued') OR r.id = :request_id::uuid)
ORDER BY r.created_at DESC
LIMIT 1;

/* Pending requests for archived campaigns. */
/* @name claimRequestsOfArchived */
SELECT r.id, r.lead_id
FROM (SELECT id FROM campaigns WHERE org_id = :org_id! AND status = 'archived' OFFSET 0) c
CROSS JOIN LATERAL (
  SELECT w.id, w.lead_id FROM sequence_requests w
  WHERE w.org_id = :org_id! AND w.campaign_id = c.id AND w.status IN ('held', 'queued')
    AND w.id <> ALL (:set_aside!::uuid[])
  FOR UPDATE SKIP LOCKED
) r
LIMIT :limit!;

/* @name anyRequest */
SELECT EXISTS (SELECT 1 FROM sequence_requests WHERE org_id = :org_id!) AS "exists!";

/* Pending requests of a paused lead wait until the lead resumes. */
/* @name parkRequests */
UPDATE sequence_requests SET held_until = NULL, wake = 'lead_resumes'
WHERE org_id = :org_id! AND lead_id = :lead_id! AND status::text IN ('held', 'queued');
