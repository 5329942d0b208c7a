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

/* The hand-offs, with their requesters and decisions, the replies, and the manual sends that notifications name, as they
   are now. */
/* @name noticeSubjects */
SELECT t.id, t.status::text NOT IN ('open', 'claimed') AS "is_done!", t.result ->> 'reason' AS "reason?", c.name AS "campaign_name?",
       coalesce(u.name, g.display_name) AS "requester_name?", t.result -> 'task_ids' AS "task_ids?",
       coalesce(l.time_zone, a.time_zone, o.time_zone) AS "time_zone?"
FROM (
  -- Reads the keys before the joins: as join conditions, row-level security would keep the indexes unused.
  SELECT w.org_id, w.id, w.lead_id, w.status, w.result, w.payload ->> 'suggested_campaign' AS campaign_slug,
         w.payload ->> 'requested_by' AS requested_by, (w.payload ->> 'request_id')::uuid AS request_id
  FROM agent_tasks w WHERE w.org_id = :org_id! AND w.id = ANY (:ids!::uuid[])
  OFFSET 0
) t
JOIN organizations o ON o.org_id = t.org_id
JOIN leads l ON l.org_id = t.org_id AND l.id = t.lead_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN campaigns c ON c.org_id = t.org_id AND c.slug = t.campaign_slug
LEFT JOIN sequence_requests r ON r.org_id = t.org_id AND r.id = t.request_id
LEFT JOIN users u ON u.org_id = r.org_id AND u.id = r.requested_by_user_id
LEFT JOIN agents g ON g.org_id = t.org_id AND g.id = t.requested_by
UNION ALL
SELECT q.id, q.status::text NOT IN ('pending', 'drafted', 'approved', 'held', 'unknown'), NULL, NULL, NULL, NULL, NULL
FROM sales_send_queue q
WHERE q.org_id = :org_id! AND q.id = ANY (:ids!::uuid[])
UNION ALL
SELECT m.id, m.handled_at IS NOT NULL, NULL, NULL, NULL, NULL, NULL
FROM inbound_messages m
WHERE m.org_id = :org_id! AND m.id = ANY (:ids!::uuid[]);

/* The owners of leads that had another one. */
/* @name ownersNow */
SELECT l.id, coalesce(nullif(concat_ws(' ', l.first_name, l.last_name), ''), l.email) AS "lead_name!", u.name AS "owner_name?"
FROM leads l
LEFT JOIN users u ON u.org_id = l.org_id AND u.id = lead_owner(l.org_id, l.id)
WHERE l.org_id = :org_id! AND l.id = ANY (:ids!::uuid[]);
