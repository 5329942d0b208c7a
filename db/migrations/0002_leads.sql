-- The CRM mirror: accounts and leads, what must never be contacted again, and how leads come in.

CREATE TYPE icp_tier AS ENUM ('T1', 'T2', 'T3');
CREATE TYPE cadence_state AS ENUM ('idle', 'nurture', 'prospecting', 'closing', 'onboarding', 'customer', 'paused');
CREATE TYPE suppression_kind AS ENUM ('address', 'domain');
CREATE TYPE import_status AS ENUM ('receiving', 'merging', 'done', 'failed');

CREATE TABLE accounts (
  org_id         uuid NOT NULL REFERENCES organizations,
  id             uuid NOT NULL,
  name           text NOT NULL CHECK (name <> ''),
  domain         text CHECK (domain = lower(domain) AND domain <> ''),
  -- What an import recognises an account by: its domain, else its name.
  account_key    text NOT NULL GENERATED ALWAYS AS (coalesce(domain, lower(name))) STORED,
  icp_tier       icp_tier,
  segment        text,
  vertical       text,
  country        text,
  time_zone      text,
  abm_active     boolean NOT NULL DEFAULT false,
  crm_account_id text,
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  CONSTRAINT accounts_key_uniq UNIQUE (org_id, account_key)
);

CREATE TABLE leads (
  org_id               uuid NOT NULL REFERENCES organizations,
  id                   uuid NOT NULL,
  account_id           uuid,
  email                text NOT NULL CHECK (length(email) <= 254 AND email ~ '^[^@\s]+@[^@\s]+$'),
  -- What an import recognises a person by, and what suppressions are compared with.
  email_key            text NOT NULL GENERATED ALWAYS AS (lower(email)) STORED,
  email_domain         text NOT NULL GENERATED ALWAYS AS (lower(split_part(email, '@', 2))) STORED,
  first_name           text,
  last_name            text,
  title                text,
  linkedin_url         text,
  country              text,
  time_zone            text,
  icp_tier             icp_tier,
  segment              text,
  vertical             text,
  lifecycle_stage      text,
  crm_contact_id       text,
  owner_user_id        uuid,
  unsubscribe_flag     boolean NOT NULL DEFAULT false,
  unsubscribed_at      timestamptz,
  opt_out_flag         boolean NOT NULL DEFAULT false,
  opted_out_at         timestamptz,
  sales_signal_at      timestamptz,
  marketing_signal_at  timestamptz,
  -- Cadence status, kept by triggers from the enrollments and the touches (spec: "Leads cadence status fields").
  cadence_state        cadence_state NOT NULL DEFAULT 'idle',
  active_sequence_id   uuid,
  current_step         int,
  last_touch_at        timestamptz,
  customer_since       timestamptz,
  -- Set when a person or a reply stops everything for this lead.
  cadence_paused_at    timestamptz,
  cadence_pause_reason text,
  created_at           timestamptz NOT NULL DEFAULT now(),
  updated_at           timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  CONSTRAINT leads_email_uniq UNIQUE (org_id, email_key),
  FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id),
  FOREIGN KEY (org_id, owner_user_id) REFERENCES users (org_id, id),
  CONSTRAINT leads_unsubscribe_dated CHECK (NOT unsubscribe_flag OR unsubscribed_at IS NOT NULL),
  CONSTRAINT leads_opt_out_dated CHECK (NOT opt_out_flag OR opted_out_at IS NOT NULL),
  CONSTRAINT leads_pause_has_reason CHECK ((cadence_paused_at IS NULL) = (cadence_pause_reason IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX leads_by_account ON leads (org_id, account_id);

-- Outlives the lead: an address or a domain that is never contacted again.
CREATE TABLE suppressions (
  org_id     uuid NOT NULL REFERENCES organizations,
  id         uuid NOT NULL,
  kind       suppression_kind NOT NULL,
  value      text NOT NULL CHECK (value = lower(value) AND value <> ''),
  reason     text NOT NULL CHECK (reason <> ''),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  CONSTRAINT suppressions_value_uniq UNIQUE (org_id, kind, value)
);

CREATE TABLE lead_imports (
  org_id             uuid NOT NULL REFERENCES organizations,
  id                 uuid NOT NULL,
  status             import_status NOT NULL DEFAULT 'receiving',
  dry_run            boolean NOT NULL,
  rows_read          int NOT NULL DEFAULT 0,
  created_count      int NOT NULL DEFAULT 0,
  updated_count      int NOT NULL DEFAULT 0,
  unchanged_count    int NOT NULL DEFAULT 0,
  error_count        int NOT NULL DEFAULT 0,
  imported_by_user_id uuid,
  created_at         timestamptz NOT NULL DEFAULT now(),
  finished_at        timestamptz,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, imported_by_user_id) REFERENCES users (org_id, id)
);

-- Rows on their way in. They wait here, outside any transaction, until the whole file was read: then one
-- transaction merges them, so that a file that breaks half-way leaves nothing behind. Unlogged, because a
-- crash loses nothing that was acknowledged.
CREATE UNLOGGED TABLE lead_import_rows (
  org_id          uuid NOT NULL REFERENCES organizations,
  import_id       uuid NOT NULL,
  line            int NOT NULL,
  lead_id         uuid NOT NULL,
  account_id      uuid NOT NULL,
  email           text NOT NULL,
  first_name      text,
  last_name       text,
  title           text,
  linkedin_url    text,
  country         text,
  time_zone       text,
  icp_tier        icp_tier,
  segment         text,
  vertical        text,
  lifecycle_stage text,
  crm_contact_id  text,
  unsubscribe_flag boolean,
  opt_out_flag    boolean,
  sales_signal_at timestamptz,
  marketing_signal_at timestamptz,
  company         text,
  company_domain  text,
  abm_active      boolean,
  PRIMARY KEY (org_id, import_id, line)
);
