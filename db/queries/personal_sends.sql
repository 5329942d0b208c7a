/* Manual sends, longest overdue first; of these leads, if given. */
/* @name personalSendPage */
SELECT k.id FROM sales_send_queue k
WHERE k.org_id = :org_id! AND k.requires_personal_send AND k.status IN ('drafted', 'approved')
  AND k.staged_draft_id IS NOT NULL
  AND (:after_id::uuid IS NULL OR (k.scheduled_at, k.id) > (:after_scheduled_at::timestamptz, :after_id))
ORDER BY k.scheduled_at, k.id
LIMIT :limit!;

/* Manual sends of some people, longest overdue first. */
/* @name personalSendPageOfOwners */
SELECT k.id AS "id!" FROM manual_sends_of(:org_id!, :owner_user_ids!::uuid[], :lead_ids!::uuid[]) k
WHERE :after_id::uuid IS NULL OR (k.scheduled_at, k.id) > (:after_scheduled_at::timestamptz, :after_id)
ORDER BY k.scheduled_at, k.id
LIMIT :limit!;

/* @name assignSend */
UPDATE sales_send_queue q SET assigned_to_user_id = :user_id!
FROM users u
WHERE q.org_id = :org_id! AND q.id = :id! AND q.status IN ('pending', 'held', 'drafted', 'approved', 'failed')
  AND u.org_id = q.org_id AND u.id = :user_id!
RETURNING q.id AS queue_id, q.assigned_to_user_id, u.name AS assigned_to_name, q.lead_id, q.step_number, q.channel,
          q.staged_draft_id IS NOT NULL AND q.status IN ('drafted', 'approved') AS "is_due!",
          (SELECT c.name FROM campaigns c WHERE c.org_id = q.org_id AND c.id = q.campaign_id) AS "campaign_name!";

/* Details of manual sends. A separate statement, so they need no planning per call. */
/* @name personalSendsById @prepared */
SELECT d.id, d.queue_id, d.channel, d.to_id, d.subject, d.body, d.content_hash, q.status, q.scheduled_at, q.step_number,
       q.lead_id, q.enrollment_id, c.slug AS campaign_slug, c.name AS campaign_name, c.send_rule,
       lead_address(l, d.channel) AS "address?", l.email AS lead_email, l.first_name, l.last_name, l.title,
       owner_among(l.org_id, l.owner_user_id, a.owner_user_id) AS "owner_user_id?", w.name AS "owner_name?", q.assigned_to_user_id,
       u.name AS "assigned_to_name?", a.name AS "company?"
FROM unnest(:ids!::uuid[]) WITH ORDINALITY AS p (id, place)
JOIN sales_send_queue q ON q.org_id = :org_id! AND q.id = p.id
JOIN staged_drafts d ON d.org_id = q.org_id AND d.queue_id = q.id AND d.id = q.staged_draft_id
JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id
JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN users w ON w.org_id = l.org_id AND w.id = owner_among(l.org_id, l.owner_user_id, a.owner_user_id)
LEFT JOIN users u ON u.org_id = q.org_id AND u.id = q.assigned_to_user_id
WHERE q.requires_personal_send AND q.status IN ('drafted', 'approved')
ORDER BY p.place;
