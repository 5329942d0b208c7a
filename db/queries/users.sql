/* @name listUsers */
SELECT u.id, u.email, u.name, u.roles::text[] AS "roles!", u.password_hash IS NOT NULL AS "has_password!", u.deactivated_at,
       u.manager_user_id, m.name AS "manager_name?", u.created_by_user_id, u.created_at
FROM users u LEFT JOIN users m ON m.org_id = u.org_id AND m.id = u.manager_user_id
WHERE u.org_id = :org_id! AND (:after_id::uuid IS NULL OR u.id > :after_id)
ORDER BY u.id LIMIT :limit!;

/* @name getUser @prepared */
SELECT u.id, u.email, u.name, u.roles::text[] AS "roles!", u.password_hash IS NOT NULL AS "has_password!", u.deactivated_at,
       u.manager_user_id, m.name AS "manager_name?", u.created_by_user_id, u.created_at
FROM users u LEFT JOIN users m ON m.org_id = u.org_id AND m.id = u.manager_user_id
WHERE u.org_id = :org_id! AND u.id = :id!;

/* @name userIdsByEmail */
SELECT id, email FROM users WHERE org_id = :org_id! AND email = ANY (:emails!::text[]);

/* @name createUser */
INSERT INTO users (org_id, id, email, name, roles, manager_user_id, created_by_user_id, created_at)
VALUES (:org_id!, :id!, :email!, :name!, :roles!::user_role[], :manager_user_id, :created_by_user_id!, :now!)
ON CONFLICT (org_id, email) DO NOTHING
RETURNING id;

/* Null keeps the current value; a manager changes only with `sets_manager`. */
/* @name patchUser */
UPDATE users
SET name = coalesce(:name, name),
    roles = coalesce(:roles::user_role[], roles),
    manager_user_id = CASE WHEN :sets_manager!::boolean THEN :manager_user_id::uuid ELSE manager_user_id END,
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

/* Active users, without their addresses. */
/* @name listPeople */
SELECT id, name, roles::text[] AS "roles!" FROM users
WHERE org_id = :org_id! AND deactivated_at IS NULL AND (:after_id::uuid IS NULL OR id > :after_id)
ORDER BY id LIMIT :limit!;
