-- A row that waits without a known instant waits for an event. The event sets the instant, so every release reads one
-- index and nothing polls. Times come from the row that changed, hence from the application's clock. Status is compared
-- as text, so the index by lead finds a lead's few rows: by status, the planner may walk a whole partial index.
CREATE OR REPLACE FUNCTION wake_waiting(org uuid, condition wake_condition, lead_ids uuid[], at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sequence_requests SET held_until = at
  WHERE org_id = org AND lead_id = ANY (lead_ids) AND status::text IN ('held', 'queued') AND wake = condition
    AND held_until IS NULL;
  UPDATE campaign_contacts SET paused_until = at
  WHERE org_id = org AND lead_id = ANY (lead_ids) AND status::text = 'paused' AND wake = condition
    AND paused_until IS NULL;
  UPDATE sales_send_queue SET held_until = at
  WHERE org_id = org AND lead_id = ANY (lead_ids) AND status::text = 'held' AND wake = condition
    AND held_until IS NULL;
END $$;

-- The loser of a conflict waits for its hours, or until an enrollment of the other side ends, if that is sooner. A sequence
-- that found no place beside others of its side waits until one of them ends.
CREATE OR REPLACE FUNCTION wake_losers(org uuid, lead uuid, ended_campaign uuid, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sequence_requests r SET held_until = at
  FROM campaigns c, campaigns ended
  WHERE r.org_id = org AND r.lead_id = lead AND r.status::text IN ('held', 'queued')
    AND (r.held_until IS NULL OR r.held_until > at)
    AND c.org_id = org AND c.id = r.campaign_id
    AND ended.org_id = org AND ended.id = ended_campaign
    AND r.reason::text = CASE WHEN ended.side = c.side THEN 'same_side_queued' ELSE 'conflict_resolved_queued' END;
  UPDATE campaign_contacts e SET paused_until = at
  FROM campaigns c, campaigns ended
  WHERE e.org_id = org AND e.lead_id = lead AND e.status::text = 'paused'
    AND (e.paused_until IS NULL OR e.paused_until > at)
    AND c.org_id = org AND c.id = e.campaign_id
    AND ended.org_id = org AND ended.id = ended_campaign
    AND e.paused_reason = CASE WHEN ended.side = c.side THEN 'same_side_queued' ELSE 'conflict_resolved_queued' END;
  UPDATE sales_send_queue q SET held_until = at
  FROM campaigns c, campaigns ended
  WHERE q.org_id = org AND q.lead_id = lead AND q.status::text = 'held'
    AND (q.held_until IS NULL OR q.held_until > at)
    AND c.org_id = org AND c.id = q.campaign_id
    AND ended.org_id = org AND ended.id = ended_campaign
    AND q.held_reason::text = CASE WHEN ended.side = c.side THEN 'same_side_queued' ELSE 'conflict_resolved_queued' END;
END $$;

-- The caps of these leads have changed, so held touches and requests are decided again at once. Touches get policy
-- version 0, which never decided anything; requests get an instant in the past.
CREATE OR REPLACE FUNCTION wake_capped(org uuid, lead_ids uuid[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sequence_requests SET held_until = created_at
  WHERE org_id = org AND lead_id = ANY (lead_ids) AND status::text = 'held' AND reason = 'touch_cap_exceeded'
    AND held_until > created_at;
  UPDATE sales_send_queue SET held_policy_version = 0
  WHERE org_id = org AND lead_id = ANY (lead_ids) AND status::text = 'held' AND held_reason = 'touch_cap_exceeded'
    AND held_policy_version > 0;
END $$;

-- Wakes what waited for an enrollment that has ended.
CREATE OR REPLACE FUNCTION wake_on_enrollment_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM wake_losers(NEW.org_id, NEW.lead_id, NEW.campaign_id, coalesce(NEW.exited_at, NEW.paused_at));
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER campaign_contacts_wake
  AFTER UPDATE OF status ON campaign_contacts
  FOR EACH ROW
  -- A sequence that yields to others of its side leaves no place.
  WHEN (OLD.status = 'active' AND NEW.status <> 'active' AND NEW.paused_reason IS DISTINCT FROM 'same_side_queued')
  EXECUTE FUNCTION wake_on_enrollment_end();

-- Wakes what waited for ABM to end on the account. Runs as the owner, because an agent may have changed the row
-- (kept_from_agents.sql).
CREATE OR REPLACE FUNCTION wake_on_abm_end() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in(NEW.org_id);
  PERFORM wake_waiting(NEW.org_id, 'abm_ends',
    (SELECT array_agg(id) FROM leads WHERE org_id = NEW.org_id AND account_id = NEW.id), NEW.updated_at);
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER accounts_wake
  AFTER UPDATE OF abm_active ON accounts
  FOR EACH ROW WHEN (OLD.abm_active AND NOT NEW.abm_active)
  EXECUTE FUNCTION wake_on_abm_end();

-- Also wakes a lead that moves to an account outside ABM.
CREATE OR REPLACE FUNCTION wake_on_account_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM accounts a WHERE a.org_id = NEW.org_id AND a.id = NEW.account_id AND a.abm_active
  ) THEN
    PERFORM wake_waiting(NEW.org_id, 'abm_ends', ARRAY[NEW.id], NEW.updated_at);
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_wake_account
  AFTER UPDATE OF account_id ON leads
  FOR EACH ROW WHEN (OLD.account_id IS DISTINCT FROM NEW.account_id)
  EXECUTE FUNCTION wake_on_account_change();

-- Wakes what waited for a paused lead.
CREATE OR REPLACE FUNCTION wake_on_lead_resume() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM wake_waiting(NEW.org_id, 'lead_resumes', ARRAY[NEW.id], NEW.updated_at);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_wake
  AFTER UPDATE OF cadence_paused_at ON leads
  FOR EACH ROW WHEN (OLD.cadence_paused_at IS NOT NULL AND NEW.cadence_paused_at IS NULL)
  EXECUTE FUNCTION wake_on_lead_resume();

-- Send windows and holidays defer by the lead's own clock.
CREATE OR REPLACE FUNCTION wake_deferred(org uuid, lead_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sales_send_queue SET deferred_policy_version = 0
  WHERE org_id = org AND lead_id = ANY (lead_ids) AND deferred_policy_version > 0;
END $$;

-- Wakes held and deferred touches when the lead's time zone or country changes. Another time zone moves the day's bounds,
-- and another country has other holidays. A lead without its own values has its account's.
CREATE OR REPLACE FUNCTION wake_on_lead_zone() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in(NEW.org_id);
  PERFORM wake_capped(NEW.org_id, ARRAY[NEW.id]);
  PERFORM wake_deferred(NEW.org_id, ARRAY[NEW.id]);
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_wake_zone
  AFTER UPDATE OF time_zone, country, account_id ON leads
  FOR EACH ROW
  WHEN ((OLD.time_zone, OLD.country, OLD.account_id) IS DISTINCT FROM (NEW.time_zone, NEW.country, NEW.account_id))
  EXECUTE FUNCTION wake_on_lead_zone();

-- Wakes held and deferred touches when the account's time zone or country changes.
CREATE OR REPLACE FUNCTION wake_on_account_zone() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
  without_zone uuid[];
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in(NEW.org_id);
  without_zone := (
    SELECT array_agg(id) FROM leads WHERE org_id = NEW.org_id AND account_id = NEW.id AND (time_zone IS NULL OR country IS NULL));
  PERFORM wake_capped(NEW.org_id, without_zone);
  PERFORM wake_deferred(NEW.org_id, without_zone);
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER accounts_wake_zone
  AFTER UPDATE OF time_zone, country ON accounts
  FOR EACH ROW WHEN ((OLD.time_zone, OLD.country) IS DISTINCT FROM (NEW.time_zone, NEW.country))
  EXECUTE FUNCTION wake_on_account_zone();

-- Wakes the lead's held touches when a touch was not sent. A touch that was not sent makes room under the cap.
CREATE OR REPLACE FUNCTION wake_on_void() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in(NEW.org_id);
  PERFORM wake_capped(NEW.org_id, ARRAY[NEW.lead_id]);
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER touches_wake
  AFTER UPDATE OF outcome ON touches
  FOR EACH ROW WHEN (OLD.outcome <> 'void' AND NEW.outcome = 'void')
  EXECUTE FUNCTION wake_on_void();

-- A canceled held touch gives its turn to those behind it.
CREATE OR REPLACE TRIGGER sales_send_queue_wake
  AFTER UPDATE OF status ON sales_send_queue
  FOR EACH ROW WHEN (OLD.status = 'held' AND NEW.status = 'canceled')
  EXECUTE FUNCTION wake_on_void();
