/* An attempt that was settled, as it stands. */
/* @name settledAttempt */
SELECT id, queue_id, stage, response FROM send_attempts
WHERE org_id = :org_id! AND id = :id! AND stage NOT IN ('intent', 'data');
