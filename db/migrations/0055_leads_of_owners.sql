-- Lists of one owner's leads, however many others the organization has.
CREATE INDEX leads_by_owner ON leads (org_id, owner_user_id, id) WHERE owner_user_id IS NOT NULL;
