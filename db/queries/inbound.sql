/* Attempts that carried one of these Message-IDs. A text keeps its id across attempts: a handed-over attempt precedes
   the others, and the latest comes first. */
/* @name attemptsByMessageId */
SELECT DISTINCT ON (a.message_id) a.message_id, a.id, a.queue_id, a.mailbox_id, a.stage, a.bounced_at, d.to_id,
       coalesce(l.merged_into_id, q.lead_id) AS "lead_id!", q.enrollment_id, q.campaign_id, q.step_number, q.channel, q.play_id, q.originating_proposal_id, c.sequence_type,
       c.owner_role
FROM send_attempts a
JOIN staged_drafts d ON d.org_id = a.org_id AND d.id = a.draft_id
JOIN sales_send_queue q ON q.org_id = a.org_id AND q.id = a.queue_id
JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id
WHERE a.org_id = :org_id! AND a.message_id = ANY (:message_ids!::text[])
ORDER BY a.message_id, a.stage::text IN ('accepted', 'unknown', 'data') DESC, a.started_at DESC;

/* The touch for which a token was made, with its last attempt. */
/* @name touchOfToken */
SELECT a.id AS "attempt_id?", q.id AS queue_id, a.mailbox_id AS "mailbox_id?", a.stage AS "stage?", a.bounced_at,
       d.to_id AS "to_id?", coalesce(l.merged_into_id, q.lead_id) AS "lead_id!", q.enrollment_id, q.campaign_id, q.step_number, q.channel, q.play_id,
       q.originating_proposal_id, c.sequence_type, c.owner_role
FROM sales_send_queue q
JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id
LEFT JOIN LATERAL (
  SELECT t.* FROM send_attempts t WHERE t.org_id = q.org_id AND t.queue_id = q.id
  ORDER BY t.stage::text IN ('accepted', 'unknown', 'data') DESC, t.started_at DESC LIMIT 1
) a ON true
LEFT JOIN staged_drafts d ON d.org_id = a.org_id AND d.id = a.draft_id
WHERE q.org_id = :org_id! AND q.id = :queue_id! AND q.lead_id = :lead_id!;

/* The lead with this address, whether primary or not, and the role of its most recent open enrollment. */
/* @name leadOfSender */
SELECT l.id AS lead_id, c.owner_role AS "owner_role?"
FROM lead_addresses d
JOIN leads l ON l.org_id = d.org_id AND l.id = d.lead_id
LEFT JOIN LATERAL (
  SELECT e.campaign_id FROM campaign_contacts e
  WHERE e.org_id = l.org_id AND e.lead_id = l.id
  ORDER BY e.status::text IN ('active', 'paused') DESC, e.enrolled_at DESC LIMIT 1
) e ON true
LEFT JOIN campaigns c ON c.org_id = l.org_id AND c.id = e.campaign_id
WHERE d.org_id = :org_id! AND d.kind = 'email' AND d.until IS NULL AND d.value_key = lower(:address!::text);

/* @name insertInbound */
INSERT INTO inbound_messages (org_id, id, source, mailbox_id, folder, uid_validity, uid, raw_hash, message_id, from_address,
  to_address, received_at, created_at, kind, fault, matched_by, lead_id, enrollment_id, queue_id, attempt_id, subject, text,
  intent, intent_source, intent_certain, return_date, bounce_severity, bounce_status, bounced_address, task_id, task_role,
  handled_at, reason, answer_hash, suggested_name, suggested_email, bounce_cause)
SELECT u.org_id, u.id, u.source, u.mailbox_id, u.folder, u.uid_validity, u.uid, :raw_hash!, u.message_id, u.from_address,
  u.to_address, u.received_at, u.created_at, u.kind, u.fault, u.matched_by, u.lead_id, u.enrollment_id, u.queue_id,
  u.attempt_id, u.subject, u.text, u.intent, u.intent_source, u.intent_certain, u.return_date, u.bounce_severity,
  u.bounce_status, u.bounced_address, u.task_id, u.task_role, u.handled_at, u.reason, :answer_hash, u.suggested_name,
  u.suggested_email, u.bounce_cause
FROM jsonb_populate_record(NULL::inbound_messages, :row!) u
ON CONFLICT DO NOTHING
RETURNING id;

/* The stored message with the same bytes in the same mailbox, or with the same words through another way. */
/* @name inboundByHash */
SELECT id AS "id!" FROM inbound_messages
WHERE org_id = :org_id! AND mailbox_id IS NOT DISTINCT FROM :mailbox_id AND raw_hash = :raw_hash!
UNION ALL
SELECT id FROM inbound_messages WHERE org_id = :org_id! AND answer_hash = :answer_hash
LIMIT 1;

/* Whether the sender of an answer is the lead, also under a tag (`ann+news@x` for `ann@x`), whether a reply of a person is pending, and whether the address replied to
   this very attempt, so it exists. */
/* @name standingOfAnswer */
SELECT coalesce(bool_or(untagged(k.known) = untagged(:address!::text)), false) AS "is_from_lead!",
  coalesce(bool_or(untagged(k.known) = untagged(:address!)) AND NOT bool_or(k.known = lower(:address!)), false) AS "is_tagged!",
  EXISTS (
    SELECT FROM inbound_messages m
    WHERE m.org_id = :org_id! AND m.lead_id = :lead_id! AND m.handled_at IS NULL AND m.kind_key IN ('reply', 'unsubscribe')
  ) AS "is_after_reply!",
  EXISTS (
    SELECT FROM inbound_messages m
    WHERE m.org_id = :org_id! AND m.lead_id = :lead_id! AND m.attempt_id = :attempt_id::uuid
      AND m.kind_key IN ('reply', 'unsubscribe') AND lower(m.from_address) = ANY (:sent_to!::text[])
  ) AS "is_answered!"
FROM (
  SELECT d.value_key AS known FROM lead_addresses d
  WHERE d.org_id = :org_id! AND d.lead_id = :lead_id! AND d.kind = 'email'
  UNION ALL SELECT unnest(:sent_to!::text[])
) k;

/* Whether another reply of the lead is pending. */
/* @name hasOtherPendingReply */
SELECT EXISTS (
  SELECT FROM inbound_messages m
  WHERE m.org_id = :org_id! AND m.lead_id = :lead_id! AND m.id IS DISTINCT FROM :inbound_id AND m.handled_at IS NULL
    AND m.kind_key IN ('reply', 'unsubscribe')) AS "pending!";

/* @name insertInboundSource */
INSERT INTO inbound_sources (org_id, inbound_id, raw, kept_until) VALUES (:org_id!, :inbound_id!, :raw!, :kept_until!);

/* @name deleteInboundSources */
WITH old AS MATERIALIZED (
  SELECT inbound_id FROM inbound_sources WHERE org_id = :org_id! AND kept_until <= :now!
  ORDER BY kept_until LIMIT :limit!
)
DELETE FROM inbound_sources s USING old WHERE s.org_id = :org_id! AND s.inbound_id = old.inbound_id;

/* @name getInbound @prepared */
SELECT m.*, l.email AS "lead_email?", l.first_name AS "first_name?", l.last_name AS "last_name?", l.title AS "title?",
       a.name AS "company?",
       (SELECT o.name FROM users o WHERE o.org_id = l.org_id AND o.id = owner_among(l.org_id, l.owner_user_id, a.owner_user_id)) AS "owner_name?", b.address AS "mailbox_address?", t.status AS "task_status?", u.name AS "handled_by_name?"
FROM inbound_messages m
LEFT JOIN leads l ON l.org_id = m.org_id AND l.id = m.lead_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN mailboxes b ON b.org_id = m.org_id AND b.id = m.mailbox_id
LEFT JOIN agent_tasks t ON t.org_id = m.org_id AND t.id = m.task_id
LEFT JOIN users u ON u.org_id = m.org_id AND u.id = m.handled_by_user_id
WHERE m.org_id = :org_id! AND m.id = :id! AND (:task_role::text IS NULL OR m.task_role = :task_role);

/* Replies of a lead to our messages, latest first. A message that names none of ours is excluded, because its author
   is unknown. */
/* @name answersOfLead */
SELECT text FROM inbound_messages
WHERE org_id = :org_id! AND lead_id = :lead_id! AND queue_id IS NOT NULL AND kind_key IN ('reply', 'unsubscribe') AND text <> ''
ORDER BY id DESC
LIMIT :limit!;

/* Newest first. A separate statement reads the details, so they need no planning per call. */
/* @name inboundPage */
SELECT w.id FROM inbound_messages w
WHERE w.org_id = :org_id! AND (:kind::text IS NULL OR w.kind_key = :kind)
  AND (:handled::boolean IS NULL OR :handled AND w.handled_at IS NOT NULL OR NOT :handled AND w.handled_at IS NULL)
  AND (:lead_ids::uuid[] IS NULL OR w.lead_id = ANY (:lead_ids))
  AND (:suggesting::boolean IS NULL OR :suggesting = (num_nonnulls(w.suggested_name, w.suggested_email) > 0))
  AND (:task_role::text IS NULL OR w.task_role = :task_role)
  AND (:before_id::uuid IS NULL OR w.id < :before_id)
ORDER BY w.id DESC
LIMIT :limit!;

/* @name inboundById @prepared */
SELECT m.*, l.email AS "lead_email?", l.first_name AS "first_name?", l.last_name AS "last_name?", l.title AS "title?",
       a.name AS "company?",
       (SELECT o.name FROM users o WHERE o.org_id = l.org_id AND o.id = owner_among(l.org_id, l.owner_user_id, a.owner_user_id)) AS "owner_name?", b.address AS "mailbox_address?", t.status AS "task_status?", u.name AS "handled_by_name?"
FROM unnest(:ids!::uuid[]) WITH ORDINALITY AS p (id, place)
JOIN inbound_messages m ON m.org_id = :org_id! AND m.id = p.id
LEFT JOIN leads l ON l.org_id = m.org_id AND l.id = m.lead_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN mailboxes b ON b.org_id = m.org_id AND b.id = m.mailbox_id
LEFT JOIN agent_tasks t ON t.org_id = m.org_id AND t.id = m.task_id
LEFT JOIN users u ON u.org_id = m.org_id AND u.id = m.handled_by_user_id
ORDER BY p.place;

/* Our message that a reply answers: the handed-over text, else the current one. */
/* @name answeredTouch @prepared */
SELECT d.id AS "draft_id?", d.subject, d.body AS "body?", q.sent_at, q.step_number, q.channel, c.slug AS campaign_slug,
       c.name AS campaign_name
FROM sales_send_queue q
JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id
LEFT JOIN send_attempts s ON s.org_id = q.org_id AND s.queue_id = q.id AND s.id = :attempt_id::uuid
LEFT JOIN staged_drafts d ON d.org_id = q.org_id AND d.queue_id = q.id AND d.id = coalesce(s.draft_id, q.staged_draft_id)
WHERE q.org_id = :org_id! AND q.id = :queue_id!;

/* Our messages to a lead, latest first: a reply may quote any of them. */
/* @name sentTexts */
SELECT coalesce(d.subject, '') AS "subject!", d.body AS "body!"
FROM sales_send_queue q
JOIN send_attempts a ON a.org_id = q.org_id AND a.queue_id = q.id AND a.stage::text IN ('accepted', 'unknown', 'data')
JOIN staged_drafts d ON d.org_id = a.org_id AND d.id = a.draft_id
WHERE q.org_id = :org_id! AND q.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!))
ORDER BY a.started_at DESC
LIMIT :limit!;

/* @name inboundSource @prepared */
SELECT CASE WHEN :whole!::boolean THEN raw END AS raw, kept_until FROM inbound_sources WHERE org_id = :org_id! AND inbound_id = :inbound_id!;

/* Events of the lead after a reply, up to the lead's next message. */
/* @name eventsAfterAnswer @prepared */
SELECT v.*, c.slug AS "campaign_slug?", c.name AS "campaign_name?"
FROM cadence_event_log v
LEFT JOIN campaigns c ON c.org_id = v.org_id AND c.id = v.campaign_id
WHERE v.org_id = :org_id! AND v.lead_id = :lead_id! AND v.timestamp >= :since!
  AND v.timestamp < coalesce(
    (SELECT m.created_at FROM inbound_messages m
     WHERE m.org_id = :org_id! AND m.lead_id = :lead_id! AND m.id > :inbound_id! ORDER BY m.id LIMIT 1), 'infinity')
  AND v.event_type::text = ANY (:event_types!::text[])
ORDER BY v.timestamp, v.id
LIMIT :limit!;

/* Records the intent of a reply. Only a person replaces what a person recorded. */
/* @name handleInbound */
UPDATE inbound_messages
SET intent = :intent!, intent_source = :intent_source!::intent_source, intent_certain = true, return_date = :return_date,
    note = :note, handled_at = :now!, handled_by_user_id = :user_id, handled_by_agent = :agent_id
WHERE org_id = :org_id! AND id = :id! AND (:intent_source!::intent_source = 'person' OR intent_source IS DISTINCT FROM 'person')
RETURNING id;

/* The lead that a person made of a suggestion, by its address. */
/* @name linkSuggestedLead */
UPDATE inbound_messages m SET suggested_lead_id = d.lead_id
FROM lead_addresses d
WHERE m.org_id = :org_id! AND m.id = :id! AND m.suggested_lead_id IS NULL
  AND d.org_id = :org_id! AND d.kind = 'email' AND d.until IS NULL AND d.value_key = lower(:email!::text)
RETURNING m.id;

/* Open enrollments of the lead, to pause or to postpone. */
/* @name openEnrollmentsOfLead */
SELECT e.id, e.lead_id, e.campaign_id, e.status, e.current_step, e.next_send_at, e.paused_reason, e.paused_until, e.wake,
       e.play_id, e.originating_proposal_id, c.sequence_type, c.slug, c.owner_role
FROM campaign_contacts e JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
WHERE e.org_id = :org_id! AND e.lead_id = :lead_id! AND e.status::text IN ('active', 'paused')
ORDER BY e.enrolled_at DESC, e.id;

/* @name postponeEnrollments */
UPDATE campaign_contacts SET next_send_at = :until!
WHERE org_id = :org_id! AND lead_id = :lead_id! AND status::text IN ('active', 'paused') AND next_send_at < :until!
RETURNING id;

/* Postpones open touches that no attempt has begun. They are due at that time, not earlier. */
/* @name postponeItems */
UPDATE sales_send_queue
SET scheduled_at = :until!, due_at = greatest(due_at, :until!), deferred_reason = NULL, deferred_policy_version = NULL,
    deferred_detail = NULL
WHERE org_id = :org_id! AND lead_id = :lead_id! AND status::text IN ('pending', 'drafted', 'approved', 'held')
  AND scheduled_at < :until!
RETURNING enrollment_id;

/* Postpones pending requests. They are decided at that time, not earlier. */
/* @name postponeRequests */
UPDATE sequence_requests SET held_until = :until!, wake = 'at_until'
WHERE org_id = :org_id! AND lead_id = :lead_id! AND status::text IN ('held', 'queued')
  AND (held_until IS NULL OR held_until < :until!);

/* @name hasWaitingRequests */
SELECT EXISTS (
  SELECT FROM sequence_requests r
  WHERE r.org_id = :org_id! AND r.lead_id = :lead_id! AND r.status::text IN ('held', 'queued')) AS "waiting!";

/* Ends the pause that a reply caused. A message of unknown delivery keeps the lead paused. */
/* @name resumeAnsweredLead */
UPDATE leads l
SET cadence_paused_at = CASE WHEN u.is_unknown THEN l.cadence_paused_at END,
    cadence_pause_reason = CASE WHEN u.is_unknown THEN 'send_unknown' END, updated_at = :now!
FROM (SELECT EXISTS (
        SELECT FROM sales_send_queue q
        WHERE q.org_id = :org_id! AND q.lead_id = :id! AND q.status::text = 'unknown') AS is_unknown) u
WHERE l.org_id = :org_id! AND l.id = :id! AND l.cadence_pause_reason = 'reply'
RETURNING l.id;

/* Leases a folder that no process reads. */
/* @name leaseCursor */
INSERT INTO mailbox_cursors AS c (org_id, mailbox_id, folder, reader_id, process_id, lease_until, updated_at)
VALUES (:org_id!, :mailbox_id!, :folder!, :reader_id!, :process_id, :lease_until!, :now!)
ON CONFLICT (org_id, mailbox_id, folder) DO UPDATE
SET reader_id = excluded.reader_id, process_id = excluded.process_id, lease_until = excluded.lease_until, updated_at = excluded.updated_at
WHERE c.lease_until IS NULL OR c.lease_until <= :now! OR c.reader_id = :reader_id! OR process_is_gone(c.process_id)
RETURNING c.uid_validity, c.last_uid, c.error;

/* @name renewLease */
UPDATE mailbox_cursors SET lease_until = :lease_until!
WHERE org_id = :org_id! AND mailbox_id = :mailbox_id! AND folder = :folder! AND reader_id = :reader_id!
RETURNING folder;

/* @name endLease */
UPDATE mailbox_cursors SET reader_id = NULL, process_id = NULL, lease_until = NULL, error = :error
WHERE org_id = :org_id! AND mailbox_id = :mailbox_id! AND folder = :folder! AND reader_id = :reader_id!;

/* The position never moves back. */
/* @name advanceCursor */
INSERT INTO mailbox_cursors AS c (org_id, mailbox_id, folder, uid_validity, last_uid, updated_at)
VALUES (:org_id!, :mailbox_id!, :folder!, :uid_validity!, :last_uid!, :now!)
ON CONFLICT (org_id, mailbox_id, folder) DO UPDATE
SET uid_validity = excluded.uid_validity, last_uid = excluded.last_uid, updated_at = excluded.updated_at, error = NULL
WHERE c.uid_validity IS DISTINCT FROM excluded.uid_validity OR c.last_uid < excluded.last_uid;

/* @name markReadable */
UPDATE mailbox_cursors SET error = NULL
WHERE org_id = :org_id! AND mailbox_id = :mailbox_id! AND folder = :folder! AND error IS NOT NULL;

/* When a lead wrote, from the address to which touches go, that they left the company or are the wrong person: as a rule or
   a person read it. */
/* @name leftCompanyAt */
SELECT max(m.received_at) AS "left_company_at?" FROM leads l
JOIN inbound_messages m ON m.org_id = l.org_id AND m.lead_id = l.id AND lower(m.from_address) = l.email_key
  AND (m.reason::text = 'left_company' OR (m.intent::text = 'wrong_person' AND m.intent_source::text = 'person'))
WHERE l.org_id = :org_id! AND l.id = :id!;
