/* @name getAccount */
SELECT a.*, (SELECT count(*) FROM leads l WHERE l.org_id = a.org_id AND l.account_id = a.id) AS "lead_count!"
FROM accounts a
WHERE a.org_id = :org_id! AND a.id = :id!;

/* `pattern` is a LIKE pattern in lower case, made by the caller. */
/* @name listAccounts */
SELECT a.*, (SELECT count(*) FROM leads l WHERE l.org_id = a.org_id AND l.account_id = a.id) AS "lead_count!"
FROM accounts a
WHERE a.org_id = :org_id!
  AND (:pattern::text IS NULL OR lower(a.name) LIKE :pattern OR a.domain LIKE :pattern)
  AND (:abm_active::boolean IS NULL OR a.abm_active = :abm_active)
  AND (:icp_tier::icp_tier IS NULL OR a.icp_tier = :icp_tier)
  AND (:after_id::uuid IS NULL OR a.id > :after_id)
ORDER BY a.id
LIMIT :limit!;

/* @name lockAccount */
SELECT id FROM accounts WHERE org_id = :org_id! AND id = :id! FOR NO KEY UPDATE;

/* Only what the patch names changes; a null in it clears. */
/* @name patchAccount */
UPDATE accounts a SET
  (name, icp_tier, segment, vertical, country, time_zone, abm_active, updated_at) = (
    SELECT p.name, p.icp_tier, p.segment, p.vertical, p.country, p.time_zone, p.abm_active, :now!::timestamptz
    FROM jsonb_populate_record(a, :patch!::jsonb) p)
WHERE a.org_id = :org_id! AND a.id = :id!
RETURNING a.id;
