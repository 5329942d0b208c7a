/* Approved touches that are to leave from a mailbox now, the earliest due first; never one with an attempt under way, nor one
   that the ledger holds already, nor one whose approval came after `approved_until`: it can still be taken back. What belongs
   to an item is asked for by its key, one by one: a join may go by the org alone, while statistics are old or because few are
   claimed, and then compares every candidate with every touch and enrollment there ever was. */
/* @name claimSendableItems */
SELECT q.*, e.sequence_type AS "sequence_type!", e.side AS "side!", e.owner_role AS "owner_role!", e.requested_by AS "requested_by!"
FROM sales_send_queue q
JOIN LATERAL (
  SELECT c.sequence_type, c.side, c.owner_role, k.requested_by
  FROM campaign_contacts k JOIN campaigns c ON c.org_id = k.org_id AND c.id = k.campaign_id AND c.status = 'active'
  WHERE k.org_id = q.org_id AND k.id = q.enrollment_id AND k.status = 'active' LIMIT 1) e ON true
WHERE q.org_id = :org_id! AND q.mailbox_id = :mailbox_id! AND q.status = 'approved' AND q.scheduled_at <= :now!
  AND q.channel = 'email' AND NOT q.requires_personal_send
  AND (SELECT a.id FROM send_attempts a
       WHERE a.org_id = q.org_id AND a.queue_id = q.id AND a.stage IN ('intent', 'data')) IS NULL
  AND (SELECT t.id FROM touches t WHERE t.org_id = q.org_id AND t.queue_id = q.id AND t.outcome <> 'void') IS NULL
  AND coalesce(
    (SELECT p.approved_at FROM draft_approvals p
     WHERE p.org_id = q.org_id AND p.draft_id = q.staged_draft_id AND p.withdrawn_at IS NULL) <= :approved_until!, true)
ORDER BY q.scheduled_at, q.id
LIMIT :limit!
FOR UPDATE OF q SKIP LOCKED;

/* The same for touches that an older policy, another zone or another limit put off: they are asked again before their time. */
/* @name claimDeferredItems */
SELECT q.*, e.sequence_type AS "sequence_type!", e.side AS "side!", e.owner_role AS "owner_role!", e.requested_by AS "requested_by!"
FROM sales_send_queue q
JOIN LATERAL (
  SELECT c.sequence_type, c.side, c.owner_role, k.requested_by
  FROM campaign_contacts k JOIN campaigns c ON c.org_id = k.org_id AND c.id = k.campaign_id AND c.status = 'active'
  WHERE k.org_id = q.org_id AND k.id = q.enrollment_id AND k.status = 'active' LIMIT 1) e ON true
WHERE q.org_id = :org_id! AND q.mailbox_id = :mailbox_id! AND q.deferred_policy_version < :policy_version!
  AND q.scheduled_at > :now!
  AND q.channel = 'email' AND NOT q.requires_personal_send
  AND (SELECT a.id FROM send_attempts a
       WHERE a.org_id = q.org_id AND a.queue_id = q.id AND a.stage IN ('intent', 'data')) IS NULL
  AND coalesce(
    (SELECT p.approved_at FROM draft_approvals p
     WHERE p.org_id = q.org_id AND p.draft_id = q.staged_draft_id AND p.withdrawn_at IS NULL) <= :approved_until!, true)
ORDER BY q.deferred_policy_version, q.id
LIMIT :limit!
FOR UPDATE OF q SKIP LOCKED;

/* Which of these claimed touches still wait to be reserved, asked under their leads' locks: a reservation leaves the
   item's own row as it is, so a claim that began before one was committed does not notice it. */
/* @name unreservedItems */
SELECT q.id FROM sales_send_queue q
WHERE q.org_id = :org_id! AND q.id = ANY (:ids!::uuid[]) AND q.status = 'approved'
  AND (SELECT a.id FROM send_attempts a
       WHERE a.org_id = q.org_id AND a.queue_id = q.id AND a.stage IN ('intent', 'data')) IS NULL
  AND (SELECT t.id FROM touches t WHERE t.org_id = q.org_id AND t.queue_id = q.id AND t.outcome <> 'void') IS NULL;
