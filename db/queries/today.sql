/* Pending work, each kind counted up to a limit by the index that contains exactly that work. Of the open flags,
   `mine` are those addressed to the user, to one of the user's roles, or notified to the user. Of the plays under
   review, `mine` are those that lack the approval of one of the user's roles, unless the user approved for the other
   role: it takes two people. */
/* @name countWaiting @prepared */
SELECT
  (SELECT count(*)::int FROM (
     SELECT 1 FROM decidable_items(:org_id!, :user_id!) k ORDER BY k.scheduled_at, k.id LIMIT :limit!) w) AS "drafts!",
  (SELECT count(*)::int FROM (
     SELECT 1 FROM sales_send_queue q
     WHERE q.org_id = :org_id! AND q.requires_personal_send AND q.status IN ('drafted', 'approved')
     ORDER BY q.scheduled_at, q.id LIMIT :limit!) w) AS "personal_sends!",
  (SELECT count(*)::int FROM (
     SELECT 1 FROM inbound_messages m WHERE m.org_id = :org_id! AND m.handled_at IS NULL
     ORDER BY m.id LIMIT :limit!) w) AS "replies!",
  (SELECT count(*)::int FROM (
     SELECT 1 FROM agent_tasks t
     WHERE t.org_id = :org_id! AND t.claim_key = ANY ('{roles.exec meeting_booked,roles.exec entry_requested}') AND t.status IN ('open', 'claimed')
     ORDER BY t.available_at, t.id LIMIT :limit!) w) AS "hand_offs!",
  (SELECT count(*)::int FROM (
     SELECT 1 FROM agent_tasks t WHERE t.org_id = :org_id! AND t.status = 'failed'
     ORDER BY t.id LIMIT :limit!) w) AS "dead_ends!",
  (SELECT count(*)::int FROM (
     SELECT 1 FROM sales_send_queue q WHERE q.org_id = :org_id! AND q.status = 'held'
     ORDER BY q.scheduled_at, q.id LIMIT :limit!) w) AS "held!",
  (SELECT count(*)::int FROM (
     SELECT 1 FROM sales_send_queue q WHERE q.org_id = :org_id! AND q.status = 'unknown'
     ORDER BY q.scheduled_at, q.id LIMIT :limit!) w) AS "unknown!",
  (SELECT count(*)::int FROM (
     SELECT 1 FROM send_attempts s WHERE s.org_id = :org_id! AND s.stage IN ('intent', 'data')
     ORDER BY s.lease_until LIMIT :limit!) w) AS "sending!",
  (SELECT s.lease_until FROM send_attempts s WHERE s.org_id = :org_id! AND s.stage IN ('intent', 'data')
   ORDER BY s.lease_until LIMIT 1) AS "sending_until?",
  (SELECT count(*)::int FROM (
     SELECT 1 FROM notifications n
     WHERE n.org_id = :org_id! AND n.to_user_id = :user_id! AND n.read_at IS NULL
     ORDER BY n.id LIMIT :limit!) w) AS "notifications!",
  f.open AS "flags!", f.mine AS "own_flags!", r.open AS "plays_reviewed!", r.mine AS "plays!"
FROM (
  SELECT count(*)::int AS open,
         count(*) FILTER (
           WHERE w.for_user_id = :user_id! OR w.for_role = ANY (:roles!::user_role[])
              OR EXISTS (SELECT FROM notifications n
                         WHERE n.org_id = :org_id! AND n.flag_id = w.id AND n.to_user_id = :user_id!))::int AS mine
  FROM (
    SELECT g.id, g.for_user_id, g.for_role FROM flags g WHERE g.org_id = :org_id! AND g.resolved_at IS NULL
    ORDER BY g.id DESC LIMIT :limit!) w
) f, (
  SELECT count(*)::int AS open,
         count(*) FILTER (
           WHERE 'slm' = ANY (:roles!::user_role[]) AND w.slm_approver_user_id IS NULL
                 AND w.revops_approver_user_id IS DISTINCT FROM :user_id!
              OR 'revops' = ANY (:roles!::user_role[]) AND w.revops_approver_user_id IS NULL
                 AND w.slm_approver_user_id IS DISTINCT FROM :user_id!)::int AS mine
  FROM (
    SELECT p.slm_approver_user_id, p.revops_approver_user_id FROM sales_play_library p
    WHERE p.org_id = :org_id! AND p.state = 'under_review'
    ORDER BY p.created_at DESC, p.play_id DESC LIMIT :limit!) w
) r;

/* The longest waiting item of each kind. */
/* @name firstWaiting @prepared */
SELECT k.kind AS "kind!", k.id AS "id!", k.since AS "since!", k.lead_id AS "lead_id?", k.from_address AS "from_address?",
       l.email AS "lead_email?", l.first_name AS "first_name?", l.last_name AS "last_name?", a.name AS "company?",
       c.name AS "campaign_name?"
FROM (
  (SELECT 'drafts' AS kind, k.id, k.scheduled_at AS since, k.lead_id, k.campaign_id, NULL AS from_address
   FROM decidable_items(:org_id!, :user_id!) k
   ORDER BY k.scheduled_at, k.id LIMIT 1)
  UNION ALL
  (SELECT 'personal_sends', q.id, q.scheduled_at, q.lead_id, q.campaign_id, NULL
   FROM sales_send_queue q
   WHERE q.org_id = :org_id! AND q.requires_personal_send AND q.status IN ('drafted', 'approved')
   ORDER BY q.scheduled_at, q.id LIMIT 1)
  UNION ALL
  (SELECT 'replies', m.id, m.received_at, m.lead_id, NULL, m.from_address
   FROM inbound_messages m WHERE m.org_id = :org_id! AND m.handled_at IS NULL
   ORDER BY m.id LIMIT 1)
  UNION ALL
  (SELECT 'hand_offs', t.id, t.created_at, t.lead_id, NULL, NULL
   FROM agent_tasks t
   WHERE t.org_id = :org_id! AND t.claim_key = ANY ('{roles.exec meeting_booked,roles.exec entry_requested}') AND t.status IN ('open', 'claimed')
   ORDER BY t.available_at, t.id LIMIT 1)
) k
LEFT JOIN leads l ON l.org_id = :org_id! AND l.id = k.lead_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN campaigns c ON c.org_id = :org_id! AND c.id = k.campaign_id;

/* The counts that follow the lead, for the leads of a scope. Begins with these leads: an owner has few of all. Warnings
   for one of the owners count too. */
/* @name countWaitingOfLeads */
SELECT i.*,
  (SELECT count(*)::int FROM decidable_items_of(:org_id!, :user_id!, :lead_ids!::uuid[]) k) AS "drafts!",
  (SELECT count(*)::int FROM manual_sends_of(:org_id!, :owner_user_ids!::uuid[], :lead_ids!::uuid[])) AS "personal_sends!",
  (SELECT count(*)::int FROM inbound_messages m
   WHERE m.org_id = :org_id! AND m.lead_id = ANY (:lead_ids!::uuid[]) AND m.handled_at IS NULL) AS "replies!",
  t.hand_offs AS "hand_offs!", t.dead_ends AS "dead_ends!", s.sending AS "sending!", s.sending_until AS "sending_until?",
  (SELECT count(*)::int FROM flags g
   WHERE g.org_id = :org_id! AND g.resolved_at IS NULL
     AND (g.lead_id = ANY (:lead_ids!) OR g.for_user_id = ANY (:owner_user_ids!::uuid[]))) AS "flags!"
FROM (
  SELECT count(*) FILTER (WHERE q.status = 'held')::int AS "held!",
         count(*) FILTER (WHERE q.status = 'unknown')::int AS "unknown!"
  FROM sales_send_queue q WHERE q.org_id = :org_id! AND q.lead_id = ANY (:lead_ids!)
) i, (
  -- No hand-off has a queue item.
  SELECT (SELECT count(*)::int FROM agent_tasks t
          WHERE t.org_id = :org_id! AND t.lead_id = ANY (:lead_ids!) AND t.queue_id IS NULL AND t.status IN ('open', 'claimed')
            AND t.claim_key IN ('roles.exec meeting_booked', 'roles.exec entry_requested')) AS hand_offs,
         (SELECT count(*)::int FROM agent_tasks t
          WHERE t.org_id = :org_id! AND t.lead_id = ANY (:lead_ids!) AND t.status = 'failed') AS dead_ends
) t, (
  SELECT count(*)::int AS sending, min(a.lease_until) AS sending_until
  FROM send_attempts a JOIN sales_send_queue q ON q.org_id = a.org_id AND q.id = a.queue_id
  WHERE a.org_id = :org_id! AND a.stage IN ('intent', 'data') AND q.lead_id = ANY (:lead_ids!)
) s;

/* The longest waiting item of each kind, of the leads of a scope. */
/* @name firstWaitingOfLeads */
SELECT DISTINCT ON (k.kind) k.kind AS "kind!", k.id AS "id!", k.since AS "since!", k.lead_id AS "lead_id?", k.from_address AS "from_address?",
       l.email AS "lead_email?", l.first_name AS "first_name?", l.last_name AS "last_name?", a.name AS "company?",
       c.name AS "campaign_name?"
FROM (
  SELECT 'drafts' AS kind, k.id, k.scheduled_at AS since, k.scheduled_at AS place, k.lead_id, k.campaign_id, NULL AS from_address
  FROM decidable_items_of(:org_id!, :user_id!, :lead_ids!::uuid[]) k
  UNION ALL
  SELECT 'personal_sends', k.id, k.scheduled_at, k.scheduled_at, k.lead_id, k.campaign_id, NULL
  FROM manual_sends_of(:org_id!, :owner_user_ids!::uuid[], :lead_ids!::uuid[]) k
  UNION ALL
  SELECT 'replies', m.id, m.received_at, NULL, m.lead_id, NULL, m.from_address
  FROM inbound_messages m WHERE m.org_id = :org_id! AND m.lead_id = ANY (:lead_ids!) AND m.handled_at IS NULL
  UNION ALL
  SELECT 'hand_offs', t.id, t.created_at, t.available_at, t.lead_id, NULL, NULL
  FROM agent_tasks t
  WHERE t.org_id = :org_id! AND t.lead_id = ANY (:lead_ids!) AND t.queue_id IS NULL AND t.status IN ('open', 'claimed')
    AND t.claim_key IN ('roles.exec meeting_booked', 'roles.exec entry_requested')
) k
LEFT JOIN leads l ON l.org_id = :org_id! AND l.id = k.lead_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN campaigns c ON c.org_id = :org_id! AND c.id = k.campaign_id
ORDER BY k.kind, k.place, k.id;

/* Messages sent in each of the 24 hours from a time, each hour counted up to a limit. */
/* @name sentByHour @prepared */
SELECT h.starts_at AS "starts_at!", s.count AS "count!"
FROM (
  SELECT :since!::timestamptz + n * interval '1 hour' AS starts_at,
         :since!::timestamptz + (n + 1) * interval '1 hour' AS ends_at
  FROM generate_series(0, 23) n OFFSET 0
) h
CROSS JOIN LATERAL (
  SELECT count(*)::int AS count FROM (
    SELECT 1 FROM sales_send_queue q
    WHERE q.org_id = :org_id! AND q.status = 'sent' AND q.sent_at > h.starts_at AND q.sent_at <= h.ends_at
    ORDER BY q.sent_at, q.id LIMIT :limit!) w
) s
ORDER BY h.starts_at;

/* How often the gate stopped something in each of the 24 hours from a time on, by reason (db/routines/reasons.sql). */
/* @name heldByHour @prepared */
SELECT starts_at AS "starts_at!", reason AS "reason!", count AS "count!"
FROM stopped_by_hour(:org_id!, :since!, :until!, :limit!);

/* The same two for the leads of a scope. */
/* @name sentByHourOfLeads */
SELECT h.starts_at AS "starts_at!", count(q.id)::int AS "count!"
FROM (SELECT :since!::timestamptz + n * interval '1 hour' AS starts_at FROM generate_series(0, 23) n) h
LEFT JOIN (
  SELECT i.id, i.sent_at FROM sales_send_queue i
  WHERE i.org_id = :org_id! AND i.lead_id = ANY (:lead_ids!::uuid[]) AND i.status = 'sent' AND i.sent_at > :since!
) q ON q.sent_at > h.starts_at AND q.sent_at <= h.starts_at + interval '1 hour'
GROUP BY h.starts_at
ORDER BY h.starts_at;

/* @name heldByHourOfLeads */
SELECT :since!::timestamptz + (ceil(extract(epoch FROM v.timestamp - :since!) / 3600) - 1) * interval '1 hour' AS "starts_at!",
       v.suppressed_reason AS "reason!", count(*)::int AS "count!"
FROM cadence_event_log v
WHERE v.org_id = :org_id! AND v.lead_id = ANY (:lead_ids!::uuid[]) AND v.timestamp > :since! AND v.timestamp <= :until!
  AND v.suppressed_reason IS NOT NULL
GROUP BY 1, 2
ORDER BY 1, 2;
