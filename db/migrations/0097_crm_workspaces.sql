-- The workspace of the CRM whose ids leads, accounts, and opportunities have. Another one gives the same ids to other people.
CREATE TABLE crm_workspaces (
  org_id uuid PRIMARY KEY REFERENCES organizations (org_id),
  crm crm_name NOT NULL,
  workspace_id text NOT NULL,
  workspace_name text NOT NULL,
  CONSTRAINT crm_workspaces_words CHECK (length(workspace_id) BETWEEN 1 AND 500)
);
INSERT INTO crm_workspaces SELECT org_id, crm, workspace_id, workspace_name FROM crm_connections;
-- Set once the id is of a workspace that is no longer connected. It names the person only in our history.
ALTER TABLE contact_ids ADD COLUMN until timestamptz;
CREATE INDEX contact_ids_in_force ON contact_ids (org_id, contact_id) WHERE until IS NULL;
