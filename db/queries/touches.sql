/* @name insertTouches */
INSERT INTO touches
SELECT * FROM json_populate_recordset(NULL::touches, :rows!);

/* A touch's outcome. Its time becomes the time of the outcome: the message cannot have arrived after that, so
   counting from there can only be too careful. */
/* @name settleTouch */
UPDATE touches
SET outcome = :outcome!, settled_at = :now!, touched_at = coalesce(:touched_at::timestamptz, touched_at),
    local_day = coalesce(:local_day::date, local_day)
WHERE org_id = :org_id! AND queue_id = :queue_id! AND outcome IN ('reserved', 'unknown')
RETURNING id, lead_id, time_zone;

/* @name getOpenTouch */
SELECT * FROM touches WHERE org_id = :org_id! AND queue_id = :queue_id! AND outcome IN ('reserved', 'unknown');

/* @name listLeadTouches */
SELECT t.*, c.slug AS campaign_slug FROM touches t
JOIN campaigns c ON c.org_id = t.org_id AND c.id = t.campaign_id
WHERE t.org_id = :org_id! AND t.lead_id = :lead_id! AND t.outcome <> 'void'
ORDER BY t.touched_at DESC
LIMIT :limit!;
