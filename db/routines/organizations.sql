-- Days are counted in the org's zone where a lead and its account have none, so a zone that nobody knows would stop every
-- decision. Leads and accounts are not asked here but where they come in: the server's list of zones may be older than
-- the product's, and one new zone must not refuse a whole file.
CREATE OR REPLACE FUNCTION refuse_unknown_time_zone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM now() AT TIME ZONE NEW.time_zone;
  RETURN NEW;
EXCEPTION WHEN invalid_parameter_value THEN
  RAISE EXCEPTION 'there is no time zone %', NEW.time_zone
    USING ERRCODE = '22023', HINT = 'Use an IANA name such as Europe/Berlin.';
END $$;
CREATE OR REPLACE TRIGGER organizations_time_zone
  BEFORE INSERT OR UPDATE OF time_zone ON organizations
  FOR EACH ROW EXECUTE FUNCTION refuse_unknown_time_zone();
