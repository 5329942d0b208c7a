/* @name insertTasks */
INSERT INTO agent_tasks
SELECT * FROM jsonb_populate_recordset(NULL::agent_tasks, :rows!)
ON CONFLICT DO NOTHING;

/* Drafting work that is due, oldest first. A claim whose lease ran out is open again. */
/* @name claimDraftingTasks */
SELECT t.id, t.queue_id AS "queue_id!", t.lead_id, t.role FROM agent_tasks t
WHERE t.org_id = :org_id! AND t.type = 'execute_sequence_step' AND t.queue_id IS NOT NULL
  AND (t.status = 'open' OR (t.status = 'claimed' AND t.lease_until <= :now!))
  AND t.id <> ALL (:set_aside!::uuid[])
ORDER BY t.created_at, t.id
LIMIT :limit!
FOR UPDATE OF t SKIP LOCKED;

/* @name finishTasks */
UPDATE agent_tasks
SET status = :status!, finished_at = :now!, error = :error, claimed_by = :claimed_by, lease_until = NULL,
    attempt_count = attempt_count + 1
WHERE org_id = :org_id! AND id = ANY (:ids!::uuid[]) AND status IN ('open', 'claimed');

/* @name cancelTasksOfItems */
UPDATE agent_tasks SET status = 'canceled', finished_at = :now!, lease_until = NULL
WHERE org_id = :org_id! AND queue_id = ANY (:queue_ids!::uuid[]) AND status IN ('open', 'claimed');

/* @name listTasks */
SELECT * FROM agent_tasks
WHERE org_id = :org_id! AND (:status::task_status IS NULL OR status = :status)
  AND (:after_id::uuid IS NULL OR id > :after_id)
ORDER BY id
LIMIT :limit!;
