/* One digest for each active user with news since the user's last digest, at most a week back. */
/* @name queueDigests */
INSERT INTO notification_deliveries (org_id, id, user_id, medium, digest_on, digest_from, digest_until, created_at, next_at)
SELECT u.org_id, gen_random_uuid(), u.id, 'email', :digest_on!::date, l.since, :until!::timestamptz, :now!::timestamptz, :now
FROM users u
CROSS JOIN LATERAL (
  SELECT coalesce(max(d.digest_until), :since!::timestamptz) AS since FROM notification_deliveries d
  WHERE d.org_id = u.org_id AND d.user_id = u.id AND d.digest_on IS NOT NULL
) l
WHERE u.org_id = :org_id! AND u.deactivated_at IS NULL AND l.since < :until
  AND EXISTS (SELECT FROM digest_news(u.org_id, u.id, l.since, :until, 1))
ON CONFLICT DO NOTHING
RETURNING id;

/* The oldest due delivery of each user and medium, so that a slow receiver delays only its owner. Claimed until
   `lease_until`. Those not in `media` are left alone. Steps from key to key: a backlog is not read. */
/* @name claimNotificationDeliveries */
WITH RECURSIVE waiting AS (
  (SELECT q.user_id, q.medium FROM notification_deliveries q
   WHERE q.org_id = :org_id! AND q.settled_at IS NULL ORDER BY q.user_id, q.medium LIMIT 1)
  UNION ALL
  SELECT q.user_id, q.medium FROM waiting w
  CROSS JOIN LATERAL (
    SELECT n.user_id, n.medium FROM notification_deliveries n
    WHERE n.org_id = :org_id AND n.settled_at IS NULL AND (n.user_id, n.medium) > (w.user_id, w.medium)
    ORDER BY n.user_id, n.medium LIMIT 1
  ) q
), due AS MATERIALIZED (
  SELECT d.id
  FROM waiting k
  CROSS JOIN LATERAL (
    SELECT w.id FROM notification_deliveries w
    WHERE w.org_id = :org_id AND w.user_id = k.user_id AND w.medium = k.medium AND w.settled_at IS NULL AND w.next_at <= :now!
    ORDER BY w.next_at, w.id LIMIT 1 FOR UPDATE SKIP LOCKED
  ) d
  WHERE k.medium = ANY (:media!::text[]) AND k.user_id || ' ' || k.medium <> ALL (:busy!::text[])
  LIMIT :limit!
)
UPDATE notification_deliveries d SET attempt_count = d.attempt_count + 1, next_at = :lease_until!, process_id = :process_id
FROM due
WHERE d.org_id = :org_id AND d.id = due.id
RETURNING d.id, d.user_id, d.medium, d.notification_id, d.digest_on, d.digest_from, d.digest_until, d.created_at,
          d.attempt_count, d.data_at;

/* Recipients of deliveries, with their own webhook. */
/* @name noticeRecipients */
SELECT u.id, u.email, u.name, u.deactivated_at, w.form AS "form?", w.url AS "url?"
FROM users u
LEFT JOIN notification_webhooks w ON w.org_id = u.org_id AND w.user_id = u.id
WHERE u.org_id = :org_id! AND u.id = ANY (:ids!::uuid[]);

/* The news of a digest, newest first. */
/* @name digestNews */
SELECT n.id AS "id!", n.kind AS "kind!", n.kind_group AS "kind_group!"
FROM digest_news(:org_id!, :user_id!, :since!, :until!, :limit!) n;

/* Notifications as a notice shows them. Reads the ids first: as join conditions, row-level security would keep the indexes
   unused, because reading JSON may reveal hidden rows. */
/* @name noticesOf */
SELECT n.id, n.kind, n.lead_id, n.detail, n.read_at, l.first_name AS "first_name?", l.last_name AS "last_name?",
       f.subject AS "flag_subject?", m.text AS "text?", m.handled_at IS NOT NULL AS "is_handled!"
FROM (
  SELECT w.*, (w.detail ->> 'inbound_id')::uuid AS inbound_id FROM notifications w
  WHERE w.org_id = :org_id! AND w.id = ANY (:ids!::uuid[])
) n
LEFT JOIN leads l ON l.org_id = n.org_id AND l.id = n.lead_id AND l.erased_at IS NULL
LEFT JOIN flags f ON f.org_id = n.org_id AND f.id = n.flag_id
LEFT JOIN inbound_messages m ON m.org_id = n.org_id AND m.id = n.inbound_id;

/* The point of no return of an email: once per attempt, and only for its claimant. */
/* @name beginNoticeData */
UPDATE notification_deliveries SET data_at = :now!
WHERE org_id = :org_id! AND id = :id! AND attempt_count = :attempt_count! AND settled_at IS NULL AND data_at IS NULL
RETURNING id;

/* Only the latest claimant writes: pending again with another time, or settled. */
/* @name settleNotificationDelivery */
UPDATE notification_deliveries
SET status = :status!, settled_at = CASE WHEN :status! <> 'pending' THEN :now!::timestamptz END,
    next_at = coalesce(:next_at, next_at), process_id = NULL, data_at = CASE WHEN :status! <> 'pending' THEN data_at END,
    last_status = :last_status, last_error = :last_error
WHERE org_id = :org_id! AND id = :id! AND attempt_count = :attempt_count! AND settled_at IS NULL
RETURNING id;

/* The mailbox that sends notices: one on the shared server if there is one, else the oldest. */
/* @name noticeMailbox */
SELECT * FROM mailboxes
WHERE org_id = :org_id! AND retired_at IS NULL AND paused_at IS NULL
ORDER BY smtp_host IS NOT NULL, created_at, id LIMIT 1;

/* Deletes old deliveries, except those that may still leave. */
/* @name forgetNotificationDeliveries */
DELETE FROM notification_deliveries d
USING (
  SELECT id FROM notification_deliveries
  WHERE org_id = :org_id! AND created_at < :before! AND settled_at IS NOT NULL ORDER BY created_at LIMIT :limit!
) old
WHERE d.org_id = :org_id AND d.id = old.id
RETURNING d.id;
