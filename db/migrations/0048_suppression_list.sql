-- The suppression list, which people keep: each row has a source and, if it is temporary, an end. A row is lifted once and
-- stays as history; the same value can be suppressed again in a new row.
CREATE TYPE suppression_source AS ENUM ('person', 'file', 'reply', 'bounce', 'complaint', 'earlier');

ALTER TABLE suppressions
  ADD COLUMN source              suppression_source NOT NULL DEFAULT 'earlier',
  -- When the suppression ends. Null: never.
  ADD COLUMN until               timestamptz,
  ADD COLUMN added_by_user_id    uuid,
  ADD COLUMN lifted_at           timestamptz,
  -- Null with lifted_at: its end has passed.
  ADD COLUMN lifted_by_user_id   uuid,
  ADD COLUMN lift_reason         text CHECK (lift_reason <> '' AND length(lift_reason) <= 2000),
  -- When the open work of its leads was ended. Earlier suppressions ended that of their lead when they were added.
  ADD COLUMN settled_at          timestamptz DEFAULT now(),
  ADD FOREIGN KEY (org_id, added_by_user_id) REFERENCES users (org_id, id),
  ADD FOREIGN KEY (org_id, lifted_by_user_id) REFERENCES users (org_id, id),
  ADD CONSTRAINT suppressions_added_by CHECK ((source IN ('person', 'file')) = (added_by_user_id IS NOT NULL)),
  ADD CONSTRAINT suppressions_ends CHECK (until > created_at),
  ADD CONSTRAINT suppressions_lifted CHECK (
    CASE WHEN lifted_at IS NULL THEN lifted_by_user_id IS NULL AND lift_reason IS NULL
         WHEN lifted_by_user_id IS NULL THEN lift_reason IS NULL AND coalesce(until <= lifted_at, false)
         ELSE lift_reason IS NOT NULL END);
ALTER TABLE suppressions ALTER COLUMN source DROP DEFAULT, ALTER COLUMN settled_at DROP DEFAULT;

-- Unique among rows in force. Enum comparison is not leakproof, so row-level security rules out an index with the kind as a
-- column: each kind has an index of its own.
ALTER TABLE suppressions DROP CONSTRAINT suppressions_value_uniq;
CREATE UNIQUE INDEX suppressions_address_uniq ON suppressions (org_id, value) WHERE kind = 'address' AND lifted_at IS NULL;
CREATE UNIQUE INDEX suppressions_domain_uniq ON suppressions (org_id, value) WHERE kind = 'domain' AND lifted_at IS NULL;
CREATE INDEX suppressions_by_value ON suppressions (org_id, value COLLATE "C", id);
CREATE INDEX suppressions_in_force ON suppressions (org_id, id) WHERE lifted_at IS NULL;
CREATE INDEX suppressions_past ON suppressions (org_id, id) WHERE lifted_at IS NOT NULL;
CREATE INDEX suppressions_ending ON suppressions (org_id, until) WHERE lifted_at IS NULL AND until IS NOT NULL;
CREATE INDEX suppressions_unsettled ON suppressions (org_id, id) WHERE lifted_at IS NULL AND settled_at IS NULL;

-- A suppressed domain covers its subdomains: their leads are found by the reversed domain. A column, because row-level
-- security rules out an index on a function that is not leakproof.
ALTER TABLE leads ADD COLUMN reversed_domain text COLLATE "C" NOT NULL
  GENERATED ALWAYS AS (reverse(lower(split_part(email, '@', 2)))) STORED;
CREATE INDEX leads_by_reversed_domain ON leads (org_id, reversed_domain, id);
