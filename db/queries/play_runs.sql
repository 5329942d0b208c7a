/* Active plays without a campaign. */
/* @name playsToCompile */
SELECT p.play_id FROM sales_play_library p
WHERE p.org_id = :org_id! AND p.state = 'active' AND p.play_id <> ALL (:set_aside!::uuid[])
  AND NOT EXISTS (SELECT FROM play_runs r WHERE r.org_id = p.org_id AND r.play_id = p.play_id)
ORDER BY p.play_id LIMIT :limit!
FOR NO KEY UPDATE SKIP LOCKED;

/* @name playToCompile */
SELECT p.state, p.name, p.client_id, p.originating_proposal_id, p.suggested_cadence, c.id AS "campaign_id?"
FROM sales_play_library p
LEFT JOIN campaigns c ON c.org_id = p.org_id AND c.play_id = p.play_id
WHERE p.org_id = :org_id! AND p.play_id = :play_id!;

/* Writes nothing if the slug is taken. */
/* @name insertPlayCampaign */
INSERT INTO campaigns (org_id, id, slug, name, client_id, type, owner_role, sequence_type, side, send_rule, play_id,
                       originating_proposal_id, created_at, updated_at)
VALUES (:org_id!, :id!, :slug!, :name!, :client_id!, 'play', 'AGT-301', 'prospecting', 'sales', 'approve_each', :play_id!,
        :originating_proposal_id!, :now!, :now!)
ON CONFLICT ON CONSTRAINT campaigns_slug_uniq DO NOTHING
RETURNING id;

/* The first run scans every lead; changes made during the run are scanned afterward. */
/* @name insertPlayRun */
INSERT INTO play_runs (org_id, play_id, campaign_id, pass_started_at, changes_since, updated_at)
VALUES (:org_id!, :play_id!, :campaign_id!, :now!, :now!, :now!)
ON CONFLICT (org_id, play_id) DO NOTHING;

/* The next play to scan: the one scanned longest ago. Its run belongs to the worker until the transaction ends, and no
   user can retire it in the meantime. */
/* @name claimPlayRun */
SELECT r.play_id, r.campaign_id, r.after_lead_id, r.pass_started_at, r.pass_finished_at, r.changes_since,
       p.segment, p.account_id, p.target_definition
FROM play_runs r
JOIN sales_play_library p ON p.org_id = r.org_id AND p.play_id = r.play_id AND p.state = 'active'
JOIN organizations o ON o.org_id = r.org_id
JOIN campaigns c ON c.org_id = r.org_id AND c.id = r.campaign_id AND c.status = 'active'
WHERE r.org_id = :org_id! AND r.play_id <> ALL (:set_aside!::uuid[])
  AND play_closed(p, (:now!::timestamptz AT TIME ZONE o.time_zone)::date) IS NULL
  AND (r.pass_finished_at IS NULL OR r.changes_since <= :changes_until! OR r.pass_started_at <= :pass_until!)
ORDER BY r.updated_at, r.play_id LIMIT 1
FOR UPDATE OF r SKIP LOCKED
FOR SHARE OF p SKIP LOCKED;

/* @name updatePlayRun */
UPDATE play_runs SET after_lead_id = :after_lead_id, pass_started_at = :pass_started_at!, pass_finished_at = :pass_finished_at,
  changes_since = :changes_since!, requested_count = requested_count + :requested!, updated_at = :now!
WHERE org_id = :org_id! AND play_id = :play_id!;

/* The next leads of a run that match the play's audience and have no answer yet. Scans a bounded number of leads by
   id, so a narrow audience takes no longer per batch than a wide one. A final answer stays; a refusal is decided again
   once the lead or its account has changed. */
/* @name matchLeads */
WITH looked_at AS MATERIALIZED (
  SELECT l AS lead FROM leads l
  WHERE l.org_id = :org_id! AND (:after_lead_id::uuid IS NULL OR l.id > :after_lead_id) AND l.merged_into_id IS NULL
    AND (:account_id::uuid IS NULL OR l.account_id = :account_id)
  ORDER BY l.id LIMIT :window!
), matching AS MATERIALIZED (
  SELECT (k.lead).id FROM looked_at k
  LEFT JOIN accounts a ON a.org_id = :org_id AND a.id = (k.lead).account_id
  WHERE play_matches(k.lead, a, :segment, :account_id, :icp_tiers::text[], :segments::text[], :vertical_pattern,
                     :lifecycle_stage_pattern, :title_pattern, :any_signals::text[], :all_signals::text[])
    AND (k.lead).id <> ALL (:set_aside!::uuid[])
    AND NOT EXISTS (
      SELECT FROM sequence_requests r
      WHERE r.org_id = :org_id AND r.campaign_id = :campaign_id! AND r.lead_id = (k.lead).id
        AND (r.status::text IN ('allowed', 'held', 'queued', 'canceled')
             OR r.decided_at >= greatest((k.lead).updated_at, a.updated_at)))
  ORDER BY 1 LIMIT :limit!
)
SELECT (SELECT coalesce(array_agg(m.id ORDER BY m.id), '{}') FROM matching m) AS "lead_ids!",
       (SELECT (k.lead).id FROM looked_at k ORDER BY 1 DESC LIMIT 1) AS last_id,
       (SELECT count(*)::int FROM looked_at) AS "looked_at_count!";

/* The same for leads that changed, or whose account changed. */
/* @name matchChangedLeads */
WITH changed AS MATERIALIZED (
  (SELECT l.id FROM leads l
   WHERE l.org_id = :org_id! AND l.merged_into_id IS NULL AND l.updated_at >= :changed_since! AND (:account_id::uuid IS NULL OR l.account_id = :account_id)
   LIMIT :window!)
  UNION
  (SELECT l.id FROM accounts c JOIN leads l ON l.org_id = c.org_id AND l.account_id = c.id
   WHERE c.org_id = :org_id AND c.updated_at >= :changed_since AND (:account_id::uuid IS NULL OR c.id = :account_id)
   LIMIT :window)
), matching AS MATERIALIZED (
  SELECT l.id FROM changed k
  JOIN leads l ON l.org_id = :org_id AND l.id = k.id
  LEFT JOIN accounts a ON a.org_id = :org_id AND a.id = l.account_id
  WHERE play_matches(l, a, :segment, :account_id, :icp_tiers::text[], :segments::text[], :vertical_pattern,
                     :lifecycle_stage_pattern, :title_pattern, :any_signals::text[], :all_signals::text[])
    AND l.id <> ALL (:set_aside!::uuid[])
    AND NOT EXISTS (
      SELECT FROM sequence_requests r
      WHERE r.org_id = :org_id AND r.campaign_id = :campaign_id! AND r.lead_id = l.id
        AND (r.status::text IN ('allowed', 'held', 'queued', 'canceled')
             OR r.decided_at >= greatest(l.updated_at, a.updated_at)))
  ORDER BY 1 LIMIT :limit!
)
SELECT (SELECT coalesce(array_agg(m.id ORDER BY m.id), '{}') FROM matching m) AS "lead_ids!",
       (SELECT count(*)::int FROM changed) AS "looked_at_count!";

/* Matching leads, enrolled or not, among this many leads after an id. */
/* @name countMatches */
WITH looked_at AS MATERIALIZED (
  SELECT l AS lead FROM leads l
  WHERE l.org_id = :org_id! AND (:after_lead_id::uuid IS NULL OR l.id > :after_lead_id) AND l.merged_into_id IS NULL
    AND (:account_id::uuid IS NULL OR l.account_id = :account_id)
  ORDER BY l.id LIMIT :window!
)
SELECT (SELECT count(*)::int FROM looked_at k
        LEFT JOIN accounts a ON a.org_id = :org_id AND a.id = (k.lead).account_id
        WHERE play_matches(k.lead, a, :segment, :account_id, :icp_tiers::text[], :segments::text[], :vertical_pattern,
                           :lifecycle_stage_pattern, :title_pattern, :any_signals::text[], :all_signals::text[])
       ) AS "match_count!",
       (SELECT (k.lead).id FROM looked_at k ORDER BY 1 DESC LIMIT 1) AS last_id,
       (SELECT count(*)::int FROM looked_at) AS "looked_at_count!";

/* Plays whose period is over, if the configuration ends them automatically. A day ends in the organization's time
   zone. */
/* @name sunsetPlays */
WITH due AS MATERIALIZED (
  SELECT p.play_id FROM sales_play_library p
  JOIN organizations o ON o.org_id = p.org_id
  JOIN sales_play_library_config c ON c.org_id = p.org_id AND c.segment IS NULL AND c.auto_sunset
  WHERE p.org_id = :org_id! AND p.state = 'active' AND p.play_id <> ALL (:set_aside!::uuid[])
    AND p.active_period_end < (:now!::timestamptz AT TIME ZONE o.time_zone)::date
  ORDER BY p.play_id LIMIT :limit!
  FOR NO KEY UPDATE OF p SKIP LOCKED
)
UPDATE sales_play_library p SET state = 'retired', retired_at = greatest(:now, activated_at), retire_reason = 'auto_sunset'
FROM due WHERE p.org_id = :org_id AND p.play_id = due.play_id AND p.state = 'active'
RETURNING p.play_id, p.writer_agent_id;

/* Pending requests for plays that no longer take enrollments, with the reason. */
/* @name claimRequestsOfClosedPlays */
SELECT r.id, r.lead_id, c.play_closed AS "play_closed!"
FROM (
  SELECT k.id, play_closed(p, (:now!::timestamptz AT TIME ZONE o.time_zone)::date) AS play_closed
  FROM campaigns k
  JOIN organizations o ON o.org_id = k.org_id
  JOIN sales_play_library p ON p.org_id = k.org_id AND p.play_id = k.play_id
  WHERE k.org_id = :org_id! AND k.play_id IS NOT NULL
  OFFSET 0
) c
CROSS JOIN LATERAL (
  SELECT w.id, w.lead_id FROM sequence_requests w
  WHERE w.org_id = :org_id AND w.campaign_id = c.id AND w.status IN ('held', 'queued') AND w.id <> ALL (:set_aside!::uuid[])
  FOR UPDATE SKIP LOCKED
) r
WHERE c.play_closed IS NOT NULL
LIMIT :limit!;
