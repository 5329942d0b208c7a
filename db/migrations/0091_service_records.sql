-- Rows of other services, with the lineage of what they are about, so that cohorts can count them.
CREATE TYPE service_name AS ENUM ('abm_playbook', 'expansion_log', 'qbr_log', 'opportunity_brief_log', 'comm_brief_log');
-- Row policies keep a comparison of enums out of an index, so lists compare this text.
CREATE FUNCTION service_name_text(service_name) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE $1 WHEN 'abm_playbook' THEN 'abm_playbook' WHEN 'expansion_log' THEN 'expansion_log' WHEN 'qbr_log' THEN 'qbr_log'
                 WHEN 'opportunity_brief_log' THEN 'opportunity_brief_log' WHEN 'comm_brief_log' THEN 'comm_brief_log' END;
CREATE TABLE service_records (
  org_id uuid NOT NULL REFERENCES organizations (org_id),
  id uuid NOT NULL,
  service service_name NOT NULL,
  service_key text NOT NULL GENERATED ALWAYS AS (service_name_text(service)) STORED,
  -- The id of the row in its service.
  external_id text NOT NULL,
  -- The service's own word for the row.
  kind text,
  lead_id uuid,
  account_id uuid,
  enrollment_id uuid,
  opportunity_id uuid,
  -- Those of the enrollment or opportunity; without one, a proposal and perhaps one of its plays.
  campaign_id uuid,
  play_id uuid,
  originating_proposal_id uuid,
  occurred_at timestamptz NOT NULL,
  -- SHA-256 of the row as its service handed it in: the same row again is recognized after its lead has moved or merged.
  content_hash text NOT NULL,
  -- Set by a trigger.
  recorded_by_agent_id text,
  recorded_by_user_id uuid,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, id),
  CONSTRAINT service_records_once UNIQUE (org_id, external_id, service),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id),
  FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id),
  FOREIGN KEY (org_id, enrollment_id) REFERENCES campaign_contacts (org_id, id),
  FOREIGN KEY (org_id, opportunity_id) REFERENCES opportunities (org_id, id),
  FOREIGN KEY (org_id, originating_proposal_id) REFERENCES brain_analysis_log (org_id, proposal_id),
  CONSTRAINT service_records_play FOREIGN KEY (org_id, play_id, originating_proposal_id)
    REFERENCES sales_play_library (org_id, play_id, originating_proposal_id),
  FOREIGN KEY (org_id, recorded_by_agent_id) REFERENCES agents (org_id, id),
  FOREIGN KEY (org_id, recorded_by_user_id) REFERENCES users (org_id, id),
  -- Visible ASCII without spaces and @: an id, neither an address nor a name.
  CONSTRAINT service_records_external_id CHECK (external_id ~ '^[!-?A-~]{1,200}$'),
  CONSTRAINT service_records_kind CHECK (kind ~ '^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,99}$'),
  CONSTRAINT service_records_content_hash CHECK (content_hash ~ '^[0-9a-f]{64}$'),
  CONSTRAINT service_records_subject CHECK (num_nonnulls(lead_id, account_id, play_id, originating_proposal_id) > 0),
  CONSTRAINT service_records_person CHECK (lead_id IS NOT NULL OR num_nonnulls(enrollment_id, opportunity_id) = 0),
  CONSTRAINT service_records_campaign CHECK ((campaign_id IS NULL) = (enrollment_id IS NULL)),
  CONSTRAINT service_records_proposal CHECK (play_id IS NULL OR originating_proposal_id IS NOT NULL),
  CONSTRAINT service_records_recorder CHECK (num_nonnulls(recorded_by_agent_id, recorded_by_user_id) = 1)
);
CREATE INDEX service_records_by_service ON service_records (org_id, service_key, id);
CREATE INDEX service_records_of_lead ON service_records (org_id, lead_id, id) WHERE lead_id IS NOT NULL;
CREATE INDEX service_records_of_account ON service_records (org_id, account_id) WHERE account_id IS NOT NULL;
CREATE INDEX service_records_of_proposal ON service_records (org_id, originating_proposal_id, id)
  WHERE originating_proposal_id IS NOT NULL;
