/* Rows that are known stay as they are. In the order of their keys, so that concurrent calls do not lock each other out. */
/* @name insertServiceRecords */
INSERT INTO service_records (org_id, id, service, external_id, kind, lead_id, account_id, enrollment_id, opportunity_id, campaign_id,
  play_id, originating_proposal_id, occurred_at, content_hash)
SELECT :org_id!, g.id, g.service, g.external_id, g.kind, g.lead_id, g.account_id, g.enrollment_id, g.opportunity_id, g.campaign_id,
  g.play_id, g.originating_proposal_id, g.occurred_at, g.content_hash
FROM jsonb_to_recordset(:rows!) AS g(
  id uuid, service service_name, external_id text, kind text, lead_id uuid, account_id uuid, enrollment_id uuid, opportunity_id uuid,
  campaign_id uuid, play_id uuid, originating_proposal_id uuid, occurred_at timestamptz, content_hash text)
ORDER BY g.external_id, g.service
ON CONFLICT (org_id, external_id, service) DO NOTHING
RETURNING id;

/* The stored rows with the keys of `rows`. `is_known`: recorded before. `differs`: with another content; a merged lead is the
   same person. */
/* @name recordedRows */
SELECT s.*, s.id <> g.id AS "is_known!",
       s.content_hash <> g.content_hash
         AND (s.kind, s.occurred_at, s.account_id, s.enrollment_id, s.opportunity_id, s.campaign_id, s.play_id, s.originating_proposal_id,
              coalesce(l.merged_into_id, l.id))
             IS DISTINCT FROM (g.kind, g.occurred_at, g.account_id, g.enrollment_id, g.opportunity_id, g.campaign_id, g.play_id,
                               g.originating_proposal_id, g.lead_id) AS "differs!"
FROM jsonb_to_recordset(:rows!) AS g(
  id uuid, service service_name, external_id text, kind text, lead_id uuid, account_id uuid, enrollment_id uuid, opportunity_id uuid,
  campaign_id uuid, play_id uuid, originating_proposal_id uuid, occurred_at timestamptz, content_hash text)
JOIN service_records s ON s.org_id = :org_id! AND s.service = g.service AND s.external_id = g.external_id
LEFT JOIN leads l ON l.org_id = s.org_id AND l.id = s.lead_id;

/* Newest first. `lead_ids`: the rows of one person. */
/* @name listServiceRecords */
SELECT s.* FROM service_records s
WHERE s.org_id = :org_id! AND (:before_id::uuid IS NULL OR s.id < :before_id)
  AND (:service::text IS NULL OR s.service_key = :service)
  AND (:lead_ids::uuid[] IS NULL OR s.lead_id = ANY (:lead_ids))
  AND (:originating_proposal_id::uuid IS NULL OR s.originating_proposal_id = :originating_proposal_id)
ORDER BY s.id DESC
LIMIT :limit!;
