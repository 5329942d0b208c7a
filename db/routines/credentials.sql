-- The owner of a key or a session; no row if it is unknown, expired, or revoked. Every request begins with one of these
-- functions, so each is a single statement: it presents the secret's hash, which shows that one row and thereby the
-- organization, and reads the owner there. Its settings end with its transaction.

CREATE OR REPLACE FUNCTION key_principal(hash bytea, at timestamptz)
RETURNS TABLE (org_id uuid, key_id uuid, user_id uuid, agent_id text, scopes text[], created_by_user_id uuid,
               last_used_at timestamptz, email text, user_name text, roles text[], agent_kind agent_kind, agent_name text)
LANGUAGE plpgsql AS $$
DECLARE
  org uuid;
BEGIN
  PERFORM set_config('touchline.presented', encode(hash, 'hex'), true);
  SELECT k.org_id INTO org FROM api_keys k WHERE k.key_sha256 = hash;
  PERFORM set_config('touchline.presented', '', true), set_config('touchline.org', coalesce(org::text, ''), true);
  RETURN QUERY
    SELECT k.org_id, k.id, k.user_id, k.agent_id, k.scopes, k.created_by_user_id, k.last_used_at, u.email, u.name,
           u.roles::text[], g.kind, g.display_name
    FROM api_keys k
    LEFT JOIN users u ON u.org_id = k.org_id AND u.id = k.user_id
    LEFT JOIN agents g ON g.org_id = k.org_id AND g.id = k.agent_id
    WHERE k.org_id = org AND k.key_sha256 = hash AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > at)
      AND u.deactivated_at IS NULL;
END $$;

CREATE OR REPLACE FUNCTION session_principal(hash bytea, at timestamptz, idle_since timestamptz)
RETURNS TABLE (org_id uuid, session_id uuid, user_id uuid, last_seen_at timestamptz, email text, user_name text, roles text[])
LANGUAGE plpgsql AS $$
DECLARE
  org uuid;
BEGIN
  PERFORM set_config('touchline.presented', encode(hash, 'hex'), true);
  SELECT s.org_id INTO org FROM sessions s WHERE s.token_sha256 = hash;
  PERFORM set_config('touchline.presented', '', true), set_config('touchline.org', coalesce(org::text, ''), true);
  RETURN QUERY
    SELECT s.org_id, s.id, s.user_id, s.last_seen_at, u.email, u.name, u.roles::text[]
    FROM sessions s JOIN users u ON u.org_id = s.org_id AND u.id = s.user_id
    WHERE s.org_id = org AND s.token_sha256 = hash AND s.revoked_at IS NULL AND s.expires_at > at
      AND coalesce(s.last_seen_at, s.created_at) > idle_since AND u.deactivated_at IS NULL;
END $$;
