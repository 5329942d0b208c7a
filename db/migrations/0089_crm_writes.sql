-- What is written to the CRM: an outbox with one queue per person.
-- Whether an admin decides before the record of a person whose data is deleted goes from the CRM too.
ALTER TABLE crm_connections ADD COLUMN asks_before_erasure boolean NOT NULL DEFAULT false;
CREATE TYPE crm_write_kind AS ENUM ('opt_out', 'company', 'person', 'deal', 'touch', 'reply', 'erasure');
CREATE TYPE crm_write_status AS ENUM ('pending', 'refused', 'written', 'skipped', 'canceled');
CREATE TABLE crm_writes (
  org_id uuid NOT NULL REFERENCES organizations (org_id),
  -- Rises with the order of the changes. It is also the reference that the CRM keeps.
  id uuid NOT NULL,
  -- The queue: a person, or an account before its people.
  lead_id uuid,
  account_id uuid,
  kind crm_write_kind NOT NULL,
  -- The lead, account, enrollment, touch, or inbound message.
  subject_id uuid NOT NULL,
  -- Which of the writes about the subject.
  part text NOT NULL,
  -- Opt-outs overtake everything else of their person.
  rank smallint NOT NULL GENERATED ALWAYS AS (CASE kind WHEN 'opt_out' THEN 0 WHEN 'erasure' THEN 0 ELSE 1 END) STORED,
  occurred_at timestamptz NOT NULL,
  status crm_write_status NOT NULL DEFAULT 'pending',
  attempt_count int NOT NULL DEFAULT 0,
  -- While claimed: when the claim counts as lost.
  next_at timestamptz NOT NULL,
  -- The fence: only the latest claimant settles.
  claim_id uuid,
  process_id uuid,
  -- An earlier attempt may have written: look before writing again.
  is_uncertain boolean NOT NULL DEFAULT false,
  record_id text,
  last_code text,
  last_path text,
  last_message text,
  settled_at timestamptz,
  decided_by_user_id uuid,
  skip_reason text,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id),
  FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id),
  FOREIGN KEY (org_id, decided_by_user_id) REFERENCES users (org_id, id),
  CONSTRAINT crm_writes_queue CHECK (num_nonnulls(lead_id, account_id) = 1 AND (kind = 'company') = (account_id IS NOT NULL)),
  CONSTRAINT crm_writes_settled CHECK ((status IN ('pending', 'refused')) = (settled_at IS NULL)),
  CONSTRAINT crm_writes_claim CHECK (claim_id IS NULL OR status = 'pending'),
  CONSTRAINT crm_writes_skipped CHECK ((status = 'skipped') = (skip_reason IS NOT NULL) AND length(skip_reason) BETWEEN 1 AND 2000
                                       AND (status <> 'skipped' OR decided_by_user_id IS NOT NULL)),
  CONSTRAINT crm_writes_words CHECK (length(last_message) <= 1000 AND length(last_path) <= 1000 AND length(last_code) <= 200)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
-- Each change is told once.
CREATE UNIQUE INDEX crm_writes_once ON crm_writes (org_id, kind, subject_id, part);
CREATE INDEX crm_writes_due ON crm_writes (org_id, rank, next_at, id) WHERE status = 'pending';
CREATE INDEX crm_writes_of_person ON crm_writes (org_id, lead_id, rank, id) WHERE settled_at IS NULL AND lead_id IS NOT NULL;
CREATE INDEX crm_writes_of_account ON crm_writes (org_id, account_id, id) WHERE settled_at IS NULL AND account_id IS NOT NULL;
CREATE INDEX crm_writes_refused ON crm_writes (org_id, id) WHERE status = 'refused';
CREATE INDEX crm_writes_of_lead ON crm_writes (org_id, lead_id, id) WHERE lead_id IS NOT NULL;

-- When the next request to the CRM may begin, shared by all processes. In real time, as the CRM counts.
CREATE TABLE crm_limits (
  org_id uuid NOT NULL REFERENCES organizations (org_id),
  calls text NOT NULL,
  next_free_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, calls),
  CONSTRAINT crm_limits_calls CHECK (calls IN ('read', 'write', 'all'))
) WITH (fillfactor = 50);

-- Who our writes are by, in the words of the CRM, so that its events about them are recognized.
CREATE TABLE crm_actors (
  org_id uuid NOT NULL REFERENCES organizations (org_id),
  actor_id text NOT NULL,
  since timestamptz NOT NULL,
  PRIMARY KEY (org_id, actor_id),
  CONSTRAINT crm_actors_words CHECK (length(actor_id) BETWEEN 1 AND 200)
);

-- Every id under which the CRM ever knew a person. Written by a trigger.
CREATE TABLE contact_ids (
  org_id uuid NOT NULL REFERENCES organizations (org_id),
  contact_id text NOT NULL,
  lead_id uuid NOT NULL,
  since timestamptz NOT NULL,
  PRIMARY KEY (org_id, contact_id),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id)
);
CREATE INDEX contact_ids_of_lead ON contact_ids (org_id, lead_id);
INSERT INTO contact_ids (org_id, contact_id, lead_id, since)
SELECT org_id, crm_contact_id, id, updated_at FROM leads WHERE crm_contact_id IS NOT NULL
ON CONFLICT DO NOTHING;

ALTER TYPE flag_kind ADD VALUE 'crm_write_refused';
ALTER TYPE flag_kind ADD VALUE 'crm_unreachable';
