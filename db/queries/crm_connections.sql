/* @name getCrmConnection */
SELECT c.*, u.name AS "connected_by_name!" FROM crm_connections c
JOIN users u ON u.org_id = c.org_id AND u.id = c.connected_by_user_id
WHERE c.org_id = :org_id!;

/* @name putCrmConnection */
INSERT INTO crm_connections (org_id, crm, base_url, api_key, workspace_id, workspace_name, stages, stage_titles, deal_owner_id,
  connected_by_user_id, connected_at)
VALUES (:org_id!, :crm!, :base_url, :api_key!, :workspace_id!, :workspace_name!, :stages!, :stage_titles!, :deal_owner_id, :user_id!, :now!)
ON CONFLICT (org_id) DO UPDATE SET crm = EXCLUDED.crm, base_url = EXCLUDED.base_url, api_key = EXCLUDED.api_key,
  workspace_id = EXCLUDED.workspace_id, workspace_name = EXCLUDED.workspace_name, stages = EXCLUDED.stages,
  stage_titles = EXCLUDED.stage_titles,  deal_owner_id = EXCLUDED.deal_owner_id, connected_by_user_id = EXCLUDED.connected_by_user_id, connected_at = EXCLUDED.connected_at;

/* @name deleteCrmConnection */
DELETE FROM crm_connections WHERE org_id = :org_id! RETURNING org_id;
