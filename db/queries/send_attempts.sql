/* A settled attempt, as it is now. */
/* @name settledAttempt */
SELECT a.id, a.queue_id, a.stage, a.response, l.erased_at IS NOT NULL AS "lead_is_erased!"
FROM send_attempts a
JOIN sales_send_queue q ON q.org_id = a.org_id AND q.id = a.queue_id
JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
WHERE a.org_id = :org_id! AND a.id = :id! AND a.stage NOT IN ('intent', 'data');

/* Leads whose messages failed in a mailbox since its last sent or possibly sent message. Reads only the latest
   failures. */
/* @name failuresInARow */
SELECT count(DISTINCT q.lead_id)::int AS "lead_count!"
FROM (
  SELECT a.queue_id FROM send_attempts a
  WHERE a.org_id = :org_id! AND a.mailbox_id = :mailbox_id! AND a.failure IN ('message_invalid', 'rejected_message')
    AND a.finished_at > coalesce((
      SELECT max(l.counted_at) FROM send_attempts l
      WHERE l.org_id = :org_id AND l.mailbox_id = :mailbox_id AND l.counted_at < 'infinity'), '-infinity')
  ORDER BY a.finished_at DESC
  LIMIT :limit!
) f
JOIN sales_send_queue q ON q.org_id = :org_id AND q.id = f.queue_id;
