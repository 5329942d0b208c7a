/* Ends up to `most` ids of each kind that a former workspace gave. Rows that others have locked are next. */
/* @name endFormerCrmIds */
WITH people AS (
  UPDATE leads SET crm_contact_id = NULL, updated_at = :now!
  WHERE org_id = :org_id! AND id IN (
    SELECT l.id FROM leads l WHERE l.org_id = :org_id! AND l.crm_contact_id IS NOT NULL LIMIT :most! FOR NO KEY UPDATE SKIP LOCKED)
  RETURNING id
), companies AS (
  UPDATE accounts SET crm_account_id = NULL, updated_at = :now!
  WHERE org_id = :org_id! AND id IN (
    SELECT a.id FROM accounts a WHERE a.org_id = :org_id! AND a.crm_account_id IS NOT NULL LIMIT :most! FOR NO KEY UPDATE SKIP LOCKED)
  RETURNING id
), deals AS (
  UPDATE opportunities SET crm_deal_id = NULL, updated_at = :now!
  WHERE org_id = :org_id! AND id IN (
    SELECT o.id FROM opportunities o WHERE o.org_id = :org_id! AND o.crm_deal_id IS NOT NULL LIMIT :most! FOR NO KEY UPDATE SKIP LOCKED)
  RETURNING id
)
SELECT (SELECT count(*) FROM people)::int + (SELECT count(*) FROM companies)::int + (SELECT count(*) FROM deals)::int
  + end_former_contact_ids(:org_id!, :most!::int) AS "ended_count!";

/* Once none is left, the ids are the connected workspace's. */
/* @name replaceCrmWorkspace */
UPDATE crm_workspaces w SET crm = c.crm, workspace_id = c.workspace_id, workspace_name = c.workspace_name
FROM crm_connections c
WHERE w.org_id = :org_id! AND c.org_id = w.org_id
  AND NOT EXISTS (SELECT FROM contact_ids i WHERE i.org_id = :org_id! AND i.until IS NULL)
  AND NOT EXISTS (SELECT FROM leads l WHERE l.org_id = :org_id! AND l.crm_contact_id IS NOT NULL)
  AND NOT EXISTS (SELECT FROM accounts a WHERE a.org_id = :org_id! AND a.crm_account_id IS NOT NULL)
  AND NOT EXISTS (SELECT FROM opportunities o WHERE o.org_id = :org_id! AND o.crm_deal_id IS NOT NULL)
RETURNING w.org_id;
