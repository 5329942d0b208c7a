CREATE OR REPLACE TRIGGER campaign_contacts_first_status
  BEFORE INSERT ON campaign_contacts
  FOR EACH ROW EXECUTE FUNCTION refuse_illegal_first_status('active');

-- It begins at its first step, for the client of its campaign, with nothing on its way, and when it says: its steps are due from
-- then on.
CREATE OR REPLACE FUNCTION refuse_late_beginning() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'an enrollment begins at step 1, with nothing on its way' USING ERRCODE = 'TL001';
END $$;
CREATE OR REPLACE TRIGGER campaign_contacts_first_step
  BEFORE INSERT ON campaign_contacts
  FOR EACH ROW WHEN (NEW.current_step <> 1 OR NEW.open_queue_id IS NOT NULL) EXECUTE FUNCTION refuse_late_beginning();
CREATE OR REPLACE FUNCTION guard_new_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  earliest timestamptz;
  latest timestamptz;
BEGIN
  IF EXISTS (
    SELECT FROM new_rows n JOIN campaigns c ON c.org_id = n.org_id AND c.id = n.campaign_id WHERE n.client_id <> c.client_id
  ) THEN
    RAISE EXCEPTION 'an enrollment is for the client of its campaign' USING ERRCODE = 'TL012';
  END IF;
  SELECT min(n.enrolled_at), max(n.enrolled_at) INTO earliest, latest FROM new_rows n;
  PERFORM require_timely(earliest, 'enrolled_at'), require_timely(latest, 'enrolled_at');
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER campaign_contacts_beginning
  AFTER INSERT ON campaign_contacts REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION guard_new_enrollments();

-- An exited enrollment is history: a new one begins at step 1.
CREATE OR REPLACE TRIGGER campaign_contacts_status_move
  BEFORE UPDATE OF status ON campaign_contacts
  FOR EACH ROW EXECUTE FUNCTION refuse_illegal_status_move(
    'active>paused,converted,rejected,timed_out', 'paused>active,converted,rejected,timed_out');

-- PL/pgSQL keeps the plans of its statements; an SQL function would be planned anew by each trigger that calls it.

-- The state of a lead is the highest of its active sequences; without one it is customer once onboarded, else
-- idle; paused when someone stopped the lead. The same rule as src/core/cadence_state.ts, for every writer. A statement
-- that asks has this text put in place of the call. The status is compared as text, so that the few rows of a lead are found
-- by lead, however small the tables were when the plan was made.
CREATE OR REPLACE FUNCTION cadence_of(org uuid, lead uuid)
RETURNS TABLE (state cadence_state, enrollment_id uuid, step int) LANGUAGE sql STABLE AS $$
  SELECT CASE
           WHEN k.cadence_paused_at IS NOT NULL THEN 'paused'
           WHEN e.sequence_type IS NOT NULL THEN e.sequence_type::text
           WHEN k.customer_since IS NOT NULL THEN 'customer'
           ELSE 'idle'
         END::cadence_state, e.id, e.current_step
  FROM leads k
  LEFT JOIN LATERAL (
    SELECT cc.id, cc.current_step, c.sequence_type
    FROM campaign_contacts cc JOIN campaigns c ON c.org_id = cc.org_id AND c.id = cc.campaign_id
    WHERE cc.org_id = k.org_id AND cc.lead_id = k.id AND cc.status::text = 'active'
      AND c.sequence_type <> 'transactional'
    ORDER BY array_position('{onboarding,closing,prospecting,nurture}'::sequence_type[], c.sequence_type),
             cc.enrolled_at
    LIMIT 1
  ) e ON true
  WHERE k.org_id = org AND k.id = lead
$$;

CREATE OR REPLACE FUNCTION project_cadence(org uuid, lead uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE leads l
  SET cadence_state = p.state, active_sequence_id = p.enrollment_id, current_step = p.step
  FROM cadence_of(org, lead) p
  WHERE l.org_id = org AND l.id = lead
    AND (l.cadence_state, l.active_sequence_id, l.current_step) IS DISTINCT FROM (p.state, p.enrollment_id, p.step);
END $$;
DROP FUNCTION IF EXISTS project_cadence(uuid, uuid[]);

-- For all leads of a statement at once: a play enrolls hundreds with each.
CREATE OR REPLACE FUNCTION project_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE leads l
  SET cadence_state = p.state, active_sequence_id = p.enrollment_id, current_step = p.step
  FROM (SELECT DISTINCT org_id, lead_id FROM new_rows) n
  CROSS JOIN LATERAL cadence_of(n.org_id, n.lead_id) p
  WHERE l.org_id = n.org_id AND l.id = n.lead_id
    AND (l.cadence_state, l.active_sequence_id, l.current_step) IS DISTINCT FROM (p.state, p.enrollment_id, p.step);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER campaign_contacts_project_insert
  AFTER INSERT ON campaign_contacts REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION project_enrollments();

-- By row, so that the many updates that change neither status nor step cost nothing; and a step alone changes no state.
CREATE OR REPLACE FUNCTION project_enrollment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status = OLD.status THEN
    UPDATE leads SET current_step = NEW.current_step
    WHERE org_id = NEW.org_id AND id = NEW.lead_id AND active_sequence_id = NEW.id
      AND current_step IS DISTINCT FROM NEW.current_step;
    RETURN NULL;
  END IF;
  -- A lead becomes a customer when an onboarding sequence has run its course.
  IF NEW.status IN ('converted', 'timed_out') AND OLD.status IN ('active', 'paused') THEN
    UPDATE leads l SET customer_since = NEW.exited_at
    FROM campaigns c
    WHERE c.org_id = NEW.org_id AND c.id = NEW.campaign_id AND c.sequence_type = 'onboarding'
      AND l.org_id = NEW.org_id AND l.id = NEW.lead_id AND l.customer_since IS NULL;
  END IF;
  PERFORM project_cadence(NEW.org_id, NEW.lead_id);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER campaign_contacts_project_update
  AFTER UPDATE OF status, current_step ON campaign_contacts
  FOR EACH ROW WHEN (OLD.status <> NEW.status OR OLD.current_step <> NEW.current_step)
  EXECUTE FUNCTION project_enrollment();

-- A lead that is stopped or let go changes its state too.
CREATE OR REPLACE FUNCTION project_lead_pause() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM project_cadence(NEW.org_id, NEW.id);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_project_pause
  AFTER UPDATE OF cadence_paused_at ON leads
  FOR EACH ROW WHEN ((OLD.cadence_paused_at IS NULL) <> (NEW.cadence_paused_at IS NULL))
  EXECUTE FUNCTION project_lead_pause();

-- What waits without a known instant waits for an event. The event sets the instant, so that every release reads one
-- index and nobody polls. Times come from the row that changed: they are the application's clock. A status is compared
-- as text so that the few rows of a lead are found by lead: by status the planner may walk a whole partial index.
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

-- Who lost a conflict waits its hours, or until a sequence of the other side ends, if that is sooner.
CREATE OR REPLACE FUNCTION wake_losers(org uuid, lead uuid, ended_campaign uuid, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sequence_requests r SET held_until = at
  FROM campaigns c, campaigns ended
  WHERE r.org_id = org AND r.lead_id = lead AND r.status::text IN ('held', 'queued')
    AND r.reason = 'conflict_resolved_queued' AND (r.held_until IS NULL OR r.held_until > at)
    AND c.org_id = org AND c.id = r.campaign_id
    AND ended.org_id = org AND ended.id = ended_campaign AND ended.side <> c.side;
  UPDATE campaign_contacts e SET paused_until = at
  FROM campaigns c, campaigns ended
  WHERE e.org_id = org AND e.lead_id = lead AND e.status::text = 'paused'
    AND e.paused_reason = 'conflict_resolved_queued' AND (e.paused_until IS NULL OR e.paused_until > at)
    AND c.org_id = org AND c.id = e.campaign_id
    AND ended.org_id = org AND ended.id = ended_campaign AND ended.side <> c.side;
  UPDATE sales_send_queue q SET held_until = at
  FROM campaigns c, campaigns ended
  WHERE q.org_id = org AND q.lead_id = lead AND q.status::text = 'held'
    AND q.held_reason = 'conflict_resolved_queued' AND (q.held_until IS NULL OR q.held_until > at)
    AND c.org_id = org AND c.id = q.campaign_id
    AND ended.org_id = org AND ended.id = ended_campaign AND ended.side <> c.side;
END $$;

-- The caps of these leads count otherwise than when they were asked: what waits for room is asked again, at once. For
-- touches version 0 of the policy says so, which none is judged by; for requests any instant that has passed.
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

CREATE OR REPLACE FUNCTION wake_on_enrollment_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM wake_losers(NEW.org_id, NEW.lead_id, NEW.campaign_id, coalesce(NEW.exited_at, NEW.paused_at));
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER campaign_contacts_wake
  AFTER UPDATE OF status ON campaign_contacts
  FOR EACH ROW WHEN (OLD.status = 'active' AND NEW.status <> 'active')
  EXECUTE FUNCTION wake_on_enrollment_end();

CREATE OR REPLACE FUNCTION wake_on_abm_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM wake_waiting(NEW.org_id, 'abm_ends',
    (SELECT array_agg(id) FROM leads WHERE org_id = NEW.org_id AND account_id = NEW.id), NEW.updated_at);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER accounts_wake
  AFTER UPDATE OF abm_active ON accounts
  FOR EACH ROW WHEN (OLD.abm_active AND NOT NEW.abm_active)
  EXECUTE FUNCTION wake_on_abm_end();

-- A lead that moves to an account without ABM is free of it too.
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

CREATE OR REPLACE FUNCTION wake_on_lead_resume() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM wake_waiting(NEW.org_id, 'lead_resumes', ARRAY[NEW.id], NEW.updated_at);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_wake
  AFTER UPDATE OF cadence_paused_at ON leads
  FOR EACH ROW WHEN (OLD.cadence_paused_at IS NOT NULL AND NEW.cadence_paused_at IS NULL)
  EXECUTE FUNCTION wake_on_lead_resume();

-- What opening hours or a holiday put off is put off by the lead's own clock.
CREATE OR REPLACE FUNCTION wake_deferred(org uuid, lead_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sales_send_queue SET deferred_policy_version = 0
  WHERE org_id = org AND lead_id = ANY (lead_ids) AND deferred_policy_version > 0;
END $$;

-- In another zone the day begins and ends at another time, and another country has other holidays. A lead without one has its
-- account's.
CREATE OR REPLACE FUNCTION wake_on_lead_zone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM wake_capped(NEW.org_id, ARRAY[NEW.id]);
  PERFORM wake_deferred(NEW.org_id, ARRAY[NEW.id]);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_wake_zone
  AFTER UPDATE OF time_zone, country, account_id ON leads
  FOR EACH ROW
  WHEN ((OLD.time_zone, OLD.country, OLD.account_id) IS DISTINCT FROM (NEW.time_zone, NEW.country, NEW.account_id))
  EXECUTE FUNCTION wake_on_lead_zone();

CREATE OR REPLACE FUNCTION wake_on_account_zone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  without_zone uuid[] := (
    SELECT array_agg(id) FROM leads WHERE org_id = NEW.org_id AND account_id = NEW.id AND (time_zone IS NULL OR country IS NULL));
BEGIN
  PERFORM wake_capped(NEW.org_id, without_zone);
  PERFORM wake_deferred(NEW.org_id, without_zone);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER accounts_wake_zone
  AFTER UPDATE OF time_zone, country ON accounts
  FOR EACH ROW WHEN ((OLD.time_zone, OLD.country) IS DISTINCT FROM (NEW.time_zone, NEW.country))
  EXECUTE FUNCTION wake_on_account_zone();

-- A touch that did not leave makes room.
CREATE OR REPLACE FUNCTION wake_on_void() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM wake_capped(NEW.org_id, ARRAY[NEW.lead_id]);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER touches_wake
  AFTER UPDATE OF outcome ON touches
  FOR EACH ROW WHEN (OLD.outcome <> 'void' AND NEW.outcome = 'void')
  EXECUTE FUNCTION wake_on_void();

-- A held touch that is called off leaves its turn to those behind it.
CREATE OR REPLACE TRIGGER sales_send_queue_wake
  AFTER UPDATE OF status ON sales_send_queue
  FOR EACH ROW WHEN (OLD.status = 'held' AND NEW.status = 'canceled')
  EXECUTE FUNCTION wake_on_void();

-- Moves enrollments past their current step: the next step's due time counts from enrollment; after the last
-- step there is none, and the enrollment ends once its touch is done (specification, execution rules).
CREATE OR REPLACE FUNCTION advance_enrollments(org uuid, enrollment_ids uuid[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE campaign_contacts e
  SET current_step = coalesce(s.step_number, e.current_step),
      next_send_at = local_days_after(e.org_id, e.lead_id, e.enrolled_at, s.delay_days)
  FROM campaign_contacts k
  LEFT JOIN LATERAL (
    SELECT n.step_number, n.delay_days FROM campaign_sequences n
    WHERE n.org_id = k.org_id AND n.campaign_id = k.campaign_id AND n.step_number > k.current_step
    ORDER BY n.step_number LIMIT 1
  ) s ON true
  WHERE k.org_id = org AND k.id = ANY (enrollment_ids) AND e.org_id = k.org_id AND e.id = k.id
    AND e.status IN ('active', 'paused') AND e.next_send_at IS NOT NULL;
END $$;
