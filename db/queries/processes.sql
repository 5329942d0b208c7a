/* Processes that hold leases of this org, each once. */
/* @name processesWithLeases */
SELECT DISTINCT p.process_id AS "process_id!" FROM (
  SELECT process_id FROM send_attempts
  WHERE org_id = :org_id! AND stage IN ('intent', 'data') AND process_id IS NOT NULL
  UNION ALL
  SELECT process_id FROM agent_tasks WHERE org_id = :org_id AND process_id IS NOT NULL
  UNION ALL
  SELECT process_id FROM webhook_deliveries
  WHERE org_id = :org_id AND settled_at IS NULL AND process_id IS NOT NULL
) p;

/* Which of these processes have ended. They cannot show again that they live before this transaction ends. */
/* @name goneProcesses */
WITH asked AS MATERIALIZED (
  SELECT p.process_id, process_is_gone(p.process_id) AS is_gone FROM unnest(:process_ids!::uuid[]) AS p(process_id)
)
SELECT process_id AS "process_id!" FROM asked WHERE is_gone;

/* Notes since when the process of an open attempt is gone, and takes it back of one that lives after all. */
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

/* Frees what the processes were writing. A task that had its last try waits for the end of its lease, which fails it. */
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

/* A delivery that a process had under way is due now; the receiver may get it twice, under one id. */
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
