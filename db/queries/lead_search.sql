/* Leads of which an address, profile, or number, or the domain, full name, last name, or company begins with the search text.
   src/operations/leads/search.ts chooses the statement: most searches find few leads, and planning the last statement
   takes several times as long as finding those. The caller makes `q_from` and `q_to`; lower() is the function that
   made the keys. */

/* All matches, if no condition finds `found_max` of them. Otherwise the first lead of all, matching or not, with
   `is_cut`; no row means no match. Sorted by its own key, each condition has only its index as a plan and stops at the
   bound. */
/* @name searchFewLeads @prepared */
WITH companies AS MATERIALIZED (
  SELECT ARRAY(
    SELECT y.id FROM accounts y WHERE y.org_id = :org_id!
      AND y.name_key >= lower(:q_from!::text) AND y.name_key < lower(:q_to!::text)
    ORDER BY y.name_key LIMIT :found_max!) AS ids
), ways AS MATERIALIZED (
  SELECT
    /* @each leads.search_keys */
    ARRAY(
      SELECT x.id FROM leads x WHERE x.org_id = :org_id!
        AND x.COLUMN COLLATE "C" >= lower(:q_from!::text) AND x.COLUMN COLLATE "C" < lower(:q_to!::text)
      ORDER BY x.COLUMN COLLATE "C" LIMIT :found_max!) AS by_COLUMN,
    /* @end */
    ARRAY(
      SELECT d.lead_id FROM lead_addresses d WHERE d.org_id = :org_id! AND d.until IS NULL AND (d.kind <> 'email' OR NOT d.is_primary)
        AND d.value_key >= lower(:q_from!::text) AND d.value_key < lower(:q_to!::text)
      ORDER BY d.value_key LIMIT :found_max!) AS by_address,
    ARRAY(
      SELECT x.id FROM unnest(c.ids) AS y (id) JOIN leads x ON x.org_id = :org_id! AND x.account_id = y.id
      WHERE cardinality(c.ids) < :found_max! LIMIT :found_max!) AS by_company,
    c.ids AS companies
  FROM companies c
), found AS MATERIALIZED (
  SELECT /* @each leads.search_keys */ by_COLUMN || /* @end */ by_address || by_company AS ids,
         greatest(/* @each leads.search_keys */ cardinality(by_COLUMN), /* @end */
           cardinality(by_address), cardinality(by_company), cardinality(companies)) >= :found_max! AS is_cut
  FROM ways
)
SELECT l.*, a.name AS "company?", a.domain AS "company_domain?", coalesce(a.abm_active, false) AS "abm_active!",
       coalesce(l.time_zone, a.time_zone, o.time_zone) AS "effective_time_zone!",
       coalesce(l.icp_tier, a.icp_tier) AS effective_icp_tier, coalesce(l.segment, a.segment) AS effective_segment,
       owner_among(l.org_id, l.owner_user_id, a.owner_user_id) AS effective_owner_user_id, w.name AS "owner_name?",
       page.is_cut AS "is_cut!"
FROM (
  SELECT DISTINCT m.id, f.is_cut
  FROM found f, unnest(CASE WHEN f.is_cut
    THEN ARRAY(SELECT x.id FROM leads x WHERE x.org_id = :org_id! ORDER BY x.id LIMIT 1) ELSE f.ids END) AS m (id)
  WHERE f.is_cut OR m.id > :after_id!
  ORDER BY m.id
) page
JOIN leads l ON l.org_id = :org_id! AND l.id = page.id
JOIN organizations o ON o.org_id = l.org_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN users w ON w.org_id = l.org_id AND w.id = owner_among(l.org_id, l.owner_user_id, a.owner_user_id)
WHERE page.is_cut
  OR (:icp_tier::icp_tier IS NULL OR coalesce(l.icp_tier, a.icp_tier) = :icp_tier)
  AND (:segment::text IS NULL OR coalesce(l.segment, a.segment) = :segment)
  AND (:account_id::uuid IS NULL OR l.account_id = :account_id)
  AND (:cadence_state::cadence_state IS NULL OR l.cadence_state = :cadence_state)
  AND (:blocked::boolean IS NULL OR (l.unsubscribe_flag OR l.opt_out_flag) = :blocked)
ORDER BY page.id
LIMIT :limit!;

/* Matches among the next `ahead` leads in page order. This fills the page when many leads match. */
/* @name searchNextLeads @prepared */
SELECT l.*, a.name AS "company?", a.domain AS "company_domain?", coalesce(a.abm_active, false) AS "abm_active!",
       coalesce(l.time_zone, a.time_zone, o.time_zone) AS "effective_time_zone!",
       coalesce(l.icp_tier, a.icp_tier) AS effective_icp_tier, coalesce(l.segment, a.segment) AS effective_segment,
       owner_among(l.org_id, l.owner_user_id, a.owner_user_id) AS effective_owner_user_id, w.name AS "owner_name?"
FROM (
  SELECT x.* FROM leads x WHERE x.org_id = :org_id! AND x.id > :after_id! AND x.merged_into_id IS NULL ORDER BY x.id LIMIT :ahead!
) l
JOIN organizations o ON o.org_id = l.org_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN users w ON w.org_id = l.org_id AND w.id = owner_among(l.org_id, l.owner_user_id, a.owner_user_id)
WHERE (/* @each leads.search_keys */
    l.COLUMN COLLATE "C" >= lower(:q_from!::text) AND l.COLUMN COLLATE "C" < lower(:q_to!::text) OR
    /* @end */
    a.name_key >= lower(:q_from!::text) AND a.name_key < lower(:q_to!::text) OR
    EXISTS (SELECT FROM lead_addresses d WHERE d.org_id = l.org_id AND d.lead_id = l.id AND d.until IS NULL
      AND (d.kind <> 'email' OR NOT d.is_primary)
      AND d.value_key >= lower(:q_from!::text) AND d.value_key < lower(:q_to!::text)))
  AND (:icp_tier::icp_tier IS NULL OR coalesce(l.icp_tier, a.icp_tier) = :icp_tier)
  AND (:segment::text IS NULL OR coalesce(l.segment, a.segment) = :segment)
  AND (:account_id::uuid IS NULL OR l.account_id = :account_id)
  AND (:cadence_state::cadence_state IS NULL OR l.cadence_state = :cadence_state)
  AND (:blocked::boolean IS NULL OR (l.unsubscribe_flag OR l.opt_out_flag) = :blocked)
ORDER BY l.id
LIMIT :limit!;

/* All matches: one condition per index, each up to a page. If a walk in page order fills the page sooner, the planner
   walks. */
/* @name searchLeads */
SELECT l.*, a.name AS "company?", a.domain AS "company_domain?", coalesce(a.abm_active, false) AS "abm_active!",
       coalesce(l.time_zone, a.time_zone, o.time_zone) AS "effective_time_zone!",
       coalesce(l.icp_tier, a.icp_tier) AS effective_icp_tier, coalesce(l.segment, a.segment) AS effective_segment,
       owner_among(l.org_id, l.owner_user_id, a.owner_user_id) AS effective_owner_user_id, w.name AS "owner_name?"
FROM (
  /* @each leads.search_keys */
  (SELECT x.id FROM leads x WHERE x.org_id = :org_id!
     AND x.COLUMN COLLATE "C" >= lower(:q_from!::text) AND x.COLUMN COLLATE "C" < lower(:q_to!::text)
     AND (:icp_tier::icp_tier IS NULL OR x.icp_tier = :icp_tier OR x.icp_tier IS NULL AND EXISTS (
       SELECT 1 FROM accounts t WHERE t.org_id = x.org_id AND t.id = x.account_id AND t.icp_tier = :icp_tier))
     AND (:segment::text IS NULL OR x.segment = :segment OR x.segment IS NULL AND EXISTS (
       SELECT 1 FROM accounts g WHERE g.org_id = x.org_id AND g.id = x.account_id AND g.segment = :segment))
     AND (:account_id::uuid IS NULL OR x.account_id = :account_id)
     AND (:cadence_state::cadence_state IS NULL OR x.cadence_state = :cadence_state)
     AND (:blocked::boolean IS NULL OR (x.unsubscribe_flag OR x.opt_out_flag) = :blocked)
     AND (:after_id::uuid IS NULL OR x.id > :after_id)
   ORDER BY x.id LIMIT :limit!)
  UNION
  /* @end */
  (SELECT x.id FROM lead_addresses d
   JOIN leads x ON x.org_id = d.org_id AND x.id = d.lead_id
   WHERE d.org_id = :org_id! AND d.until IS NULL AND (d.kind <> 'email' OR NOT d.is_primary)
     AND d.value_key >= lower(:q_from!::text) AND d.value_key < lower(:q_to!::text)
     AND (:icp_tier::icp_tier IS NULL OR x.icp_tier = :icp_tier OR x.icp_tier IS NULL AND EXISTS (
       SELECT 1 FROM accounts t WHERE t.org_id = x.org_id AND t.id = x.account_id AND t.icp_tier = :icp_tier))
     AND (:segment::text IS NULL OR x.segment = :segment OR x.segment IS NULL AND EXISTS (
       SELECT 1 FROM accounts g WHERE g.org_id = x.org_id AND g.id = x.account_id AND g.segment = :segment))
     AND (:account_id::uuid IS NULL OR x.account_id = :account_id)
     AND (:cadence_state::cadence_state IS NULL OR x.cadence_state = :cadence_state)
     AND (:blocked::boolean IS NULL OR (x.unsubscribe_flag OR x.opt_out_flag) = :blocked)
     AND (:after_id::uuid IS NULL OR x.id > :after_id)
   ORDER BY x.id LIMIT :limit!)
  UNION
  (SELECT x.id FROM accounts y
   JOIN leads x ON x.org_id = y.org_id AND x.account_id = y.id
   WHERE y.org_id = :org_id!
     AND y.name_key >= lower(:q_from!::text) AND y.name_key < lower(:q_to!::text)
     AND (:icp_tier::icp_tier IS NULL OR x.icp_tier = :icp_tier OR x.icp_tier IS NULL AND EXISTS (
       SELECT 1 FROM accounts t WHERE t.org_id = x.org_id AND t.id = x.account_id AND t.icp_tier = :icp_tier))
     AND (:segment::text IS NULL OR x.segment = :segment OR x.segment IS NULL AND EXISTS (
       SELECT 1 FROM accounts g WHERE g.org_id = x.org_id AND g.id = x.account_id AND g.segment = :segment))
     AND (:account_id::uuid IS NULL OR x.account_id = :account_id)
     AND (:cadence_state::cadence_state IS NULL OR x.cadence_state = :cadence_state)
     AND (:blocked::boolean IS NULL OR (x.unsubscribe_flag OR x.opt_out_flag) = :blocked)
     AND (:after_id::uuid IS NULL OR x.id > :after_id)
   ORDER BY x.id LIMIT :limit!)
) found
JOIN leads l ON l.org_id = :org_id! AND l.id = found.id
JOIN organizations o ON o.org_id = l.org_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
LEFT JOIN users w ON w.org_id = l.org_id AND w.id = owner_among(l.org_id, l.owner_user_id, a.owner_user_id)
ORDER BY l.id
LIMIT :limit!;
