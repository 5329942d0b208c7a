/* Processes that hold leases of this organization, each once. */
/* @name processesWithLeases */
SELECT DISTINCT p.process_id AS "process_id!" FROM (
  SELECT process_id FROM send_attempts
  WHERE org_id = :org_id! AND stage IN ('intent', 'data') AND process_id IS NOT NULL
  UNION ALL
  SELECT process_id FROM agent_tasks WHERE org_id = :org_id AND process_id IS NOT NULL
  UNION ALL
  SELECT process_id FROM webhook_deliveries
  WHERE org_id = :org_id AND settled_at IS NULL AND process_id IS NOT NULL
  UNION ALL
  SELECT process_id FROM notification_deliveries
  WHERE org_id = :org_id AND settled_at IS NULL AND process_id IS NOT NULL
  UNION ALL
  SELECT process_id FROM crm_writes
  WHERE org_id = :org_id AND settled_at IS NULL AND process_id IS NOT NULL
) p;

/* Processes among these that have ended. They cannot report as alive before this transaction ends. */
/* @name goneProcesses */
WITH asked AS MATERIALIZED (
  SELECT p.process_id, process_is_gone(p.process_id) AS is_gone FROM unnest(:process_ids!::uuid[]) AS p(process_id)
)
SELECT process_id AS "process_id!" FROM asked WHERE is_gone;

/* Records since when the process of an open attempt has been gone, and clears that for a process that lives after all. */
/* @name noteOrphanedAttempts */
WITH other AS MATERIALIZED (
  SELECT o.id FROM send_attempts o
  WHERE o.org_id = :org_id! AND o.stage IN ('intent', 'data') AND o.process_id IS NOT NULL
    AND (o.process_id = ANY (:gone!::uuid[])) <> (o.orphaned_at IS NOT NULL)
  LIMIT :limit!
  FOR UPDATE SKIP LOCKED
)
UPDATE send_attempts a SET orphaned_at = CASE WHEN a.process_id = ANY (:gone) THEN :now!::timestamptz END
FROM other
WHERE a.org_id = :org_id AND a.id = other.id;

/* Frees the tasks that the processes had claimed. A task on its last attempt waits for its lease to end, which fails
   it. */
/* @name freeTasksOfProcesses */
WITH held AS MATERIALIZED (
  SELECT w.id FROM agent_tasks w
  WHERE w.org_id = :org_id! AND w.process_id = ANY (:gone!::uuid[]) AND w.status = 'claimed'
    AND w.attempt_count < :attempts_max!
  LIMIT :limit!
  FOR UPDATE SKIP LOCKED
)
UPDATE agent_tasks t
SET status = 'open', error = 'the process that held it ended', retry_at = :now!, claim_id = NULL, lease_until = NULL
FROM held
WHERE t.org_id = :org_id AND t.id = held.id;

/* A delivery that a process had in progress is due now; the receiver may get it twice, with the same id. */
/* @name freeDeliveriesOfProcesses */
WITH held AS MATERIALIZED (
  SELECT w.id FROM webhook_deliveries w
  WHERE w.org_id = :org_id! AND w.process_id = ANY (:gone!::uuid[]) AND w.settled_at IS NULL
  LIMIT :limit!
  FOR UPDATE SKIP LOCKED
)
UPDATE webhook_deliveries d SET next_at = least(d.next_at, :now!), process_id = NULL
FROM held
WHERE d.org_id = :org_id AND d.id = held.id;

/* An email that had begun DATA becomes unknown when it is claimed again. */
/* @name freeNoticesOfProcesses */
WITH held AS MATERIALIZED (
  SELECT w.id FROM notification_deliveries w
  WHERE w.org_id = :org_id! AND w.process_id = ANY (:gone!::uuid[]) AND w.settled_at IS NULL
  LIMIT :limit!
  FOR UPDATE SKIP LOCKED
)
UPDATE notification_deliveries d SET next_at = least(d.next_at, :now!), process_id = NULL
FROM held
WHERE d.org_id = :org_id AND d.id = held.id;
