/* @name listUsers */
SELECT id, email, name, roles::text[] AS "roles!", password_hash IS NOT NULL AS "has_password!", deactivated_at,
       created_by_user_id, created_at
FROM users
WHERE org_id = :org_id! AND (:after_id::uuid IS NULL OR id > :after_id)
ORDER BY id LIMIT :limit!;

/* @name getUser @prepared */
SELECT id, email, name, roles::text[] AS "roles!", password_hash IS NOT NULL AS "has_password!", deactivated_at,
       created_by_user_id, created_at
FROM users WHERE org_id = :org_id! AND id = :id!;

/* @name createUser */
INSERT INTO users (org_id, id, email, name, roles, created_by_user_id, created_at)
VALUES (:org_id!, :id!, :email!, :name!, :roles!::user_role[], :created_by_user_id!, :now!)
ON CONFLICT (org_id, email) DO NOTHING
RETURNING id;

/* Null keeps the current value. */
/* @name patchUser */
UPDATE users
SET name = coalesce(:name, name),
    roles = coalesce(:roles::user_role[], roles),
    deactivated_at = CASE WHEN :is_active::boolean THEN NULL
                          WHEN NOT :is_active THEN coalesce(deactivated_at, :now!)
                          ELSE deactivated_at END
WHERE org_id = :org_id! AND id = :id!
RETURNING id;

/* Locks the active admins before a user changes, always in the same order, so two removals of admins cannot deadlock. */
/* @name lockOrganization */
SELECT org_id FROM organizations WHERE org_id = :org_id! FOR NO KEY UPDATE;

/* @name getOwnPassword */
SELECT password_hash, email FROM users WHERE org_id = :org_id! AND id = :id! AND deactivated_at IS NULL;

/* Writes only if the value is still the one that was read; null where there was none. */
/* @name setPasswordHash */
UPDATE users SET password_hash = :new_hash!
WHERE org_id = :org_id! AND id = :id! AND password_hash IS NOT DISTINCT FROM :old_hash AND deactivated_at IS NULL
RETURNING id;

/* The users that a cell of a file may name; deactivated ones are refused. */
/* @name nameableUsers */
SELECT id, email, name, deactivated_at IS NULL AS "is_active!" FROM users
WHERE org_id = :org_id! ORDER BY id LIMIT :limit!;
