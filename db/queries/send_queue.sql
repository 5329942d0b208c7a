/* Leads with a held touch that is due, or that an older policy held. */
/* @name leadsToRelease */
WITH due AS (
  (SELECT q.lead_id FROM sales_send_queue q
   JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id AND c.status = 'active'
   JOIN campaign_contacts e ON e.org_id = q.org_id AND e.id = q.enrollment_id AND e.status = 'active'
   WHERE q.org_id = :org_id! AND q.status = 'held' AND q.held_until <= :now!
     AND q.lead_id <> ALL (:set_aside!::uuid[])
   ORDER BY q.held_until, q.id LIMIT :limit!)
  UNION ALL
  (SELECT q.lead_id FROM sales_send_queue q
   JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id AND c.status = 'active'
   JOIN campaign_contacts e ON e.org_id = q.org_id AND e.id = q.enrollment_id AND e.status = 'active'
   WHERE q.org_id = :org_id! AND q.status = 'held' AND q.held_policy_version < :policy_version!
     AND q.lead_id <> ALL (:set_aside!::uuid[])
   ORDER BY q.held_policy_version, q.id LIMIT :limit!)
)
SELECT DISTINCT lead_id AS "lead_id!" FROM due;

/* All held touches of these leads: touches over the cap take turns, so they are decided together. The coordinator
   chooses the order. */
/* @name heldItemsOfLeads */
SELECT q.*, c.sequence_type, c.side, c.owner_role, e.requested_by,
       is_approved(q.org_id, q.campaign_id, q.step_number, q.staged_draft_id) AS "is_approved!"
FROM sales_send_queue q
JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id AND c.status = 'active'
JOIN campaign_contacts e ON e.org_id = q.org_id AND e.id = q.enrollment_id AND e.status = 'active'
WHERE q.org_id = :org_id! AND q.lead_id = ANY (:lead_ids!::uuid[]) AND q.status::text = 'held'
ORDER BY q.lead_id
LIMIT :limit!;

/* @name getQueueItem @prepared */
SELECT q.*, c.sequence_type, c.side, c.owner_role, c.slug AS campaign_slug, e.requested_by
FROM sales_send_queue q
JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id
JOIN campaign_contacts e ON e.org_id = q.org_id AND e.id = q.enrollment_id
WHERE q.org_id = :org_id! AND q.id = :id!;

/* Holds items, or sets a new release time. */
/* @name holdItems */
UPDATE sales_send_queue q
SET status = 'held', held_until = u.held_until, held_reason = u.held_reason, wake = u.wake,
    held_policy_version = u.held_policy_version
FROM jsonb_populate_recordset(NULL::sales_send_queue, :rows!) u
WHERE q.org_id = u.org_id AND q.id = u.id AND q.status IN ('pending', 'drafted', 'approved', 'held');

/* @name releaseItems */
UPDATE sales_send_queue q
SET status = u.status, held_until = NULL, held_reason = NULL, wake = NULL, held_policy_version = NULL
FROM jsonb_populate_recordset(NULL::sales_send_queue, :rows!) u
WHERE q.org_id = u.org_id AND q.id = u.id AND q.status = 'held';

/* Defers approved touches until they may be sent. Keeps the original due time, which decides their turn. */
/* @name deferItems */
UPDATE sales_send_queue q
SET scheduled_at = u.scheduled_at, due_at = coalesce(q.due_at, q.scheduled_at),
    deferred_reason = u.deferred_reason, deferred_policy_version = u.deferred_policy_version,
    deferred_detail = u.deferred_detail
FROM jsonb_populate_recordset(NULL::sales_send_queue, :rows!) u
WHERE q.org_id = u.org_id AND q.id = u.id AND q.status = 'approved';

/* Deferred touches that may be sent now after all. */
/* @name endDeferrals */
UPDATE sales_send_queue SET scheduled_at = :now!, deferred_reason = NULL, deferred_policy_version = NULL,
    deferred_detail = NULL
WHERE org_id = :org_id! AND id = ANY (:ids!::uuid[]) AND deferred_reason IS NOT NULL;

/* @name setItemsDrafted */
UPDATE sales_send_queue q SET status = u.status, staged_draft_id = u.staged_draft_id, error = NULL
FROM jsonb_populate_recordset(NULL::sales_send_queue, :rows!) u
WHERE q.org_id = u.org_id AND q.id = u.id AND q.status = 'pending';

/* Touches that need a text for a deleted step. */
/* @name failItemsWithoutStep */
UPDATE sales_send_queue q SET status = 'failed', error = :error!
WHERE q.org_id = :org_id! AND q.id = ANY (:ids!::uuid[]) AND q.status = 'pending'
  AND NOT EXISTS (
    SELECT 1 FROM campaign_sequences s
    WHERE s.org_id = q.org_id AND s.campaign_id = q.campaign_id AND s.step_number = q.step_number)
RETURNING q.id, q.lead_id, q.enrollment_id, q.campaign_id, q.step_number, q.channel, q.play_id,
          q.originating_proposal_id;

/* @name setItemStatus */
UPDATE sales_send_queue
SET status = :to_status!, error = :error, sent_at = :sent_at,
    held_until = NULL, held_reason = NULL, wake = NULL, held_policy_version = NULL
WHERE org_id = :org_id! AND id = :id! AND status = ANY (:from_statuses!::queue_status[])
RETURNING id;

/* @name setItemDraft */
UPDATE sales_send_queue
SET staged_draft_id = :draft_id!, status = 'drafted', error = NULL,
    held_until = NULL, held_reason = NULL, wake = NULL, held_policy_version = NULL
WHERE org_id = :org_id! AND id = :id! AND status IN ('drafted', 'approved', 'held', 'failed')
RETURNING id;

/* Cancels a touch whose enrollment ended while the message was being handed over. */
/* @name cancelEndedItem */
UPDATE sales_send_queue q SET status = 'canceled', error = :error!
WHERE q.org_id = :org_id! AND q.id = :id! AND q.status = 'approved'
  AND NOT EXISTS (
    SELECT 1 FROM campaign_contacts e
    WHERE e.org_id = q.org_id AND e.id = q.enrollment_id AND e.status IN ('active', 'paused'))
RETURNING q.id;

/* @name scheduleRetry */
UPDATE sales_send_queue
SET scheduled_at = :scheduled_at!, due_at = coalesce(due_at, scheduled_at), deferred_reason = NULL,
    deferred_policy_version = NULL, deferred_detail = NULL, attempt_count = attempt_count + 1, error = :error
WHERE org_id = :org_id! AND id = :id! AND status = 'approved'
RETURNING id;

/* Everything unsent of these leads, or of these enrollments. An item whose message has reached the server stays: its
   outcome is recorded once known. */
/* @name cancelItemsOfLeads */
UPDATE sales_send_queue q
SET status = 'canceled', error = :error!,
    held_until = NULL, held_reason = NULL, wake = NULL, held_policy_version = NULL
WHERE q.org_id = :org_id! AND q.lead_id = ANY (:lead_ids!::uuid[])
  -- Compares the status as text, so the index by lead applies. By status, the planner may read a whole partial index for
  -- a few rows.
  AND q.status::text IN ('pending', 'drafted', 'approved', 'held')
  AND (:enrollment_ids::uuid[] IS NULL OR q.enrollment_id = ANY (:enrollment_ids))
  AND NOT EXISTS (
    SELECT 1 FROM send_attempts a WHERE a.org_id = q.org_id AND a.queue_id = q.id AND a.stage = 'data')
RETURNING q.id, q.lead_id, q.enrollment_id, q.campaign_id, q.step_number, q.channel, q.play_id,
          q.originating_proposal_id;

/* Items of a page. One status sorts by due time, sent items by sending time, and all others by creation, each in index
   order. `after_time` is of the same kind. */
/* @name queuePage */
SELECT q.id FROM sales_send_queue q
WHERE q.org_id = :org_id!
  AND (:status::queue_status IS NULL OR q.status = :status)
  AND (:lead_ids::uuid[] IS NULL OR q.lead_id = ANY (:lead_ids))
  AND (:after_id::uuid IS NULL
       OR (:status IS NULL AND q.id > :after_id)
       OR (:status = 'sent' AND (q.sent_at, q.id) > (:after_time::timestamptz, :after_id))
       OR (:status <> 'sent' AND (q.scheduled_at, q.id) > (:after_time, :after_id)))
ORDER BY CASE WHEN :status = 'sent' THEN q.sent_at WHEN :status <> 'sent' THEN q.scheduled_at END, q.id
LIMIT :limit!;

/* Held touches, nearest release first; touches without a known release come last. */
/* @name heldPage */
SELECT q.id FROM sales_send_queue q
WHERE q.org_id = :org_id! AND q.status = 'held'
  AND (:lead_ids::uuid[] IS NULL OR q.lead_id = ANY (:lead_ids))
  AND (:after_id::uuid IS NULL
       OR (coalesce(q.held_until, timestamptz '9999-12-31 00:00:00+00'), q.id) > (:after_time::timestamptz, :after_id))
ORDER BY coalesce(q.held_until, timestamptz '9999-12-31 00:00:00+00'), q.id
LIMIT :limit!;

/* These items, in the given order. */
/* @name queueItems @prepared */
SELECT q.*, c.slug AS campaign_slug, c.name AS campaign_name, l.email AS lead_email, l.first_name, l.last_name,
       a.name AS "company?", u.message_id AS "unknown_message_id?", u.finished_at AS "unknown_since?",
       h.place AS "held_place?", h.count AS "held_count?",
       s.stage AS "sending_stage?", s.started_at AS "sending_since?", s.lease_until AS "sending_until?",
       s.orphaned_at AS "sending_orphaned_at?", coalesce(q.mailbox_id, b.mailbox_id) AS own_mailbox_id,
       e.status IN ('active', 'paused') AS "is_enrolled!"
FROM unnest(:ids!::uuid[]) WITH ORDINALITY AS p (id, place)
JOIN sales_send_queue q ON q.org_id = :org_id! AND q.id = p.id
JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id
JOIN campaign_contacts e ON e.org_id = q.org_id AND e.id = q.enrollment_id
JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN lead_mailboxes b ON b.org_id = q.org_id AND b.lead_id = q.lead_id
LEFT JOIN LATERAL (
  -- Inside the subquery: as a join condition alone, it would be evaluated after the attempts of each item.
  SELECT w.message_id, w.finished_at FROM send_attempts w
  WHERE q.status::text = 'unknown' AND w.org_id = q.org_id AND w.queue_id = q.id AND w.stage = 'unknown' LIMIT 1) u ON true
LEFT JOIN LATERAL (
  SELECT o.stage, o.started_at, o.lease_until, o.orphaned_at FROM send_attempts o
  WHERE q.status::text = 'approved' AND o.org_id = q.org_id AND o.queue_id = q.id AND o.stage IN ('intent', 'data')
  LIMIT 1) s ON true
LEFT JOIN LATERAL (
  -- Each held touch of a lead has its own turn, so the order of the turns is the order of sending.
  SELECT count(*)::int AS count, (1 + count(*) FILTER (WHERE (coalesce(o.held_until, 'infinity'), o.scheduled_at, o.id)
                                           < (coalesce(q.held_until, 'infinity'), q.scheduled_at, q.id)))::int AS place
  FROM sales_send_queue o
  WHERE q.status::text = 'held' AND o.org_id = q.org_id AND o.lead_id = q.lead_id AND o.status::text = 'held') h
  ON q.status::text = 'held'
ORDER BY p.place;

/* @name insertAttempts */
INSERT INTO send_attempts (org_id, id, queue_id, draft_id, mailbox_id, content_hash, message_id, stage, policy_version, lease_until,
                           started_at, recipient_domain, process_id, caught)
SELECT org_id, id, queue_id, draft_id, mailbox_id, content_hash, message_id, stage, policy_version, lease_until, started_at,
       recipient_domain, process_id, caught
FROM jsonb_populate_recordset(NULL::send_attempts, :rows!);

/* The point of no return, just before DATA: passes only if nothing stopped the touch or its mailbox since the
   reservation. Renews the lease, so it outlasts the hand-over however late in a batch that comes. */
/* @name beginData */
UPDATE send_attempts a SET stage = 'data', lease_until = :now! + (a.lease_until - a.started_at)
FROM sales_send_queue q, leads l, mailboxes m
WHERE a.org_id = :org_id! AND a.id = :id! AND a.stage = 'intent' AND a.lease_until > :now!
  AND m.org_id = a.org_id AND m.id = a.mailbox_id AND m.paused_at IS NULL AND m.retired_at IS NULL
  AND touch_may_leave(a.org_id, a.queue_id, a.policy_version)
  AND q.org_id = a.org_id AND q.id = a.queue_id AND q.status = 'approved' AND q.staged_draft_id = a.draft_id
  AND l.org_id = q.org_id AND l.id = q.lead_id AND NOT l.unsubscribe_flag AND NOT l.opt_out_flag
RETURNING a.id;

/* @name finishAttempt */
UPDATE send_attempts
SET stage = :stage!, finished_at = :now!, smtp_code = :smtp_code, response = :response, failure = :failure
WHERE org_id = :org_id! AND id = :id! AND stage IN ('intent', 'data')
RETURNING id, mailbox_id, draft_id, content_hash;

/* Reserved, with no attempt begun. */
/* @name abandonAttempts */
UPDATE send_attempts SET stage = 'abandoned', finished_at = :now!
WHERE org_id = :org_id! AND id = ANY (:ids!::uuid[]) AND stage = 'intent'
RETURNING queue_id;

/* How often this text was tried and deferred, since when, and how often it was refused. */
/* @name triesOfDraft */
SELECT count(*) FILTER (WHERE stage = 'deferred')::int AS "deferred_count!",
       count(*) FILTER (WHERE stage = 'rejected')::int AS "rejected_count!",
       min(started_at) FILTER (WHERE stage = 'deferred') AS first_deferred_at
FROM send_attempts
WHERE org_id = :org_id! AND queue_id = :queue_id! AND draft_id = :draft_id!;

/* A person's finding about an attempt of unknown delivery. */
/* @name resolveAttempt */
UPDATE send_attempts SET stage = :stage!
WHERE org_id = :org_id! AND queue_id = :queue_id! AND stage = 'unknown'
RETURNING id;

/* @name expiredAttempts */
SELECT a.*, q.lead_id FROM send_attempts a
JOIN sales_send_queue q ON q.org_id = a.org_id AND q.id = a.queue_id
WHERE a.org_id = :org_id! AND a.stage IN ('intent', 'data') AND a.lease_until <= :now!
ORDER BY a.lease_until
LIMIT :limit!
FOR UPDATE OF a SKIP LOCKED;

/* The same for attempts of ended processes: at once before the hand-over, and after a delay once the process may have
   lost only its connection and may still learn the outcome. */
/* @name orphanedAttempts */
SELECT a.*, q.lead_id FROM send_attempts a
JOIN sales_send_queue q ON q.org_id = a.org_id AND q.id = a.queue_id
WHERE a.org_id = :org_id! AND a.stage IN ('intent', 'data') AND a.orphaned_at IS NOT NULL AND a.lease_until > :now!
  AND a.orphaned_at <= CASE WHEN a.stage = 'data' THEN :data_orphaned_until! ELSE :now! END
ORDER BY a.orphaned_at
LIMIT :limit!
FOR UPDATE OF a SKIP LOCKED;

/* Postpones an attempt that cannot be settled now, so it does not block the others. It stays the item's only open
   attempt. */
/* @name postponeAttempt */
UPDATE send_attempts SET lease_until = :lease_until!, orphaned_at = NULL, response = :response
WHERE org_id = :org_id! AND id = :id! AND stage IN ('intent', 'data');

/* @name openAttempts */
SELECT a.*, q.lead_id FROM send_attempts a
JOIN sales_send_queue q ON q.org_id = a.org_id AND q.id = a.queue_id
WHERE a.org_id = :org_id! AND a.queue_id = :queue_id! AND a.stage IN ('intent', 'data');

/* The last attempt to send a touch, with the message to which its thread replies. */
/* @name lastAttemptOfItem @prepared */
SELECT a.message_id, b.message_id AS "in_reply_to?", a.stage, a.smtp_code, a.response, a.started_at, a.finished_at
FROM sales_send_queue q
CROSS JOIN LATERAL (
  SELECT s.* FROM send_attempts s WHERE s.org_id = q.org_id AND s.queue_id = q.id
  ORDER BY s.started_at DESC, s.id DESC LIMIT 1) a
LEFT JOIN LATERAL (
  SELECT s.message_id FROM sales_send_queue o
  JOIN send_attempts s ON s.org_id = o.org_id AND s.queue_id = o.id AND s.stage IN ('accepted', 'unknown')
  WHERE o.org_id = q.org_id AND o.enrollment_id = q.enrollment_id AND o.id <> q.id AND s.started_at < a.started_at
  ORDER BY s.started_at DESC, s.id DESC LIMIT 1) b ON true
WHERE q.org_id = :org_id! AND q.id = :queue_id!;

/* The threads so far: messages sent in these enrollments, oldest first. */
/* @name threadsOfEnrollments */
SELECT t.enrollment_id AS "enrollment_id!", array_agg(a.message_id ORDER BY a.started_at, a.id) AS "message_ids!"
FROM (
  SELECT i.id AS enrollment_id, i.id AS sent_in FROM unnest(:enrollment_ids!::uuid[]) AS i (id)
  UNION ALL
  -- The enrollment that continues one of a merged lead continues its thread.
  SELECT e.id, x.id FROM campaign_contacts e
  JOIN sequence_requests r ON r.org_id = e.org_id AND r.id = e.request_id
  JOIN campaign_contacts x ON x.org_id = r.org_id AND x.id = r.exited_enrollment_id AND x.campaign_id = e.campaign_id
    AND x.exit_reason = 'merged'
  WHERE e.org_id = :org_id! AND e.id = ANY(:enrollment_ids!::uuid[])
) t
JOIN sales_send_queue q ON q.org_id = :org_id! AND q.enrollment_id = t.sent_in
CROSS JOIN LATERAL (
  -- Reads each item by key in a subquery that stays one: a join may read everything ever sent.
  SELECT s.message_id, s.started_at, s.id FROM send_attempts s
  WHERE s.org_id = q.org_id AND s.queue_id = q.id AND s.stage IN ('accepted', 'unknown') OFFSET 0) a
GROUP BY t.enrollment_id;
