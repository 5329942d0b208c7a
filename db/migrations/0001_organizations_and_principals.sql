-- The isolation boundary and everyone who can act inside it.
--
-- Every other table's primary key starts with org_id and every foreign key carries it, so that no row can
-- point into another organization and the schema can be sharded by org_id.

-- The hash that approvals are bound to: SHA-256 over the JSON array of the parts, so that no two different
-- texts share an input. The database computes it (generated columns), so that nobody can state a false one.
-- Its result is stored: never change it.
CREATE FUNCTION content_sha256(parts text[]) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN encode(sha256(convert_to(to_jsonb(parts)::text, 'UTF8')), 'hex');

CREATE TYPE user_role AS ENUM ('revops', 'slm', 'rep', 'exec', 'admin', 'auditor');
CREATE TYPE agent_kind AS ENUM ('brain', 'role', 'system');

CREATE TABLE organizations (
  org_id         uuid PRIMARY KEY,
  slug           text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  name           text NOT NULL CHECK (name <> ''),
  time_zone      text NOT NULL DEFAULT 'UTC',
  -- Printed under every message: the law asks for it (CAN-SPAM, UWG).
  postal_address text NOT NULL CHECK (postal_address <> ''),
  sender_name    text NOT NULL CHECK (sender_name <> ''),
  sender_address text NOT NULL CHECK (sender_address ~ '^[^@\s]+@[^@\s]+$'),
  created_at     timestamptz NOT NULL DEFAULT now()
);

-- A brand that the org sells for: the specifications' client_id.
CREATE TABLE clients (
  org_id         uuid NOT NULL REFERENCES organizations,
  client_id      text NOT NULL CHECK (client_id ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  name           text NOT NULL CHECK (name <> ''),
  postal_address text,
  created_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, client_id)
);

CREATE TABLE users (
  org_id         uuid NOT NULL REFERENCES organizations,
  id             uuid NOT NULL,
  email          text NOT NULL CHECK (email = lower(email) AND email ~ '^[^@\s]+@[^@\s]+$'),
  name           text NOT NULL CHECK (name <> ''),
  roles          user_role[] NOT NULL DEFAULT '{}',
  deactivated_at timestamptz,
  created_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, email)
);

-- `id` is the name the specifications use: AGT-302, roles.sales.
CREATE TABLE agents (
  org_id       uuid NOT NULL REFERENCES organizations,
  id           text NOT NULL CHECK (id ~ '^(AGT-[0-9]{3}|roles\.[a-z_]+|agents\.[a-z_]+)$'),
  kind         agent_kind NOT NULL,
  display_name text NOT NULL CHECK (display_name <> ''),
  topic        text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id)
);

-- A key acts for exactly one principal: a person or an agent. Only its SHA-256 is stored.
CREATE TABLE api_keys (
  org_id       uuid NOT NULL REFERENCES organizations,
  id           uuid NOT NULL,
  name         text NOT NULL CHECK (name <> ''),
  prefix       text NOT NULL,
  key_sha256   bytea NOT NULL CHECK (length(key_sha256) = 32),
  user_id      uuid,
  agent_id     text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, key_sha256),
  FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
  FOREIGN KEY (org_id, agent_id) REFERENCES agents (org_id, id),
  CONSTRAINT api_keys_one_principal CHECK (num_nonnulls(user_id, agent_id) = 1)
);
-- A key is presented before its org is known.
CREATE INDEX api_keys_key_sha256 ON api_keys (key_sha256);

-- A link that signs a person in, once.
CREATE TABLE sign_in_links (
  org_id       uuid NOT NULL REFERENCES organizations,
  id           uuid NOT NULL,
  user_id      uuid NOT NULL,
  token_sha256 bytea NOT NULL CHECK (length(token_sha256) = 32),
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  used_at      timestamptz,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id)
);
CREATE INDEX sign_in_links_token_sha256 ON sign_in_links (token_sha256);

CREATE TABLE sessions (
  org_id       uuid NOT NULL REFERENCES organizations,
  id           uuid NOT NULL,
  user_id      uuid NOT NULL,
  token_sha256 bytea NOT NULL CHECK (length(token_sha256) = 32),
  user_agent   text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  revoked_at   timestamptz,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id)
);
CREATE INDEX sessions_token_sha256 ON sessions (token_sha256);

-- The org's policy document; a version is never changed, the highest one is in force.
CREATE TABLE policies (
  org_id             uuid NOT NULL REFERENCES organizations,
  version            int NOT NULL CHECK (version >= 1),
  document           jsonb NOT NULL CHECK (jsonb_typeof(document) = 'object'),
  note               text,
  created_at         timestamptz NOT NULL DEFAULT now(),
  created_by_user_id uuid,
  PRIMARY KEY (org_id, version),
  FOREIGN KEY (org_id, created_by_user_id) REFERENCES users (org_id, id)
);
