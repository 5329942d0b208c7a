-- The CRM of an organization: one at a time.
CREATE TYPE crm_name AS ENUM ('attio');
CREATE TABLE crm_connections (
  org_id uuid PRIMARY KEY REFERENCES organizations (org_id),
  crm crm_name NOT NULL,
  -- Null: the CRM's own host.
  base_url text,
  -- Sealed with TOUCHLINE_SECRET.
  api_key bytea NOT NULL,
  workspace_id text NOT NULL,
  workspace_name text NOT NULL,
  -- The CRM's stage of each stage of an opportunity.
  stages jsonb NOT NULL,
  -- The CRM's user who owns the deals of users without an account there.
  deal_owner_id text,
  connected_by_user_id uuid NOT NULL,
  connected_at timestamptz NOT NULL,
  FOREIGN KEY (org_id, connected_by_user_id) REFERENCES users (org_id, id),
  CONSTRAINT crm_connections_words CHECK (workspace_id <> '' AND deal_owner_id <> '' AND base_url ~ '^https?://'),
  CONSTRAINT crm_connections_stages CHECK (stages ?& '{lead,in_progress,won,lost}'::text[] AND jsonb_typeof(stages) = 'object')
);
