/* Without a time, the signal was observed now. */
/* @name insertSignal */
INSERT INTO lead_signals (org_id, id, lead_id, side, source, detail, occurred_at, recorded_at)
VALUES (:org_id!, :id!, :lead_id!, :side!, :source!, :detail, :occurred_at, :now!)
RETURNING *;

/* Newest first. */
/* @name listSignals @prepared */
SELECT s.* FROM lead_signals s
WHERE s.org_id = :org_id! AND s.lead_id = :lead_id!
  AND (:before_time::timestamptz IS NULL OR (s.occurred_at, s.id) < (:before_time, :before_id::uuid))
ORDER BY s.occurred_at DESC, s.id DESC
LIMIT :limit!;
