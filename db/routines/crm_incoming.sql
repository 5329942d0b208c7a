-- Events of the CRM, its records as last read, and the progress of comparisons. Only the coordinator writes these tables: a false row would hide changes, or delete people who exist.

-- Refuses everyone but the coordinator, an erasure, and triggers.
CREATE OR REPLACE FUNCTION guard_crm_incoming() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() IS DISTINCT FROM 'coordinator' AND NOT is_erasing() AND NOT is_written_by_trigger() THEN
    RAISE EXCEPTION 'only the coordinator writes %', TG_TABLE_NAME USING ERRCODE = 'TL004';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE OR REPLACE TRIGGER crm_subscriptions_by_coordinator
  BEFORE INSERT OR UPDATE OR DELETE ON crm_subscriptions FOR EACH ROW EXECUTE FUNCTION guard_crm_incoming();
CREATE OR REPLACE TRIGGER crm_events_by_coordinator
  BEFORE INSERT OR UPDATE OR DELETE ON crm_events FOR EACH ROW EXECUTE FUNCTION guard_crm_incoming();
CREATE OR REPLACE TRIGGER crm_records_by_coordinator
  BEFORE INSERT OR UPDATE OR DELETE ON crm_records FOR EACH ROW EXECUTE FUNCTION guard_crm_incoming();
CREATE OR REPLACE TRIGGER crm_syncs_by_coordinator
  BEFORE INSERT OR UPDATE OR DELETE ON crm_syncs FOR EACH ROW EXECUTE FUNCTION guard_crm_incoming();

-- An event stays what the CRM reported, and is settled once.
CREATE OR REPLACE FUNCTION keep_crm_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.settled_at IS NOT NULL THEN
    RAISE EXCEPTION 'event % of the CRM is settled', OLD.event_id USING ERRCODE = 'TL001';
  END IF;
  RAISE EXCEPTION 'event % of the CRM cannot change its identity', OLD.event_id USING ERRCODE = 'TL012';
END $$;
CREATE OR REPLACE TRIGGER crm_events_kept
  BEFORE UPDATE ON crm_events FOR EACH ROW
  WHEN (OLD.settled_at IS NOT NULL
        OR (OLD.org_id, OLD.event_id, OLD.object, OLD.record_id, OLD.action, OLD.merged_into, OLD.at, OLD.is_ours, OLD.received_at)
           IS DISTINCT FROM
           (NEW.org_id, NEW.event_id, NEW.object, NEW.record_id, NEW.action, NEW.merged_into, NEW.at, NEW.is_ours, NEW.received_at))
  EXECUTE FUNCTION keep_crm_event();
CREATE OR REPLACE TRIGGER crm_subscriptions_no_truncate
  BEFORE TRUNCATE ON crm_subscriptions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER crm_events_no_truncate
  BEFORE TRUNCATE ON crm_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER crm_records_no_truncate
  BEFORE TRUNCATE ON crm_records FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER crm_syncs_no_truncate
  BEFORE TRUNCATE ON crm_syncs FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A CRM that is disconnected, or replaced by another one, knows none of these records.
CREATE OR REPLACE FUNCTION forget_crm_records() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in(OLD.org_id);
  DELETE FROM crm_subscriptions WHERE org_id = OLD.org_id;
  DELETE FROM crm_syncs WHERE org_id = OLD.org_id;
  DELETE FROM crm_events WHERE org_id = OLD.org_id;
  DELETE FROM crm_records WHERE org_id = OLD.org_id;
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER crm_connections_forgotten
  AFTER DELETE ON crm_connections FOR EACH ROW EXECUTE FUNCTION forget_crm_records();
CREATE OR REPLACE TRIGGER crm_connections_replaced
  AFTER UPDATE ON crm_connections FOR EACH ROW
  WHEN ((OLD.crm, OLD.workspace_id) IS DISTINCT FROM (NEW.crm, NEW.workspace_id))
  EXECUTE FUNCTION forget_crm_records();

-- Other fields need other subscriptions: HubSpot has one for each property.
CREATE OR REPLACE FUNCTION check_crm_subscription_again() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in(NEW.org_id);
  UPDATE crm_subscriptions SET checked_at = NULL WHERE org_id = NEW.org_id;
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER crm_connections_mapped
  AFTER UPDATE ON crm_connections FOR EACH ROW WHEN (OLD.fields <> NEW.fields)
  EXECUTE FUNCTION check_crm_subscription_again();

-- A record that the product itself found or created is read like one that the CRM reports: it may be opted out there. An id from
-- a file is no record of the connected CRM yet.
CREATE OR REPLACE FUNCTION expect_crm_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  at CONSTANT timestamptz := acting_time();
BEGIN
  IF acting_kind() IS DISTINCT FROM 'coordinator' OR is_merging() OR NOT has_crm(NEW.org_id) THEN
    RETURN NULL;
  END IF;
  -- Not read yet.
  INSERT INTO crm_records (org_id, object, record_id, subject_id, read_at)
  VALUES (NEW.org_id, 'person', NEW.crm_contact_id, NEW.id, 'epoch')
  ON CONFLICT DO NOTHING;
  IF FOUND THEN
    INSERT INTO crm_events (org_id, event_id, object, record_id, action, received_at, next_at)
    VALUES (NEW.org_id, 'linked:' || NEW.crm_contact_id, 'person', NEW.crm_contact_id, 'updated', at, NEW.updated_at)
    ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_crm_expected
  AFTER UPDATE OF crm_contact_id ON leads
  FOR EACH ROW WHEN (NEW.crm_contact_id IS NOT NULL AND OLD.crm_contact_id IS DISTINCT FROM NEW.crm_contact_id)
  EXECUTE FUNCTION expect_crm_record();

-- Tells the CRM again that a person must not be contacted, since its record does not say so. No other role may queue a write.
CREATE OR REPLACE FUNCTION repeat_opt_out_for_crm(lead uuid, at timestamptz) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF acting_kind() IS DISTINCT FROM 'coordinator' THEN
    RAISE EXCEPTION 'only the coordinator repeats an opt-out' USING ERRCODE = 'TL004';
  END IF;
  IF has_crm(acting_org()) AND NOT EXISTS (
    SELECT FROM crm_writes w WHERE w.org_id = acting_org() AND w.lead_id = lead AND w.kind = 'opt_out' AND w.settled_at IS NULL) THEN
    PERFORM queue_crm_write(acting_org(), lead, 'opt_out', lead, 'repeated ' || pg_current_xact_id()::text, at);
  END IF;
END $$;

-- A record that has the values of an erased person's record is an erased person's.
CREATE OR REPLACE FUNCTION extend_erasure(of_hmac bytea, to_hmac bytea) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF acting_kind() IS DISTINCT FROM 'coordinator' THEN
    RAISE EXCEPTION 'only the coordinator extends an erasure' USING ERRCODE = 'TL004';
  END IF;
  INSERT INTO erased_addresses (org_id, address_hmac, lead_id)
  SELECT e.org_id, to_hmac, e.lead_id FROM erased_addresses e WHERE e.org_id = acting_org() AND e.address_hmac = of_hmac
  ON CONFLICT DO NOTHING;
END $$;
