/* @name getCrmConnection */
SELECT c.*, u.name AS "connected_by_name!",
  CASE WHEN (w.crm, w.workspace_id) IS DISTINCT FROM (c.crm, c.workspace_id) THEN w.workspace_name END AS former_workspace_name
FROM crm_connections c
JOIN users u ON u.org_id = c.org_id AND u.id = c.connected_by_user_id
JOIN crm_workspaces w ON w.org_id = c.org_id
WHERE c.org_id = :org_id!;

/* @name putCrmConnection */
INSERT INTO crm_connections (org_id, crm, base_url, api_key, app_id, client_secret, workspace_id, workspace_name, stages, stage_titles,
  deal_owner_id, asks_before_erasure, fields, connected_by_user_id, connected_at)
VALUES (:org_id!, :crm!, :base_url, :api_key!, :app_id, :client_secret, :workspace_id!, :workspace_name!, :stages!, :stage_titles!,
  :deal_owner_id, :asks_before_erasure!, :fields!, :user_id!, :now!)
ON CONFLICT (org_id) DO UPDATE SET crm = EXCLUDED.crm, base_url = EXCLUDED.base_url, api_key = EXCLUDED.api_key,
  app_id = EXCLUDED.app_id, client_secret = EXCLUDED.client_secret, workspace_id = EXCLUDED.workspace_id,
  workspace_name = EXCLUDED.workspace_name, stages = EXCLUDED.stages, deal_owner_id = EXCLUDED.deal_owner_id,
  stage_titles = EXCLUDED.stage_titles, asks_before_erasure = EXCLUDED.asks_before_erasure, fields = EXCLUDED.fields,
  connected_by_user_id = EXCLUDED.connected_by_user_id, connected_at = EXCLUDED.connected_at;

/* @name deleteCrmConnection */
DELETE FROM crm_connections WHERE org_id = :org_id! RETURNING org_id;

/* Mapped attributes whose values say nothing here, and of how many records. */
/* @name countUnreadFields */
SELECT f.field AS "field!", count(*)::int AS "record_count!"
FROM crm_records r, unnest(r.unread_fields) AS f (field)
WHERE r.org_id = :org_id! AND r.unread_fields <> '{}' AND r.gone_at IS NULL
GROUP BY 1 ORDER BY 1;
