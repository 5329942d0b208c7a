-- What comes in from the CRM.
CREATE TYPE crm_object AS ENUM ('person', 'company', 'deal');
CREATE TYPE crm_event_action AS ENUM ('created', 'updated', 'deleted', 'merged');
CREATE TYPE crm_left_out AS ENUM ('no_address', 'no_person', 'erased', 'other_record', 'no_name');
CREATE TYPE crm_sync_step AS ENUM ('company', 'person', 'deal', 'gone', 'done');

-- The CRM's subscription to our endpoint. The token in its path names the organization; the signature proves the sender.
CREATE TABLE crm_subscriptions (
  org_id uuid PRIMARY KEY REFERENCES organizations (org_id),
  token text NOT NULL,
  target_url text,
  subscription_id text,
  -- Sealed with TOUCHLINE_SECRET.
  secret bytea,
  -- The CRM's ids of objects, as its events name them.
  object_ids jsonb NOT NULL DEFAULT '{}',
  -- When the worker last asked the CRM for it, and what the CRM answered if it refused.
  checked_at timestamptz,
  last_message text,
  CONSTRAINT crm_subscriptions_words CHECK (length(token) BETWEEN 40 AND 200 AND length(target_url) <= 2000
                                            AND length(subscription_id) BETWEEN 1 AND 200 AND length(last_message) <= 1000),
  CONSTRAINT crm_subscriptions_whole CHECK (num_nonnulls(target_url, subscription_id, secret) IN (0, 3))
);

CREATE UNIQUE INDEX crm_subscriptions_token ON crm_subscriptions (token);

-- Changes in the CRM: each names a record to read. Each is stored once, however often it is delivered.
CREATE TABLE crm_events (
  org_id uuid NOT NULL REFERENCES organizations (org_id),
  event_id text NOT NULL,
  object crm_object NOT NULL,
  record_id text NOT NULL,
  action crm_event_action NOT NULL,
  merged_into text,
  -- As the CRM says; null if it does not.
  at timestamptz,
  -- Our own change, which needs no reading.
  is_ours boolean NOT NULL DEFAULT false,
  received_at timestamptz NOT NULL,
  settled_at timestamptz,
  attempt_count int NOT NULL DEFAULT 0,
  -- While claimed: when the claim counts as lost.
  next_at timestamptz NOT NULL,
  claim_id uuid,
  -- Why the record could not be read.
  last_code text,
  PRIMARY KEY (org_id, event_id),
  CONSTRAINT crm_events_words CHECK (length(event_id) BETWEEN 1 AND 400 AND length(record_id) BETWEEN 1 AND 200
                                     AND length(merged_into) BETWEEN 1 AND 200 AND length(last_code) <= 200),
  CONSTRAINT crm_events_merged CHECK (merged_into IS NULL OR action = 'merged' AND merged_into <> record_id),
  CONSTRAINT crm_events_ours CHECK (NOT is_ours OR settled_at IS NOT NULL)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX crm_events_due ON crm_events (org_id, next_at) WHERE settled_at IS NULL;
CREATE INDEX crm_events_of_record ON crm_events (org_id, object, record_id) WHERE settled_at IS NULL;
CREATE INDEX crm_events_of_person ON crm_events (org_id, record_id) WHERE object = 'person';
CREATE INDEX crm_events_old ON crm_events (org_id, received_at) WHERE settled_at IS NOT NULL;

-- The CRM's records as last read: whose they are, and which of them are gone.
CREATE TABLE crm_records (
  org_id uuid NOT NULL REFERENCES organizations (org_id),
  object crm_object NOT NULL,
  record_id text NOT NULL,
  -- The lead, account, or opportunity; null if the record was left out.
  subject_id uuid,
  left_out crm_left_out,
  -- The latest reading: an older one that ends later changes nothing.
  read_at timestamptz NOT NULL,
  -- The latest sync that found the record.
  run_id uuid,
  gone_at timestamptz,
  PRIMARY KEY (org_id, object, record_id),
  CONSTRAINT crm_records_words CHECK (length(record_id) BETWEEN 1 AND 200)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX crm_records_of_subject ON crm_records (org_id, subject_id) WHERE subject_id IS NOT NULL;
CREATE INDEX crm_records_known ON crm_records (org_id, object, run_id) WHERE gone_at IS NULL;

-- The latest comparison with the CRM. Each page and its cursor are stored in one transaction.
CREATE TABLE crm_syncs (
  org_id uuid PRIMARY KEY REFERENCES organizations (org_id),
  run_id uuid NOT NULL,
  requested_by_user_id uuid,
  -- A person has confirmed that many deletions are right.
  allows_deletions boolean NOT NULL DEFAULT false,
  started_at timestamptz NOT NULL,
  step crm_sync_step NOT NULL DEFAULT 'company',
  cursor text,
  -- When the cursor was made: it is valid for a day.
  cursor_at timestamptz,
  record_count int NOT NULL DEFAULT 0,
  gone_count int NOT NULL DEFAULT 0,
  next_at timestamptz NOT NULL,
  claim_id uuid,
  attempt_count int NOT NULL DEFAULT 0,
  last_code text,
  last_message text,
  finished_at timestamptz,
  FOREIGN KEY (org_id, requested_by_user_id) REFERENCES users (org_id, id),
  CONSTRAINT crm_syncs_finished CHECK ((finished_at IS NULL) = (step <> 'done')),
  CONSTRAINT crm_syncs_cursor CHECK ((cursor IS NULL) = (cursor_at IS NULL) AND length(cursor) <= 40000),
  CONSTRAINT crm_syncs_words CHECK (length(last_code) <= 200 AND length(last_message) <= 1000)
);

CREATE INDEX accounts_of_crm ON accounts (org_id, crm_account_id) WHERE crm_account_id IS NOT NULL;
ALTER TYPE flag_kind ADD VALUE 'crm_record_deleted';
ALTER TYPE flag_kind ADD VALUE 'crm_sync_stopped';
