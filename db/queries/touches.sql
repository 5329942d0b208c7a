/* @name insertTouches */
INSERT INTO touches (
  org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type, touched_at, outcome,
  settled_at, result, play_id, originating_proposal_id)
SELECT
  org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type, touched_at, outcome,
  settled_at, result, play_id, originating_proposal_id
FROM jsonb_populate_recordset(NULL::touches, :rows!);

/* Records a touch's outcome. The touch takes the time of the outcome: the message cannot have arrived later, so
   counting from it is never too lax. */
/* @name settleTouch */
UPDATE touches
SET outcome = :outcome!, settled_at = :now!, touched_at = coalesce(:touched_at::timestamptz, touched_at)
WHERE org_id = :org_id! AND queue_id = :queue_id! AND outcome IN ('reserved', 'unknown')
RETURNING id, lead_id;

/* Returned reservations without a begun attempt. */
/* @name voidReservedTouches */
UPDATE touches SET outcome = 'void', settled_at = :now!
WHERE org_id = :org_id! AND queue_id = ANY (:queue_ids!::uuid[]) AND outcome = 'reserved';
