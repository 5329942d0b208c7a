-- A lead is a person. lead_addresses holds the person's email addresses, profiles, and phone numbers; each belongs to one lead.
-- leads.email, linkedin_url, and phone are the primary ones, to which touches go.
CREATE TYPE address_kind AS ENUM ('email', 'linkedin', 'phone');
CREATE TYPE address_source AS ENUM ('person', 'agent', 'file', 'crm', 'product', 'earlier');

-- The form in which two addresses of a kind are equal. Null: a LinkedIn page that belongs to no person.
CREATE FUNCTION address_key(kind address_kind, value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE kind
    WHEN 'email' THEN lower(value)
    WHEN 'phone' THEN value
    ELSE rtrim(substring(lower(value) FROM
      '^https?://(?:[a-z0-9_-]+[.])*linkedin[.](?:com|example)(?::[0-9]+)?(/(?:in|pub|sales/lead|sales/people)/[^?#]+)'), '/')
  END;

CREATE TABLE lead_addresses (
  org_id       uuid NOT NULL REFERENCES organizations (org_id),
  id           uuid NOT NULL DEFAULT gen_random_uuid(),
  lead_id      uuid NOT NULL,
  kind         address_kind NOT NULL,
  value        text NOT NULL CHECK (value <> '' AND length(value) <= 500),
  value_key    text COLLATE "C" NOT NULL GENERATED ALWAYS AS (address_key(kind, value)) STORED,
  -- The address in the column of leads.
  is_primary   boolean NOT NULL DEFAULT false,
  -- Since when it is proven that the address reaches the person.
  verified_at  timestamptz,
  source       address_source NOT NULL,
  since        timestamptz NOT NULL DEFAULT now(),
  -- Since when it is no longer the person's. Another person may have it then.
  until        timestamptz,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id) ON DELETE CASCADE,
  CONSTRAINT lead_addresses_primary_in_force CHECK (NOT (is_primary AND until IS NOT NULL)),
  CONSTRAINT lead_addresses_ends CHECK (until >= since),
  CONSTRAINT lead_addresses_times CHECK (least(verified_at, since, until) >= '1970-01-01 00:00:00+00'
                                         AND greatest(verified_at, since, until) <= '9999-12-31 23:59:59.999999+00'),
  CONSTRAINT lead_addresses_forms CHECK (
    CASE kind WHEN 'email' THEN length(value) <= 254 AND value ~ '^[^@\s]+@[^@\s]+$'
              WHEN 'phone' THEN value ~ '^[+][1-9][0-9]{6,14}$'
              ELSE value ~* '^https?://' END)
);

-- Each kind has an index of its own: enum comparison is not leakproof, so row-level security rules out an index with the kind
-- as a column.
CREATE UNIQUE INDEX lead_addresses_email_uniq ON lead_addresses (org_id, value_key) WHERE kind = 'email' AND until IS NULL;
CREATE UNIQUE INDEX lead_addresses_linkedin_uniq ON lead_addresses (org_id, value_key) WHERE kind = 'linkedin' AND until IS NULL;
CREATE UNIQUE INDEX lead_addresses_phone_uniq ON lead_addresses (org_id, value_key) WHERE kind = 'phone' AND until IS NULL;
CREATE UNIQUE INDEX lead_addresses_primary_email_uniq ON lead_addresses (org_id, lead_id) WHERE kind = 'email' AND is_primary;
CREATE UNIQUE INDEX lead_addresses_primary_linkedin_uniq ON lead_addresses (org_id, lead_id) WHERE kind = 'linkedin' AND is_primary;
CREATE UNIQUE INDEX lead_addresses_primary_phone_uniq ON lead_addresses (org_id, lead_id) WHERE kind = 'phone' AND is_primary;
CREATE INDEX lead_addresses_of_lead ON lead_addresses (org_id, lead_id, id);

-- Two leads that may be one person. `earlier` is the smaller id.
CREATE TYPE merge_reason AS ENUM ('same_crm_record', 'same_profile', 'same_phone_and_name', 'same_name_and_company');
CREATE TYPE suggestion_outcome AS ENUM ('merged', 'different_people');
CREATE TABLE lead_merge_suggestions (
  org_id           uuid NOT NULL REFERENCES organizations (org_id),
  id               uuid NOT NULL DEFAULT gen_random_uuid(),
  lead_id          uuid NOT NULL,
  other_lead_id    uuid NOT NULL,
  reason           merge_reason NOT NULL,
  found_at         timestamptz NOT NULL DEFAULT now(),
  ended_at         timestamptz,
  outcome          suggestion_outcome,
  -- Null with ended_at: a rule merged them.
  ended_by_user_id uuid,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id) ON DELETE CASCADE,
  FOREIGN KEY (org_id, other_lead_id) REFERENCES leads (org_id, id) ON DELETE CASCADE,
  FOREIGN KEY (org_id, ended_by_user_id) REFERENCES users (org_id, id),
  CONSTRAINT lead_merge_suggestions_order CHECK (lead_id < other_lead_id),
  CONSTRAINT lead_merge_suggestions_ended CHECK ((ended_at IS NULL) = (outcome IS NULL)),
  CONSTRAINT lead_merge_suggestions_uniq UNIQUE (org_id, lead_id, other_lead_id)
);
CREATE INDEX lead_merge_suggestions_open ON lead_merge_suggestions (org_id, id) WHERE ended_at IS NULL;
CREATE INDEX lead_merge_suggestions_by_rule ON lead_merge_suggestions (org_id, id)
  WHERE ended_at IS NULL AND reason = 'same_crm_record';
CREATE INDEX lead_merge_suggestions_of_other ON lead_merge_suggestions (org_id, other_lead_id);

-- Rows of organizations of every kind, so without row policies until the routines restore them.
ALTER TABLE leads NO FORCE ROW LEVEL SECURITY;

-- Leads with one CRM record are one person, whom a rule merges; until then, the first keeps the record.
INSERT INTO lead_merge_suggestions (org_id, lead_id, other_lead_id, reason)
SELECT l.org_id, k.first_id, l.id, 'same_crm_record'
FROM leads l
JOIN (SELECT org_id, crm_contact_id, (array_agg(id ORDER BY id))[1] AS first_id FROM leads
      WHERE crm_contact_id IS NOT NULL GROUP BY org_id, crm_contact_id HAVING count(*) > 1) k
  ON k.org_id = l.org_id AND k.crm_contact_id = l.crm_contact_id AND k.first_id <> l.id;
ALTER TABLE leads DISABLE TRIGGER USER;
UPDATE leads l SET crm_contact_id = NULL
FROM lead_merge_suggestions s WHERE s.org_id = l.org_id AND s.other_lead_id = l.id;
ALTER TABLE leads ENABLE TRIGGER USER;
CREATE UNIQUE INDEX leads_crm_contact_uniq ON leads (org_id, crm_contact_id) WHERE crm_contact_id IS NOT NULL;

INSERT INTO lead_addresses (org_id, lead_id, kind, value, is_primary, source, since)
SELECT org_id, id, 'email', email, true, 'earlier', created_at FROM leads WHERE erased_at IS NULL;
-- Of several leads with one profile or number, the first has it as an address.
INSERT INTO lead_addresses (org_id, lead_id, kind, value, is_primary, source, since)
SELECT DISTINCT ON (org_id, address_key('linkedin', linkedin_url)) org_id, id, 'linkedin'::address_kind, linkedin_url, true,
       'earlier'::address_source, created_at
FROM leads WHERE erased_at IS NULL AND address_key('linkedin', linkedin_url) IS NOT NULL AND length(linkedin_url) <= 500
ORDER BY org_id, address_key('linkedin', linkedin_url), id;
INSERT INTO lead_addresses (org_id, lead_id, kind, value, is_primary, source, since)
SELECT DISTINCT ON (org_id, phone) org_id, id, 'phone'::address_kind, phone, true, 'earlier'::address_source, created_at
FROM leads WHERE erased_at IS NULL AND phone IS NOT NULL ORDER BY org_id, phone, id;
INSERT INTO lead_merge_suggestions (org_id, lead_id, other_lead_id, reason)
SELECT a.org_id, least(a.lead_id, l.id), greatest(a.lead_id, l.id), 'same_profile'
FROM lead_addresses a JOIN leads l ON l.org_id = a.org_id AND address_key('linkedin', l.linkedin_url) = a.value_key
WHERE a.kind = 'linkedin' AND l.id <> a.lead_id AND l.erased_at IS NULL
ON CONFLICT DO NOTHING;

-- The leads of one account by name: the same name at the same company is suggested as one person.
CREATE INDEX leads_of_account_by_name ON leads (org_id, account_id, name_key);
DROP INDEX leads_by_account;

-- A merged lead is a shell that names the lead into which it was merged, always one that is not merged itself. Its history stays,
-- and counts for that lead.
ALTER TABLE leads
  ADD COLUMN merged_into_id uuid,
  ADD FOREIGN KEY (org_id, merged_into_id) REFERENCES leads (org_id, id),
  ADD CONSTRAINT leads_merged CHECK (merged_into_id IS NULL OR merged_into_id <> id AND (erased_at IS NOT NULL
    OR email = 'merged-' || id || '@merged.invalid' AND linkedin_url IS NULL AND phone IS NULL AND crm_contact_id IS NULL
       AND account_id IS NULL AND first_name IS NULL AND last_name IS NULL));
CREATE INDEX leads_merged_into ON leads (org_id, merged_into_id) WHERE merged_into_id IS NOT NULL;

CREATE TABLE lead_merges (
  org_id            uuid NOT NULL REFERENCES organizations (org_id),
  id                uuid NOT NULL DEFAULT gen_random_uuid(),
  lead_id           uuid NOT NULL,
  into_lead_id      uuid NOT NULL,
  merged_at         timestamptz NOT NULL,
  -- Null: the rule on equal CRM records.
  merged_by_user_id uuid,
  reason            text CHECK (reason <> '' AND length(reason) <= 2000),
  -- The lead's own values before the merge.
  lead_before       jsonb NOT NULL,
  transaction_id    bigint NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id),
  FOREIGN KEY (org_id, into_lead_id) REFERENCES leads (org_id, id),
  FOREIGN KEY (org_id, merged_by_user_id) REFERENCES users (org_id, id),
  CONSTRAINT lead_merges_once UNIQUE (org_id, lead_id)
);
CREATE INDEX lead_merges_into ON lead_merges (org_id, into_lead_id);

-- An address may be suppressed by an opt-out, which can be lifted, and for another reason beside it.
DROP INDEX suppressions_address_uniq;
CREATE UNIQUE INDEX suppressions_address_uniq ON suppressions (org_id, value)
  WHERE kind = 'address' AND lifted_at IS NULL AND source <> 'opt_out';
CREATE UNIQUE INDEX suppressions_opt_out_uniq ON suppressions (org_id, value) WHERE lifted_at IS NULL AND source = 'opt_out';
CREATE INDEX suppressions_of_address ON suppressions (org_id, value) WHERE kind = 'address' AND lifted_at IS NULL;

-- Opt-outs of today suppress the addresses of their leads.
ALTER TABLE suppressions NO FORCE ROW LEVEL SECURITY;
INSERT INTO suppressions (org_id, id, kind, value, reason, source, created_at, settled_at)
SELECT org_id, gen_random_uuid(), 'address', email_key, CASE WHEN unsubscribe_flag THEN 'unsubscribed' ELSE 'opted out' END, 'opt_out',
       now(), now()
FROM leads WHERE (unsubscribe_flag OR opt_out_flag) AND erased_at IS NULL;

-- The line of the same person whose row counts. Null: this one. The address of the others is kept as a further one.
ALTER TABLE lead_import_rows ADD COLUMN kept_line int;
