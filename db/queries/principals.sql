/* @name insertOrganization */
INSERT INTO organizations (org_id, slug, name, time_zone, postal_address, sender_name, sender_address, created_at)
VALUES (:org_id!, :slug!, :name!, :time_zone!, :postal_address!, :sender_name!, :sender_address!, :now!);

/* @name listOrganizations */
SELECT * FROM organizations ORDER BY created_at, org_id LIMIT :limit!;

/* @name getOrganization */
SELECT * FROM organizations WHERE org_id = :org_id!;

/* @name insertClient */
INSERT INTO clients (org_id, client_id, name, created_at) VALUES (:org_id!, :client_id!, :name!, :now!)
ON CONFLICT DO NOTHING;

/* @name insertAgents */
INSERT INTO agents SELECT * FROM jsonb_populate_recordset(NULL::agents, :rows!) ON CONFLICT DO NOTHING;

/* @name listAgents */
SELECT * FROM agents WHERE org_id = :org_id! ORDER BY id LIMIT :limit!;

/* @name insertUser */
INSERT INTO users (org_id, id, email, name, roles, created_at)
VALUES (:org_id!, :id!, :email!, :name!, :roles!::user_role[], :now!)
ON CONFLICT (org_id, email) DO NOTHING;

/* @name getUserByEmail */
SELECT * FROM users WHERE org_id = :org_id! AND email = :email!;

/* @name insertApiKey */
INSERT INTO api_keys (org_id, id, name, prefix, key_sha256, user_id, agent_id, created_at, expires_at)
VALUES (:org_id!, :id!, :name!, :prefix!, :key_sha256!, :user_id, :agent_id, :now!, :expires_at)
ON CONFLICT (org_id, key_sha256) DO NOTHING;

/* Of the key that the transaction presents: the org to look in. */
/* @name presentedKeyOrg */
SELECT org_id FROM api_keys WHERE key_sha256 = :key_sha256!;

/* The transaction goes on in the org of what was presented, and presents nothing any more. */
/* @name actInOrg */
SELECT set_config('touchline.org', (:org_id!::uuid)::text, true) AS "org!", set_config('touchline.presented', '', true) AS "presented!";

/* Who a key acts for, while it is valid. */
/* @name findKeyPrincipal */
SELECT k.org_id, k.id AS key_id, k.user_id, k.agent_id, k.scopes, k.created_by_user_id, k.last_used_at, u.email AS "email?", u.name AS "user_name?",
       u.roles::text[] AS "roles?", g.kind AS "agent_kind?", g.display_name AS "agent_name?"
FROM api_keys k
LEFT JOIN users u ON u.org_id = k.org_id AND u.id = k.user_id
LEFT JOIN agents g ON g.org_id = k.org_id AND g.id = k.agent_id
WHERE k.org_id = :org_id! AND k.key_sha256 = :key_sha256! AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > :now!)
  AND u.deactivated_at IS NULL;

/* @name insertSignInLink */
INSERT INTO sign_in_links (org_id, id, user_id, token_sha256, created_at, expires_at)
VALUES (:org_id!, :id!, :user_id!, :token_sha256!, :now!, :expires_at!);

/* Of the link that the transaction presents: the org to look in. */
/* @name presentedLinkOrg */
SELECT org_id FROM sign_in_links WHERE token_sha256 = :token_sha256!;

/* @name useSignInLink */
UPDATE sign_in_links SET used_at = :now!
WHERE org_id = :org_id! AND token_sha256 = :token_sha256! AND used_at IS NULL AND expires_at > :now!
RETURNING id, org_id, user_id;

/* @name insertSession */
INSERT INTO sessions (org_id, id, user_id, token_sha256, user_agent, created_at, expires_at, sign_in_link_id)
VALUES (:org_id!, :id!, :user_id!, :token_sha256!, :user_agent, :now!, :expires_at!, :sign_in_link_id);

/* Of the session that the transaction presents: the org to look in. */
/* @name presentedSessionOrg */
SELECT org_id FROM sessions WHERE token_sha256 = :token_sha256!;

/* @name findSessionPrincipal */
SELECT s.org_id, s.id AS session_id, s.user_id, s.last_seen_at, u.email, u.name AS user_name, u.roles::text[] AS "roles!"
FROM sessions s JOIN users u ON u.org_id = s.org_id AND u.id = s.user_id
WHERE s.org_id = :org_id! AND s.token_sha256 = :token_sha256! AND s.revoked_at IS NULL AND s.expires_at > :now!
  AND coalesce(s.last_seen_at, s.created_at) > :idle_since! AND u.deactivated_at IS NULL;
