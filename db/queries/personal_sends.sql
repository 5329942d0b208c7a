/* Manual sends, longest overdue first; of these leads, if given. */
/* @name personalSendPage */
SELECT k.id FROM sales_send_queue k
WHERE k.org_id = :org_id! AND k.requires_personal_send AND k.status IN ('drafted', 'approved')
  AND k.staged_draft_id IS NOT NULL AND (:lead_ids::uuid[] IS NULL OR k.lead_id = ANY (:lead_ids))
  AND (:after_id::uuid IS NULL OR (k.scheduled_at, k.id) > (:after_scheduled_at::timestamptz, :after_id))
ORDER BY k.scheduled_at, k.id
LIMIT :limit!;

/* Details of manual sends. A separate statement, so they need no planning per call. */
/* @name personalSendsById @prepared */
SELECT d.id, d.queue_id, d.channel, d.to_id, d.subject, d.body, d.content_hash, q.status, q.scheduled_at, q.step_number,
       q.lead_id, q.enrollment_id, c.slug AS campaign_slug, c.name AS campaign_name, c.send_rule,
       lead_address(l, d.channel) AS "address?", l.email AS lead_email, l.first_name, l.last_name, l.title,
       coalesce(l.owner_user_id, a.owner_user_id) AS "owner_user_id?", w.name AS "owner_name?", a.name AS "company?"
FROM unnest(:ids!::uuid[]) WITH ORDINALITY AS p (id, place)
JOIN sales_send_queue q ON q.org_id = :org_id! AND q.id = p.id
JOIN staged_drafts d ON d.org_id = q.org_id AND d.queue_id = q.id AND d.id = q.staged_draft_id
JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id
JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN users w ON w.org_id = l.org_id AND w.id = coalesce(l.owner_user_id, a.owner_user_id)
ORDER BY p.place;
