-- The time zone that applies to a lead: its own, else its account's, else the organization's. An unknown one counts as UTC, as
-- in src/core/gate/schedule.ts. So do offsets such as +02:00, whose sign PostgreSQL reads in reverse. Null without the lead.
CREATE OR REPLACE FUNCTION zone_of_lead(org uuid, lead uuid) RETURNS text LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
  zone text;
BEGIN
  SELECT coalesce(l.time_zone, a.time_zone, o.time_zone) INTO zone
  FROM leads l
  JOIN organizations o ON o.org_id = l.org_id
  LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
  WHERE l.org_id = org AND l.id = lead;
  IF zone !~ '^[A-Za-z]' THEN RETURN 'UTC'; END IF;
  PERFORM now() AT TIME ZONE zone;
  RETURN zone;
EXCEPTION WHEN invalid_parameter_value THEN
  RETURN 'UTC';
END $$;

-- The same time of day this many local days later, in the time zone of the lead. delay_days counts these, so an enrollment
-- keeps its hour when the clocks change. For a skipped or repeated time of day, PostgreSQL takes the later instant, like
-- localDaysAfterMs in src/core/gate/schedule.ts. Null without an instant.
CREATE OR REPLACE FUNCTION local_days_after(org uuid, lead uuid, from_time timestamptz, days int)
RETURNS timestamptz LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
  zone text;
BEGIN
  IF days = 0 THEN RETURN from_time; END IF;
  zone := coalesce(zone_of_lead(org, lead), 'UTC');
  RETURN (from_time AT TIME ZONE zone + make_interval(days => days)) AT TIME ZONE zone;
END $$;
