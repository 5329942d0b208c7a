-- Signals of interest are facts: appended, about the past, in the recorder's name. Only this file derives what a lead
-- shows of them.

-- The writer does not choose the recorder or the time, unless the clock is simulated: then the time is the writer's. A
-- writer's clock may be an hour ahead (require_timely), so any time within that hour counts as now.
CREATE OR REPLACE FUNCTION stamp_signal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.recorded_at := CASE WHEN clock_is_simulated() THEN coalesce(NEW.recorded_at, acting_time()) ELSE clock_timestamp() END;
  NEW.recorded_by_kind := coalesce(acting_kind()::actor_kind, 'system');
  NEW.recorded_by_id := coalesce(acting_id(), session_user);
  NEW.occurred_at := coalesce(NEW.occurred_at, NEW.recorded_at);
  IF NEW.occurred_at > NEW.recorded_at + interval '1 hour' THEN
    RAISE EXCEPTION 'a signal cannot be in the future' USING ERRCODE = 'TL062', COLUMN = 'occurred_at',
      HINT = 'Give the time when the interest was seen. A future meeting is not a signal yet.';
  END IF;
  NEW.occurred_at := least(NEW.occurred_at, NEW.recorded_at);
  IF NEW.source = 'before_signals' OR NEW.source = 'import' AND NOT import_is_merging() THEN
    RAISE EXCEPTION 'the source % is reserved for the product', NEW.source USING ERRCODE = '23514', COLUMN = 'source';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER lead_signals_stamp
  BEFORE INSERT ON lead_signals FOR EACH ROW EXECUTE FUNCTION stamp_signal();

-- System agents report signals of both sides, role agents those of their own side, brains none (own_side in
-- src/operations/permissions.ts).
CREATE OR REPLACE FUNCTION refuse_signal_of_other_side() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM agents a WHERE a.org_id = NEW.org_id AND a.id = acting_id()
      AND (a.kind::text = 'system' OR a.kind::text = 'role' AND a.side = NEW.side)) THEN
    RAISE EXCEPTION '% may not report signals of %', acting_id(), NEW.side USING ERRCODE = 'TL064', COLUMN = 'side',
      HINT = 'Role agents report signals of their own side; brains report none. A person can record it: touchline lead signal';
  END IF;
  IF NEW.source = 'manual' THEN
    RAISE EXCEPTION 'the source manual is reserved for people' USING ERRCODE = 'TL064', COLUMN = 'source',
      HINT = 'Name the place where the interest was seen, for example webinar.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER lead_signals_of_agents
  BEFORE INSERT ON lead_signals FOR EACH ROW WHEN (acting_kind() = 'agent') EXECUTE FUNCTION refuse_signal_of_other_side();

-- Derives the newest signal of each side for the lead. The newest signal of each side. Locks the leads first, in its own
-- statement, so an erasure comes before or after. Runs as the owner, because no other writer sets derived values.
CREATE OR REPLACE FUNCTION derive_signals() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  of_org uuid;
  named text;
  erased uuid;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  FOR of_org IN SELECT DISTINCT n.org_id FROM new_signals n LOOP
    named := act_in(of_org);
    PERFORM FROM leads l WHERE (l.org_id, l.id) IN (SELECT n.org_id, n.lead_id FROM new_signals n WHERE n.org_id = of_org)
    ORDER BY l.id FOR NO KEY UPDATE;
    SELECT l.id INTO erased FROM new_signals n
    JOIN leads l ON l.org_id = n.org_id AND l.id = n.lead_id AND l.erased_at IS NOT NULL WHERE n.org_id = of_org LIMIT 1;
    IF erased IS NOT NULL THEN
      RAISE EXCEPTION 'lead % was erased for good', erased USING ERRCODE = 'TL040';
    END IF;
    UPDATE leads l SET
      sales_signal_at = greatest(l.sales_signal_at, s.sales),
      marketing_signal_at = greatest(l.marketing_signal_at, s.marketing),
      updated_at = greatest(l.updated_at, s.recorded_at)
    FROM (
      SELECT n.org_id, n.lead_id, max(n.recorded_at) AS recorded_at,
             max(n.occurred_at) FILTER (WHERE n.side::text = 'sales') AS sales,
             max(n.occurred_at) FILTER (WHERE n.side::text = 'marketing') AS marketing
      FROM new_signals n WHERE n.org_id = of_org GROUP BY n.org_id, n.lead_id
    ) s
    WHERE l.org_id = s.org_id AND l.id = s.lead_id
      AND (greatest(l.sales_signal_at, s.sales), greatest(l.marketing_signal_at, s.marketing))
          IS DISTINCT FROM (l.sales_signal_at, l.marketing_signal_at);
    PERFORM set_config('touchline.org', named, true);
  END LOOP;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER lead_signals_derive
  AFTER INSERT ON lead_signals REFERENCING NEW TABLE AS new_signals
  FOR EACH STATEMENT EXECUTE FUNCTION derive_signals();

CREATE OR REPLACE TRIGGER lead_signals_kept
  BEFORE UPDATE OR DELETE ON lead_signals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER lead_signals_no_truncate
  BEFORE TRUNCATE ON lead_signals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER lead_signals_audit AFTER INSERT ON lead_signals
  FOR EACH ROW WHEN (acts_by_hand()) EXECUTE FUNCTION audit_change('detail', '');

-- No actor sets derived values directly.
CREATE OR REPLACE FUNCTION refuse_signal_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT is_written_by_trigger() THEN
    RAISE EXCEPTION 'the time of a lead''s last interest follows from its signals: record one' USING ERRCODE = 'TL061',
      HINT = 'touchline lead signal LEAD --side sales, or POST /leads/{id}/signals. Recorded signals stay.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER leads_signals_derived
  BEFORE UPDATE OF sales_signal_at, marketing_signal_at ON leads
  FOR EACH ROW
  WHEN ((OLD.sales_signal_at, OLD.marketing_signal_at) IS DISTINCT FROM (NEW.sales_signal_at, NEW.marketing_signal_at))
  EXECUTE FUNCTION refuse_signal_by_hand();
CREATE OR REPLACE TRIGGER leads_born_without_signals
  BEFORE INSERT ON leads
  FOR EACH ROW WHEN (NEW.sales_signal_at IS NOT NULL OR NEW.marketing_signal_at IS NOT NULL)
  EXECUTE FUNCTION refuse_signal_by_hand();
