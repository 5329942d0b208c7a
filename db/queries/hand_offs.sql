/* Booked meetings and requested entries that no person has routed, longest waiting first. A separate statement reads the details, so they
   need no planning per call. */
/* @name handOffPage */
SELECT t.id FROM agent_tasks t
WHERE t.org_id = :org_id! AND t.claim_key = ANY ('{roles.exec meeting_booked,roles.exec entry_requested}') AND t.status IN ('open', 'claimed')
  AND (:lead_ids::uuid[] IS NULL OR t.lead_id = ANY (:lead_ids))
  AND (:after_id::uuid IS NULL OR (t.available_at, t.id) > (:after_time::timestamptz, :after_id))
ORDER BY t.available_at, t.id
LIMIT :limit!;

/* Routed meetings, latest first. */
/* @name routedHandOffPage */
SELECT t.id FROM agent_tasks t
WHERE t.org_id = :org_id! AND t.type IN ('meeting_booked', 'entry_requested') AND t.status = 'done'
  AND (:lead_ids::uuid[] IS NULL OR t.lead_id = ANY (:lead_ids))
  AND (:after_id::uuid IS NULL OR (t.finished_at, t.id) < (:after_time::timestamptz, :after_id))
ORDER BY t.finished_at DESC, t.id DESC
LIMIT :limit!;

/* Hand-offs with the enrollment that ended in the meeting, the suggestion of the campaign's exit map, and the
   beginning of the lead's last message. */
/* @name handOffsById @prepared */
SELECT t.id, t.type, t.status, t.lead_id, t.enrollment_id, t.result, t.created_at, t.available_at, t.finished_at,
       l.email AS lead_email, l.first_name, l.last_name, l.title, l.cadence_state, a.name AS "company?",
       (SELECT o.name FROM users o WHERE o.org_id = l.org_id AND o.id = owner_among(l.org_id, l.owner_user_id, a.owner_user_id)) AS "owner_name?",
       coalesce(l.icp_tier, a.icp_tier) AS "icp_tier?", coalesce(e.goal, (t.payload ->> 'goal')::goal) AS "goal?",
       coalesce(e.notes, t.payload ->> 'notes') AS "notes?", t.payload ->> 'requested_by' AS "requested_by?",
       g.display_name AS "requested_by_name?",
       c.slug AS "from_campaign_slug?", c.name AS "from_campaign_name?", s.slug AS "suggested_slug?",
       s.name AS "suggested_name?", m.id AS "inbound_id?", m.text AS "inbound_text?", m.note AS "inbound_note?",
       m.received_at AS "inbound_received_at?", u.name AS "decided_by_name?", k.name AS "requested_by_person?",
       v.timestamp AS "declined_at?", v.detail ->> 'reason' AS "declined_reason?", d.name AS "declined_by_name?"
FROM (
  SELECT w.*, w.payload ->> 'suggested_campaign' AS suggested_campaign, w.payload ->> 'requested_by' AS requested_by,
         (w.payload ->> 'request_id')::uuid AS request_id, p.place
  FROM unnest(:ids!::uuid[]) WITH ORDINALITY AS p (id, place)
  JOIN agent_tasks w ON w.org_id = :org_id! AND w.id = p.id AND w.type IN ('meeting_booked', 'entry_requested')
  -- Reads the value before the join: as a join condition, row-level security would keep the index unused.
  OFFSET 0
) t
JOIN leads l ON l.org_id = t.org_id AND l.id = t.lead_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN campaign_contacts e ON e.org_id = t.org_id AND e.id = t.enrollment_id
LEFT JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
LEFT JOIN campaigns s ON s.org_id = t.org_id AND s.slug = t.suggested_campaign
LEFT JOIN users u ON u.org_id = t.org_id AND u.id = t.decided_by_user_id
LEFT JOIN agents g ON g.org_id = t.org_id AND g.id = t.requested_by
LEFT JOIN sequence_requests r ON r.org_id = t.org_id AND r.id = t.request_id
LEFT JOIN users k ON k.org_id = r.org_id AND k.id = r.requested_by_user_id
-- An earlier request for the same campaign that a person declined.
LEFT JOIN LATERAL (
  SELECT e.timestamp, e.detail, e.actor_id FROM cadence_event_log e
  WHERE e.org_id = t.org_id AND e.lead_id = t.lead_id AND e.event_type::text = 'canceled' AND e.resolution = 'declined'
    AND e.campaign_id = s.id AND e.timestamp < t.created_at
  ORDER BY e.timestamp DESC, e.id DESC LIMIT 1
) v ON true
LEFT JOIN users d ON d.org_id = t.org_id AND d.id::text = v.actor_id
LEFT JOIN LATERAL (
  SELECT i.id, left(i.text, 2000) AS text, i.note, i.received_at FROM inbound_messages i
  WHERE i.org_id = t.org_id AND i.lead_id = t.lead_id AND i.kind_key = 'reply'
  ORDER BY i.id DESC LIMIT 1
) m ON true
ORDER BY t.place;

/* The request that opened a hand-off. */
/* @name requestOfHandOff */
SELECT r.id AS request_id, r.campaign_id, r.play_id, r.originating_proposal_id, c.sequence_type, r.requested_by, r.requested_by_user_id
FROM (SELECT (w.payload ->> 'request_id')::uuid AS request_id FROM agent_tasks w WHERE w.org_id = :org_id! AND w.id = :task_id! OFFSET 0) t
JOIN sequence_requests r ON r.org_id = :org_id! AND r.id = t.request_id
JOIN campaigns c ON c.org_id = r.org_id AND c.id = r.campaign_id;

/* Hand-offs of requested entries that await an executive, by lead. */
/* @name openEntries */
SELECT t.id, t.lead_id, (t.payload ->> 'request_id')::uuid AS "request_id?" FROM agent_tasks t
WHERE t.org_id = :org_id! AND t.lead_id = ANY (:lead_ids!::uuid[]) AND t.queue_id IS NULL AND t.type = 'entry_requested'
  AND t.status IN ('open', 'claimed') AND t.payload ->> 'suggested_campaign' = :campaign_slug!;

/* Results of routings: one task per campaign, with its request. */
/* @name routedTasks @prepared */
SELECT t.id, t.status, t.result, t.error, t.campaign_slug AS "campaign_slug!", c.name AS "campaign_name?",
       r.held_until AS "held_until?", r.wake AS "wake?"
FROM (
  -- Reads the join keys from the documents first: as join conditions, row-level security would keep the index unused.
  SELECT w.org_id, w.id, w.status, w.result, w.error, coalesce(w.payload ->> 'campaign', '') AS campaign_slug,
         (w.result ->> 'request_id')::uuid AS request_id
  FROM agent_tasks w
  WHERE w.org_id = :org_id! AND w.id = ANY (:ids!::uuid[]) AND w.type = 'enroll_contact'
  ORDER BY w.id
  LIMIT :limit!
) t
LEFT JOIN campaigns c ON c.org_id = t.org_id AND c.slug = t.campaign_slug
LEFT JOIN sequence_requests r ON r.org_id = t.org_id AND r.id = t.request_id
ORDER BY t.id;
