/* Every group and medium with the choice or the default. */
/* @name notificationPreferences */
SELECT g.kind_group AS "kind!", notification_delivery(:org_id!, :user_id!, g.kind_group, 'email') AS "email!",
       notification_delivery(:org_id, :user_id, g.kind_group, 'webhook') AS "webhook!"
FROM unnest(:kinds!::text[]) WITH ORDINALITY g (kind_group, place)
ORDER BY g.place;

/* @name putNotificationPreferences */
INSERT INTO notification_preferences (org_id, user_id, kind_group, medium, delivery, changed_at)
SELECT :org_id!::uuid, :user_id!::uuid, r.kind, r.medium, r.delivery, :now!::timestamptz
FROM jsonb_to_recordset(:rows!) AS r(kind text, medium text, delivery text)
ON CONFLICT (org_id, user_id, kind_group, medium) DO UPDATE SET delivery = excluded.delivery, changed_at = excluded.changed_at
WHERE notification_preferences.delivery <> excluded.delivery;

/* @name getNotificationWebhook */
SELECT form, host, url, set_at, failing_since, last_error FROM notification_webhooks
WHERE org_id = :org_id! AND user_id = :user_id!;

/* A new URL starts without the failures of the previous one. */
/* @name putNotificationWebhook */
INSERT INTO notification_webhooks (org_id, user_id, form, host, url, set_at)
VALUES (:org_id!, :user_id!, :form!, :host!, :url!, :now!)
ON CONFLICT (org_id, user_id) DO UPDATE SET form = excluded.form, host = excluded.host, url = excluded.url,
  set_at = excluded.set_at, failing_since = NULL, last_error = NULL;

/* @name deleteNotificationWebhook */
DELETE FROM notification_webhooks WHERE org_id = :org_id! AND user_id = :user_id!;

/* @name markNotificationWebhookWell */
UPDATE notification_webhooks SET failing_since = NULL, last_error = NULL
WHERE org_id = :org_id! AND user_id = :user_id! AND failing_since IS NOT NULL;

/* @name markNotificationWebhookFailing */
UPDATE notification_webhooks SET failing_since = coalesce(failing_since, :now!), last_error = :last_error
WHERE org_id = :org_id! AND user_id = :user_id!;

/* The latest email to this user, if it failed for good or its delivery is unknown. */
/* @name lastEmailFailure */
SELECT d.settled_at AS "settled_at!", d.status, d.last_error
FROM (
  SELECT l.settled_at, l.status, l.last_error FROM notification_deliveries l
  WHERE l.org_id = :org_id! AND l.user_id = :user_id! AND l.medium = 'email' AND l.status IN ('delivered', 'failed', 'unknown')
  ORDER BY l.settled_at DESC LIMIT 1
) d
WHERE d.status <> 'delivered';

/* People whose own webhook fails. */
/* @name countFailingNotificationWebhooks */
SELECT count(*) AS "failing_count!" FROM notification_webhooks w
JOIN users u ON u.org_id = w.org_id AND u.id = w.user_id AND u.deactivated_at IS NULL
WHERE w.org_id = :org_id! AND w.failing_since IS NOT NULL;
