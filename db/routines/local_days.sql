-- The same time of day so many local days later, in the lead's zone, else its account's, else the org's: what delay_days
-- counts, so that a sequence keeps its hour when a clock is changed. Of a time of day that the clock skips or repeats,
-- PostgreSQL takes the later instant, and so does localDaysAfterMs in src/core/gate/schedule.ts. A zone that this server does not
-- know counts as UTC, as it does there. Null where there is no instant.
CREATE OR REPLACE FUNCTION local_days_after(org uuid, lead uuid, from_time timestamptz, days int)
RETURNS timestamptz LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
  zone text;
BEGIN
  IF days = 0 THEN RETURN from_time; END IF;
  SELECT coalesce(l.time_zone, a.time_zone, o.time_zone) INTO zone
  FROM leads l
  JOIN organizations o ON o.org_id = l.org_id
  LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
  WHERE l.org_id = org AND l.id = lead;
  -- Offsets such as +02:00, whose sign PostgreSQL reads the other way round, are no zones.
  IF zone IS NULL OR zone !~ '^[A-Za-z]' THEN zone := 'UTC'; END IF;
  RETURN (from_time AT TIME ZONE zone + make_interval(days => days)) AT TIME ZONE zone;
EXCEPTION WHEN invalid_parameter_value THEN
  RETURN (from_time AT TIME ZONE 'UTC' + make_interval(days => days)) AT TIME ZONE 'UTC';
END $$;
