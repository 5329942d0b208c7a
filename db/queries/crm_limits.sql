/* Takes the next slot for a request of this kind, in real time. No row: none within `wait_max_ms`, and none is taken. */
/* @name takeCrmSlot */
INSERT INTO crm_limits AS c (org_id, calls, next_free_at)
VALUES (:org_id!, :calls!, clock_timestamp() + make_interval(secs => :spacing_ms!::float8 / 1000))
ON CONFLICT (org_id, calls) DO UPDATE
SET next_free_at = greatest(c.next_free_at, clock_timestamp()) + make_interval(secs => :spacing_ms!::float8 / 1000)
WHERE c.next_free_at < clock_timestamp() + make_interval(secs => :wait_max_ms!::float8 / 1000)
RETURNING greatest(0, extract(epoch FROM c.next_free_at - clock_timestamp()) * 1000 - :spacing_ms!::float8)::float8 AS "wait_ms!";

/* The CRM named an instant for the next request, or asked for a pause of `wait_ms`; at most a day. */
/* @name closeCrmSlots */
INSERT INTO crm_limits AS c (org_id, calls, next_free_at)
SELECT :org_id!, k, least(coalesce(:until::timestamptz, clock_timestamp() + make_interval(secs => :wait_ms!::float8 / 1000)),
                          clock_timestamp() + interval '1 day')
FROM unnest(:calls!::text[]) k
ON CONFLICT (org_id, calls) DO UPDATE SET next_free_at = greatest(c.next_free_at, EXCLUDED.next_free_at);
