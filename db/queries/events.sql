/* Rows have the columns of cadence_event_log; missing columns are null. */
/* @name insertEvents */
INSERT INTO cadence_event_log
SELECT * FROM json_populate_recordset(NULL::cadence_event_log, :rows!);

/* @name ensureEventPartitions */
SELECT ensure_event_partitions(:from_time!, :to_time!) AS "made!";

/* The newest time in the event log or the audit log. Audit lines are ordered by id (audit_id). */
/* @name latestTime */
SELECT greatest(
  (SELECT max(e.timestamp) FROM cadence_event_log e WHERE e.org_id = :org_id!),
  (SELECT a.at FROM audit_log a WHERE a.org_id = :org_id ORDER BY a.id DESC LIMIT 1)) AS latest;

/* The log between two times, newest first. Without other filters, one plan fits every page. */
/* @name eventsBetween @prepared */
SELECT v.*, c.slug AS "campaign_slug?", c.name AS "campaign_name?"
FROM cadence_event_log v
LEFT JOIN campaigns c ON c.org_id = v.org_id AND c.id = v.campaign_id
WHERE v.org_id = :org_id! AND v.timestamp >= :since!
  AND (v.timestamp, v.id) < (:before_time!::timestamptz, :before_id!::uuid)
ORDER BY v.timestamp DESC, v.id DESC
LIMIT :limit!;

/* The log of one campaign between two times, newest first. */
/* @name eventsOfCampaign @prepared */
SELECT v.*, c.slug AS "campaign_slug?", c.name AS "campaign_name?"
FROM cadence_event_log v
LEFT JOIN campaigns c ON c.org_id = v.org_id AND c.id = v.campaign_id
WHERE v.org_id = :org_id! AND v.campaign_id = :campaign_id! AND v.timestamp >= :since!
  AND (v.timestamp, v.id) < (:before_time!::timestamptz, :before_id!::uuid)
ORDER BY v.timestamp DESC, v.id DESC
LIMIT :limit!;

/* @name listEvents */
SELECT v.*, c.slug AS "campaign_slug?", c.name AS "campaign_name?"
FROM cadence_event_log v
LEFT JOIN campaigns c ON c.org_id = v.org_id AND c.id = v.campaign_id
WHERE v.org_id = :org_id!
  AND (:actor_id::text IS NULL OR (v.actor_kind IN ('human', 'agent') AND v.actor_id = :actor_id))
  AND (:campaign_id::uuid IS NULL OR v.campaign_id = :campaign_id)
  AND (:lead_ids::uuid[] IS NULL OR v.lead_id = ANY (:lead_ids))
  AND (:event_type::event_type IS NULL OR v.event_type = :event_type)
  AND (:suppressed_reason::suppressed_reason IS NULL OR v.suppressed_reason = :suppressed_reason)
  AND (:play_id::uuid IS NULL OR v.play_id = :play_id)
  AND (:since::timestamptz IS NULL OR v.timestamp >= :since)
  AND (:before_time::timestamptz IS NULL OR (v.timestamp, v.id) < (:before_time, :before_id::uuid))
ORDER BY v.timestamp DESC, v.id DESC
LIMIT :limit!;

/* A part of the log with the facts of each decision; other entries have none. */
/* @name decisionsBetween @prepared */
SELECT v.timestamp, v.id, v.lead_id, v.moment, v.policy_version, v.suppressed_reason, v.sequence_type, v.facts,
       CASE WHEN v.moment IS NOT NULL THEN v.trace END AS trace
FROM cadence_event_log v
WHERE v.org_id = :org_id! AND v.timestamp >= :since!
  AND (v.timestamp, v.id) < (:before_time!::timestamptz, :before_id!::uuid)
ORDER BY v.timestamp DESC, v.id DESC
LIMIT :limit!;

/* Leads and campaign names of events, for sentences. */
/* @name leadsOfEvents @prepared */
SELECT l.id, l.email, l.first_name, l.last_name, a.name AS "company?",
       coalesce(l.time_zone, a.time_zone, o.time_zone) AS "effective_time_zone!"
FROM leads l
JOIN organizations o ON o.org_id = l.org_id
LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
WHERE l.org_id = :org_id! AND l.id = ANY (:ids!::uuid[]);

/* Events of a lead of certain types. A lead has several hundred events, so the statement finds them by lead. */
/* @name leadEventsOfTypes @prepared */
SELECT v.*, c.slug AS "campaign_slug?", c.name AS "campaign_name?"
FROM unnest(ids_of_lead(:org_id!, :lead_id!)) AS p (id)
CROSS JOIN LATERAL (
  SELECT e.* FROM cadence_event_log e
  WHERE e.org_id = :org_id! AND e.lead_id = p.id
    -- Compares the type as text, so the index by lead applies. By type, the planner may read a whole partial index.
    AND e.event_type::text = ANY (:event_types!::text[])
    AND (:before_time::timestamptz IS NULL OR (e.timestamp, e.id) < (:before_time, :before_id::uuid))
  ORDER BY e.timestamp DESC, e.id DESC
  LIMIT :limit!
) v
LEFT JOIN campaigns c ON c.org_id = :org_id! AND c.id = v.campaign_id
ORDER BY v.timestamp DESC, v.id DESC
LIMIT :limit!;
