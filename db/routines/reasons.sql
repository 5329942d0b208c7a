-- The index and the query of each reason, made from the schema's list: a new reason needs no line here. Enum comparison is not
-- leakproof, so row-level security rules out an index with the reason as a column: each reason has an index of its own.
DO $$
DECLARE
  reasons CONSTANT text[] := enum_range(NULL::suppressed_reason);
  reason text;
BEGIN
  FOREACH reason IN ARRAY reasons LOOP
    EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON cadence_event_log (org_id, timestamp DESC, id DESC) WHERE suppressed_reason = %L',
                   'cadence_event_log_' || reason, reason);
  END LOOP;
  -- The number of stops in each hour from a time on, by reason. Reads the newest 24 times `most` rows per reason: if that omits
  -- any, at least one hour has `most` or more.
  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION stopped_by_hour(org uuid, from_time timestamptz, to_time timestamptz, most int)
    RETURNS TABLE (starts_at timestamptz, reason suppressed_reason, count int) LANGUAGE plpgsql STABLE AS $b$
    BEGIN
      RETURN QUERY
      SELECT from_time + (ceil(extract(epoch FROM s.timestamp - from_time) / 3600) - 1) * interval '1 hour', s.reason, count(*)::int
      FROM (%s) s GROUP BY 1, 2 ORDER BY 1, 2;
    END $b$ $f$, (
    SELECT string_agg(format(
      '(SELECT %1$L::suppressed_reason AS reason, v.timestamp FROM cadence_event_log v
        WHERE v.org_id = org AND v.suppressed_reason = %1$L AND v.timestamp > from_time AND v.timestamp <= to_time
        ORDER BY v.timestamp DESC, v.id DESC LIMIT 24 * most)', r), ' UNION ALL ')
    FROM unnest(reasons) r));
END $$;
