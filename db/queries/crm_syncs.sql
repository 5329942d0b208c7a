/* @name getCrmSync */
SELECT s.*, u.name AS "requested_by_name?" FROM crm_syncs s
LEFT JOIN users u ON u.org_id = s.org_id AND u.id = s.requested_by_user_id
WHERE s.org_id = :org_id!;

/* Begins a run unless one is under way. */
/* @name beginCrmSync */
INSERT INTO crm_syncs AS s (org_id, run_id, requested_by_user_id, allows_deletions, started_at, next_at)
VALUES (:org_id!, :run_id!, :user_id, :allows_deletions!, :now!, :now!)
ON CONFLICT (org_id) DO UPDATE SET run_id = excluded.run_id, requested_by_user_id = excluded.requested_by_user_id,
  allows_deletions = excluded.allows_deletions, started_at = excluded.started_at, step = 'company', cursor = NULL, cursor_at = NULL,
  record_count = 0, gone_count = 0, next_at = excluded.next_at, claim_id = NULL, attempt_count = 0, last_code = NULL, last_message = NULL,
  finished_at = NULL
  WHERE s.finished_at IS NOT NULL
RETURNING run_id;

/* Whether the night's run has not begun: two o'clock in the organization's time zone; or no run since the CRM was connected. */
/* @name crmSyncIsDue */
SELECT o.org_id FROM organizations o
JOIN crm_connections c ON c.org_id = o.org_id
WHERE o.org_id = :org_id! AND NOT EXISTS (
  SELECT FROM crm_syncs s WHERE s.org_id = :org_id! AND (s.finished_at IS NULL OR s.started_at >= c.connected_at AND s.started_at >=
    ((date_trunc('day', (:now!::timestamptz AT TIME ZONE o.time_zone) - interval '2 hours') + interval '2 hours') AT TIME ZONE o.time_zone)));

/* @name claimCrmSync */
UPDATE crm_syncs SET claim_id = :claim_id!, next_at = :lease_until!, attempt_count = attempt_count + 1
WHERE org_id = :org_id! AND finished_at IS NULL AND next_at <= :now!
RETURNING *;

/* Only the claimant continues. */
/* @name stepCrmSync */
UPDATE crm_syncs SET step = :step!::crm_sync_step, cursor = :cursor, cursor_at = :cursor_at, record_count = record_count + :record_count!::int,
  gone_count = :gone_count!, next_at = :now!, claim_id = NULL, attempt_count = 0, last_code = :last_code, last_message = NULL,
  finished_at = CASE WHEN :step!::crm_sync_step = 'done' THEN :now!::timestamptz END
WHERE org_id = :org_id! AND claim_id = :claim_id! AND finished_at IS NULL RETURNING run_id;

/* @name delayCrmSync */
UPDATE crm_syncs SET next_at = :next_at!, claim_id = NULL, attempt_count = attempt_count - :uncounted!::int, last_code = :last_code,
  last_message = :last_message
WHERE org_id = :org_id! AND claim_id = :claim_id! RETURNING run_id;

/* Records that the run did not find, and all that are known, by object. */
/* @name countUnseenCrmRecords */
SELECT r.object, count(*)::int AS "known_count!",
  count(*) FILTER (WHERE r.run_id IS DISTINCT FROM :run_id! AND r.read_at < :started_at!)::int AS "unseen_count!"
FROM crm_records r WHERE r.org_id = :org_id! AND r.gone_at IS NULL GROUP BY r.object ORDER BY r.object;

/* Each of them is read once more before anything is done about it. */
/* @name expectCrmDeletions */
INSERT INTO crm_events (org_id, event_id, object, record_id, action, received_at, next_at)
SELECT :org_id!, 'sync:' || (:run_id!::uuid)::text || ':' || r.object::text || ':' || r.record_id, r.object, r.record_id, 'deleted', :now!, :now!
FROM crm_records r
WHERE r.org_id = :org_id! AND r.gone_at IS NULL AND r.run_id IS DISTINCT FROM :run_id! AND r.read_at < :started_at!
ON CONFLICT DO NOTHING
RETURNING event_id;
