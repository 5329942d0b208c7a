-- The same time of day this many local days later, in the time zone of the lead, else of its account, else of the
-- organization. delay_days counts these, so an enrollment keeps its hour when the clocks change. For a skipped or
-- repeated time of day, PostgreSQL takes the later instant, like localDaysAfterMs in src/core/gate/schedule.ts. An
-- unknown time zone counts as UTC in both. Null without an instant.
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
  -- Offsets such as +02:00, whose sign PostgreSQL reads in reverse, are not time zones.
  IF zone IS NULL OR zone !~ '^[A-Za-z]' THEN zone := 'UTC'; END IF;
  RETURN (from_time AT TIME ZONE zone + make_interval(days => days)) AT TIME ZONE zone;
EXCEPTION WHEN invalid_parameter_value THEN
  RETURN (from_time AT TIME ZONE 'UTC' + make_interval(days => days)) AT TIME ZONE 'UTC';
END $$;
