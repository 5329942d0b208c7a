-- The daily cap counts touches of one local day. The writer named that day; the database derives it now.
ALTER TABLE touches NO FORCE ROW LEVEL SECURITY;
ALTER TABLE touches DISABLE TRIGGER USER;
UPDATE touches t SET time_zone = 'UTC'
WHERE NOT EXISTS (SELECT FROM pg_timezone_names z WHERE lower(z.name) = lower(t.time_zone));
ALTER TABLE touches ENABLE TRIGGER USER;
ALTER TABLE touches DROP COLUMN local_day;
ALTER TABLE touches
  ADD COLUMN local_day date NOT NULL GENERATED ALWAYS AS ((touched_at AT TIME ZONE time_zone)::date) STORED,
  ADD CONSTRAINT touches_times CHECK (
    least(touched_at, settled_at) >= '1970-01-01 00:00:00+00' AND greatest(touched_at, settled_at) <= '9999-12-31 23:59:59.999999+00');
