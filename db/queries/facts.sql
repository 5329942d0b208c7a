/* Locks leads in id order, in its own statement, so later statements read under the lock. The lead's row is the mutex
   of everything about the lead. */
/* @name lockLeads */
SELECT id FROM leads
WHERE org_id = :org_id! AND id = ANY (:lead_ids!::uuid[])
ORDER BY id
FOR NO KEY UPDATE;

/* Locks the leads of a batch that need not wait. A lead that another transaction holds is left for the next round, so
   a batch never waits while holding locks and never deadlocks. */
/* @name lockFreeLeads */
SELECT id FROM leads
WHERE org_id = :org_id! AND id = ANY (:lead_ids!::uuid[])
ORDER BY id
FOR NO KEY UPDATE SKIP LOCKED;

/* All facts of these leads that the gates may see, one row per lead. */
/* @name loadLeadFacts @prepared */
SELECT
  l.id AS lead_id,
  l.account_id,
  l.crm_contact_id,
  l.email_domain,
  (l.email <> '') AS "has_email!",
  l.linkedin_url IS NOT NULL AND is_linkedin_profile(l.linkedin_url)
    AND NOT is_profile_of_opted_out(l.org_id, l.id, l.linkedin_url) AS "has_linkedin_url!",
  l.phone IS NOT NULL AND (
    SELECT true FROM suppressions s
    WHERE s.org_id = :org_id! AND s.kind = 'phone' AND s.lifted_at IS NULL AND s.value = l.phone
    LIMIT 1
  ) IS NULL AS "has_phone!",
  coalesce(l.country, a.country) AS country,
  coalesce(l.time_zone, a.time_zone, o.time_zone) AS "time_zone!",
  o.own_since IS NOT NULL AS "organization_is_own!",
  l.unsubscribe_flag,
  l.opt_out_flag,
  -- With LIMIT, so that each lead's rows are found by index, however long the list is.
  (
    SELECT true FROM suppressions s
    WHERE s.org_id = :org_id! AND s.kind = 'address' AND s.lifted_at IS NULL AND s.value = ANY (address_with_mailbox(l.email_key))
    LIMIT 1
  ) IS NOT NULL OR (
    -- Asked once: most organizations suppress no domain.
    (SELECT s.value FROM suppressions s WHERE s.org_id = :org_id! AND s.kind = 'domain' AND s.lifted_at IS NULL
     ORDER BY s.value LIMIT 1) IS NOT NULL
    AND (
      SELECT true FROM suppressions s
      WHERE s.org_id = :org_id! AND s.kind = 'domain' AND s.lifted_at IS NULL
        AND s.value = ANY (domain_with_parents(l.email_domain))
      LIMIT 1
    ) IS NOT NULL
  ) AS "suppressed_address!",
  coalesce(a.abm_active, false) AS "abm_active!",
  coalesce(l.icp_tier, a.icp_tier) AS icp_tier,
  l.sales_signal_at,
  l.marketing_signal_at,
  l.customer_since,
  l.cadence_paused_at,
  coalesce(t.touches, '[]') AS "touches!",
  coalesce(e.sequences, '[]') AS "sequences!"
FROM leads l
JOIN organizations o ON o.org_id = l.org_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN (
  SELECT p.lead_id, json_agg(json_build_object(
    'at_ms', floor(extract(epoch FROM k.touched_at) * 1000)::int8,
    'local_day', k.local_day,
    'settled', k.outcome <> 'reserved') ORDER BY k.touched_at DESC) AS touches
  FROM (
    SELECT i.id AS lead_id, i.id AS row_id FROM unnest(:lead_ids!::uuid[]) AS i (id)
    UNION ALL
    -- Touches of a merged lead count for the lead that it became.
    SELECT m.merged_into_id, m.id FROM leads m WHERE m.org_id = :org_id! AND m.merged_into_id = ANY (:lead_ids!::uuid[])
  ) p
  JOIN touches k ON k.org_id = :org_id! AND k.lead_id = p.row_id AND k.touched_at > :touches_since! AND k.counts
  GROUP BY p.lead_id
) t ON t.lead_id = l.id
LEFT JOIN (
  SELECT cc.lead_id, json_agg(json_build_object(
    'enrollment_id', cc.id, 'campaign_id', cc.campaign_id, 'status', cc.status,
    'sequence_type', c.sequence_type, 'side', c.side, 'priority', c.priority,
    'conflict_since_ms', floor(extract(epoch FROM cc.conflict_since) * 1000)::int8) ORDER BY cc.enrolled_at, cc.id) AS sequences
  FROM campaign_contacts cc JOIN campaigns c ON c.org_id = cc.org_id AND c.id = cc.campaign_id
  WHERE cc.org_id = :org_id! AND cc.lead_id = ANY (:lead_ids!::uuid[]) AND cc.status IN ('active', 'paused')
  GROUP BY cc.lead_id
) e ON e.lead_id = l.id
WHERE l.org_id = :org_id! AND l.id = ANY (:lead_ids!::uuid[]);
