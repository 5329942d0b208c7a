/* Leads with an active or paused enrollment, by id, in pages of any number. The index campaign_contacts_active_uniq
   contains exactly these rows in this order. */
/* @name listEnrolledLeads */
SELECT DISTINCT lead_id FROM campaign_contacts
WHERE org_id = :org_id! AND status IN ('active', 'paused') AND lead_id > :after!::uuid
ORDER BY lead_id
LIMIT :limit!;

/* cap_warning: this many touches in the window, counted as the gate counts them, and an enrollment that could add the
   next. A touch with an open outcome counts at any age. */
/* @name leadsWithTouches */
SELECT l.id AS lead_id
FROM leads l
WHERE l.org_id = :org_id! AND l.id = ANY (:lead_ids!::uuid[])
  AND EXISTS (
    SELECT FROM campaign_contacts e JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
    WHERE e.org_id = l.org_id AND e.lead_id = l.id AND e.status = 'active' AND c.sequence_type <> 'transactional')
  AND :touch_count!::bigint = (
    SELECT count(*) FROM touches k
    WHERE k.org_id = l.org_id AND k.lead_id = l.id AND k.counts
      AND (k.outcome = 'reserved' OR k.touched_at > :touched_after!));

/* concurrency: active enrollments of both sales and marketing. */
/* @name leadsWithBothSides */
SELECT e.lead_id
FROM campaign_contacts e JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
WHERE e.org_id = :org_id! AND e.lead_id = ANY (:lead_ids!::uuid[]) AND e.status = 'active'
  AND c.sequence_type <> 'transactional' AND c.side IN ('sales', 'marketing')
GROUP BY e.lead_id
HAVING count(DISTINCT c.side) = 2;

/* stall: no event since :quiet_since, although work was possible the whole time. A wait for a known later instant (the
   next step by design, the end of a hold, a retry) is not a stall; neither is a lead or a campaign that a person
   paused. */
/* @name stalledLeads */
SELECT l.id AS lead_id, coalesce(v.timestamp, w.enrolled_at) AS "last_activity_at!", w.waits_on AS "waits_on!"
FROM leads l
JOIN LATERAL (
  SELECT max(e.enrolled_at) AS enrolled_at,
         (array_agg(coalesce(q.status::text, 'due') ORDER BY e.enrolled_at, e.id))[1] AS waits_on
  FROM campaign_contacts e
  JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id AND c.status = 'active'
  LEFT JOIN sales_send_queue q ON q.org_id = e.org_id AND q.id = e.open_queue_id
  WHERE e.org_id = l.org_id AND e.lead_id = l.id AND e.status = 'active'
    AND coalesce(CASE WHEN q.id IS NULL THEN e.next_send_at WHEN q.status = 'held' THEN q.held_until
                      ELSE q.scheduled_at END, '-infinity') <= :quiet_since!
) w ON w.enrolled_at IS NOT NULL
LEFT JOIN LATERAL (
  SELECT g.timestamp FROM cadence_event_log g
  WHERE g.org_id = l.org_id AND g.lead_id = l.id
  ORDER BY g.timestamp DESC LIMIT 1
) v ON true
WHERE l.org_id = :org_id! AND l.id = ANY (:lead_ids!::uuid[]) AND l.cadence_paused_at IS NULL
  AND coalesce(v.timestamp, w.enrolled_at) <= :quiet_since;

/* routing_error: a T3 lead with sales on it: enrolled, queued, or requested since :asked_after. */
/* @name misroutedLeads */
SELECT l.id AS lead_id
FROM leads l LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
WHERE l.org_id = :org_id! AND l.id = ANY (:lead_ids!::uuid[])
  AND coalesce(l.icp_tier, a.icp_tier, :unknown_tier!::icp_tier) = 'T3'
  AND l.id IN (
    SELECT e.lead_id FROM campaign_contacts e JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
    WHERE e.org_id = :org_id AND e.lead_id = ANY (:lead_ids) AND e.status IN ('active', 'paused')
      AND c.side = 'sales' AND c.sequence_type <> 'transactional'
    UNION ALL
    SELECT r.lead_id FROM sequence_requests r JOIN campaigns c ON c.org_id = r.org_id AND c.id = r.campaign_id
    WHERE r.org_id = :org_id AND r.lead_id = ANY (:lead_ids) AND c.side = 'sales'
      AND c.sequence_type <> 'transactional'
      AND (r.status IN ('held', 'queued') OR r.created_at > :asked_after!));

/* send_unknown: delivery is unknown, or a person confirmed "not sent" and the server later reported that it had
   accepted the message. */
/* @name unknownItems */
SELECT q.id FROM sales_send_queue q
LEFT JOIN LATERAL (
  SELECT e.id FROM cadence_event_log e
  WHERE e.org_id = q.org_id AND e.lead_id = q.lead_id AND e.queue_id = q.id AND e.event_type = 'late_reply'
    AND e.resolution = 'accepted'
  ORDER BY e.timestamp DESC
  LIMIT 1
) late ON q.status NOT IN ('unknown', 'sent')
WHERE q.org_id = :org_id! AND q.id = ANY (:ids!::uuid[]) AND (q.status = 'unknown' OR late.id IS NOT NULL);

/* backlog: paused leads, or leads with a paused enrollment, with their owner; by id, in pages. Both parts are cut to
   the page size, so the page has the lowest ids of both together. */
/* @name listPausedLeads */
SELECT p.lead_id AS "lead_id!", u.id AS "owner_user_id?"
FROM (
  SELECT s.lead_id FROM (
    (SELECT DISTINCT e.lead_id FROM campaign_contacts e
     WHERE e.org_id = :org_id! AND e.status = 'paused' AND e.lead_id > :after!::uuid
     ORDER BY e.lead_id LIMIT :limit!)
    UNION
    (SELECT k.id FROM leads k
     WHERE k.org_id = :org_id AND k.cadence_paused_at IS NOT NULL AND k.id > :after
     ORDER BY k.id LIMIT :limit)
  ) s ORDER BY s.lead_id LIMIT :limit
) p
LEFT JOIN users u ON u.org_id = :org_id AND u.id = lead_owner(:org_id, p.lead_id)
ORDER BY p.lead_id;

/* active_play_drift: the number of active plays. */
/* @name countActivePlays */
SELECT count(*)::int AS "play_count!" FROM sales_play_library WHERE org_id = :org_id! AND state = 'active';

/* message_invalid: the text is unchanged, and its enrollment is still paused for it. */
/* @name unbuiltItems */
SELECT q.id FROM sales_send_queue q
JOIN campaign_contacts e ON e.org_id = q.org_id AND e.id = q.enrollment_id
WHERE q.org_id = :org_id! AND q.id = ANY (:ids!::uuid[]) AND q.status = 'failed'
  AND e.status = 'paused' AND e.paused_reason = 'message_invalid';

/* send_unassigned: manual sends that still have no person. */
/* @name stillUnassigned */
SELECT q.id FROM sales_send_queue q
WHERE q.org_id = :org_id! AND q.id = ANY (:ids!::uuid[]) AND q.assigned_to_user_id IS NULL
  AND q.status IN ('drafted', 'approved', 'held');

/* lead_unreachable: the enrollment still waits for the address. */
/* @name stillOutOfReach */
SELECT e.id FROM campaign_contacts e
WHERE e.org_id = :org_id! AND e.id = ANY (:ids!::uuid[]) AND e.status = 'paused' AND e.paused_reason = 'unreachable';
