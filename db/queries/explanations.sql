/* A lead's newest events, newest first. */
/* @name leadEvents @prepared */
SELECT v.*, c.slug AS "campaign_slug?", c.name AS "campaign_name?"
FROM unnest(ids_of_lead(:org_id!, :lead_id!)) AS p (id)
CROSS JOIN LATERAL (
  SELECT e.* FROM cadence_event_log e
  WHERE e.org_id = :org_id! AND e.lead_id = p.id
    AND (:before_time::timestamptz IS NULL OR (e.timestamp, e.id) < (:before_time, :before_id::uuid))
  ORDER BY e.timestamp DESC, e.id DESC
  LIMIT :limit!
) v
LEFT JOIN campaigns c ON c.org_id = :org_id! AND c.id = v.campaign_id
ORDER BY v.timestamp DESC, v.id DESC
LIMIT :limit!;

/* A lead's enrollments with the steps of their campaigns: open ones first, then the newest. */
/* @name leadEnrollments @prepared */
SELECT e.id, e.status, e.current_step, e.next_send_at, e.paused_reason, e.paused_until, e.wake,
       c.slug AS campaign_slug, c.name AS campaign_name, c.status AS campaign_status, c.owner_role,
       coalesce(s.steps, '[]') AS "steps!"
FROM campaign_contacts e
JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
LEFT JOIN LATERAL (
  SELECT json_agg(json_build_object('step_number', t.step_number, 'channel', t.channel)
                  ORDER BY t.step_number) AS steps
  FROM campaign_sequences t WHERE t.org_id = e.org_id AND t.campaign_id = e.campaign_id
) s ON true
WHERE e.org_id = :org_id! AND e.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!))
ORDER BY (e.status IN ('active', 'paused')) DESC, e.enrolled_at DESC, e.id DESC
LIMIT :limit!;

/* A lead's pending requests. */
/* @name leadWaitingRequests @prepared */
SELECT r.id, r.status, r.requested_by, r.held_until, r.wake,
       c.slug AS campaign_slug, c.name AS campaign_name, c.status AS campaign_status
FROM sequence_requests r
JOIN campaigns c ON c.org_id = r.org_id AND c.id = r.campaign_id
WHERE r.org_id = :org_id! AND r.lead_id = :lead_id! AND r.status IN ('held', 'queued')
ORDER BY r.created_at, r.id
LIMIT :limit!;

/* @name requestAskers @prepared */
SELECT id, requested_by, requested_by_user_id, entered_by, answer_count, created_at, decided_at, reason, trace FROM sequence_requests
WHERE org_id = :org_id! AND id = ANY (:ids!::uuid[]);

/* A lead's open touches. A touch without a text whose task has failed for good is a dead end; only then does the
   statement search the failed tasks. */
/* @name leadOpenItems @prepared */
SELECT q.id, q.enrollment_id, q.step_number, q.channel, q.status, q.requires_personal_send, q.scheduled_at,
       q.held_until, q.wake, q.deferred_reason, q.deferred_detail, c.slug AS campaign_slug, c.name AS campaign_name,
       c.status AS campaign_status, c.owner_role, m.address AS "mailbox_address?", m.paused_reason AS "mailbox_paused?",
       m.retired_reason AS "mailbox_retired?", f.id AS "failed_task_id?", f.error AS "failed_task_error?",
       s.stage AS "sending_stage?", s.started_at AS "sending_since?", s.lease_until AS "sending_until?",
       s.orphaned_at AS "sending_orphaned_at?"
FROM sales_send_queue q
JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id
LEFT JOIN lead_mailboxes b ON b.org_id = q.org_id AND b.lead_id = q.lead_id
LEFT JOIN mailboxes m ON m.org_id = b.org_id AND m.id = coalesce(q.mailbox_id, b.mailbox_id)
LEFT JOIN LATERAL (
  SELECT t.id FROM agent_tasks t
  WHERE t.org_id = q.org_id AND t.queue_id = q.id AND t.type = 'execute_sequence_step' AND t.status IN ('open', 'claimed')
  LIMIT 1
) o ON true
LEFT JOIN LATERAL (
  SELECT t.id, t.error FROM agent_tasks t
  WHERE q.status = 'pending' AND o.id IS NULL AND t.org_id = q.org_id AND t.status = 'failed' AND t.queue_id = q.id
  ORDER BY t.id DESC LIMIT 1
) f ON true
LEFT JOIN LATERAL (
  SELECT a.stage, a.started_at, a.lease_until, a.orphaned_at FROM send_attempts a
  WHERE q.status = 'approved' AND a.org_id = q.org_id AND a.queue_id = q.id AND a.stage IN ('intent', 'data')
  LIMIT 1
) s ON true
WHERE q.org_id = :org_id! AND q.lead_id = :lead_id!
  AND q.status IN ('pending', 'drafted', 'approved', 'held', 'unknown')
ORDER BY q.scheduled_at, q.id
LIMIT :limit!;

/* A lead's booked meetings and requested entries that a person has not routed. */
/* @name leadWaitingMeetings @prepared */
SELECT t.id, t.type, t.created_at, c.name AS "campaign_name?", s.slug AS "suggested_slug?", s.name AS "suggested_name?",
       r.requested_by AS "requested_by?", r.requested_by_user_id AS "requested_by_user_id?"
FROM (
  -- Reads the values before the joins: as join conditions, row-level security would keep the indexes unused.
  SELECT w.*, w.payload ->> 'suggested_campaign' AS suggested_campaign, (w.payload ->> 'request_id')::uuid AS request_id
  FROM agent_tasks w
  WHERE w.org_id = :org_id! AND w.lead_id = :lead_id! AND w.queue_id IS NULL AND w.status IN ('open', 'claimed')
    AND w.type IN ('meeting_booked', 'entry_requested')
  ORDER BY w.available_at, w.id
  LIMIT :limit!
) t
LEFT JOIN sequence_requests r ON r.org_id = t.org_id AND r.id = t.request_id
LEFT JOIN campaign_contacts e ON e.org_id = t.org_id AND e.id = t.enrollment_id
LEFT JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
LEFT JOIN campaigns s ON s.org_id = t.org_id AND s.slug = t.suggested_campaign
ORDER BY t.available_at, t.id;

/* A lead's failed tasks other than drafting, latest first. A reply that was handled since needs nothing. */
/* @name leadFailedTasks @prepared */
SELECT t.id, t.type, t.error, c.name AS "campaign_name?"
FROM agent_tasks t
LEFT JOIN campaign_contacts e ON e.org_id = t.org_id AND e.id = t.enrollment_id
LEFT JOIN campaigns c ON c.org_id = t.org_id
  AND CASE WHEN t.payload ? 'campaign' THEN c.slug = t.payload ->> 'campaign' ELSE c.id = e.campaign_id END
WHERE t.org_id = :org_id! AND t.lead_id = :lead_id! AND t.status = 'failed' AND t.queue_id IS NULL
  AND NOT EXISTS (
    SELECT FROM inbound_messages i WHERE i.org_id = t.org_id AND i.task_id = t.id AND i.handled_at IS NOT NULL)
ORDER BY t.id DESC
LIMIT :limit!;

/* A lead's touches that are not void, newest first. Reads them through the items, each of which has at most one such
   touch: by lead alone, the planner reads the whole index of touches that are not void. */
/* @name leadTouchesSince @prepared */
SELECT t.channel, t.sequence_type, t.touched_at, t.local_day, t.outcome, c.name AS campaign_name
FROM sales_send_queue q
CROSS JOIN LATERAL (
  SELECT * FROM touches x WHERE x.org_id = q.org_id AND x.queue_id = q.id AND x.outcome <> 'void' LIMIT 1) t
JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id
WHERE q.org_id = :org_id! AND q.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) AND t.touched_at > :since!
ORDER BY t.touched_at DESC
LIMIT :limit!;

/* @name peopleNames @prepared */
SELECT id, name FROM users WHERE org_id = :org_id! AND id = ANY (:ids!::uuid[]);

/* @name agentNames @prepared */
SELECT id, display_name FROM agents WHERE org_id = :org_id! AND id = ANY (:ids!::text[]);

/* @name campaignNames @prepared */
SELECT slug, name FROM campaigns WHERE org_id = :org_id! AND slug = ANY (:slugs!::text[]);

/* Names of merged leads as they were; null once their data was deleted. */
/* @name mergedLeadNames */
SELECT m.lead_id AS id,
       nullif(concat_ws(' ', m.lead_before ->> 'first_name', m.lead_before ->> 'last_name', '(' || (m.lead_before ->> 'email') || ')'), '') AS name
FROM lead_merges m
WHERE m.org_id = :org_id! AND m.lead_id = ANY (:ids!::uuid[]);
