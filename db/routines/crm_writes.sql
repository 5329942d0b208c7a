-- The outbox to the CRM. Triggers queue writes in the transaction of the change, for every writer. No other role may insert one
-- (tenants.sql), hence SECURITY DEFINER. An organization without a CRM pays for one lookup.

CREATE OR REPLACE FUNCTION has_crm(org uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM crm_connections c WHERE c.org_id = org);
END $$;

-- Queues one write about a person, or about the lead that they were merged into. `at` is the time of the change.
CREATE OR REPLACE FUNCTION queue_crm_write(org uuid, lead uuid, what crm_write_kind, subject uuid, which text, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO crm_writes (org_id, id, lead_id, kind, subject_id, part, occurred_at, next_at)
  SELECT org, audit_id(at), coalesce(l.merged_into_id, l.id), what, subject, which, at, at
  FROM leads l WHERE l.org_id = org AND l.id = lead AND l.erased_at IS NULL
  ON CONFLICT (org_id, kind, subject_id, part) DO NOTHING;
END $$;

-- A person is written when a sequence begins, after their company. A sequence of roles.sales opens a deal; its end closes it.
CREATE OR REPLACE FUNCTION queue_enrollment_for_crm() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  at timestamptz;
  is_sales boolean;
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  at := coalesce(NEW.exited_at, NEW.enrolled_at);
  named := act_in(NEW.org_id);
  IF NOT has_crm(NEW.org_id) THEN
    PERFORM set_config('touchline.org', named, true);
    RETURN NULL;
  END IF;
  is_sales := (SELECT c.owner_role = 'roles.sales' FROM campaigns c WHERE c.org_id = NEW.org_id AND c.id = NEW.campaign_id);
  IF TG_OP = 'INSERT' THEN
    INSERT INTO crm_writes (org_id, id, account_id, kind, subject_id, part, occurred_at, next_at)
    SELECT a.org_id, audit_id(at), a.id, 'company', a.id, 'created', at, at
    FROM leads l JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
    WHERE l.org_id = NEW.org_id AND l.id = NEW.lead_id AND a.domain IS NOT NULL AND a.crm_account_id IS NULL
    ON CONFLICT (org_id, kind, subject_id, part) DO NOTHING;
    PERFORM queue_crm_write(NEW.org_id, NEW.lead_id, 'person', NEW.id, 'enrolled', at);
    IF is_sales THEN
      PERFORM queue_crm_write(NEW.org_id, NEW.lead_id, 'deal', NEW.id, 'lead', at);
    END IF;
  ELSIF is_sales THEN
    PERFORM queue_crm_write(NEW.org_id, NEW.lead_id, 'deal', NEW.id,
      CASE WHEN NEW.exit_reason = 'converted' THEN 'won' WHEN NEW.exit_reason IN ('rejected', 'no_engagement') THEN 'lost' ELSE 'left_open' END, at);
  END IF;
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER campaign_contacts_crm_begun
  AFTER INSERT ON campaign_contacts FOR EACH ROW EXECUTE FUNCTION queue_enrollment_for_crm();
CREATE OR REPLACE TRIGGER campaign_contacts_crm_ended
  AFTER UPDATE OF exit_reason ON campaign_contacts
  FOR EACH ROW WHEN (OLD.exit_reason IS NULL AND NEW.exit_reason IS NOT NULL) EXECUTE FUNCTION queue_enrollment_for_crm();

-- An activity for each touch that was sent or may have been; the settlement of an unknown delivery is a second one. The first
-- touch of a sale moves its deal.
CREATE OR REPLACE FUNCTION queue_touch_for_crm() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  at timestamptz;
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  at := coalesce(NEW.settled_at, NEW.touched_at);
  named := act_in(NEW.org_id);
  IF NOT has_crm(NEW.org_id) THEN
    PERFORM set_config('touchline.org', named, true);
    RETURN NULL;
  END IF;
  PERFORM queue_crm_write(NEW.org_id, NEW.lead_id, 'touch', NEW.id,
    CASE WHEN TG_OP = 'UPDATE' AND OLD.outcome = 'unknown' THEN 'settled' WHEN NEW.outcome = 'unknown' THEN 'unknown' ELSE 'sent' END, at);
  IF NEW.outcome IN ('sent', 'marked_sent') AND EXISTS (
    SELECT FROM campaigns c WHERE c.org_id = NEW.org_id AND c.id = NEW.campaign_id AND c.owner_role = 'roles.sales') THEN
    PERFORM queue_crm_write(NEW.org_id, NEW.lead_id, 'deal', NEW.enrollment_id, 'in_progress', at);
  END IF;
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER touches_crm_new
  AFTER INSERT ON touches
  FOR EACH ROW WHEN (NEW.outcome IN ('sent', 'marked_sent', 'unknown')) EXECUTE FUNCTION queue_touch_for_crm();
CREATE OR REPLACE TRIGGER touches_crm_settled
  AFTER UPDATE OF outcome ON touches
  FOR EACH ROW WHEN (OLD.outcome <> NEW.outcome AND (OLD.outcome = 'unknown' OR NEW.outcome IN ('sent', 'marked_sent', 'unknown')))
  EXECUTE FUNCTION queue_touch_for_crm();

-- An activity for each reply, once its intent is known, or once a person handled it without one.
CREATE OR REPLACE FUNCTION queue_reply_for_crm() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in(NEW.org_id);
  IF has_crm(NEW.org_id) THEN
    PERFORM queue_crm_write(NEW.org_id, NEW.lead_id, 'reply', NEW.id, 'received', coalesce(NEW.handled_at, NEW.created_at));
  END IF;
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER inbound_messages_crm
  AFTER INSERT OR UPDATE OF lead_id, kind, intent, handled_at ON inbound_messages
  FOR EACH ROW
  WHEN (NEW.lead_id IS NOT NULL AND NEW.kind IN ('reply', 'unsubscribe')
        AND (NEW.intent IS NOT NULL OR NEW.handled_at IS NOT NULL))
  EXECUTE FUNCTION queue_reply_for_crm();

-- An opt-out goes to the CRM at once, and so does its end by a person; also when the CRM's record of the person becomes known. The
-- CRM knows only people with a record, and those about to be written.
CREATE OR REPLACE FUNCTION queue_opt_out_for_crm() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in(NEW.org_id);
  IF has_crm(NEW.org_id) AND (NEW.crm_contact_id IS NOT NULL OR EXISTS (
    SELECT FROM crm_writes w WHERE w.org_id = NEW.org_id AND w.lead_id = NEW.id)) THEN
    PERFORM queue_crm_write(NEW.org_id, NEW.id, 'opt_out', NEW.id, pg_current_xact_id()::text, NEW.updated_at);
  END IF;
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_crm_opt_out
  AFTER UPDATE OF opt_out_flag, unsubscribe_flag, crm_contact_id ON leads
  FOR EACH ROW
  WHEN (NEW.erased_at IS NULL AND NEW.merged_into_id IS NULL
        AND ((OLD.opt_out_flag OR OLD.unsubscribe_flag) <> (NEW.opt_out_flag OR NEW.unsubscribe_flag)
             OR (NEW.opt_out_flag OR NEW.unsubscribe_flag) AND OLD.crm_contact_id IS DISTINCT FROM NEW.crm_contact_id))
  EXECUTE FUNCTION queue_opt_out_for_crm();

-- The coordinator claims and settles. A person retries or skips only what the CRM refused, in their own name.
CREATE OR REPLACE FUNCTION guard_crm_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF is_erasing() OR is_merging() AND OLD.settled_at IS NULL THEN
    RETURN NEW;
  ELSIF OLD.lead_id IS DISTINCT FROM NEW.lead_id THEN
    RAISE EXCEPTION 'write % to the CRM cannot change its identity', OLD.id USING ERRCODE = 'TL012';
  ELSIF is_written_by_trigger() AND (NEW.status = OLD.status OR OLD.settled_at IS NULL AND NEW.status = 'canceled') THEN
    RETURN NEW;
  ELSIF OLD.settled_at IS NOT NULL THEN
    RAISE EXCEPTION 'write % to the CRM is settled', OLD.id USING ERRCODE = 'TL001';
  ELSIF acting_kind() = 'human' THEN
    PERFORM require_acting_person(NEW.decided_by_user_id), require_acting_role(NEW.org_id, '{revops,admin}');
    IF OLD.status <> 'refused' OR NEW.status NOT IN ('pending', 'skipped') THEN
      RAISE EXCEPTION 'a person retries or skips only a write that the CRM refused (%)', OLD.id USING ERRCODE = 'TL001';
    END IF;
  ELSIF acting_kind() IS DISTINCT FROM 'coordinator' OR NEW.status = 'skipped'
        OR NEW.decided_by_user_id IS DISTINCT FROM OLD.decided_by_user_id THEN
    RAISE EXCEPTION 'only the coordinator settles writes to the CRM' USING ERRCODE = 'TL004';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER crm_writes_guard
  BEFORE UPDATE ON crm_writes FOR EACH ROW EXECUTE FUNCTION guard_crm_write();
CREATE OR REPLACE TRIGGER crm_writes_kept
  BEFORE DELETE ON crm_writes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER crm_writes_no_truncate
  BEFORE TRUNCATE ON crm_writes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A CRM that is disconnected receives nothing more.
CREATE OR REPLACE FUNCTION cancel_crm_writes() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in(OLD.org_id);
  UPDATE crm_writes SET status = 'canceled', settled_at = acting_time(), claim_id = NULL
  WHERE org_id = OLD.org_id AND settled_at IS NULL;
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER crm_connections_ended
  AFTER DELETE ON crm_connections FOR EACH ROW EXECUTE FUNCTION cancel_crm_writes();
CREATE OR REPLACE TRIGGER crm_connections_moved
  AFTER UPDATE ON crm_connections FOR EACH ROW
  WHEN ((OLD.crm, OLD.workspace_id) IS DISTINCT FROM (NEW.crm, NEW.workspace_id))
  EXECUTE FUNCTION cancel_crm_writes();

-- Keeps each id that the CRM gave a person. An id that moves to another person leads to that one.
CREATE OR REPLACE FUNCTION keep_contact_id() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in(NEW.org_id);
  INSERT INTO contact_ids (org_id, contact_id, lead_id, since)
  VALUES (NEW.org_id, NEW.crm_contact_id, NEW.id, acting_time())
  ON CONFLICT (org_id, contact_id) DO UPDATE SET lead_id = EXCLUDED.lead_id, since = EXCLUDED.since, until = NULL
    WHERE contact_ids.lead_id <> EXCLUDED.lead_id OR contact_ids.until IS NOT NULL;
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_contact_id_new
  AFTER INSERT ON leads FOR EACH ROW WHEN (NEW.crm_contact_id IS NOT NULL) EXECUTE FUNCTION keep_contact_id();
CREATE OR REPLACE TRIGGER leads_contact_id_changed
  AFTER UPDATE OF crm_contact_id ON leads
  FOR EACH ROW WHEN (NEW.crm_contact_id IS NOT NULL AND OLD.crm_contact_id IS DISTINCT FROM NEW.crm_contact_id)
  EXECUTE FUNCTION keep_contact_id();
CREATE OR REPLACE TRIGGER contact_ids_no_truncate
  BEFORE TRUNCATE ON contact_ids FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Only the coordinator names its own authors: a wrong one would hide changes of the CRM.
CREATE OR REPLACE FUNCTION require_coordinator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() IS DISTINCT FROM 'coordinator' THEN
    RAISE EXCEPTION 'only the coordinator writes %', TG_TABLE_NAME USING ERRCODE = 'TL004';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE OR REPLACE TRIGGER crm_actors_by_coordinator
  BEFORE INSERT OR UPDATE OR DELETE ON crm_actors FOR EACH ROW EXECUTE FUNCTION require_coordinator();
CREATE OR REPLACE TRIGGER crm_limits_by_coordinator
  BEFORE INSERT OR UPDATE OR DELETE ON crm_limits FOR EACH ROW EXECUTE FUNCTION require_coordinator();
CREATE OR REPLACE TRIGGER crm_actors_no_truncate
  BEFORE TRUNCATE ON crm_actors FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER crm_limits_no_truncate
  BEFORE TRUNCATE ON crm_limits FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
