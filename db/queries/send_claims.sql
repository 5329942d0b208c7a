/* Approved touches that a mailbox may send now, earliest due first. Excludes touches with an open attempt, touches
   already in the ledger, and approvals after `approved_until`, which can still be withdrawn. Reads an item's details
   by key, one by one: with old statistics or few claims, a join may use only the organization and compare every
   candidate with every touch and enrollment. */
/* @name claimSendableItems */
SELECT q.*, e.sequence_type AS "sequence_type!", e.side AS "side!", e.owner_role AS "owner_role!", e.requested_by AS "requested_by!"
FROM sales_send_queue q
JOIN LATERAL (
  SELECT c.sequence_type, c.side, c.owner_role, k.requested_by
  FROM campaign_contacts k JOIN campaigns c ON c.org_id = k.org_id AND c.id = k.campaign_id AND c.status = 'active'
  WHERE k.org_id = q.org_id AND k.id = q.enrollment_id AND k.status = 'active' LIMIT 1) e ON true
WHERE q.org_id = :org_id! AND q.mailbox_id = :mailbox_id! AND q.status = 'approved' AND q.scheduled_at <= :now!
  AND NOT q.requires_personal_send
  AND (SELECT a.id FROM send_attempts a
       WHERE a.org_id = q.org_id AND a.queue_id = q.id AND a.stage IN ('intent', 'data')) IS NULL
  AND (SELECT t.id FROM touches t WHERE t.org_id = q.org_id AND t.queue_id = q.id AND t.outcome <> 'void') IS NULL
  AND coalesce(
    (SELECT p.approved_at FROM draft_approvals p
     WHERE p.org_id = q.org_id AND p.draft_id = q.staged_draft_id AND p.withdrawn_at IS NULL) <= :approved_until!, true)
ORDER BY q.scheduled_at, q.id
LIMIT :limit!
FOR UPDATE OF q SKIP LOCKED;

/* The same for touches deferred by an older policy, another time zone, or another limit: they are decided again early. */
/* @name claimDeferredItems */
SELECT q.*, e.sequence_type AS "sequence_type!", e.side AS "side!", e.owner_role AS "owner_role!", e.requested_by AS "requested_by!"
FROM sales_send_queue q
JOIN LATERAL (
  SELECT c.sequence_type, c.side, c.owner_role, k.requested_by
  FROM campaign_contacts k JOIN campaigns c ON c.org_id = k.org_id AND c.id = k.campaign_id AND c.status = 'active'
  WHERE k.org_id = q.org_id AND k.id = q.enrollment_id AND k.status = 'active' LIMIT 1) e ON true
WHERE q.org_id = :org_id! AND q.mailbox_id = :mailbox_id! AND q.deferred_policy_version < :policy_version!
  AND q.scheduled_at > :now!
  AND NOT q.requires_personal_send
  AND (SELECT a.id FROM send_attempts a
       WHERE a.org_id = q.org_id AND a.queue_id = q.id AND a.stage IN ('intent', 'data')) IS NULL
  AND coalesce(
    (SELECT p.approved_at FROM draft_approvals p
     WHERE p.org_id = q.org_id AND p.draft_id = q.staged_draft_id AND p.withdrawn_at IS NULL) <= :approved_until!, true)
ORDER BY q.deferred_policy_version, q.id
LIMIT :limit!
FOR UPDATE OF q SKIP LOCKED;

/* Claimed touches that still need a reservation, checked under their leads' locks. A reservation leaves the item's row
   unchanged, so a claim that began before the reservation committed does not notice it. */
/* @name unreservedItems */
SELECT q.id FROM sales_send_queue q
WHERE q.org_id = :org_id! AND q.id = ANY (:ids!::uuid[]) AND q.status = 'approved'
  AND (SELECT a.id FROM send_attempts a
       WHERE a.org_id = q.org_id AND a.queue_id = q.id AND a.stage IN ('intent', 'data')) IS NULL
  AND (SELECT t.id FROM touches t WHERE t.org_id = q.org_id AND t.queue_id = q.id AND t.outcome <> 'void') IS NULL;
