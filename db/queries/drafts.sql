/* @name insertDrafts */
INSERT INTO staged_drafts (org_id, id, queue_id, version, channel, to_id, subject, body, context, template_hash,
                           written_by_agent_id, written_by_user_id, written_with, fallback_reason, created_at)
SELECT u.org_id, u.id, u.queue_id, u.version, u.channel, u.to_id, u.subject, u.body, u.context, u.template_hash,
       u.written_by_agent_id, u.written_by_user_id, u.written_with, u.fallback_reason, u.created_at
FROM jsonb_populate_recordset(NULL::staged_drafts, :rows!) u
RETURNING id, queue_id, content_hash, template_hash;

/* Template variables of the leads, for queue items that need a draft. In two parts, since nine tables at once take ten times as
   long to plan. */
/* @name draftingContext */
WITH item AS MATERIALIZED (
  SELECT q.org_id, q.client_id, q.id AS queue_id, q.lead_id, q.enrollment_id, q.campaign_id, q.step_number, q.channel, q.contact_id,
         q.scheduled_at, q.requires_personal_send, q.assigned_to_user_id, q.play_id, q.originating_proposal_id,
         l.email, l.first_name, l.last_name, l.title, lead_address(l, q.channel) AS to_id,
         coalesce(l.vertical, a.vertical) AS vertical,
         coalesce(l.segment, a.segment) AS segment, l.account_id, a.name AS account_name, e.goal, e.notes
  FROM sales_send_queue q
  JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
  LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
  JOIN campaign_contacts e ON e.org_id = q.org_id AND e.id = q.enrollment_id
  WHERE q.org_id = :org_id! AND q.id = ANY (:queue_ids!::uuid[]) AND q.status = 'pending'
)
SELECT i.queue_id AS "queue_id!", i.lead_id AS "lead_id!", i.enrollment_id AS "enrollment_id!", i.campaign_id AS "campaign_id!",
       i.step_number AS "step_number!", i.channel AS "channel!", i.contact_id AS "contact_id!", i.scheduled_at AS "scheduled_at!",
       i.requires_personal_send AS "requires_personal_send!", i.assigned_to_user_id, i.play_id, i.originating_proposal_id,
       i.email, i.first_name, i.last_name, i.title, i.to_id AS "to_id?", i.vertical, i.segment, i.account_id,
       i.account_name AS "account_name?", i.goal, i.notes,
       c.slug AS campaign_slug, c.name AS campaign_name, c.owner_role, c.send_rule, c.approvers,
       c.sequence_type, s.content_type, s.subject_template, s.body_template, s.template_hash,
       s.template_instructions,
       EXISTS (
         SELECT 1 FROM template_approvals t
         WHERE t.org_id = s.org_id AND t.campaign_id = s.campaign_id AND t.step_number = s.step_number
           AND t.template_hash = s.template_hash) AS "template_approved!",
       cl.name AS client_name, coalesce(cl.postal_address, o.postal_address) AS "postal_address!", o.sender_name
FROM item i
JOIN organizations o ON o.org_id = i.org_id
JOIN clients cl ON cl.org_id = i.org_id AND cl.client_id = i.client_id
JOIN campaigns c ON c.org_id = i.org_id AND c.id = i.campaign_id
JOIN campaign_sequences s
  ON s.org_id = i.org_id AND s.campaign_id = i.campaign_id AND s.step_number = i.step_number;

/* Finds the current draft by its queue item or by its own id. */
/* @name getDraft @prepared */
SELECT d.*, q.status, q.scheduled_at, q.held_until, q.held_reason, q.requires_personal_send, q.step_number,
       q.lead_id, q.enrollment_id, q.campaign_id, q.error, q.sent_at, q.play_id, q.originating_proposal_id,
       (q.staged_draft_id = d.id) AS "is_current!", q.staged_draft_id AS "current_draft_id!",
       c.slug AS campaign_slug, c.name AS campaign_name,
       c.sequence_type, c.side, c.owner_role, e.requested_by, e.goal,
       l.email AS lead_email, l.first_name, l.last_name, l.title, l.account_id, a.name AS "company?",
       (SELECT o.name FROM users o WHERE o.org_id = l.org_id AND o.id = owner_among(l.org_id, l.owner_user_id, a.owner_user_id)) AS "owner_name?",
       w.name AS "written_by_user_name?",
       p.approved_by_user_id AS "approved_by_user_id?", p.approved_at AS "approved_at?", pu.name AS "approved_by_user_name?",
       x.reason AS "rejected_reason?", x.rejected_at AS "rejected_at?", x.rejected_by_user_id AS "rejected_by_user_id?",
       xu.name AS "rejected_by_user_name?"
FROM staged_drafts d
JOIN sales_send_queue q ON q.org_id = d.org_id AND q.id = d.queue_id
JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id
JOIN campaign_contacts e ON e.org_id = q.org_id AND e.id = q.enrollment_id
JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN users w ON w.org_id = d.org_id AND w.id = d.written_by_user_id
LEFT JOIN draft_approvals p ON p.org_id = d.org_id AND p.draft_id = d.id AND p.withdrawn_at IS NULL
LEFT JOIN users pu ON pu.org_id = p.org_id AND pu.id = p.approved_by_user_id
LEFT JOIN draft_rejections x ON x.org_id = d.org_id AND x.draft_id = d.id
LEFT JOIN users xu ON xu.org_id = x.org_id AND xu.id = x.rejected_by_user_id
WHERE d.org_id = :org_id! AND d.id = :id!;

/* Items of a page. One status sorts by due time; all statuses sort by creation, because no index covers every time. A
   held or failed item may have no text yet; it counts, so it is listed. A separate statement reads the details, so
   they need no planning per call. */
/* @name draftPage */
SELECT k.id FROM sales_send_queue k
WHERE k.org_id = :org_id! AND (k.staged_draft_id IS NOT NULL OR :status::queue_status IN ('held', 'failed'))
  AND (:status::queue_status IS NULL OR k.status = :status)
  AND (:lead_ids::uuid[] IS NULL OR k.lead_id = ANY (:lead_ids))
  AND (:after_id::uuid IS NULL
       OR (:status IS NULL AND k.id > :after_id)
       OR (:status IS NOT NULL AND (k.scheduled_at, k.id) > (:after_scheduled_at::timestamptz, :after_id)))
ORDER BY CASE WHEN :status IS NULL THEN NULL ELSE k.scheduled_at END, k.id
LIMIT :limit!;

/* Pending drafts of one campaign, earliest due first. */
/* @name waitingDraftPage */
SELECT k.id FROM sales_send_queue k
WHERE k.org_id = :org_id! AND k.campaign_id = :campaign_id! AND k.status = 'drafted' AND k.staged_draft_id IS NOT NULL
  AND (:lead_ids::uuid[] IS NULL OR k.lead_id = ANY (:lead_ids))
  AND (:after_id::uuid IS NULL OR (k.scheduled_at, k.id) > (:after_scheduled_at::timestamptz, :after_id))
ORDER BY k.scheduled_at, k.id
LIMIT :limit!;

/* Pending drafts that await this user's decision, of one campaign or of all, earliest due first. */
/* @name decidableDraftPage */
SELECT k.id AS "id!" FROM decidable_items(:org_id!, :user_id!) k
WHERE (:campaign_id::uuid IS NULL OR k.campaign_id = :campaign_id)
  AND (:after_id::uuid IS NULL OR (k.scheduled_at, k.id) > (:after_scheduled_at::timestamptz, :after_id))
ORDER BY k.scheduled_at, k.id
LIMIT :limit!;

/* The same, of these leads. */
/* @name decidableDraftPageOfLeads */
SELECT k.id AS "id!" FROM decidable_items_of(:org_id!, :user_id!, :lead_ids!::uuid[]) k
WHERE (:campaign_id::uuid IS NULL OR k.campaign_id = :campaign_id)
  AND (:after_id::uuid IS NULL OR (k.scheduled_at, k.id) > (:after_scheduled_at::timestamptz, :after_id))
ORDER BY k.scheduled_at, k.id
LIMIT :limit!;

/* Sent drafts, newest first. */
/* @name sentDraftPage */
SELECT k.id FROM sales_send_queue k
WHERE k.org_id = :org_id! AND k.status = 'sent' AND k.staged_draft_id IS NOT NULL
  AND (:lead_ids::uuid[] IS NULL OR k.lead_id = ANY (:lead_ids))
  AND (:before_sent_at::timestamptz IS NULL OR (k.sent_at, k.id) < (:before_sent_at, :before_id::uuid))
ORDER BY k.sent_at DESC, k.id DESC
LIMIT :limit!;

/* Rejected drafts, newest first. */
/* @name rejectedDraftPage */
SELECT d.queue_id AS id FROM draft_rejections x
JOIN staged_drafts d ON d.org_id = x.org_id AND d.id = x.draft_id
JOIN sales_send_queue k ON k.org_id = d.org_id AND k.id = d.queue_id
WHERE x.org_id = :org_id!
  AND (:lead_ids::uuid[] IS NULL OR k.lead_id = ANY (:lead_ids))
  AND (:before_rejected_at::timestamptz IS NULL OR (x.rejected_at, x.id) < (:before_rejected_at, :before_id::uuid))
ORDER BY x.rejected_at DESC, x.id DESC
LIMIT :limit!;

/* Drafts per kind, pending and sent, counted up to `limit`. A manual send stays pending for its user, approved or not. */
/* @name countDrafts @prepared */
SELECT
  (SELECT count(*)::int FROM (
     SELECT FROM decidable_items(:org_id!, :user_id!) k ORDER BY k.scheduled_at, k.id LIMIT :limit!) c) AS "decidable!",
  (SELECT count(*)::int FROM (
     SELECT FROM sales_send_queue q
     WHERE q.org_id = :org_id! AND q.status = 'drafted' AND NOT q.requires_personal_send
     ORDER BY q.scheduled_at, q.id LIMIT :limit!) c) AS "drafted!",
  (SELECT count(*)::int FROM (
     SELECT FROM sales_send_queue q
     WHERE q.org_id = :org_id! AND q.requires_personal_send AND q.status IN ('drafted', 'approved')
     ORDER BY q.scheduled_at, q.id LIMIT :limit!) c) AS "personal!",
  (SELECT count(*)::int FROM (
     SELECT FROM sales_send_queue q WHERE q.org_id = :org_id! AND q.status = 'approved'
     ORDER BY q.scheduled_at, q.id LIMIT :limit!) c) AS "approved!",
  (SELECT count(*)::int FROM (
     SELECT FROM sales_send_queue q WHERE q.org_id = :org_id! AND q.status = 'held'
     ORDER BY q.scheduled_at, q.id LIMIT :limit!) c) AS "held!",
  (SELECT count(*)::int FROM (
     SELECT FROM sales_send_queue q WHERE q.org_id = :org_id! AND q.status = 'sent'
     ORDER BY q.sent_at, q.id LIMIT :limit!) c) AS "sent!",
  (SELECT count(*)::int FROM (
     SELECT FROM sales_send_queue q WHERE q.org_id = :org_id! AND q.status = 'failed'
     ORDER BY q.scheduled_at, q.id LIMIT :limit!) c) AS "failed!",
  (SELECT count(*)::int FROM (
     SELECT FROM sales_send_queue q WHERE q.org_id = :org_id! AND q.status = 'unknown'
     ORDER BY q.scheduled_at, q.id LIMIT :limit!) c) AS "unknown!",
  (SELECT count(*)::int FROM (
     SELECT FROM draft_rejections x WHERE x.org_id = :org_id! ORDER BY x.rejected_at, x.id LIMIT :limit!) c) AS "rejected!";

/* The same counts for these leads. */
/* @name countDraftsOfLeads */
SELECT (SELECT count(*)::int FROM decidable_items_of(:org_id!, :user_id!, :lead_ids!::uuid[]) k) AS "decidable!",
       count(*) FILTER (WHERE q.status = 'drafted' AND NOT q.requires_personal_send)::int AS "drafted!",
       count(*) FILTER (WHERE q.status IN ('drafted', 'approved') AND q.requires_personal_send)::int AS "personal!",
       count(*) FILTER (WHERE q.status = 'approved')::int AS "approved!",
       count(*) FILTER (WHERE q.status = 'held')::int AS "held!",
       count(*) FILTER (WHERE q.status = 'sent')::int AS "sent!",
       count(*) FILTER (WHERE q.status = 'failed')::int AS "failed!",
       count(*) FILTER (WHERE q.status = 'unknown')::int AS "unknown!",
       count(*) FILTER (WHERE EXISTS (
         SELECT FROM staged_drafts d JOIN draft_rejections x ON x.org_id = d.org_id AND x.draft_id = d.id
         WHERE d.org_id = q.org_id AND d.queue_id = q.id))::int AS "rejected!"
FROM sales_send_queue q
WHERE q.org_id = :org_id! AND q.lead_id = ANY (:lead_ids!);

/* These items with their current drafts, in the given order. */
/* @name draftsOfItems @prepared */
SELECT d.id AS "id?", q.id AS queue_id, d.version AS "version?", q.channel, d.to_id AS "to_id?", d.subject AS "subject?",
       d.body AS "body?", d.content_hash AS "content_hash?", d.context AS "context?", d.created_at AS "created_at?",
       d.written_by_agent_id AS "written_by_agent_id?", d.written_by_user_id AS "written_by_user_id?",
       d.written_with AS "written_with?", d.fallback_reason AS "fallback_reason?", q.status, q.scheduled_at, q.held_until, q.held_reason,
       q.requires_personal_send, q.step_number, q.lead_id, q.enrollment_id, q.sent_at, q.error,
       c.slug AS campaign_slug, c.name AS campaign_name, l.email AS lead_email, l.first_name, l.last_name, l.title,
       a.name AS "company?",
       (SELECT o.name FROM users o WHERE o.org_id = l.org_id AND o.id = owner_among(l.org_id, l.owner_user_id, a.owner_user_id)) AS "owner_name?", w.name AS "written_by_user_name?", x.id AS "rejection_id?", x.reason AS "rejected_reason?",
       x.rejected_at AS "rejected_at?", x.rejected_by_user_id AS "rejected_by_user_id?", xu.name AS "rejected_by_user_name?"
FROM unnest(:queue_ids!::uuid[]) WITH ORDINALITY AS p (id, place)
JOIN sales_send_queue q ON q.org_id = :org_id! AND q.id = p.id
LEFT JOIN staged_drafts d ON d.org_id = q.org_id AND d.queue_id = q.id AND d.id = q.staged_draft_id
JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id
JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN users w ON w.org_id = d.org_id AND w.id = d.written_by_user_id
LEFT JOIN draft_rejections x ON x.org_id = d.org_id AND x.draft_id = d.id
LEFT JOIN users xu ON xu.org_id = x.org_id AND xu.id = x.rejected_by_user_id
ORDER BY p.place;

/* The users who decide about these touches: whether this user does, and up to five names; none if anyone who works does. */
/* @name approversOfItems @prepared */
SELECT q.id AS queue_id, c.approvers, may_decide(q, :user_id!) AS "may_decide!", q.assigned_to_user_id,
       u.name AS "assigned_to_name?",
       CASE WHEN c.approvers = 'anyone' THEN '{}' ELSE approver_names(q.org_id, w.by_user, w.by_roles, 5) END AS "approver_names!"
FROM unnest(:queue_ids!::uuid[]) AS p (id)
JOIN sales_send_queue q ON q.org_id = :org_id! AND q.id = p.id
JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id
LEFT JOIN users u ON u.org_id = q.org_id AND u.id = q.assigned_to_user_id
CROSS JOIN LATERAL approvers_of(q) w;

/* @name listDraftVersions @prepared */
SELECT d.id, d.version, d.subject, d.body, d.content_hash, d.written_by_agent_id, d.written_by_user_id,
       d.written_with, d.fallback_reason, d.created_at, w.name AS "written_by_user_name?"
FROM staged_drafts d
LEFT JOIN users w ON w.org_id = d.org_id AND w.id = d.written_by_user_id
WHERE d.org_id = :org_id! AND d.queue_id = :queue_id!
ORDER BY d.version
LIMIT 200;

/* @name insertApproval */
INSERT INTO draft_approvals (org_id, id, draft_id, content_hash, approved_by_user_id, approved_at)
VALUES (:org_id!, :id!, :draft_id!, :content_hash!, :approved_by_user_id!, :approved_at!)
ON CONFLICT (org_id, draft_id) WHERE withdrawn_at IS NULL DO NOTHING
RETURNING id;

/* @name withdrawApproval */
UPDATE draft_approvals SET withdrawn_at = :now!, withdrawn_by_user_id = :user_id!
WHERE org_id = :org_id! AND draft_id = :draft_id! AND withdrawn_at IS NULL
RETURNING id;

/* @name insertRejection */
INSERT INTO draft_rejections (org_id, id, draft_id, reason, rejected_by_user_id, rejected_at)
VALUES (:org_id!, :id!, :draft_id!, :reason!, :rejected_by_user_id!, :rejected_at!);

/* The current text of items that are about to be sent. */
/* @name sendableDrafts */
SELECT d.id, d.queue_id, d.version, d.to_id, d.subject, d.body, d.content_hash
FROM sales_send_queue q
JOIN staged_drafts d ON d.org_id = q.org_id AND d.queue_id = q.id AND d.id = q.staged_draft_id
WHERE q.org_id = :org_id! AND q.id = ANY (:queue_ids!::uuid[]);

/* The context of a touch besides its text: the step, the meeting notes, and the mailbox. */
/* @name draftBackground @prepared */
SELECT e.goal, e.notes, e.requested_by, e.enrolled_at, r.requested_by_user_id AS "requested_by_user_id?", ru.name AS "requested_by_user_name?",
       coalesce(l.time_zone, a.time_zone, o.time_zone) AS "time_zone!", coalesce(o.legal_name, o.name) AS "organization_name!",
       coalesce(cl.postal_address, o.postal_address) AS "postal_address!",
       m.address AS "mailbox_address?", m.display_name AS "mailbox_display_name?",
       s.content_type AS "content_type?", s.template_instructions AS "template_instructions?",
       (SELECT count(*)::int FROM campaign_sequences t
        WHERE t.org_id = q.org_id AND t.campaign_id = q.campaign_id) AS "steps_count!"
FROM sales_send_queue q
JOIN organizations o ON o.org_id = q.org_id
JOIN clients cl ON cl.org_id = q.org_id AND cl.client_id = q.client_id
JOIN campaign_contacts e ON e.org_id = q.org_id AND e.id = q.enrollment_id
JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN sequence_requests r ON r.org_id = e.org_id AND r.id = e.request_id
LEFT JOIN users ru ON ru.org_id = r.org_id AND ru.id = r.requested_by_user_id
LEFT JOIN campaign_sequences s
  ON s.org_id = q.org_id AND s.campaign_id = q.campaign_id AND s.step_number = q.step_number
LEFT JOIN lead_mailboxes b ON b.org_id = q.org_id AND b.lead_id = q.lead_id
LEFT JOIN mailboxes m ON m.org_id = q.org_id AND m.id = coalesce(q.mailbox_id, b.mailbox_id, (
  SELECT f.id FROM mailboxes f WHERE f.org_id = q.org_id AND f.retired_at IS NULL ORDER BY f.created_at, f.id LIMIT 1))
WHERE q.org_id = :org_id! AND q.id = :queue_id!;

/* The latest gate decision on a touch. Searches a limited number of the lead's newest events. */
/* @name lastDecisionOfItem @prepared */
SELECT v.timestamp, v.moment, v.event_type, v.suppressed_reason, v.until, v.policy_version, v.trace
FROM (
  SELECT * FROM cadence_event_log n
  WHERE n.org_id = :org_id! AND n.lead_id = :lead_id!
  ORDER BY n.timestamp DESC LIMIT 500
) v
WHERE v.queue_id = :queue_id! AND v.moment IS NOT NULL AND v.trace IS NOT NULL
ORDER BY v.timestamp DESC, v.id DESC
LIMIT 1;

/* Messages sent to a lead, with their texts, newest first. Finds the items first, so indexes read the rest however
   many rows the planner expects. */
/* @name sentToLead @prepared */
SELECT q.id AS queue_id, q.status, q.channel, q.step_number, c.name AS campaign_name, d.subject, d.body,
       coalesce(t.touched_at, q.sent_at) AS "at?", t.outcome AS "outcome?"
FROM (
  SELECT i.* FROM sales_send_queue i
  WHERE i.org_id = :org_id! AND i.lead_id = :lead_id! AND i.status::text IN ('sent', 'unknown')
  ORDER BY i.created_at DESC, i.id DESC
  LIMIT :limit!
) q
JOIN staged_drafts d ON d.org_id = q.org_id AND d.id = q.staged_draft_id
JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id
LEFT JOIN LATERAL (
  SELECT n.touched_at, n.outcome FROM touches n
  WHERE n.org_id = q.org_id AND n.queue_id = q.id AND n.outcome <> 'void' LIMIT 1) t ON true
ORDER BY q.created_at DESC, q.id DESC;

/* Messages received from a lead, newest first. Delivery reports are in the log. */
/* @name receivedFromLead @prepared */
SELECT m.id, m.kind, m.received_at, m.subject, m.text, m.intent, m.queue_id
FROM inbound_messages m
WHERE m.org_id = :org_id! AND m.lead_id = :lead_id! AND m.kind_key IN ('reply', 'unsubscribe', 'out_of_office', 'auto_reply')
ORDER BY m.id DESC
LIMIT :limit!;
