/* @name mergeLeads */
SELECT merge_leads(:lead_id!, :into_lead_id!, :user_id, :reason, :now!) AS "merge_id!";

/* Enrollments and pending requests that a merge settles, oldest first. */
/* @name openWorkOfLead */
SELECT e.id AS "enrollment_id?", NULL::uuid AS "request_id?", e.campaign_id AS "campaign_id!", e.requested_by AS "requested_by!",
       r.requested_by_user_id AS "requested_by_user_id?", e.goal AS "goal?", e.notes AS "notes?", e.enrolled_at AS "since!",
       e.current_step AS "current_step?"
FROM campaign_contacts e
JOIN sequence_requests r ON r.org_id = e.org_id AND r.id = e.request_id
WHERE e.org_id = :org_id! AND e.lead_id = :lead_id! AND e.status::text IN ('active', 'paused')
UNION ALL
SELECT r.exited_enrollment_id, r.id, r.campaign_id, r.requested_by, r.requested_by_user_id, r.goal, r.notes, r.created_at, NULL
FROM sequence_requests r
WHERE r.org_id = :org_id! AND r.lead_id = :lead_id! AND r.status::text IN ('held', 'queued')
ORDER BY "since!";

/* Suggestions, newest first, with both leads. */
/* @name suggestionPage */
SELECT s.id, s.reason, s.found_at, s.ended_at, s.outcome, s.lead_id, s.other_lead_id,
       l.email AS lead_email, l.first_name AS lead_first_name, l.last_name AS lead_last_name, a.name AS "lead_company?",
       o.email AS other_email, o.first_name AS other_first_name, o.last_name AS other_last_name, b.name AS "other_company?"
FROM lead_merge_suggestions s
JOIN leads l ON l.org_id = s.org_id AND l.id = s.lead_id
JOIN leads o ON o.org_id = s.org_id AND o.id = s.other_lead_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN accounts b ON b.org_id = o.org_id AND b.id = o.account_id
WHERE s.org_id = :org_id! AND s.ended_at IS NULL AND (:before_id::uuid IS NULL OR s.id < :before_id)
  AND (:lead_id::uuid IS NULL OR s.lead_id = :lead_id OR s.other_lead_id = :lead_id)
ORDER BY s.id DESC
LIMIT :limit!;

/* @name rejectSuggestion */
UPDATE lead_merge_suggestions SET ended_at = :now!, outcome = 'different_people', ended_by_user_id = :user_id!
WHERE org_id = :org_id! AND id = :id! AND ended_at IS NULL
RETURNING id;

/* Leads of one CRM record, for the rule: one of both still has it. Two records are not one. */
/* @name suggestionsByRule */
SELECT s.id, s.lead_id, s.other_lead_id FROM lead_merge_suggestions s
JOIN leads l ON l.org_id = s.org_id AND l.id = s.lead_id AND l.erased_at IS NULL
JOIN leads o ON o.org_id = s.org_id AND o.id = s.other_lead_id AND o.erased_at IS NULL
WHERE s.org_id = :org_id! AND s.ended_at IS NULL AND s.reason = 'same_crm_record' AND num_nonnulls(l.crm_contact_id, o.crm_contact_id) = 1
  AND s.id <> ALL (:set_aside!::uuid[])
ORDER BY s.id
LIMIT :limit!;

/* Open hand-offs and tasks of a merged lead become tasks of the lead that it became. Tasks of touches end with their touches, and
   claimed ones are the claimant's to finish. */
/* @name moveTasks */
WITH ended AS (
  UPDATE agent_tasks t SET status = 'canceled', finished_at = :now!
  WHERE t.org_id = :org_id! AND t.lead_id = :lead_id! AND t.queue_id IS NULL AND t.status::text = 'open'
  RETURNING t.*
)
INSERT INTO agent_tasks (org_id, id, type, role, status, lead_id, enrollment_id, payload, attempt_count, created_at)
SELECT e.org_id, gen_random_uuid(), e.type, e.role, 'open', :into_lead_id!, e.enrollment_id, e.payload, 0, e.created_at FROM ended e
ON CONFLICT DO NOTHING
RETURNING id;

/* The rows of the person who has or had this row: the lead and those merged into it. */
/* @name rowsOfPerson @prepared */
SELECT ids_of_lead(:org_id!, coalesce(
  (SELECT l.merged_into_id FROM leads l WHERE l.org_id = :org_id! AND l.id = :lead_id!), :lead_id!)) AS "ids!";
