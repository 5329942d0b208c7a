/* @name getAccount @prepared */
SELECT a.*, w.name AS "owner_name?",
       (SELECT count(*) FROM leads l WHERE l.org_id = a.org_id AND l.account_id = a.id) AS "lead_count!"
FROM accounts a
LEFT JOIN users w ON w.org_id = a.org_id AND w.id = a.owner_user_id
WHERE a.org_id = :org_id! AND a.id = :id!;

/* @name listAccounts */
SELECT a.*, w.name AS "owner_name?",
       (SELECT count(*) FROM leads l WHERE l.org_id = a.org_id AND l.account_id = a.id) AS "lead_count!"
FROM accounts a
LEFT JOIN users w ON w.org_id = a.org_id AND w.id = a.owner_user_id
WHERE a.org_id = :org_id!
  AND (:abm_active::boolean IS NULL OR a.abm_active = :abm_active)
  AND (:icp_tier::icp_tier IS NULL OR a.icp_tier = :icp_tier)
  AND (:owner_user_ids::uuid[] IS NULL OR a.owner_user_id = ANY (:owner_user_ids))
  AND (:after_id::uuid IS NULL OR a.id > :after_id)
ORDER BY a.id
LIMIT :limit!;

/* Accounts whose name or domain begins with the search text. Each condition uses its own index, as in searchLeads. */
/* @name searchAccounts */
SELECT a.*, w.name AS "owner_name?",
       (SELECT count(*) FROM leads l WHERE l.org_id = a.org_id AND l.account_id = a.id) AS "lead_count!"
FROM (
  (SELECT x.id FROM accounts x WHERE x.org_id = :org_id!
     AND x.name_key >= lower(:q_from!::text) AND x.name_key < lower(:q_to!::text)
     AND (:abm_active::boolean IS NULL OR x.abm_active = :abm_active)
     AND (:icp_tier::icp_tier IS NULL OR x.icp_tier = :icp_tier)
     AND (:owner_user_ids::uuid[] IS NULL OR x.owner_user_id = ANY (:owner_user_ids))
     AND (:after_id::uuid IS NULL OR x.id > :after_id)
   ORDER BY x.id LIMIT :limit!)
  UNION
  (SELECT x.id FROM accounts x WHERE x.org_id = :org_id!
     AND x.domain COLLATE "C" >= lower(:q_from!::text) AND x.domain COLLATE "C" < lower(:q_to!::text)
     AND (:abm_active::boolean IS NULL OR x.abm_active = :abm_active)
     AND (:icp_tier::icp_tier IS NULL OR x.icp_tier = :icp_tier)
     AND (:owner_user_ids::uuid[] IS NULL OR x.owner_user_id = ANY (:owner_user_ids))
     AND (:after_id::uuid IS NULL OR x.id > :after_id)
   ORDER BY x.id LIMIT :limit!)
) found
JOIN accounts a ON a.org_id = :org_id! AND a.id = found.id
LEFT JOIN users w ON w.org_id = a.org_id AND w.id = a.owner_user_id
ORDER BY a.id
LIMIT :limit!;

/* @name lockAccount */
SELECT id FROM accounts WHERE org_id = :org_id! AND id = :id! FOR NO KEY UPDATE;

/* Changes only the fields that the patch names; null clears a field. */
/* @name patchAccount */
UPDATE accounts a SET
  (/* @each accounts.patched */ COLUMN, /* @end */ updated_at) = (
    SELECT /* @each accounts.patched */ p.COLUMN, /* @end */ :now!::timestamptz
    FROM jsonb_populate_record(a, :patch!::jsonb) p)
WHERE a.org_id = :org_id! AND a.id = :id!
RETURNING a.id;
