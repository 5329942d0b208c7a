/* @name insertOrganization */
INSERT INTO organizations (org_id, slug, name, time_zone, postal_address, sender_name, sender_address, created_at, own_since)
VALUES (:org_id!, :slug!, :name!, :time_zone!, :postal_address!, :sender_name!, :sender_address!, :now!, :own_since);

/* @name listOrganizations */
SELECT * FROM organizations ORDER BY created_at, org_id LIMIT :limit!;

/* @name getOrganization */
SELECT * FROM organizations WHERE org_id = :org_id!;

/* The user as admins see it. */
/* @name shownOrganization */
SELECT o.*, u.name AS "own_by_user_name?"
FROM organizations o LEFT JOIN users u ON u.org_id = o.org_id AND u.id = o.own_by_user_id
WHERE o.org_id = :org_id!;

/* @name setOrganization */
UPDATE organizations
SET name = :name!, legal_name = :legal_name, postal_address = :postal_address!, time_zone = :time_zone!,
    sender_name = :sender_name!, sender_address = :sender_address!, own_since = :own_since, own_by_user_id = :own_by_user_id,
    notices_include_lead_text = :notices_include_lead_text!
WHERE org_id = :org_id!;

/* @name insertClient */
INSERT INTO clients (org_id, client_id, name, created_at) VALUES (:org_id!, :client_id!, :name!, :now!)
ON CONFLICT DO NOTHING;

/* @name insertAgents */
INSERT INTO agents (org_id, id, kind, display_name, topic, side, created_at)
SELECT u.org_id, u.id, u.kind, u.display_name, u.topic, u.side, u.created_at
FROM jsonb_populate_recordset(NULL::agents, :rows!) u
ON CONFLICT DO NOTHING;

/* @name listAgents */
SELECT g.*, k.last_seen_at
FROM agents g
LEFT JOIN (
  SELECT agent_id, max(last_used_at) AS last_seen_at FROM api_keys WHERE org_id = :org_id! GROUP BY agent_id
) k ON k.agent_id = g.id
WHERE g.org_id = :org_id! ORDER BY g.id LIMIT :limit!;

/* @name setWorkedBy */
UPDATE agents g SET worked_by = :worked_by! WHERE g.org_id = :org_id! AND g.id = :id!
RETURNING g.*, (SELECT max(k.last_used_at) FROM api_keys k WHERE k.org_id = g.org_id AND k.agent_id = g.id) AS last_seen_at;

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

/* The owner of a valid key. A single statement outside any transaction. */
/* @name keyPrincipal @prepared */
SELECT org_id AS "org_id!", key_id AS "key_id!", user_id, agent_id, scopes, created_by_user_id, last_used_at, email, user_name,
       roles, agent_kind, agent_name
FROM key_principal(:key_sha256!, :now!);

/* @name insertSignInLink */
INSERT INTO sign_in_links (org_id, id, user_id, token_sha256, created_at, expires_at)
VALUES (:org_id!, :id!, :user_id!, :token_sha256!, :now!, :expires_at!);

/* The organization of the link that the transaction presents. */
/* @name presentedLinkOrg */
SELECT org_id FROM sign_in_links WHERE token_sha256 = :token_sha256!;

/* @name useSignInLink */
UPDATE sign_in_links SET used_at = :now!
WHERE org_id = :org_id! AND token_sha256 = :token_sha256! AND used_at IS NULL AND expires_at > :now!
RETURNING id, org_id, user_id;

/* @name insertSession */
INSERT INTO sessions (org_id, id, user_id, token_sha256, user_agent, created_at, expires_at, sign_in_link_id)
VALUES (:org_id!, :id!, :user_id!, :token_sha256!, :user_agent, :now!, :expires_at!, :sign_in_link_id);

/* The user of an open session. A single statement outside any transaction. */
/* @name sessionPrincipal @prepared */
SELECT org_id AS "org_id!", session_id AS "session_id!", user_id AS "user_id!", last_seen_at, email AS "email!",
       user_name AS "user_name!", roles AS "roles!"
FROM session_principal(:token_sha256!, :now!, :idle_since!);
