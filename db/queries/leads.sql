/* A lead by its id or any of its email addresses. The id of a merged lead finds the lead into which it was merged. */
/* @name getLead @prepared */
SELECT l.*, a.name AS "company?", a.domain AS "company_domain?", coalesce(a.abm_active, false) AS "abm_active!",
       coalesce(l.time_zone, a.time_zone, o.time_zone) AS "effective_time_zone!",
       coalesce(l.country, a.country) AS effective_country,
       coalesce(l.icp_tier, a.icp_tier) AS effective_icp_tier, coalesce(l.segment, a.segment) AS effective_segment,
       owner_among(l.org_id, l.owner_user_id, a.owner_user_id) AS effective_owner_user_id, w.name AS "owner_name?"
FROM (
  -- Computed first: a comparison with a function of a column rules out the index under row-level security.
  SELECT coalesce(m.merged_into_id, m.id) AS id
  FROM (
    SELECT :id::uuid AS id, 1 AS place WHERE :id IS NOT NULL
    UNION ALL
    SELECT d.lead_id, 2 FROM lead_addresses d
    WHERE d.org_id = :org_id! AND d.kind = 'email' AND d.until IS NULL AND d.value_key = lower(:key::text)
    UNION ALL
    SELECT d.lead_id, 2 FROM lead_addresses d
    WHERE d.org_id = :org_id! AND d.kind = 'linkedin' AND d.until IS NULL AND d.value_key = address_key('linkedin', :key)
    UNION ALL
    SELECT d.lead_id, 2 FROM lead_addresses d
    WHERE d.org_id = :org_id! AND d.kind = 'phone' AND d.until IS NULL AND d.value_key = :phone::text
    UNION ALL
    SELECT c.id, 3 FROM leads c WHERE c.org_id = :org_id! AND c.crm_contact_id = :key
  ) k
  JOIN leads m ON m.org_id = :org_id! AND m.id = k.id
  ORDER BY k.place LIMIT 1
) found
JOIN leads l ON l.org_id = :org_id! AND l.id = found.id
JOIN organizations o ON o.org_id = l.org_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN users w ON w.org_id = l.org_id AND w.id = owner_among(l.org_id, l.owner_user_id, a.owner_user_id);

/* Leads of a page, in index order. A separate statement reads the details, so they need no planning per call. */
/* @name leadPage */
SELECT x.id FROM leads x
WHERE x.org_id = :org_id!
  AND (:account_id::uuid IS NULL OR x.account_id = :account_id)
  AND (:cadence_state::cadence_state IS NULL OR x.cadence_state = :cadence_state)
  AND (:blocked::boolean IS NULL OR (x.unsubscribe_flag OR x.opt_out_flag) = :blocked)
  AND (:after_id::uuid IS NULL OR x.id > :after_id) AND x.merged_into_id IS NULL
ORDER BY x.id
LIMIT :limit!;

/* Leads of one tier: their own, or their account's where they have none. One index and up to a page each, because no
   index covers both. */
/* @name leadPageOfTier */
(SELECT x.id FROM leads x
 WHERE x.org_id = :org_id! AND x.icp_tier = :icp_tier! AND x.merged_into_id IS NULL
   AND (:account_id::uuid IS NULL OR x.account_id = :account_id)
   AND (:cadence_state::cadence_state IS NULL OR x.cadence_state = :cadence_state)
   AND (:blocked::boolean IS NULL OR (x.unsubscribe_flag OR x.opt_out_flag) = :blocked)
   AND (:after_id::uuid IS NULL OR x.id > :after_id)
 ORDER BY x.id LIMIT :limit!)
UNION ALL
(SELECT x.id FROM accounts y
 JOIN leads x ON x.org_id = y.org_id AND x.account_id = y.id AND x.icp_tier IS NULL
 WHERE y.org_id = :org_id! AND y.icp_tier = :icp_tier!
   AND (:account_id::uuid IS NULL OR x.account_id = :account_id)
   AND (:cadence_state::cadence_state IS NULL OR x.cadence_state = :cadence_state)
   AND (:blocked::boolean IS NULL OR (x.unsubscribe_flag OR x.opt_out_flag) = :blocked)
   AND (:after_id::uuid IS NULL OR x.id > :after_id)
 ORDER BY x.id LIMIT :limit!)
ORDER BY id
LIMIT :limit!;

/* Some of these leads. An owner has few among all leads, so their ids find them and the rest is a filter, the search text too. */
/* @name leadPageAmong */
SELECT x.id FROM leads x
LEFT JOIN accounts y ON y.org_id = x.org_id AND y.id = x.account_id
WHERE x.org_id = :org_id! AND x.id = ANY (:lead_ids!::uuid[]) AND x.merged_into_id IS NULL
  AND (:q_from::text IS NULL OR /* @each leads.search_keys */
    x.COLUMN COLLATE "C" >= lower(:q_from) AND x.COLUMN COLLATE "C" < lower(:q_to::text) OR
    /* @end */
    y.name_key >= lower(:q_from) AND y.name_key < lower(:q_to) OR
    EXISTS (SELECT FROM lead_addresses d WHERE d.org_id = x.org_id AND d.lead_id = x.id AND d.until IS NULL
      AND d.value_key >= lower(:q_from) AND d.value_key < lower(:q_to)))
  AND (:icp_tier::icp_tier IS NULL OR coalesce(x.icp_tier, y.icp_tier) = :icp_tier)
  AND (:segment::text IS NULL OR coalesce(x.segment, y.segment) = :segment)
  AND (:account_id::uuid IS NULL OR x.account_id = :account_id)
  AND (:cadence_state::cadence_state IS NULL OR x.cadence_state = :cadence_state)
  AND (:blocked::boolean IS NULL OR (x.unsubscribe_flag OR x.opt_out_flag) = :blocked)
  AND (:after_id::uuid IS NULL OR x.id > :after_id)
ORDER BY x.id
LIMIT :limit!;

/* Leads of one segment: their own, or their account's where they have none. One index and up to a page each. */
/* @name leadPageOfSegment */
(SELECT x.id FROM leads x
 WHERE x.org_id = :org_id! AND x.segment = :segment!
   AND (:icp_tier::icp_tier IS NULL OR x.icp_tier = :icp_tier OR x.icp_tier IS NULL AND EXISTS (
     SELECT 1 FROM accounts t WHERE t.org_id = x.org_id AND t.id = x.account_id AND t.icp_tier = :icp_tier))
   AND (:account_id::uuid IS NULL OR x.account_id = :account_id)
   AND (:cadence_state::cadence_state IS NULL OR x.cadence_state = :cadence_state)
   AND (:blocked::boolean IS NULL OR (x.unsubscribe_flag OR x.opt_out_flag) = :blocked)
   AND (:after_id::uuid IS NULL OR x.id > :after_id)
 ORDER BY x.id LIMIT :limit!)
UNION ALL
(SELECT x.id FROM accounts y
 JOIN leads x ON x.org_id = y.org_id AND x.account_id = y.id AND x.segment IS NULL
 WHERE y.org_id = :org_id! AND y.segment = :segment!
   AND (:icp_tier::icp_tier IS NULL OR coalesce(x.icp_tier, y.icp_tier) = :icp_tier)
   AND (:account_id::uuid IS NULL OR x.account_id = :account_id)
   AND (:cadence_state::cadence_state IS NULL OR x.cadence_state = :cadence_state)
   AND (:blocked::boolean IS NULL OR (x.unsubscribe_flag OR x.opt_out_flag) = :blocked)
   AND (:after_id::uuid IS NULL OR x.id > :after_id)
 ORDER BY x.id LIMIT :limit!)
ORDER BY id
LIMIT :limit!;

/* Leads of one segment among the next `ahead` leads in page order. This fills the page if one in ten has the segment. */
/* @name nextLeadsOfSegment @prepared */
SELECT x.id FROM (
  SELECT l.* FROM leads l WHERE l.org_id = :org_id! AND l.id > :after_id! ORDER BY l.id LIMIT :ahead!
) x
LEFT JOIN accounts a ON a.org_id = x.org_id AND a.id = x.account_id
WHERE coalesce(x.segment, a.segment) = :segment!
  AND (:icp_tier::icp_tier IS NULL OR coalesce(x.icp_tier, a.icp_tier) = :icp_tier)
  AND (:account_id::uuid IS NULL OR x.account_id = :account_id)
  AND (:cadence_state::cadence_state IS NULL OR x.cadence_state = :cadence_state)
  AND (:blocked::boolean IS NULL OR (x.unsubscribe_flag OR x.opt_out_flag) = :blocked)
ORDER BY x.id
LIMIT :limit!;

/* These leads, in the given order, with the columns that a list shows. Each value costs time to write, send, and read. */
/* @name leadsById @prepared */
SELECT /* @each leads.shown */ l.COLUMN, /* @end */
       a.name AS "company?", a.domain AS "company_domain?", coalesce(a.abm_active, false) AS "abm_active!",
       coalesce(l.time_zone, a.time_zone, o.time_zone) AS "effective_time_zone!",
       coalesce(l.icp_tier, a.icp_tier) AS effective_icp_tier, coalesce(l.segment, a.segment) AS effective_segment,
       owner_among(l.org_id, l.owner_user_id, a.owner_user_id) AS effective_owner_user_id, w.name AS "owner_name?"
FROM unnest(:ids!::uuid[]) WITH ORDINALITY AS p (id, place)
JOIN leads l ON l.org_id = :org_id! AND l.id = p.id
JOIN organizations o ON o.org_id = l.org_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN users w ON w.org_id = l.org_id AND w.id = owner_among(l.org_id, l.owner_user_id, a.owner_user_id)
ORDER BY p.place;

/* Changes only the fields that the patch names; null clears a field. The operation decides which fields are allowed;
   columns not listed here cannot change this way. */
/* @name patchLead */
UPDATE leads l SET
  (/* @each leads.patched */ COLUMN, /* @end */ intent_signals, updated_at) = (
    SELECT /* @each leads.patched */ p.COLUMN, /* @end */ coalesce(p.intent_signals, '{}'), :now!::timestamptz
    FROM jsonb_populate_record(l, :patch!::jsonb) p)
WHERE l.org_id = :org_id! AND l.id = :id!
RETURNING l.id;

/* Those of these leads whose address or domain is suppressed, apart from their own opt-outs. */
/* @name suppressedLeads @prepared */
SELECT l.id FROM leads l
WHERE l.org_id = :org_id! AND l.id = ANY (:lead_ids!::uuid[]) AND (EXISTS (
  SELECT FROM suppressions a
  WHERE a.org_id = :org_id! AND a.kind = 'address' AND a.lifted_at IS NULL AND a.value = ANY (address_with_mailbox(l.email_key))
    AND NOT coalesce(a.lead_id = ANY (ids_of_lead(l.org_id, l.id)), false)
) OR EXISTS (
  SELECT FROM suppressions d
  WHERE d.org_id = :org_id! AND d.kind = 'domain' AND d.lifted_at IS NULL AND d.value = ANY (domain_with_parents(l.email_domain))
));

/* Why an address, domain, or number of a lead is suppressed, and since when; the number last. Touches go to primary addresses. */
/* @name suppressionsOfLead @prepared */
WITH own AS (
  SELECT d.kind::text AS kind, d.value_key AS value, d.is_primary FROM lead_addresses d
  WHERE d.org_id = :org_id! AND d.lead_id = :id! AND d.until IS NULL AND d.kind IN ('email', 'phone')
  UNION
  -- A number that another lead has is in the field only.
  SELECT 'phone', l.phone, true FROM leads l WHERE l.org_id = :org_id! AND l.id = :id! AND l.phone IS NOT NULL
)
SELECT s.kind AS "kind!", s.value AS "value!", s.reason AS "reason!", s.created_at AS "created_at!", s.until,
       bool_or(o.is_primary) AS "is_primary!", u.name AS "added_by_name?"
FROM own o CROSS JOIN LATERAL (
  SELECT a.* FROM suppressions a
  WHERE a.org_id = :org_id! AND a.kind = 'address' AND a.lifted_at IS NULL AND a.value = ANY (address_with_mailbox(o.value))
    AND o.kind = 'email'
    AND NOT coalesce(a.lead_id = ANY (ids_of_lead(:org_id!, :id!)), false)
  UNION ALL
  SELECT d.* FROM suppressions d
  WHERE d.org_id = :org_id! AND d.kind = 'domain' AND d.lifted_at IS NULL
    AND d.value = ANY (domain_with_parents(split_part(o.value, '@', 2))) AND o.kind = 'email'
  UNION ALL
  SELECT p.* FROM suppressions p
  WHERE p.org_id = :org_id! AND p.kind = 'phone' AND p.lifted_at IS NULL AND p.value = o.value AND o.kind = 'phone'
    AND NOT coalesce(p.lead_id = ANY (ids_of_lead(:org_id!, :id!)), false)
) s
LEFT JOIN users u ON u.org_id = s.org_id AND u.id = s.added_by_user_id
GROUP BY s.id, s.kind, s.value, s.reason, s.created_at, s.until, u.name
ORDER BY s.kind, s.created_at
LIMIT :limit!;

/* @name setUnsubscribed */
UPDATE leads SET unsubscribe_flag = true, unsubscribed_at = :now!, updated_at = :now!
WHERE org_id = :org_id! AND id = :id! AND NOT unsubscribe_flag
RETURNING id;

/* @name setOptedOut */
UPDATE leads SET opt_out_flag = true, opted_out_at = :now!, updated_at = :now!
WHERE org_id = :org_id! AND id = :id! AND NOT opt_out_flag
RETURNING id;

/* @name liftOptOut */
UPDATE leads SET unsubscribe_flag = false, unsubscribed_at = NULL, opt_out_flag = false, opted_out_at = NULL,
  updated_at = :now!
WHERE org_id = :org_id! AND id = :id! AND (unsubscribe_flag OR opt_out_flag)
RETURNING id;

/* Leads among these that must not be contacted and still have open work. */
/* @name blockedLeadsWithOpenWork */
SELECT l.id FROM leads l
WHERE l.org_id = :org_id! AND l.id = ANY (:lead_ids!::uuid[]) AND (l.unsubscribe_flag OR l.opt_out_flag)
  AND (EXISTS (SELECT 1 FROM campaign_contacts e
               WHERE e.org_id = l.org_id AND e.lead_id = l.id AND e.status IN ('active', 'paused'))
       OR EXISTS (SELECT 1 FROM sequence_requests r
                  WHERE r.org_id = l.org_id AND r.lead_id = l.id AND r.status IN ('held', 'queued')));

/* @name insertSuppression */
INSERT INTO suppressions (org_id, id, kind, value, reason, source, created_at, settled_at)
SELECT org_id, :id!, 'address', email_key, :reason!, :source!, :now!, :now! FROM leads WHERE org_id = :org_id! AND id = :lead_id!
ON CONFLICT DO NOTHING;

/* Stops everything for a lead until a person resumes it. */
/* @name pauseLead */
UPDATE leads SET cadence_paused_at = :now!, cadence_pause_reason = :reason!, updated_at = :now!
WHERE org_id = :org_id! AND id = :id! AND cadence_paused_at IS NULL
RETURNING id;

/* Ends the pause caused by messages of unknown delivery, once the last is settled. A pause for another reason stays,
   and so does the pause of a lead who replied. */
/* @name resumeSettledLead */
UPDATE leads l
SET cadence_paused_at = CASE WHEN r.is_answered THEN l.cadence_paused_at END,
    cadence_pause_reason = CASE WHEN r.is_answered THEN 'reply' END, updated_at = :now!
FROM (SELECT EXISTS (
        SELECT FROM campaign_contacts e
        WHERE e.org_id = :org_id! AND e.lead_id = :id! AND e.status::text = 'paused' AND e.paused_reason = 'reply')
        AS is_answered) r
WHERE l.org_id = :org_id! AND l.id = :id! AND l.cadence_pause_reason = 'send_unknown'
  AND NOT EXISTS (
    SELECT 1 FROM sales_send_queue q WHERE q.org_id = l.org_id AND q.lead_id = l.id AND q.status = 'unknown')
RETURNING l.id;

/* Leads that sales may request. T3 belongs to marketing. */
/* @name leadIdsForSales */
SELECT l.id FROM leads l
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
WHERE l.org_id = :org_id! AND (:after_id::uuid IS NULL OR l.id > :after_id)
  AND coalesce(l.icp_tier, a.icp_tier) IS DISTINCT FROM 'T3' AND l.merged_into_id IS NULL
ORDER BY l.id LIMIT :limit!;

/* @name leadIdsOfAccount */
SELECT id FROM leads WHERE org_id = :org_id! AND account_id = :account_id! ORDER BY id;

/* The leads that a list of keys names (src/operations/lead_keys.ts), each key as `getLead` reads one. */
/* @name namedLeads */
WITH given AS MATERIALIZED (
  SELECT g.key, g.id, lower(g.key) AS email_key, address_key('linkedin', g.key) AS profile_key, g.phone
  FROM jsonb_to_recordset(:keys!) AS g(key text, id uuid, phone text)
), named AS MATERIALIZED (
  SELECT DISTINCT ON (k.key) k.key, coalesce(m.merged_into_id, m.id) AS id
  FROM (
    SELECT g.key, g.id, 1 AS place FROM given g
    UNION ALL
    SELECT g.key, d.lead_id, 2 FROM given g
    JOIN lead_addresses d ON d.org_id = :org_id! AND d.kind = 'email' AND d.until IS NULL AND d.value_key = g.email_key
    UNION ALL
    SELECT g.key, d.lead_id, 2 FROM given g
    JOIN lead_addresses d ON d.org_id = :org_id! AND d.kind = 'linkedin' AND d.until IS NULL AND d.value_key = g.profile_key
    UNION ALL
    SELECT g.key, d.lead_id, 2 FROM given g
    JOIN lead_addresses d ON d.org_id = :org_id! AND d.kind = 'phone' AND d.until IS NULL AND d.value_key = g.phone
    UNION ALL
    SELECT g.key, c.id, 3 FROM given g JOIN leads c ON c.org_id = :org_id! AND c.crm_contact_id = g.key
  ) k
  JOIN leads m ON m.org_id = :org_id! AND m.id = k.id
  ORDER BY k.key, k.place
)
SELECT n.key AS "key!", l.id, l.email, l.first_name, l.last_name, a.name AS "company?",
       coalesce(l.time_zone, a.time_zone, o.time_zone) AS "effective_time_zone!"
FROM named n
JOIN leads l ON l.org_id = :org_id! AND l.id = n.id
JOIN organizations o ON o.org_id = l.org_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id;

/* Clears a number that reached another person, unless it was changed since. */
/* @name clearWrongNumber */
UPDATE leads SET phone = NULL, updated_at = :now!
WHERE org_id = :org_id! AND id = :id! AND phone = :phone!;

/* A lead that another lead's reply suggests. It has that lead's account if both addresses are of one
   domain. */
/* @name insertSuggestedLead */
INSERT INTO leads (org_id, id, account_id, email, first_name, last_name, owner_user_id, created_at, updated_at)
SELECT :org_id!, :id!, CASE WHEN l.email_domain = lower(split_part(:email!::text, '@', 2)) THEN l.account_id END, :email!::text,
       :first_name::text, :last_name::text, u.id, :now!, :now!
FROM inbound_messages m LEFT JOIN leads l ON l.org_id = m.org_id AND l.id = m.lead_id
LEFT JOIN users u ON u.org_id = l.org_id AND u.id = l.owner_user_id AND u.deactivated_at IS NULL
WHERE m.org_id = :org_id! AND m.id = :inbound_id! AND NOT EXISTS (
  SELECT FROM lead_addresses d
  WHERE d.org_id = :org_id! AND d.kind = 'email' AND d.until IS NULL AND d.value_key = lower(:email!::text))
ON CONFLICT ON CONSTRAINT leads_email_uniq DO NOTHING
RETURNING id;
