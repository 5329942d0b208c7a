-- The log: append-only, partitioned by month, its suppression reasons written by the coordinator alone.

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

-- Makes the monthly partitions that cover [from_time, to_time]. A statement trigger is not inherited, so each
-- partition gets its own against TRUNCATE. Safe to call from many processes: an advisory lock serialises it.
--
-- A new partition takes the log and the leads for itself, in an order that transactions under way need not share. So it
-- gives up long before the server looks for deadlocks (1 s), and the next round tries again: there are two months to go.
-- Only when the partition of from_time itself is missing does it throw. As the owner, who alone may.
CREATE OR REPLACE FUNCTION ensure_event_partitions(from_time timestamptz, to_time timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '200ms' AS $$
DECLARE
  month_start timestamp := date_trunc('month', from_time AT TIME ZONE 'UTC');
  partition_name text;
  made int := 0;
BEGIN
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
