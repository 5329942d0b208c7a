-- The event log: append-only, partitioned by month; only the coordinator writes suppression reasons.

CREATE OR REPLACE TRIGGER cadence_event_log_append_only
  BEFORE UPDATE OR DELETE ON cadence_event_log
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER cadence_event_log_no_truncate
  BEFORE TRUNCATE ON cadence_event_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER cadence_event_log_suppressed_reason
  BEFORE INSERT ON cadence_event_log
  FOR EACH ROW WHEN (NEW.suppressed_reason IS NOT NULL)
  EXECUTE FUNCTION refuse_unless_coordinator();

-- An event names its actor: the one that the transaction names; the system if it names none; or the recipient for whom
-- the coordinator answers a link. It also carries its writing time by the server's clock: a time ahead would look like a
-- fast run, and a time long ago would change the recorded past.
CREATE OR REPLACE FUNCTION guard_new_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kind CONSTANT text := acting_kind();
  actor CONSTANT text := acting_id();
  by_link CONSTANT boolean := coalesce(kind = 'coordinator' AND acting_origin() ->> 'surface' = 'link', false);
  earliest timestamptz;
  latest timestamptz;
BEGIN
  IF EXISTS (
    SELECT FROM new_rows n
    WHERE (n.actor_kind::text, n.actor_id) IS DISTINCT FROM (kind, actor)
      AND NOT (n.actor_kind = 'system' AND (kind IS NULL OR by_link AND n.actor_id = 'unsubscribe_link'))
  ) THEN
    RAISE EXCEPTION 'an event must name the acting actor' USING ERRCODE = 'TL032';
  END IF;
  SELECT min(n.timestamp), max(n.timestamp) INTO earliest, latest FROM new_rows n;
  PERFORM require_timely(earliest, 'timestamp'), require_timely(latest, 'timestamp');
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER cadence_event_log_actor
  AFTER INSERT ON cadence_event_log REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION guard_new_events();

-- Makes the monthly partitions that cover [from_time, to_time]. Partitions do not inherit statement triggers, so each
-- gets its own against TRUNCATE. Many processes may call this: an advisory lock serializes them.
--
-- A new partition locks the log and the leads, in an order that open transactions need not share. It gives up long before
-- the server looks for deadlocks (1 s), and the next round retries: two months remain. It throws only if the partition of
-- from_time itself is missing. It runs as the owner, the only role that may, and makes no more than a worker needs: from
-- last month to half a year ahead, and at most five years at once with a simulated clock.
CREATE OR REPLACE FUNCTION ensure_event_partitions(from_time timestamptz, to_time timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '200ms' AS $$
DECLARE
  month_start timestamp := date_trunc('month', from_time AT TIME ZONE 'UTC');
  partition_name text;
  made int := 0;
BEGIN
  PERFORM refuse_odd_partitions(from_time, to_time);
  WHILE month_start <= to_time AT TIME ZONE 'UTC' LOOP
    partition_name := 'cadence_event_log_' || to_char(month_start, 'YYYY_MM');
    IF to_regclass(partition_name) IS NULL THEN
      BEGIN
        PERFORM make_event_partition(partition_name, month_start);
        made := made + 1;
      EXCEPTION WHEN lock_not_available THEN
        IF month_start <= from_time AT TIME ZONE 'UTC' THEN
          RAISE;
        END IF;
        RETURN made;
      END;
    END IF;
    month_start := month_start + interval '1 month';
  END LOOP;
  RETURN made;
END $$;

CREATE OR REPLACE FUNCTION refuse_odd_partitions(from_time timestamptz, to_time timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  -- Also if one of them is null or infinite.
  IF (from_time >= '1970-01-01 00:00:00+00' AND to_time < '9999-12-01 00:00:00+00' AND to_time - from_time <= interval '1827 days'
      AND (clock_is_simulated()
           OR from_time >= clock_timestamp() - interval '31 days' AND to_time <= clock_timestamp() + interval '183 days')) THEN
    RETURN;
  END IF;
  RAISE EXCEPTION 'the log has no months from % to %', from_time, to_time
    USING ERRCODE = '22023', HINT = 'Months exist from last month to half a year ahead, by the clock of the database server.';
END $$;

CREATE OR REPLACE FUNCTION make_event_partition(partition_name text, month_start timestamp) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('ensure_event_partitions'));
  IF to_regclass(partition_name) IS NOT NULL THEN
    RETURN;
  END IF;
  EXECUTE format(
    'CREATE TABLE IF NOT EXISTS %I PARTITION OF cadence_event_log FOR VALUES FROM (%L) TO (%L)',
    partition_name,
    to_char(month_start, 'YYYY-MM-DD') || ' 00:00:00+00',
    to_char(month_start + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00');
  EXECUTE format(
    'CREATE OR REPLACE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
    partition_name || '_no_truncate', partition_name);
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', partition_name);
END $$;

CREATE OR REPLACE TRIGGER policies_append_only
  BEFORE UPDATE OR DELETE ON policies
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
