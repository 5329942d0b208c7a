/* Each flag notifies a recipient once; a notification without a flag is always new. */
/* @name insertNotifications */
INSERT INTO notifications
SELECT * FROM jsonb_populate_recordset(NULL::notifications, :rows!)
ON CONFLICT (org_id, flag_id, to_user_id, to_agent) WHERE flag_id IS NOT NULL DO NOTHING;

/* Notifications of one user. Reads the play id first: as a join condition, row-level security would keep the index
   unused, because reading JSON may reveal hidden rows. */
/* @name listNotificationsOfUser */
SELECT n.*, l.email AS "lead_email?", f.resolved_at AS "flag_resolved_at?", p.name AS "play_name?"
FROM (
  SELECT w.*, (w.detail ->> 'play_id')::uuid AS play_id FROM notifications w
  WHERE w.org_id = :org_id! AND w.to_user_id = :user_id!
    AND (:unread_only!::boolean IS FALSE OR w.read_at IS NULL)
    AND (:before_id::uuid IS NULL OR w.id < :before_id)
  ORDER BY w.id DESC
  LIMIT :limit!
) n
LEFT JOIN leads l ON l.org_id = n.org_id AND l.id = n.lead_id
LEFT JOIN flags f ON f.org_id = n.org_id AND f.id = n.flag_id
LEFT JOIN sales_play_library p ON p.org_id = n.org_id AND p.play_id = n.play_id AND p.content_removed_at IS NULL
ORDER BY n.id DESC;

/* Notifications of one agent. */
/* @name listNotificationsOfAgent */
SELECT n.*, l.email AS "lead_email?", f.resolved_at AS "flag_resolved_at?", p.name AS "play_name?"
FROM (
  SELECT w.*, (w.detail ->> 'play_id')::uuid AS play_id FROM notifications w
  WHERE w.org_id = :org_id! AND w.to_agent = :agent_id!
    AND (:unread_only!::boolean IS FALSE OR w.read_at IS NULL)
    AND (:before_id::uuid IS NULL OR w.id < :before_id)
  ORDER BY w.id DESC
  LIMIT :limit!
) n
LEFT JOIN leads l ON l.org_id = n.org_id AND l.id = n.lead_id
LEFT JOIN flags f ON f.org_id = n.org_id AND f.id = n.flag_id
LEFT JOIN sales_play_library p ON p.org_id = n.org_id AND p.play_id = n.play_id AND p.content_removed_at IS NULL
ORDER BY n.id DESC;

/* Own notifications only. The first reading counts. */
/* @name readNotification */
UPDATE notifications SET read_at = coalesce(read_at, :now!)
WHERE org_id = :org_id! AND id = :id! AND (to_user_id = :user_id::uuid OR to_agent = :agent_id::text)
RETURNING id, kind, lead_id, flag_id, detail, created_at, read_at;

/* Users who shape plays: those with one of the roles. */
/* @name listPlayMakers */
SELECT id FROM users
WHERE org_id = :org_id! AND deactivated_at IS NULL AND roles && '{revops,slm}'::user_role[]
ORDER BY id LIMIT :limit!;

/* Recipients of a reply: the lead's active owner, else RevOps, as for warnings. */
/* @name listReplyRecipients */
SELECT u.id FROM users u
LEFT JOIN users o ON o.org_id = u.org_id AND o.id = lead_owner(:org_id!, :lead_id!) AND o.deactivated_at IS NULL
WHERE u.org_id = :org_id AND u.deactivated_at IS NULL
  AND CASE WHEN o.id IS NULL THEN 'revops' = ANY (u.roles) ELSE u.id = o.id END
ORDER BY u.id LIMIT :limit!;

/* Recipients of a booked meeting or a requested entry: executives, who decide. */
/* @name listExecutives */
SELECT id FROM users
WHERE org_id = :org_id! AND deactivated_at IS NULL AND 'exec' = ANY (roles)
ORDER BY id LIMIT :limit!;

/* The hand-offs, with their decisions, and manual sends that notifications name, as they are now. */
/* @name noticeSubjects */
SELECT t.id, t.status::text NOT IN ('open', 'claimed') AS "is_done!", t.result ->> 'reason' AS "reason?", c.name AS "campaign_name?",
       ARRAY(SELECT r.name FROM campaigns r WHERE r.org_id = t.org_id
             AND r.slug IN (SELECT jsonb_array_elements_text(t.result -> 'campaigns')) ORDER BY r.name) AS "routed_to!"
FROM agent_tasks t
LEFT JOIN campaigns c ON c.org_id = t.org_id AND c.slug = t.payload ->> 'suggested_campaign'
WHERE t.org_id = :org_id! AND t.id = ANY (:ids!::uuid[])
UNION ALL
SELECT q.id, q.status::text NOT IN ('pending', 'drafted', 'approved', 'held', 'unknown'), NULL, NULL, '{}'
FROM sales_send_queue q
WHERE q.org_id = :org_id! AND q.id = ANY (:ids!::uuid[]);

/* The owners of leads that had another one. */
/* @name ownersNow */
SELECT l.id, coalesce(nullif(concat_ws(' ', l.first_name, l.last_name), ''), l.email) AS "lead_name!", u.name AS "owner_name?"
FROM leads l
LEFT JOIN users u ON u.org_id = l.org_id AND u.id = lead_owner(l.org_id, l.id)
WHERE l.org_id = :org_id! AND l.id = ANY (:ids!::uuid[]);
