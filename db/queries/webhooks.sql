/* @name listWebhooks */
SELECT id, url, events, agent_id, created_by_user_id, created_at, failing_since, disabled_at, disabled_reason
FROM webhooks
WHERE org_id = :org_id! AND (:after_id::uuid IS NULL OR id > :after_id)
ORDER BY id LIMIT :limit!;

/* @name getWebhook */
SELECT id, url, secret FROM webhooks WHERE org_id = :org_id! AND id = :id!;

/* @name countWebhooks */
SELECT count(*) AS "webhook_count!" FROM webhooks WHERE org_id = :org_id!;

/* @name createWebhook */
INSERT INTO webhooks (org_id, id, url, events, agent_id, secret, created_by_user_id, created_at)
VALUES (:org_id!, :id!, :url!, :events!, :agent_id, :secret!, :created_by_user_id!, :now!);

/* Deletes its pending deliveries too. */
/* @name deleteWebhook */
DELETE FROM webhooks WHERE org_id = :org_id! AND id = :id! RETURNING id;

/* Newest first. */
/* @name listWebhookDeliveries */
SELECT id, event, data, occurred_at, status, attempt_count, next_at, last_status, last_error, settled_at
FROM webhook_deliveries
WHERE org_id = :org_id! AND webhook_id = :webhook_id! AND (:before_id::uuid IS NULL OR id < :before_id)
ORDER BY id DESC LIMIT :limit!;

/* Due deliveries, a few per webhook, so a webhook with a long backlog does not crowd out the others. Claimed until
   `lease_until`. */
/* @name claimWebhookDeliveries */
WITH due AS MATERIALIZED (
  SELECT d.id, w.url, w.secret
  FROM webhooks w
  CROSS JOIN LATERAL (
    SELECT q.id FROM webhook_deliveries q
    WHERE q.org_id = w.org_id AND q.webhook_id = w.id AND q.settled_at IS NULL AND q.next_at <= :now!
    ORDER BY q.next_at, q.id LIMIT :each! FOR UPDATE SKIP LOCKED
  ) d
  WHERE w.org_id = :org_id! AND w.disabled_at IS NULL AND w.id <> ALL (:busy!::uuid[])
  LIMIT :limit!
)
UPDATE webhook_deliveries d SET attempt_count = d.attempt_count + 1, next_at = :lease_until!, process_id = :process_id
FROM due
WHERE d.org_id = :org_id! AND d.id = due.id
RETURNING d.id, d.webhook_id, d.event, d.data, d.occurred_at, d.attempt_count, due.url, due.secret;

/* Only the latest claimant writes: pending again with another time, or settled. */
/* @name settleWebhookDelivery */
UPDATE webhook_deliveries
SET status = :status!, settled_at = CASE WHEN :status! <> 'pending' THEN :now!::timestamptz END,
    next_at = coalesce(:next_at, next_at), process_id = NULL, last_status = :last_status, last_error = :last_error
WHERE org_id = :org_id! AND id = :id! AND attempt_count = :attempt_count! AND settled_at IS NULL
RETURNING id;

/* @name markWebhookWell */
UPDATE webhooks SET failing_since = NULL WHERE org_id = :org_id! AND id = :id! AND failing_since IS NOT NULL RETURNING id;

/* @name markWebhookFailing */
UPDATE webhooks SET failing_since = coalesce(failing_since, :now!)
WHERE org_id = :org_id! AND id = :id! AND disabled_at IS NULL
RETURNING failing_since AS "failing_since!";

/* @name disableWebhook */
UPDATE webhooks SET disabled_at = :now!, disabled_reason = :reason!
WHERE org_id = :org_id! AND id = :id! AND disabled_at IS NULL
RETURNING id;

/* @name activeAdmins */
SELECT id FROM users WHERE org_id = :org_id! AND 'admin' = ANY (roles) AND deactivated_at IS NULL ORDER BY id LIMIT :limit!;

/* Deletes old deliveries, delivered or not: no receiver acts on them any longer. */
/* @name forgetWebhookDeliveries */
DELETE FROM webhook_deliveries d
USING (SELECT id FROM webhook_deliveries WHERE org_id = :org_id! AND occurred_at < :before! ORDER BY occurred_at LIMIT :limit!) old
WHERE d.org_id = :org_id! AND d.id = old.id
RETURNING d.id;
