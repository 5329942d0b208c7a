/* @name insertTasks */
INSERT INTO agent_tasks (org_id, id, type, role, status, lead_id, enrollment_id, queue_id, payload, attempt_count, created_at)
SELECT u.org_id, u.id, u.type, u.role, u.status, u.lead_id, u.enrollment_id, u.queue_id, u.payload, u.attempt_count,
       u.created_at
FROM jsonb_populate_recordset(NULL::agent_tasks, :rows!) u
ON CONFLICT DO NOTHING;

/* Drafting tasks of the roles that the product works itself, longest waiting first. A claim with an expired lease is
   open again. Tasks that a model may write are left to the model. */
/* @name claimDraftingTasks */
SELECT t.id, t.queue_id AS "queue_id!", t.lead_id, t.role
FROM agents g
CROSS JOIN LATERAL (
  SELECT w.id, w.queue_id, w.lead_id, w.role, w.available_at FROM agent_tasks w
  WHERE w.org_id = g.org_id AND w.claim_key = g.id || ' execute_sequence_step' AND w.status IN ('open', 'claimed')
    AND w.available_at <= :now! AND w.queue_id IS NOT NULL AND w.id <> ALL (:set_aside!::uuid[])
    AND (NOT :leave_to_model!::boolean OR NOT model_may_write(w.org_id, w.queue_id))
  ORDER BY w.available_at, w.id
  LIMIT :limit!
  FOR UPDATE OF w SKIP LOCKED
) t
WHERE g.org_id = :org_id! AND g.worked_by = 'built_in'
ORDER BY t.available_at, t.id
LIMIT :limit!;

/* The same for tasks that enroll leads. */
/* @name claimEnrollmentTasks */
SELECT t.id AS "id!", t.role AS "role!", t.lead_id AS "lead_id!", t.enrollment_id, t.payload AS "payload!",
       t.attempt_count AS "attempt_count!"
FROM agents g
CROSS JOIN LATERAL (
  SELECT w.* FROM agent_tasks w
  WHERE w.org_id = g.org_id AND w.claim_key = g.id || ' enroll_contact' AND w.status IN ('open', 'claimed')
    AND w.available_at <= :now! AND w.attempt_count < :attempts_max! AND w.id <> ALL (:set_aside!::uuid[])
  ORDER BY w.available_at, w.id
  LIMIT :limit!
  FOR UPDATE OF w SKIP LOCKED
) t
WHERE g.org_id = :org_id! AND g.worked_by = 'built_in'
ORDER BY t.available_at, t.id
LIMIT :limit!;

/* Claims open tasks of these roles and types for one worker, each with its own fence. Materialized, so no plan claims
   more than the chosen rows. */
/* @name claimTasks */
WITH free AS MATERIALIZED (
  SELECT f.id, f.available_at FROM unnest(:claim_keys!::text[]) AS k(claim_key)
  CROSS JOIN LATERAL (
    SELECT w.id, w.available_at FROM agent_tasks w
    WHERE w.org_id = :org_id! AND w.claim_key = k.claim_key AND w.status IN ('open', 'claimed')
      AND w.available_at <= :now! AND w.attempt_count < :attempts_max!
    ORDER BY w.available_at, w.id
    LIMIT :limit!
    FOR UPDATE OF w SKIP LOCKED
  ) f
  ORDER BY f.available_at, f.id
  LIMIT :limit!
)
UPDATE agent_tasks t
SET status = 'claimed', claim_id = gen_random_uuid(), claimed_by = :claimed_by!, claimed_at = :now!,
    lease_until = :lease_until!, attempt_count = t.attempt_count + 1
FROM free
WHERE t.org_id = :org_id! AND t.id = free.id
RETURNING t.id, t.claim_id AS "claim_id!";

/* Completes tasks that the product claimed and did in one step. */
/* @name finishTasks */
UPDATE agent_tasks
SET status = :status!, finished_at = :now!, error = :error, claimed_by = :claimed_by, claim_id = NULL, lease_until = NULL,
    attempt_count = attempt_count + 1
WHERE org_id = :org_id! AND id = ANY (:ids!::uuid[]) AND status IN ('open', 'claimed');

/* The same, with the outcome of each task: done, retry, or failed for good. */
/* @name settleTasks */
UPDATE agent_tasks t
SET status = u.status, result = u.result, error = u.error, retry_at = coalesce(u.retry_at, t.retry_at),
    finished_at = CASE WHEN u.status <> 'open' THEN :now!::timestamptz END, claimed_by = :claimed_by!, claim_id = NULL,
    lease_until = NULL, attempt_count = t.attempt_count + 1
FROM jsonb_to_recordset(:rows!) AS u(id uuid, status task_status, result jsonb, error text, retry_at timestamptz)
WHERE t.org_id = :org_id! AND t.id = u.id AND t.status IN ('open', 'claimed');

/* Completes a claim: only with its fence and during its lease. */
/* @name endClaim */
UPDATE agent_tasks
SET status = :status!::task_status, result = :result, error = :error, retry_at = coalesce(:retry_at, retry_at),
    finished_at = CASE WHEN :status!::task_status <> 'open' THEN :now!::timestamptz END, claim_id = NULL, lease_until = NULL
WHERE org_id = :org_id! AND id = :id! AND status = 'claimed' AND claim_id = :claim_id! AND lease_until > :now!
RETURNING id;

/* Fails tasks whose last lease expired, because a task has five attempts. */
/* @name failExhaustedTasks */
WITH late AS MATERIALIZED (
  SELECT w.id FROM agent_tasks w
  WHERE w.org_id = :org_id! AND w.status = 'claimed' AND w.attempt_count >= 5 AND w.lease_until <= :now!
    AND w.id <> ALL (:set_aside!::uuid[])
  ORDER BY w.lease_until, w.id
  LIMIT :limit!
  FOR UPDATE OF w SKIP LOCKED
)
UPDATE agent_tasks t
SET status = 'failed', finished_at = :now!, error = coalesce(t.error, 'each lease ran out before it was done'),
    claim_id = NULL, lease_until = NULL
FROM late
WHERE t.org_id = :org_id! AND t.id = late.id
RETURNING t.id;

/* A person's decision on a booked meeting, whichever agent has claimed it. */
/* @name decideTask */
UPDATE agent_tasks
SET status = 'done', finished_at = :now!, result = :result!, decided_by_user_id = :user_id!, claim_id = NULL,
    lease_until = NULL
WHERE org_id = :org_id! AND id = :id! AND type IN ('meeting_booked', 'entry_requested') AND status IN ('open', 'claimed')
RETURNING id;

/* Reopens failed tasks with all attempts. */
/* @name reopenTask */
UPDATE agent_tasks
SET status = 'open', attempt_count = 0, retry_at = :now!, finished_at = NULL, claimed_by = NULL, claimed_at = NULL
WHERE org_id = :org_id! AND id = :id! AND status = 'failed'
RETURNING id;

/* Reopens the drafting tasks of a campaign whose steps have changed. */
/* @name reopenDraftingTasks */
UPDATE agent_tasks t
SET status = 'open', attempt_count = 0, retry_at = :now!, finished_at = NULL, claimed_by = NULL, claimed_at = NULL
FROM sales_send_queue q
WHERE t.org_id = :org_id! AND t.status = 'failed' AND t.type = 'execute_sequence_step'
  AND q.org_id = t.org_id AND q.id = t.queue_id AND q.campaign_id = :campaign_id! AND q.status = 'pending';

/* @name cancelTasksOfItems */
UPDATE agent_tasks SET status = 'canceled', finished_at = :now!, claim_id = NULL, lease_until = NULL
WHERE org_id = :org_id! AND queue_id = ANY (:queue_ids!::uuid[]) AND status IN ('open', 'claimed');

/* @name getTask @prepared */
SELECT t.*, a.topic, l.email AS lead_email FROM agent_tasks t
JOIN agents a ON a.org_id = t.org_id AND a.id = t.role
JOIN leads l ON l.org_id = t.org_id AND l.id = t.lead_id
WHERE t.org_id = :org_id! AND t.id = :id!;

/* Tasks by id, longest waiting first. */
/* @name tasksById @prepared */
SELECT t.*, a.topic, l.email AS lead_email FROM agent_tasks t
JOIN agents a ON a.org_id = t.org_id AND a.id = t.role
JOIN leads l ON l.org_id = t.org_id AND l.id = t.lead_id
WHERE t.org_id = :org_id! AND t.id = ANY (:ids!::uuid[])
ORDER BY t.created_at, t.id;

/* The task of a draft, by the fence of its claim, during its lease. */
/* @name taskOfTouch */
SELECT t.id, t.claimed_by FROM agent_tasks t
WHERE t.org_id = :org_id! AND t.queue_id = :queue_id! AND t.type = 'execute_sequence_step' AND t.status = 'claimed'
  AND t.claim_id = :claim_id! AND t.lease_until > :now!;

/* @name taskPage */
SELECT w.id FROM agent_tasks w
WHERE w.org_id = :org_id! AND (:status::task_status IS NULL OR w.status = :status)
  AND (:after_id::uuid IS NULL OR w.id > :after_id)
ORDER BY w.id
LIMIT :limit!;

/* Details of tasks. A separate statement, so they need no planning per call. */
/* @name listedTasks @prepared */
SELECT t.*, a.topic, l.email AS lead_email, l.first_name, l.last_name, k.name AS "company?", c.name AS "campaign_name?"
FROM unnest(:ids!::uuid[]) WITH ORDINALITY AS p (id, place)
JOIN agent_tasks t ON t.org_id = :org_id! AND t.id = p.id
JOIN agents a ON a.org_id = t.org_id AND a.id = t.role
JOIN leads l ON l.org_id = t.org_id AND l.id = t.lead_id
LEFT JOIN accounts k ON k.org_id = l.org_id AND k.id = l.account_id
LEFT JOIN campaign_contacts e ON e.org_id = t.org_id AND e.id = t.enrollment_id
LEFT JOIN sales_send_queue q ON q.org_id = t.org_id AND q.id = t.queue_id
LEFT JOIN campaigns c ON c.org_id = t.org_id AND c.id = coalesce(q.campaign_id, e.campaign_id)
ORDER BY p.place;

/* task_unclaimed: for each role and type, the task open longest, if that is too long. Booked meetings are checked one
   by one. */
/* @name longestWaitingTasks */
SELECT w.id, g.id AS role, w.type, w.lead_id, w.available_at
FROM agents g
CROSS JOIN unnest('{enroll_contact,execute_sequence_step,process_reply}'::text[]) AS k(type)
CROSS JOIN LATERAL (
  SELECT t.id, t.type, t.lead_id, t.available_at FROM agent_tasks t
  WHERE t.org_id = g.org_id AND t.claim_key = g.id || ' ' || k.type AND t.status IN ('open', 'claimed')
    AND t.available_at <= :free_since!
  ORDER BY t.available_at, t.id
  LIMIT 1
) w
WHERE g.org_id = :org_id!
ORDER BY w.available_at, w.id;

/* Hand-offs unrouted since this time or earlier, by id, in pages. */
/* @name waitingMeetings */
SELECT t.id, t.type, t.lead_id, t.available_at FROM agent_tasks t
WHERE t.org_id = :org_id! AND t.claim_key = ANY ('{roles.exec meeting_booked,roles.exec entry_requested}')
  AND t.status IN ('open', 'claimed') AND t.available_at <= :free_since! AND t.id > :after!
ORDER BY t.id
LIMIT :limit!;

/* task_dead_end: failed tasks whose purpose is not over, by id, in pages. */
/* @name deadEndTasks */
SELECT t.id, t.type, t.role, t.lead_id, t.error FROM agent_tasks t
LEFT JOIN sales_send_queue q ON q.org_id = t.org_id AND q.id = t.queue_id
WHERE t.org_id = :org_id! AND t.status = 'failed' AND (t.queue_id IS NULL OR q.status = 'pending') AND t.id > :after!
ORDER BY t.id
LIMIT :limit!;

/* The tasks among these that are still dead ends. */
/* @name stillDeadEnds */
SELECT t.id FROM agent_tasks t
LEFT JOIN sales_send_queue q ON q.org_id = t.org_id AND q.id = t.queue_id
WHERE t.org_id = :org_id! AND t.id = ANY (:ids!::uuid[]) AND t.status = 'failed'
  AND (t.queue_id IS NULL OR q.status = 'pending');

/* Hand-offs for executives. A lead whose entry was asked for before has an open one. */
/* @name insertHandOffs */
INSERT INTO agent_tasks (org_id, id, type, role, status, lead_id, payload, attempt_count, created_at)
SELECT u.org_id, u.id, u.type, u.role, u.status, u.lead_id, u.payload, u.attempt_count, u.created_at
FROM jsonb_populate_recordset(NULL::agent_tasks, :rows!) u
ON CONFLICT DO NOTHING
RETURNING id, lead_id;
