/* @name addressOfAttempt */
SELECT a.mailbox_id, coalesce(d.to_id, '') AS "to_id!"
FROM send_attempts a JOIN staged_drafts d ON d.org_id = a.org_id AND d.id = a.draft_id
WHERE a.org_id = :org_id! AND a.id = :id!;

/* A person judges a bounce that no rule knows. */
/* @name judgeBounce */
UPDATE inbound_messages SET bounce_severity = :bounce_severity!, handled_at = :now!, handled_by_user_id = :user_id!
WHERE org_id = :org_id! AND id = :id! AND kind = 'bounce' AND handled_at IS NULL
RETURNING id;

/* @name markBounced */
UPDATE send_attempts SET bounced_at = :now!
WHERE org_id = :org_id! AND id = :id! AND bounced_at IS NULL AND stage IN ('accepted', 'unknown')
RETURNING id;

/* Soft-bounced messages of a lead since a time. Several reports of one message count once. */
/* @name countSoftBounces */
SELECT count(DISTINCT queue_id)::int AS "bounce_count!" FROM inbound_messages
WHERE org_id = :org_id! AND lead_id = :lead_id! AND bounce_severity = 'soft' AND attempt_id IS NOT NULL
  AND received_at > :since! AND lower(bounced_address) = lower(:address!);

/* Leads whose servers refused a mailbox's messages for their content, since a time. */
/* @name countPolicyBounces */
SELECT count(DISTINCT m.lead_id)::int AS "lead_count!" FROM inbound_messages m
JOIN send_attempts a ON a.org_id = m.org_id AND a.id = m.attempt_id AND a.mailbox_id = :mailbox_id!
WHERE m.org_id = :org_id! AND m.bounce_severity = 'policy' AND m.attempt_id IS NOT NULL AND m.received_at > :since!
  AND m.bounce_cause IS DISTINCT FROM 'message';

/* Suppresses an address permanently, whichever lead has it now; never a mailbox of ours. `settle_suppressions` ends the open
   work of its leads unless the caller does. */
/* @name suppressAddress */
INSERT INTO suppressions (org_id, id, kind, value, reason, source, created_at, settled_at)
SELECT :org_id!, :id!, 'address', lower(:address!), :reason!, :source!, :now!, :settled_at
WHERE NOT EXISTS (SELECT FROM mailboxes m WHERE m.org_id = :org_id! AND lower(m.address) = lower(:address!))
ON CONFLICT DO NOTHING
RETURNING id;

/* @name leadHasAddress */
SELECT email_key = lower(:address!::text) AS "same!" FROM leads WHERE org_id = :org_id! AND id = :lead_id!;
