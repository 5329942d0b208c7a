/* Outcomes of each brain's drafts, by the quarter of drafting in the organization's time zone. People launched a
   copied play, so it says nothing about the brain. */
/* @name brainAnalytics */
SELECT d.writer_agent_id AS agent_id, d.quarter AS "quarter!", count(*)::int AS "drafted!",
       count(*) FILTER (WHERE d.state = 'draft')::int AS "waiting!",
       count(d.picked_up_at)::int AS "picked_up!", count(d.activated_at)::int AS "activated!",
       count(*) FILTER (WHERE d.retire_reason IN ('rejected_at_draft', 'rejected_at_review'))::int AS "rejected!",
       count(d.activated_at)::float8 / count(*) AS "promotion_rate!",
       (avg(d.edits) FILTER (WHERE d.picked_up_at IS NOT NULL))::float8 AS edits_per_review,
       count(d.met)::int AS "measured!", count(*) FILTER (WHERE d.met)::int AS "met!"
FROM (
  SELECT p.writer_agent_id, p.state, p.picked_up_at, p.activated_at, p.retire_reason,
         to_char(p.created_at AT TIME ZONE o.time_zone, 'YYYY-"Q"Q') AS quarter,
         (SELECT count(*) FROM jsonb_array_elements(coalesce(p.edits_during_review, '[]')) e,
                               jsonb_array_elements(e -> 'patch')) AS edits,
         CASE WHEN p.retrospective_outcomes IS NOT NULL THEN (
           SELECT bool_and(coalesce((p.retrospective_outcomes ->> k)::numeric >= (p.success_criteria ->> k)::numeric, false))
           FROM jsonb_object_keys(p.success_criteria) k) END AS met
  FROM sales_play_library p JOIN organizations o ON o.org_id = p.org_id
  WHERE p.org_id = :org_id! AND p.copied_from_play_id IS NULL AND p.content_removed_at IS NULL
    AND (:agent_id::text IS NULL OR p.writer_agent_id = :agent_id)
) d
GROUP BY 1, 2
ORDER BY 2 DESC, 1
LIMIT :limit!;

/* Plays that ran, with their results so far beside their success criteria; most recently activated first. */
/* @name playAnalytics */
SELECT p.play_id, p.name, p.state, p.segment, p.account_id, p.writer_agent_id, p.activated_at AS "activated_at!", p.retired_at,
       p.success_criteria, p.retrospective_outcomes, e.enrolled AS "enrolled!", e.meetings AS "meetings!",
       e.converted AS "converted!", t.touches AS "touches!",
       CASE WHEN e.enrolled > 0 THEN e.meetings::float8 / e.enrolled END AS meeting_rate
FROM sales_play_library p
CROSS JOIN LATERAL (
  SELECT count(*)::int AS enrolled, count(*) FILTER (WHERE c.status = 'converted')::int AS converted,
         count(*) FILTER (WHERE c.exit_reason = 'meeting')::int AS meetings
  FROM campaign_contacts c WHERE c.org_id = p.org_id AND c.play_id = p.play_id
) e
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE k.counts AND k.settled_at IS NOT NULL)::int AS touches
  FROM touches k WHERE k.org_id = p.org_id AND k.play_id = p.play_id
) t
WHERE p.org_id = :org_id! AND p.activated_at IS NOT NULL AND p.content_removed_at IS NULL
  AND (:agent_id::text IS NULL OR p.writer_agent_id = :agent_id)
  AND (:before_time::timestamptz IS NULL OR (p.activated_at, p.play_id) < (:before_time, :before_id::uuid))
ORDER BY p.activated_at DESC, p.play_id DESC
LIMIT :limit!;

/* Enrollments by the quarter in which they began, in the organization's time zone: those of each brain's plays, beside
   those without a play. */
/* @name cohortAnalytics */
SELECT d.quarter AS "quarter!", d.agent_id, count(*)::int AS "enrolled!", count(DISTINCT d.play_id)::int AS "plays!",
       count(*) FILTER (WHERE d.is_touched)::int AS "touched!", count(*) FILTER (WHERE d.is_meeting)::int AS "meetings!",
       count(*) FILTER (WHERE d.is_converted)::int AS "converted!",
       count(*) FILTER (WHERE d.is_meeting)::float8 / count(*) AS "meeting_rate!",
       count(*) FILTER (WHERE d.is_converted)::float8 / count(*) AS "conversion_rate!"
FROM (
  SELECT to_char(e.enrolled_at AT TIME ZONE o.time_zone, 'YYYY-"Q"Q') AS quarter, p.writer_agent_id AS agent_id, e.play_id,
         e.exit_reason = 'meeting' AS is_meeting, e.status = 'converted' AS is_converted,
         EXISTS (SELECT FROM touches t WHERE t.org_id = e.org_id AND t.lead_id = e.lead_id AND t.enrollment_id = e.id
                 AND t.counts AND t.settled_at IS NOT NULL) AS is_touched
  FROM campaign_contacts e
  JOIN organizations o ON o.org_id = e.org_id
  JOIN leads l ON l.org_id = e.org_id AND l.id = e.lead_id
  LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
  LEFT JOIN sales_play_library p ON p.org_id = e.org_id AND p.play_id = e.play_id
  WHERE e.org_id = :org_id! AND e.enrolled_at <= :now!
    AND e.enrolled_at >= (date_trunc('quarter', :now!::timestamptz AT TIME ZONE o.time_zone)
                          - (:quarters!::int - 1) * interval '3 months') AT TIME ZONE o.time_zone
    AND (p.play_id IS NULL OR :agent_id::text IS NULL OR p.writer_agent_id = :agent_id)
    AND (:segment::text IS NULL OR coalesce(l.segment, a.segment) = :segment)
) d
GROUP BY 1, 2
ORDER BY 1 DESC, 2 NULLS LAST
LIMIT :limit!;

/* People by the quarter in which they first began, in the organization's time zone: counts by stratum, account, and group, and of
   their first opportunity by its last day within the follow-up, its end, and its currency. `is_with`: a brain drafted the play
   (of one brain, if named); the others began without a play. Never one row of a person to a caller. */
/* @name outcomeCells */
WITH enrolled AS MATERIALIZED (
  SELECT e.id, coalesce(l.merged_into_id, l.id) AS person_id, e.enrolled_at, e.play_id, e.campaign_id,
         date_trunc('quarter', e.enrolled_at AT TIME ZONE o.time_zone) AS quarter
  FROM campaign_contacts e
  JOIN organizations o ON o.org_id = e.org_id
  JOIN leads l ON l.org_id = e.org_id AND l.id = e.lead_id
  WHERE e.org_id = :org_id! AND e.enrolled_at <= :now!
    AND e.enrolled_at >= (date_trunc('quarter', :now!::timestamptz AT TIME ZONE o.time_zone)
                          - (:quarters!::int - 1) * interval '3 months') AT TIME ZONE o.time_zone
), began AS MATERIALIZED (
  SELECT DISTINCT ON (quarter, person_id) quarter, person_id, enrolled_at AS began_at, play_id, campaign_id
  FROM enrolled ORDER BY quarter, person_id, enrolled_at, id
), people AS MATERIALIZED (
  SELECT b.quarter, b.person_id, b.began_at, least(b.began_at + :follow_up_days!::int * interval '1 day', :now!) AS until,
         b.play_id IS NOT NULL AS is_with, c.sequence_type, coalesce(l.icp_tier, a.icp_tier) AS icp_tier,
         coalesce(l.segment, a.segment) AS segment, coalesce(l.account_id, l.id) AS account_id
  FROM began b
  JOIN leads l ON l.org_id = :org_id! AND l.id = b.person_id AND l.erased_at IS NULL
  JOIN campaigns c ON c.org_id = :org_id! AND c.id = b.campaign_id
  LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
  LEFT JOIN sales_play_library p ON p.org_id = :org_id! AND p.play_id = b.play_id
  WHERE b.play_id IS NULL OR :agent_id::text IS NULL OR p.writer_agent_id = :agent_id
), persons AS MATERIALIZED (
  SELECT p.*, p.person_id || ARRAY(SELECT x.id FROM leads x WHERE x.org_id = :org_id! AND x.merged_into_id = p.person_id) AS lead_ids
  FROM people p
)
SELECT to_char(p.quarter, 'YYYY-"Q"Q') AS "quarter!", p.is_with AS "is_with!", p.sequence_type::text AS "sequence_type!", p.icp_tier::text AS icp_tier,
       p.segment, p.account_id AS "account_id!", d.deal_end, d.day,
       CASE WHEN d.deal_end = 'won' THEN d.currency END AS currency, count(*)::int AS "people!",
       count(*) FILTER (WHERE EXISTS (
         SELECT FROM campaign_contacts e
         WHERE e.org_id = :org_id! AND e.lead_id = ANY (p.lead_ids) AND e.exit_reason = 'meeting'
           AND e.exited_at BETWEEN p.began_at AND p.until))::int AS "meetings!",
       (sum(d.acv_cents) FILTER (WHERE d.deal_end = 'won' AND d.currency IS NOT NULL))::float8 AS acv_cents
FROM persons p
LEFT JOIN LATERAL (
  SELECT o.currency, o.amount_cents * coalesce(12.0 / o.term_months, 1) AS acv_cents,
         CASE WHEN o.closed_at <= p.until THEN o.stage::text ELSE 'open' END AS deal_end,
         extract(day FROM least(o.closed_at, p.until) - o.opened_at)::int AS day
  FROM opportunities o
  WHERE o.org_id = :org_id! AND o.lead_id = ANY (p.lead_ids) AND o.opened_at BETWEEN p.began_at AND p.until
  ORDER BY o.opened_at, o.id LIMIT 1
) d ON true
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
LIMIT :limit!;

/* The end of each quarter, as a time. */
/* @name quarterEnds */
SELECT to_char(q, 'YYYY-"Q"Q') AS "quarter!", (q + interval '3 months') AT TIME ZONE o.time_zone AS "ends_at!"
FROM organizations o,
  generate_series(date_trunc('quarter', :now!::timestamptz AT TIME ZONE o.time_zone) - (:quarters!::int - 1) * interval '3 months',
                  date_trunc('quarter', :now!::timestamptz AT TIME ZONE o.time_zone), interval '3 months') q
WHERE o.org_id = :org_id!
ORDER BY 1 DESC;
