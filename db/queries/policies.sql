/* @name currentPolicy @prepared */
SELECT version, document, note, created_at, created_by_user_id FROM policies
WHERE org_id = :org_id! ORDER BY version DESC LIMIT 1;

/* @name insertPolicy */
INSERT INTO policies (org_id, version, document, note, created_at, created_by_user_id)
VALUES (:org_id!, :version!, :document!, :note, :now!, :created_by_user_id);

/* Versions are made one after the other: who waited here reads what the other one made. */
/* @name lockPolicies */
SELECT org_id FROM organizations WHERE org_id = :org_id! FOR NO KEY UPDATE;
