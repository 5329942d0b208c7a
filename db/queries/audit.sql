/* Newest first. An actor is the one who acted or on whose behalf; a subject is a table or one of its rows. Ids contain
   the time, so the time range bounds the walk through them. */
/* @name listAudit */
SELECT a.* FROM audit_log a
WHERE a.org_id = :org_id!
  AND (:actor_id::text IS NULL OR a.actor_id = :actor_id OR a.asked_by_id = :actor_id)
  AND (:operation::text IS NULL OR a.operation = :operation)
  AND (:subject_table::text IS NULL OR a.subject_table = :subject_table)
  AND (:subject_key::text IS NULL OR a.subject_key = :subject_key)
  AND (:since::timestamptz IS NULL OR (a.at >= :since AND a.id >= :since_id::uuid))
  AND (:until::timestamptz IS NULL OR (a.at < :until AND a.id < :until_id::uuid))
  AND (:before_id::uuid IS NULL OR a.id < :before_id)
ORDER BY a.id DESC
LIMIT :limit!;
