/* @name insertEnrollments */
INSERT INTO campaign_contacts
SELECT * FROM json_populate_recordset(NULL::campaign_contacts, :rows!);

/* @name checkRequestEnrollments */
SELECT check_request_enrollments()::text AS done;

/* Enrollments whose current step is due, with that step. Skips rows that another worker has locked. Rows that wait for
   a person are not in the index, so they starve no others. */
/* @name claimDueEnrollments */
SELECT e.id, e.lead_id, e.campaign_id, e.requested_by, e.play_id, e.originating_proposal_id, c.slug AS campaign_slug,
       c.sequence_type, c.side, s.step_number AS "step_number?", s.channel AS "channel?",
       s.when_unreachable AS "when_unreachable?"
FROM campaign_contacts e
JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id AND c.status = 'active'
LEFT JOIN campaign_sequences s
  ON s.org_id = e.org_id AND s.campaign_id = e.campaign_id AND s.step_number = e.current_step
WHERE e.org_id = :org_id! AND e.status = 'active' AND e.open_queue_id IS NULL AND e.next_send_at <= :now!
  AND e.id <> ALL (:set_aside!::uuid[])
ORDER BY e.next_send_at, e.id
LIMIT :limit!
FOR UPDATE OF e SKIP LOCKED;

/* Records the decisions on a batch of due steps in one statement: queue items, tasks, and events. Most decisions of a
   batch are equal, so each distinct decision comes once with its trace, and each enrollment refers to one. A decision
   without `item_status` queues nothing. Returns the enrollments that received an item. */
/* @name recordDispatches */
WITH steps AS (
  SELECT d.event_id, d.queue_id, d.task_id, d.facts, k.*, e.id AS enrollment_id, e.lead_id, d.account_id, e.campaign_id,
         e.client_id, e.contact_id, e.next_send_at, e.play_id, e.originating_proposal_id, c.owner_role, c.sequence_type,
         s.step_number, s.channel,
         -- notify_rep tells the rep, who sends.
         s.requires_personal_send OR channel_is_personal(s.channel) OR c.send_rule = 'notify_rep' AS is_personal,
         e AS enrollment, s.requires_personal_send AS is_personal_step
  FROM unnest(:enrollment_ids!::uuid[], :account_ids!::uuid[], :event_ids!::uuid[], :queue_ids!::uuid[],
              :task_ids!::uuid[], :decision_numbers!::int[], :facts!::jsonb[])
       AS d(enrollment_id, account_id, event_id, queue_id, task_id, decision_number, facts)
  JOIN jsonb_to_recordset(:decisions!) AS k(
    decision_number int, item_status queue_status, wake wake_condition, event_type event_type,
    coordinator_action text, resolution text, touch_cap_at_event int, compliance_status compliance_status,
    suppressed_reason suppressed_reason, until timestamptz, trace jsonb)
    ON k.decision_number = d.decision_number
  JOIN campaign_contacts e ON e.org_id = :org_id! AND e.id = d.enrollment_id
  JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
  JOIN campaign_sequences s
    ON s.org_id = e.org_id AND s.campaign_id = e.campaign_id AND s.step_number = e.current_step
), items AS (
  INSERT INTO sales_send_queue (org_id, id, client_id, contact_id, lead_id, campaign_id, enrollment_id, step_number,
    channel, requires_personal_send, assigned_to_user_id, scheduled_at, status, held_until, held_reason, wake,
    held_policy_version, play_id, originating_proposal_id, created_at)
  SELECT :org_id!, queue_id, client_id, contact_id, lead_id, campaign_id, enrollment_id, step_number, channel,
         is_personal, CASE WHEN is_personal THEN manual_sender(enrollment, is_personal_step) END, next_send_at, item_status, until, suppressed_reason, wake,
         -- Retries at once, together with the lead's other touches, to receive a turn.
         CASE WHEN item_status = 'held' THEN 0 END, play_id, originating_proposal_id, :now!
  FROM steps WHERE item_status IS NOT NULL
  ON CONFLICT (org_id, enrollment_id, step_number) DO NOTHING
  RETURNING id, enrollment_id
), tasks AS (
  INSERT INTO agent_tasks (org_id, id, type, role, lead_id, enrollment_id, queue_id, created_at)
  SELECT :org_id!, t.task_id, 'execute_sequence_step', t.owner_role, t.lead_id, t.enrollment_id, t.queue_id, :now!
  FROM steps t JOIN items ON items.id = t.queue_id
  WHERE t.item_status = 'pending'
), events AS (
  INSERT INTO cadence_event_log (org_id, id, timestamp, event_type, coordinator_action, resolution, touch_cap_at_event,
    compliance_status, suppressed_reason, moment, until, actor_kind, actor_id, lead_id, account_id, campaign_id,
    enrollment_id, queue_id, step_number, channel, sequence_type, policy_version, play_id, originating_proposal_id,
    trace, facts)
  SELECT :org_id!, v.event_id, :now!, v.event_type, v.coordinator_action, v.resolution, v.touch_cap_at_event,
         v.compliance_status, v.suppressed_reason, 'dispatched', v.until, 'coordinator', :actor_id!, v.lead_id,
         v.account_id, v.campaign_id, v.enrollment_id, items.id, v.step_number, v.channel, v.sequence_type,
         :policy_version!, v.play_id, v.originating_proposal_id, v.trace, v.facts
  FROM steps v LEFT JOIN items ON items.id = v.queue_id
  WHERE v.item_status IS NULL OR items.id IS NOT NULL
)
SELECT enrollment_id FROM items;

/* Pauses enrollments that lost a conflict or that a gate stopped. */
/* @name pauseEnrollments */
UPDATE campaign_contacts e
SET status = 'paused', paused_at = u.paused_at, paused_reason = u.paused_reason, paused_until = u.paused_until,
    wake = u.wake, paused_policy_version = u.paused_policy_version
FROM jsonb_populate_recordset(NULL::campaign_contacts, :rows!) u
WHERE e.org_id = u.org_id AND e.id = u.id AND e.status = 'active'
RETURNING e.id, e.lead_id, e.campaign_id, e.requested_by, e.current_step, e.play_id, e.originating_proposal_id;

/* Paused enrollments whose release time has come, or that an older policy paused. The gates run before they resume. The
   earliest begun come first. */
/* @name claimResumableEnrollments */
WITH due AS MATERIALIZED (
  (SELECT e.id FROM campaign_contacts e
   JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id AND c.status = 'active'
   WHERE e.org_id = :org_id! AND e.status = 'paused' AND e.paused_until <= :now!
     AND e.id <> ALL (:set_aside!::uuid[])
   ORDER BY e.paused_until, e.id LIMIT :limit!)
  UNION
  (SELECT e.id FROM campaign_contacts e
   JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id AND c.status = 'active'
   WHERE e.org_id = :org_id! AND e.status = 'paused' AND e.paused_policy_version < :policy_version!
     AND e.id <> ALL (:set_aside!::uuid[])
   ORDER BY e.paused_policy_version, e.id LIMIT :limit!)
)
SELECT e.id, e.lead_id, e.campaign_id, e.requested_by, e.current_step, e.paused_reason, e.paused_until, e.play_id,
       e.originating_proposal_id, c.sequence_type, c.side, c.priority
FROM due JOIN campaign_contacts e ON e.org_id = :org_id! AND e.id = due.id
JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
WHERE e.status = 'paused'
ORDER BY e.enrolled_at, e.id
LIMIT :limit!
FOR UPDATE OF e SKIP LOCKED;

/* @name resumeEnrollments */
UPDATE campaign_contacts
SET status = 'active', paused_at = NULL, paused_reason = NULL, paused_until = NULL, wake = NULL,
    paused_policy_version = NULL
WHERE org_id = :org_id! AND id = ANY (:ids!::uuid[]) AND status = 'paused'
RETURNING id;

/* @name repauseEnrollments */
UPDATE campaign_contacts e
SET paused_reason = u.paused_reason, paused_until = u.paused_until, wake = u.wake,
    paused_policy_version = u.paused_policy_version
FROM jsonb_populate_recordset(NULL::campaign_contacts, :rows!) u
WHERE e.org_id = u.org_id AND e.id = u.id AND e.status = 'paused';

/* Enrollments whose last touch is done, with the number of the next step if one was added since. */
/* @name claimFinishedEnrollments */
SELECT e.id, e.lead_id, (
    SELECT min(s.step_number) FROM campaign_sequences s
    WHERE s.org_id = e.org_id AND s.campaign_id = e.campaign_id AND s.step_number > e.current_step) AS added_step
FROM campaign_contacts e
WHERE e.org_id = :org_id! AND e.status = 'active' AND e.open_queue_id IS NULL AND e.next_send_at IS NULL
  AND e.id <> ALL (:set_aside!::uuid[])
ORDER BY e.id
LIMIT :limit!
FOR UPDATE OF e SKIP LOCKED;

/* Moves enrollments that had finished their last step to a step added behind it, with the usual spacing if the policy
   requires it. */
/* @name continueEnrollments */
UPDATE campaign_contacts e
SET current_step = n.step_number,
    next_send_at = greatest(
      local_days_after(e.org_id, e.lead_id, e.enrolled_at, n.delay_days),
      CASE WHEN :keep_spacing!::boolean
        THEN local_days_after(e.org_id, e.lead_id, q.sent_at, n.delay_days - s.delay_days) END)
FROM unnest(:ids!::uuid[], :steps!::int[]) AS u(id, step_number), campaign_contacts k
JOIN campaign_sequences n ON n.org_id = k.org_id AND n.campaign_id = k.campaign_id
LEFT JOIN campaign_sequences s
  ON s.org_id = k.org_id AND s.campaign_id = k.campaign_id AND s.step_number = k.current_step
LEFT JOIN sales_send_queue q
  ON q.org_id = k.org_id AND q.enrollment_id = k.id AND q.step_number = k.current_step AND q.status = 'sent'
WHERE e.org_id = :org_id! AND e.id = u.id AND e.status = 'active' AND e.next_send_at IS NULL
  AND k.org_id = e.org_id AND k.id = e.id AND n.step_number = u.step_number
RETURNING e.id;

/* Open enrollments of archived campaigns. */
/* @name claimArchivedEnrollments */
SELECT e.id, e.lead_id FROM campaigns c
CROSS JOIN LATERAL (
  SELECT k.id, k.lead_id FROM campaign_contacts k
  WHERE k.org_id = c.org_id AND k.campaign_id = c.id AND k.status IN ('active', 'paused') AND k.id <> ALL (:set_aside!::uuid[])
  ORDER BY k.id
  LIMIT :limit!
  FOR UPDATE SKIP LOCKED) e
WHERE c.org_id = :org_id! AND c.status = 'archived'
LIMIT :limit!;

/* Leads that still wait for the end of ABM although it has ended, because the two changes did not see each other. By
   id, in pages; each part is cut to the page size. */
/* @name listMissedAbmEnds */
SELECT w.lead_id AS "lead_id!" FROM (
  (SELECT DISTINCT e.lead_id FROM campaign_contacts e
   WHERE e.org_id = :org_id! AND e.wake = 'abm_ends' AND e.paused_until IS NULL AND e.lead_id > :after!::uuid
   ORDER BY e.lead_id LIMIT :limit!)
  UNION
  (SELECT DISTINCT q.lead_id FROM sales_send_queue q
   WHERE q.org_id = :org_id AND q.wake = 'abm_ends' AND q.held_until IS NULL AND q.lead_id > :after
   ORDER BY q.lead_id LIMIT :limit)
) w
ORDER BY w.lead_id
LIMIT :limit;

/* Runs under the leads' locks. */
/* @name wakeMissedAbmEnds */
SELECT wake_waiting(:org_id!::uuid, 'abm_ends', (
  SELECT array_agg(l.id) FROM leads l
  LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
  WHERE l.org_id = :org_id AND l.id = ANY (:lead_ids!::uuid[]) AND NOT coalesce(a.abm_active, false)
), :now!)::text AS done;

/* @name exitEnrollments */
UPDATE campaign_contacts e
SET status = :status!, exit_reason = :exit_reason!, exited_at = :now!, next_send_at = NULL,
    paused_at = NULL, paused_reason = NULL, paused_until = NULL, wake = NULL, paused_policy_version = NULL
FROM campaigns c
WHERE e.org_id = :org_id! AND e.id = ANY (:ids!::uuid[]) AND e.status IN ('active', 'paused')
  AND c.org_id = e.org_id AND c.id = e.campaign_id
RETURNING e.id, e.lead_id, e.campaign_id, e.current_step, e.goal, e.notes, e.play_id, e.originating_proposal_id,
          c.on_exit, c.owner_role, c.sequence_type, c.slug;

/* @name advanceEnrollments */
SELECT advance_enrollments(:org_id!, :ids!::uuid[])::text AS done;

/* Enrollments that skipped steps and now stand at a step whose designed distance from the last sent touch exceeds the
   remaining time. */
/* @name spaceAfterSkipped */
UPDATE campaign_contacts e
SET next_send_at = greatest(
      e.next_send_at, local_days_after(e.org_id, e.lead_id, p.sent_at, n.delay_days - p.delay_days))
FROM campaign_contacts k
JOIN campaign_sequences n ON n.org_id = k.org_id AND n.campaign_id = k.campaign_id AND n.step_number = k.current_step
CROSS JOIN LATERAL (
  SELECT q.sent_at, s.delay_days FROM sales_send_queue q
  JOIN campaign_sequences s ON s.org_id = q.org_id AND s.campaign_id = q.campaign_id AND s.step_number = q.step_number
  WHERE q.org_id = k.org_id AND q.enrollment_id = k.id AND q.status = 'sent'
  ORDER BY q.step_number DESC LIMIT 1) p
WHERE k.org_id = :org_id! AND k.id = ANY (:ids!::uuid[]) AND e.org_id = k.org_id AND e.id = k.id
  AND e.next_send_at IS NOT NULL;

/* A late send moves the next step, so two steps are never closer than designed. */
/* @name spaceNextStep */
UPDATE campaign_contacts e
SET next_send_at = greatest(
      e.next_send_at,
      local_days_after(e.org_id, e.lead_id, :sent_at!::timestamptz, n.delay_days - s.delay_days))
FROM campaign_sequences s, campaign_sequences n
WHERE e.org_id = :org_id! AND e.id = :id! AND e.next_send_at IS NOT NULL
  AND s.org_id = e.org_id AND s.campaign_id = e.campaign_id AND s.step_number = :sent_step!
  AND n.org_id = e.org_id AND n.campaign_id = e.campaign_id AND n.step_number = e.current_step;

/* @name getEnrollment */
SELECT e.*, c.slug AS campaign_slug, l.email AS lead_email, l.first_name, l.last_name, a.name AS "company?"
FROM campaign_contacts e
JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
JOIN leads l ON l.org_id = e.org_id AND l.id = e.lead_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
WHERE e.org_id = :org_id! AND e.id = :id!;

/* Enrollments of a page, in index order. */
/* @name enrollmentPage */
SELECT e.id FROM campaign_contacts e
WHERE e.org_id = :org_id!
  AND (:lead_ids::uuid[] IS NULL OR e.lead_id = ANY (:lead_ids))
  AND (:status::enrollment_status IS NULL OR e.status = :status)
  AND (:after_id::uuid IS NULL OR e.id > :after_id)
ORDER BY e.id
LIMIT :limit!;

/* Enrollments of one campaign. Open and ended enrollments have separate indexes, so ended ones cost open ones nothing;
   the statement reads a page of each. */
/* @name enrollmentPageOfCampaign */
(SELECT x.id FROM campaign_contacts x
 WHERE x.org_id = :org_id! AND x.campaign_id = :campaign_id! AND x.status IN ('active', 'paused')
   AND (:lead_ids::uuid[] IS NULL OR x.lead_id = ANY (:lead_ids))
   AND (:status::enrollment_status IS NULL OR x.status = :status)
   AND (:after_id::uuid IS NULL OR x.id > :after_id)
 ORDER BY x.id LIMIT :limit!)
UNION ALL
(SELECT x.id FROM campaign_contacts x
 WHERE x.org_id = :org_id! AND x.campaign_id = :campaign_id! AND x.status NOT IN ('active', 'paused')
   AND (:lead_ids::uuid[] IS NULL OR x.lead_id = ANY (:lead_ids))
   AND (:status::enrollment_status IS NULL OR x.status = :status)
   AND (:after_id::uuid IS NULL OR x.id > :after_id)
 ORDER BY x.id LIMIT :limit!)
ORDER BY id
LIMIT :limit!;

/* These enrollments, in the given order. */
/* @name enrollmentsById @prepared */
SELECT e.*, c.slug AS campaign_slug, c.name AS campaign_name, c.sequence_type, c.side,
       (SELECT count(*) FROM campaign_sequences s WHERE s.org_id = e.org_id AND s.campaign_id = e.campaign_id) AS "step_count!",
       l.email AS lead_email, l.first_name, l.last_name, a.name AS "company?", (SELECT o.name FROM users o WHERE o.org_id = l.org_id AND o.id = owner_among(l.org_id, l.owner_user_id, a.owner_user_id)) AS "owner_name?",
       q.step_number AS "open_step?", q.status AS "open_status?"
FROM unnest(:ids!::uuid[]) WITH ORDINALITY AS p (id, place)
JOIN campaign_contacts e ON e.org_id = :org_id! AND e.id = p.id
JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
JOIN leads l ON l.org_id = e.org_id AND l.id = e.lead_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN sales_send_queue q ON q.org_id = e.org_id AND q.id = e.open_queue_id
ORDER BY p.place;

/* @name listOpenEnrollmentsOfLeads */
SELECT id FROM campaign_contacts
WHERE org_id = :org_id! AND lead_id = ANY (:lead_ids!::uuid[]) AND status IN ('active', 'paused');

/* The first time that a conflict made these enrollments wait for fixed hours. */
/* @name noteConflicts */
UPDATE campaign_contacts SET conflict_since = :now!
WHERE org_id = :org_id! AND id = ANY (:ids!::uuid[]) AND conflict_since IS NULL;

/* `step`: the first step that was not taken. A merge cancels the touch that was under way. */
/* @name enrollmentTypes */
SELECT e.id, c.sequence_type, e.campaign_id, e.exit_reason, e.enrolled_at,
       least(e.current_step, (
         SELECT min(q.step_number) FROM sales_send_queue q
         WHERE q.org_id = e.org_id AND q.enrollment_id = e.id AND q.status = 'canceled' AND q.error = 'merged')) AS "step!"
FROM campaign_contacts e
JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
WHERE e.org_id = :org_id! AND e.id = ANY (:ids!::uuid[]);
