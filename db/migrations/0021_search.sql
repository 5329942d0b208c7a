-- What leads and accounts are found by: the beginning of a key. Behind row policies an index serves only what is leakproof,
-- which comparing texts is and LIKE is not. In the order of bytes (COLLATE "C"), so that whatever begins alike stands
-- together in any database.

ALTER TABLE leads
  ADD COLUMN name_key text COLLATE "C"
    GENERATED ALWAYS AS (nullif(lower(btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))), '')) STORED,
  -- A last name alone is the whole name already.
  ADD COLUMN last_name_key text COLLATE "C"
    GENERATED ALWAYS AS (CASE WHEN first_name <> '' THEN lower(btrim(last_name)) END) STORED;
ALTER TABLE accounts
  ADD COLUMN name_key text COLLATE "C" GENERATED ALWAYS AS (lower(btrim(name))) STORED;

CREATE INDEX leads_by_name ON leads (org_id, name_key, id);
CREATE INDEX leads_by_last_name ON leads (org_id, last_name_key, id);
CREATE INDEX leads_by_address ON leads (org_id, email_key COLLATE "C", id);
CREATE INDEX leads_by_domain ON leads (org_id, email_domain COLLATE "C", id);
CREATE INDEX accounts_by_name ON accounts (org_id, name_key, id);
CREATE INDEX accounts_by_domain ON accounts (org_id, domain COLLATE "C", id) WHERE domain IS NOT NULL;
