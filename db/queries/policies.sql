/* @name currentPolicy @prepared */
SELECT version, document, note, created_at, created_by_user_id FROM policies
WHERE org_id = :org_id! ORDER BY version DESC LIMIT 1;

/* @name insertPolicy */
INSERT INTO policies (org_id, version, document, note, created_at, created_by_user_id)
VALUES (:org_id!, :version!, :document!, :note, :now!, :created_by_user_id);

/* Serializes new versions: a waiting transaction reads the version that the other one made. */
/* @name lockPolicies */
SELECT org_id FROM organizations WHERE org_id = :org_id! FOR NO KEY UPDATE;

/* All versions, newest first. */
/* @name listPolicies */
SELECT p.version, p.document, p.note, p.created_at, p.created_by_user_id, u.name AS "created_by?"
FROM policies p
LEFT JOIN users u ON u.org_id = p.org_id AND u.id = p.created_by_user_id
WHERE p.org_id = :org_id! AND (:before_version::int IS NULL OR p.version < :before_version)
ORDER BY p.version DESC
LIMIT :limit!;

/* @name policyVersions */
SELECT version, document FROM policies WHERE org_id = :org_id! AND version = ANY(:versions!::int[]);
