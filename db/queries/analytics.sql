/* Touches that the gates did not pass, by time bucket and word. `by` selects the word: the reason, the requesting
   agent, or the campaign. Buckets begin in the organization's time zone. */
/* @name countSuppressions */
WITH suppressed AS (
  SELECT date_trunc(:bucket!, v.timestamp, (SELECT o.time_zone FROM organizations o WHERE o.org_id = :org_id!)) AS start,
         v.lead_id, v.enrollment_id, v.request_id, v.campaign_id, v.suppressed_reason
  FROM cadence_event_log v
  WHERE v.org_id = :org_id! AND v.suppressed_reason IS NOT NULL
    AND v.suppressed_reason = ANY (:reasons!::suppressed_reason[])
    AND v.timestamp >= :since! AND v.timestamp < :until!
)
SELECT s.start AS "start!",
       CASE :by!::text WHEN 'reason' THEN s.suppressed_reason::text WHEN 'campaign' THEN c.slug
                       ELSE coalesce(e.requested_by, r.requested_by) END AS "key",
       count(*)::int AS "decisions!", count(DISTINCT s.lead_id)::int AS "leads!"
FROM suppressed s
LEFT JOIN campaigns c ON c.org_id = :org_id! AND c.id = s.campaign_id
LEFT JOIN campaign_contacts e ON :by = 'agent' AND e.org_id = :org_id! AND e.id = s.enrollment_id
LEFT JOIN sequence_requests r ON :by = 'agent' AND r.org_id = :org_id! AND r.id = s.request_id
WHERE :campaign::text IS NULL OR c.slug = :campaign
GROUP BY 1, 2
ORDER BY 1, 3 DESC, 2
LIMIT :limit!;

/* Outcomes of conflicts between sales and marketing, by row of the matrix, and of all rows (null). A queued request names the
   row in its own event; a paused enrollment has it in a field beside. An answer without news is no event. */
/* @name countConflicts */
SELECT coalesce(v.detail ->> 'rule', v.resolution) AS rule, count(*)::int AS "decisions!",
       count(DISTINCT v.lead_id)::int AS "leads!"
FROM cadence_event_log v
WHERE v.org_id = :org_id! AND v.suppressed_reason = 'conflict_resolved_queued'
  AND v.timestamp >= :since! AND v.timestamp < :until!
GROUP BY GROUPING SETS ((1), ())
ORDER BY 1 NULLS FIRST
LIMIT :limit!;

/* Enrollments per stage, from the log of a period. Each enrollment counts once at each stage of a step. */
/* @name countFunnel */
SELECT c.slug AS campaign_slug, coalesce(v.step_number, 1) AS "step_number!", v.stage AS "stage!",
       v.exit_reason, count(DISTINCT v.enrollment_id)::int AS "count!"
FROM (
  SELECT l.campaign_id, l.step_number, l.enrollment_id,
         CASE WHEN l.event_type = 'exited' THEN 'exited'
              WHEN l.event_type IN ('sent', 'marked_sent') THEN 'sent'
              WHEN l.event_type IN ('enrolled', 'drafted', 'approved', 'replied') THEN l.event_type::text
              WHEN l.moment = 'dispatched' THEN 'due' END AS stage,
         CASE WHEN l.event_type = 'exited' THEN l.resolution END AS exit_reason
  FROM cadence_event_log l
  WHERE l.org_id = :org_id! AND l.timestamp >= :since! AND l.timestamp < :until! AND l.enrollment_id IS NOT NULL
) v
JOIN campaigns c ON c.org_id = :org_id! AND c.id = v.campaign_id
WHERE v.stage IS NOT NULL AND (:campaign::text IS NULL OR c.slug = :campaign)
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
LIMIT :limit!;

/* Touches held now. */
/* @name countHeld */
SELECT c.slug AS campaign_slug, q.step_number, count(*)::int AS "count!"
FROM sales_send_queue q
JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id
WHERE q.org_id = :org_id! AND q.status = 'held' AND (:campaign::text IS NULL OR c.slug = :campaign)
GROUP BY 1, 2
ORDER BY 1, 2
LIMIT :limit!;

/* The current step of open enrollments: the step of the open queue item, else the next step. */
/* @name countOpen */
SELECT c.slug AS campaign_slug, coalesce(q.step_number, e.current_step) AS "step_number!", count(*)::int AS "count!"
FROM campaign_contacts e
JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
LEFT JOIN sales_send_queue q ON q.org_id = e.org_id AND q.id = e.open_queue_id
WHERE e.org_id = :org_id! AND e.status IN ('active', 'paused') AND (:campaign::text IS NULL OR c.slug = :campaign)
GROUP BY 1, 2
ORDER BY 1, 2
LIMIT :limit!;
