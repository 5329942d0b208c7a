/* Due writes of one rank, each the oldest of its queue, and none while another of its person is claimed. People wait for their
   company; opt-outs do not. Claimed until `lease_until`. `real_now` is the server's clock, since a CRM refuses notes dated ahead. */
/* @name claimCrmWrites */
WITH due AS MATERIALIZED (
  SELECT w.id, w.is_uncertain FROM crm_writes w
  WHERE w.org_id = :org_id! AND w.status = 'pending' AND w.rank = :rank! AND w.next_at <= :now!
    AND NOT EXISTS (
      SELECT FROM crm_writes b
      WHERE b.org_id = w.org_id AND b.lead_id = w.lead_id AND b.settled_at IS NULL
        AND ((b.rank, b.id) < (w.rank, w.id) OR b.id <> w.id AND b.claim_id IS NOT NULL AND b.next_at > :now))
    AND NOT EXISTS (
      SELECT FROM crm_writes b
      WHERE b.org_id = w.org_id AND b.account_id = w.account_id AND b.settled_at IS NULL AND b.id < w.id)
    AND (w.kind <> 'person' OR NOT EXISTS (
      SELECT FROM leads l JOIN crm_writes b ON b.org_id = l.org_id AND b.account_id = l.account_id AND b.settled_at IS NULL
      WHERE l.org_id = w.org_id AND l.id = w.lead_id))
  ORDER BY w.next_at, w.id LIMIT :limit!
  FOR UPDATE OF w SKIP LOCKED
)
UPDATE crm_writes w
SET attempt_count = w.attempt_count + 1, next_at = :lease_until!, claim_id = :claim_id!, process_id = :process_id, is_uncertain = true
FROM due
WHERE w.org_id = :org_id AND w.id = due.id
RETURNING w.*, due.is_uncertain AS was_uncertain, clock_timestamp() AS "real_now!";

/* Everything about the subject that a write needs, as it is now. */
/* @name crmWriteFacts */
SELECT w.id, l.email, l.first_name, l.last_name, l.title, l.phone, l.crm_contact_id,
  l.opt_out_flag OR l.unsubscribe_flag AS is_opted_out,
  ARRAY(SELECT d.value FROM lead_addresses d
        WHERE d.org_id = l.org_id AND d.lead_id = l.id AND d.kind = 'email' AND d.until IS NULL
        ORDER BY d.is_primary DESC, d.since, d.id LIMIT 20) AS "email_addresses!",
  a.name AS "account_name?", a.domain, a.crm_account_id,
  e.id AS "enrollment_id?", e.exit_reason, c.name AS "campaign_name?", e.enrolled_at AS "enrolled_at?",
  u.email AS "owner_email?", u.id AS "owner_user_id?",
  o.id AS "opportunity_id?", o.crm_deal_id, o.stage AS "opportunity_stage?",
  t.channel AS "channel?", t.touched_at AS "touched_at?", t.outcome AS "outcome?", q.step_number AS "step_number?",
  coalesce(s.context ->> 'content_type', p.content_type::text) AS "content_type",
  m.received_at AS "received_at?", m.intent,
  CASE WHEN w.kind = 'erasure' THEN ARRAY(
    SELECT n.record_id FROM crm_writes n
    WHERE n.org_id = w.org_id AND n.lead_id = w.lead_id AND n.kind IN ('touch', 'reply') AND n.record_id IS NOT NULL ORDER BY n.id)
  ELSE '{}' END AS "note_ids!",
  CASE WHEN w.kind = 'erasure' THEN ARRAY(
    SELECT d.crm_deal_id FROM opportunities d
    WHERE d.org_id = w.org_id AND d.lead_id = w.lead_id AND d.crm_deal_id IS NOT NULL ORDER BY d.id)
  ELSE '{}' END AS "deal_ids!"
FROM crm_writes w
LEFT JOIN leads l ON l.org_id = w.org_id AND l.id = w.lead_id
LEFT JOIN accounts a ON a.org_id = w.org_id AND a.id = coalesce(w.account_id, l.account_id)
LEFT JOIN touches t ON w.kind = 'touch' AND t.org_id = w.org_id AND t.id = w.subject_id
LEFT JOIN sales_send_queue q ON q.org_id = t.org_id AND q.id = t.queue_id
LEFT JOIN staged_drafts s ON s.org_id = q.org_id AND s.id = q.staged_draft_id
LEFT JOIN campaign_sequences p ON p.org_id = q.org_id AND p.campaign_id = q.campaign_id AND p.step_number = q.step_number
LEFT JOIN inbound_messages m ON w.kind = 'reply' AND m.org_id = w.org_id AND m.id = w.subject_id
LEFT JOIN campaign_contacts e ON e.org_id = w.org_id
  AND e.id = CASE w.kind WHEN 'touch' THEN t.enrollment_id WHEN 'reply' THEN m.enrollment_id ELSE w.subject_id END
LEFT JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
LEFT JOIN users u ON u.org_id = w.org_id AND u.id = lead_owner(w.org_id, w.lead_id)
LEFT JOIN opportunities o ON w.kind = 'deal' AND o.org_id = w.org_id AND o.enrollment_id = w.subject_id AND o.source = 'crm'
WHERE w.org_id = :org_id! AND w.id = :id!
ORDER BY o.id LIMIT 1;

/* Only the latest claimant writes. The CRM's words may name the person, so none are kept about a deleted lead. */
/* @name settleCrmWrite */
UPDATE crm_writes
SET status = :status!::crm_write_status, settled_at = CASE WHEN :status::crm_write_status IN ('pending', 'refused') THEN NULL ELSE :now!::timestamptz END,
    next_at = coalesce(:next_at, next_at), claim_id = NULL, process_id = NULL, is_uncertain = :is_uncertain!,
    attempt_count = attempt_count - :uncounted!::int, record_id = coalesce(:record_id, record_id), last_code = :last_code, last_path = :last_path,
    last_message = CASE WHEN EXISTS (SELECT FROM leads l WHERE l.org_id = :org_id! AND l.id = lead_id AND l.erased_at IS NOT NULL)
      THEN NULL ELSE :last_message END
WHERE org_id = :org_id! AND id = :id! AND claim_id = :claim_id!
RETURNING id;

/* @name lockCrmWriteLead */
SELECT id FROM leads WHERE org_id = :org_id! AND id = :lead_id! FOR NO KEY UPDATE;

/* The CRM's record of a person. If another lead has it, both are one person: the coordinator merges them. */
/* @name linkCrmPerson */
WITH other AS MATERIALIZED (
  SELECT o.id FROM leads o WHERE o.org_id = :org_id! AND o.crm_contact_id = :record_id! AND o.id <> :lead_id!
), suggested AS (
  INSERT INTO lead_merge_suggestions (org_id, lead_id, other_lead_id, reason, found_at)
  SELECT :org_id!, least(o.id, :lead_id!::uuid), greatest(o.id, :lead_id!::uuid), 'same_crm_record', :now! FROM other o
  ON CONFLICT DO NOTHING
)
UPDATE leads SET crm_contact_id = :record_id!, updated_at = :now!
WHERE org_id = :org_id! AND id = :lead_id! AND crm_contact_id IS DISTINCT FROM :record_id! AND erased_at IS NULL AND merged_into_id IS NULL
  AND NOT EXISTS (SELECT FROM other)
RETURNING id;

/* @name linkCrmCompany */
UPDATE accounts SET crm_account_id = :record_id!, updated_at = :now!
WHERE org_id = :org_id! AND id = :account_id! AND crm_account_id IS DISTINCT FROM :record_id!
RETURNING id;

/* The deal of an enrollment moves forward; a closed one, and one that a person closed, stays. */
/* @name advanceCrmOpportunity */
UPDATE opportunities
SET stage = :stage!::opportunity_stage, updated_at = :now!,
    closed_at = CASE WHEN :stage::opportunity_stage IN ('won', 'lost') THEN greatest(opened_at, :now!::timestamptz) END,
    lost_reason = CASE WHEN :stage::opportunity_stage = 'lost' THEN :lost_reason::text END
WHERE org_id = :org_id! AND id = :id! AND stage < :stage::opportunity_stage AND stage NOT IN ('won', 'lost')
RETURNING id;

/* @name keepCrmActors */
INSERT INTO crm_actors (org_id, actor_id, since)
SELECT :org_id!, a, :now! FROM unnest(:actor_ids!::text[]) a
ON CONFLICT DO NOTHING;

/* Newest first; refused ones on request. */
/* @name listCrmWrites */
SELECT w.id, w.kind, w.part, w.lead_id, w.account_id, w.status, w.attempt_count, w.occurred_at, w.next_at, w.settled_at, w.record_id,
  w.last_code, w.last_path, w.last_message, w.skip_reason, w.decided_by_user_id, u.name AS "decided_by_name?",
  l.email AS "lead_email?", a.name AS "account_name?",
  (SELECT count(*)::int FROM crm_writes b
   WHERE b.org_id = w.org_id AND w.status = 'refused' AND b.lead_id = w.lead_id AND b.status = 'pending') AS "waiting_count!"
FROM crm_writes w
LEFT JOIN leads l ON l.org_id = w.org_id AND l.id = w.lead_id
LEFT JOIN accounts a ON a.org_id = w.org_id AND a.id = w.account_id
LEFT JOIN users u ON u.org_id = w.org_id AND u.id = w.decided_by_user_id
WHERE w.org_id = :org_id! AND (:before_id::uuid IS NULL OR w.id < :before_id)
  AND (:status::crm_write_status IS NULL OR w.status = :status)
  AND (:lead_ids::uuid[] IS NULL OR w.lead_id = ANY (:lead_ids))
ORDER BY w.id DESC LIMIT :limit!;

/* @name countCrmWrites */
SELECT count(*) FILTER (WHERE status = 'pending')::int AS "pending_count!", count(*) FILTER (WHERE status = 'refused')::int AS "refused_count!",
  min(occurred_at) FILTER (WHERE status = 'pending') AS oldest_pending_at
FROM crm_writes WHERE org_id = :org_id! AND settled_at IS NULL;

/* @name lockCrmWrite */
SELECT * FROM crm_writes WHERE org_id = :org_id! AND id = :id! FOR NO KEY UPDATE;

/* @name retryCrmWrite */
UPDATE crm_writes SET status = 'pending', next_at = :now!, decided_by_user_id = :user_id!
WHERE org_id = :org_id! AND id = :id! AND status = 'refused' RETURNING id;

/* @name skipCrmWrite */
UPDATE crm_writes SET status = 'skipped', settled_at = :now!, skip_reason = :reason!, decided_by_user_id = :user_id!
WHERE org_id = :org_id! AND id = :id! AND status = 'refused' RETURNING id;

/* Deletions of the CRM's records that wait for an admin. */
/* @name erasuresToDecide */
SELECT id FROM crm_writes WHERE org_id = :org_id! AND lead_id = :lead_id! AND kind = 'erasure' AND status = 'refused' ORDER BY id;

/* Writes that a process had under way when it ended. A request may still be on its way for as long as one may take. */
/* @name freeCrmWritesOfProcesses */
WITH held AS MATERIALIZED (
  SELECT w.id FROM crm_writes w
  WHERE w.org_id = :org_id! AND w.process_id = ANY (:gone!::uuid[]) AND w.claim_id IS NOT NULL
  LIMIT :limit! FOR UPDATE SKIP LOCKED
)
UPDATE crm_writes w SET next_at = least(w.next_at, :due_at!::timestamptz), process_id = NULL
FROM held WHERE w.org_id = :org_id AND w.id = held.id;
