/* With a user_id: only the keys that act for that user. */
/* @name listApiKeys */
SELECT id, name, prefix, user_id, agent_id, scopes, created_by_user_id, created_at, expires_at, revoked_at, last_used_at
FROM api_keys
WHERE org_id = :org_id! AND (:after_id::uuid IS NULL OR id > :after_id) AND (:user_id::uuid IS NULL OR user_id = :user_id)
ORDER BY id LIMIT :limit!;

/* @name findAgent */
SELECT id FROM agents WHERE org_id = :org_id! AND id = :id!;

/* @name createApiKey */
INSERT INTO api_keys
  (org_id, id, name, prefix, key_sha256, user_id, agent_id, scopes, created_by_user_id, created_at, expires_at)
VALUES (:org_id!, :id!, :name!, :prefix!, :key_sha256!, :user_id, :agent_id, :scopes, :created_by_user_id!, :now!,
        :expires_at);

/* Revoking a key again keeps the first time. */
/* @name revokeApiKey */
UPDATE api_keys SET revoked_at = coalesce(revoked_at, :now!)
WHERE org_id = :org_id! AND id = :id! AND (:user_id::uuid IS NULL OR user_id = :user_id) RETURNING id;

/* Only one of several simultaneous requests writes. */
/* @name markKeyUsed */
UPDATE api_keys SET last_used_at = :now!
WHERE org_id = :org_id! AND id = :id! AND revoked_at IS NULL AND (last_used_at IS NULL OR last_used_at < :before!)
RETURNING id;
