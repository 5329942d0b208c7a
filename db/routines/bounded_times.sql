-- Bounds of stored times. Every time lies between 1970 and 9999 and is never infinite, because times are shown with a
-- year of four digits. One CHECK per table with times, generated from the existing columns, so columns from a later
-- migration are covered too. A generated column needs no bound of its own and is not shown.
DO $$
DECLARE
  t record;
BEGIN
  FOR t IN
    SELECT k.name, k.bound, array_agg(k.attnum) AS columns,
           string_agg(k.column, ', ' ORDER BY k.attnum) FILTER (WHERE NOT k.is_day) AS times,
           string_agg(k.column, ', ' ORDER BY k.attnum) FILTER (WHERE k.is_day) AS days
    FROM (
      SELECT c.oid::regclass AS name, c.relname || '_times' AS bound, a.attnum, quote_ident(a.attname) AS column,
             a.atttypid = 'date'::regtype AS is_day
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.atttypid IN ('timestamptz'::regtype, 'date'::regtype)
        AND pg_has_role(c.relowner, 'USAGE')
    ) k
    GROUP BY k.name, k.bound
  LOOP
    IF NOT EXISTS (
      SELECT FROM pg_constraint k WHERE k.conrelid = t.name AND k.conname = t.bound AND k.contype = 'c'
        AND t.columns <@ k.conkey
    ) THEN
      EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I', t.name, t.bound);
      -- Two comparisons for any number of columns; null counts for neither.
      EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I CHECK (%s)', t.name, t.bound, concat_ws(' AND ',
        'least(' || t.times || $c$) >= '1970-01-01 00:00:00+00'::timestamptz$c$,
        'greatest(' || t.times || $c$) <= '9999-12-31 23:59:59.999999+00'::timestamptz$c$,
        'least(' || t.days || $c$) >= '1970-01-01'::date$c$, 'greatest(' || t.days || $c$) <= '9999-12-31'::date$c$));
    END IF;
  END LOOP;
END $$;

-- A time that a writer reports as now must be within an hour of the server's clock; otherwise the product would not have
-- started (AHEAD_MAX_MS in src/start/runtime.ts). With a simulated clock, it is the writer's time.
CREATE OR REPLACE FUNCTION require_timely(at timestamptz, what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF at NOT BETWEEN clock_timestamp() - interval '1 hour' AND clock_timestamp() + interval '1 hour'
     AND NOT clock_is_simulated() THEN
    RAISE EXCEPTION '% is not the time of the database server', what
      USING ERRCODE = 'TL031', HINT = 'Synchronize the clocks of the database server and this machine, for example by NTP.';
  END IF;
END $$;

-- The times that each move of a play sets.
CREATE OR REPLACE FUNCTION require_timely_moves(old_play sales_play_library, new_play sales_play_library) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM require_timely(t.at, t.name)
  FROM (VALUES ('picked_up_at', old_play.picked_up_at, new_play.picked_up_at),
               ('slm_approved_at', old_play.slm_approved_at, new_play.slm_approved_at),
               ('revops_approved_at', old_play.revops_approved_at, new_play.revops_approved_at),
               ('activated_at', old_play.activated_at, new_play.activated_at),
               ('retired_at', old_play.retired_at, new_play.retired_at)) t (name, was, at)
  WHERE t.at IS DISTINCT FROM t.was;
END $$;
