/* The horizon below which every transaction has ended, so any later change has this transaction id or a higher one.
   Timestamps do not work: rows become visible in a different order than their timestamps. */
/* @name changeHorizon */
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS "horizon!";

/* Rows written since the horizon, newest first. `since` only bounds the search: no row that can still appear is older. */
/* @name eventsWritten */
SELECT id, timestamp, event_type, lead_id, queue_id, enrollment_id, row_xact_id(xmin) AS "xact_id!"
FROM cadence_event_log
WHERE org_id = :org_id! AND timestamp >= :since! AND row_xact_id(xmin) >= :horizon!
ORDER BY timestamp DESC, id DESC
LIMIT :limit!;

/* @name flagsWritten */
SELECT id, kind, lead_id, resolved_at, row_xact_id(xmin) AS "xact_id!"
FROM flags
WHERE org_id = :org_id!
  AND greatest(raised_at, acknowledged_at, escalated_at, resolved_at, cause_gone_at) >= :since!
  AND row_xact_id(xmin) >= :horizon!
ORDER BY greatest(raised_at, acknowledged_at, escalated_at, resolved_at, cause_gone_at) DESC
LIMIT :limit!;

/* @name notificationsWritten */
SELECT id, to_user_id, to_agent, lead_id, flag_id, detail ->> 'play_id' AS play_id, row_xact_id(xmin) AS "xact_id!"
FROM notifications
WHERE org_id = :org_id! AND greatest(created_at, read_at) >= :since! AND row_xact_id(xmin) >= :horizon!
ORDER BY greatest(created_at, read_at) DESC
LIMIT :limit!;

/* Reads all plays of the organization: they are few, and an edit updates none of their timestamps. */
/* @name playsWritten */
SELECT play_id AS id, state, writer_agent_id, row_xact_id(xmin) AS "xact_id!"
FROM sales_play_library
WHERE org_id = :org_id! AND row_xact_id(xmin) >= :horizon! AND content_removed_at IS NULL
ORDER BY row_xact_id(xmin) DESC
LIMIT :limit!;
