-- Attributes of the CRM's people and companies that become columns here, as the admin mapped them: {"tier": "person.icp_tier"}.
ALTER TABLE crm_connections ADD COLUMN fields jsonb NOT NULL DEFAULT '{}';
ALTER TABLE crm_connections ADD CONSTRAINT crm_connections_fields
  CHECK (jsonb_typeof(fields) = 'object' AND fields - '{tier,segment,abm_active,owner,imported}'::text[] = '{}'
         AND NOT jsonb_path_exists(fields, '$.* ? (@.type() != "string" || !(@ like_regex "^(person|company)[.][A-Za-z0-9_-]{1,100}$"))'));
-- Mapped attributes of a record whose value says nothing here, such as the tier "Gold".
ALTER TABLE crm_records ADD COLUMN unread_fields text[] NOT NULL DEFAULT '{}';
CREATE INDEX crm_records_unread ON crm_records (org_id) WHERE unread_fields <> '{}';
-- The mapped attribute does not choose the person.
ALTER TYPE crm_left_out ADD VALUE 'not_selected';
