-- Rules that assign new leads without an owner: the first one that fits a lead assigns it to its users in turn. Empty lists
-- restrict nothing.
CREATE TABLE assignment_rules (
  org_id             uuid NOT NULL REFERENCES organizations,
  id                 uuid NOT NULL,
  position           int NOT NULL CHECK (position > 0),
  icp_tiers          icp_tier[] NOT NULL DEFAULT '{}',
  segments           text[] NOT NULL DEFAULT '{}',
  countries          text[] NOT NULL DEFAULT '{}',
  assignee_user_ids  uuid[] NOT NULL CHECK (cardinality(assignee_user_ids) BETWEEN 1 AND 100),
  -- Leads that the rule has assigned. Whose turn is next follows from it.
  assigned_count     bigint NOT NULL DEFAULT 0 CHECK (assigned_count >= 0),
  updated_at         timestamptz NOT NULL,
  updated_by_user_id uuid NOT NULL,
  PRIMARY KEY (org_id, id),
  CONSTRAINT assignment_rules_position_uniq UNIQUE (org_id, position) DEFERRABLE INITIALLY DEFERRED,
  FOREIGN KEY (org_id, updated_by_user_id) REFERENCES users (org_id, id)
);
CREATE INDEX leads_without_owner ON leads (org_id, id) WHERE owner_user_id IS NULL AND erased_at IS NULL AND merged_into_id IS NULL;
