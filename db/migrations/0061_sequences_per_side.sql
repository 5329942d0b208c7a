-- Where a side runs only so many sequences for a lead at once, the campaign with the higher priority goes first.
ALTER TABLE campaigns ADD COLUMN priority int NOT NULL DEFAULT 0
  CONSTRAINT campaigns_priority_bounded CHECK (priority BETWEEN -1000 AND 1000);

-- The policy by which a gate paused an enrollment: a newer one decides about it again.
ALTER TABLE campaign_contacts ADD COLUMN paused_policy_version int;
CREATE INDEX campaign_contacts_paused_by_policy ON campaign_contacts (org_id, paused_policy_version, id)
  WHERE status = 'paused' AND paused_policy_version IS NOT NULL;
