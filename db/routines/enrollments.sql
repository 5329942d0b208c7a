CREATE OR REPLACE TRIGGER campaign_contacts_first_status
  BEFORE INSERT ON campaign_contacts
  FOR EACH ROW EXECUTE FUNCTION refuse_illegal_first_status('active');

-- An enrollment begins at step 1, for the client of its campaign, without open touches, and at the current time, from
-- which its steps are due. One that a merge ended continues at its step, for the lead into which its lead was merged.
CREATE OR REPLACE FUNCTION refuse_late_beginning() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.open_queue_id IS NULL AND EXISTS (
    SELECT FROM sequence_requests r
    JOIN campaign_contacts x ON x.org_id = r.org_id AND x.id = r.exited_enrollment_id
    JOIN leads l ON l.org_id = x.org_id AND l.id = x.lead_id
    WHERE r.org_id = NEW.org_id AND r.id = NEW.request_id AND x.campaign_id = NEW.campaign_id AND x.exit_reason = 'merged'
      AND x.enrolled_at = NEW.enrolled_at AND l.merged_into_id = NEW.lead_id
      AND NEW.current_step = least(x.current_step, (
        SELECT min(q.step_number) FROM sales_send_queue q
        WHERE q.org_id = x.org_id AND q.enrollment_id = x.id AND q.status = 'canceled' AND q.error = 'merged'))
  ) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'an enrollment begins at step 1, without an open touch' USING ERRCODE = 'TL001';
END $$;
CREATE OR REPLACE TRIGGER campaign_contacts_first_step
  BEFORE INSERT ON campaign_contacts
  FOR EACH ROW WHEN (NEW.current_step <> 1 OR NEW.open_queue_id IS NOT NULL) EXECUTE FUNCTION refuse_late_beginning();
-- An exit keeps its reason, and only the coordinator ends an enrollment because its lead was merged: the lead into which it was
-- merged continues by that evidence.
CREATE OR REPLACE FUNCTION keep_exit_reason() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.exit_reason IS NOT NULL AND NOT is_erasing() THEN
    RAISE EXCEPTION 'enrollment % ended already (%)', OLD.id, OLD.exit_reason USING ERRCODE = 'TL001';
  ELSIF NEW.exit_reason = 'merged' AND acting_kind() IS DISTINCT FROM 'coordinator' THEN
    RAISE EXCEPTION 'only a merge ends enrollment % as merged', OLD.id USING ERRCODE = 'TL004';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER campaign_contacts_exit_reason
  BEFORE UPDATE OF exit_reason ON campaign_contacts FOR EACH ROW WHEN (OLD.exit_reason IS DISTINCT FROM NEW.exit_reason)
  EXECUTE FUNCTION keep_exit_reason();

-- Refuses enrollments for another client than the campaign's, or dated away from the server's clock.
CREATE OR REPLACE FUNCTION guard_new_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  earliest timestamptz;
  latest timestamptz;
BEGIN
  IF EXISTS (
    SELECT FROM new_rows n JOIN campaigns c ON c.org_id = n.org_id AND c.id = n.campaign_id WHERE n.client_id <> c.client_id
  ) THEN
    RAISE EXCEPTION 'an enrollment must have the brand of its campaign' USING ERRCODE = 'TL012';
  END IF;
  SELECT min(n.enrolled_at), max(n.enrolled_at) INTO earliest, latest FROM new_rows n WHERE n.current_step = 1;
  PERFORM require_timely(earliest, 'enrolled_at'), require_timely(latest, 'enrolled_at');
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER campaign_contacts_beginning
  AFTER INSERT ON campaign_contacts REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION guard_new_enrollments();

-- An enrollment skips no step: each step is decided, even if the decision is to skip it.
CREATE OR REPLACE FUNCTION refuse_other_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.current_step < OLD.current_step OR EXISTS (
    SELECT FROM campaign_sequences s
    WHERE s.org_id = NEW.org_id AND s.campaign_id = NEW.campaign_id AND s.step_number > OLD.current_step
      AND s.step_number < NEW.current_step
  ) THEN
    RAISE EXCEPTION 'enrollment % can only advance from step % to the next one', NEW.id, OLD.current_step USING ERRCODE = 'TL001';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER campaign_contacts_next_step
  BEFORE UPDATE OF current_step ON campaign_contacts
  FOR EACH ROW WHEN (OLD.current_step <> NEW.current_step) EXECUTE FUNCTION refuse_other_step();

-- An exited enrollment is history: a new one begins at step 1.
CREATE OR REPLACE TRIGGER campaign_contacts_status_move
  BEFORE UPDATE OF status ON campaign_contacts
  FOR EACH ROW EXECUTE FUNCTION refuse_illegal_status_move(
    'active>paused,converted,rejected,timed_out', 'paused>active,converted,rejected,timed_out');

-- PL/pgSQL keeps the plans of its statements; each trigger that calls an SQL function would plan it again.

-- A lead's state is the highest of its active enrollments; without one, customer after onboarding, else idle; paused if a
-- person paused the lead. The same rule as src/core/gate/cadence_state.ts, for every writer. The planner inlines this
-- text at the call. Status is compared as text, so the index by lead finds a lead's few rows, however small the tables
-- were when the plan was made.
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

-- The cadence of a lead follows from its enrollments: others than the coordinator, whose triggers project it, write nothing else.
CREATE OR REPLACE FUNCTION refuse_cadence_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF is_merging() OR is_erasing() OR EXISTS (
    SELECT FROM cadence_of(NEW.org_id, NEW.id) p
    WHERE (p.state, p.enrollment_id, p.step) IS NOT DISTINCT FROM (NEW.cadence_state, NEW.active_sequence_id, NEW.current_step)
  ) THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'the cadence of lead % follows from its enrollments', NEW.id USING ERRCODE = 'TL004';
END $$;
CREATE OR REPLACE TRIGGER leads_cadence_derived
  AFTER UPDATE OF cadence_state, active_sequence_id, current_step ON leads
  FOR EACH ROW WHEN (acting_kind() IS DISTINCT FROM 'coordinator'
    AND (OLD.cadence_state, OLD.active_sequence_id, OLD.current_step)
        IS DISTINCT FROM (NEW.cadence_state, NEW.active_sequence_id, NEW.current_step))
  EXECUTE FUNCTION refuse_cadence_by_hand();

-- Updates the cadence state of newly enrolled leads. Projects all leads of a statement at once: a play enrolls hundreds per
-- statement.
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

-- Updates the lead's step and cadence state when its enrollment changes. By row, so the many updates that change neither
-- status nor step cost nothing; a step alone changes no state.
CREATE OR REPLACE FUNCTION project_enrollment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status = OLD.status THEN
    UPDATE leads SET current_step = NEW.current_step
    WHERE org_id = NEW.org_id AND id = NEW.lead_id AND active_sequence_id = NEW.id
      AND current_step IS DISTINCT FROM NEW.current_step;
    RETURN NULL;
  END IF;
  -- A lead becomes a customer when an onboarding enrollment completes.
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

-- Pausing or resuming a lead changes its state too.
CREATE OR REPLACE FUNCTION project_lead_pause() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM project_cadence(NEW.org_id, NEW.id);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_project_pause
  AFTER UPDATE OF cadence_paused_at ON leads
  FOR EACH ROW WHEN ((OLD.cadence_paused_at IS NULL) <> (NEW.cadence_paused_at IS NULL))
  EXECUTE FUNCTION project_lead_pause();

-- Moves enrollments past their current step. The due time of the next step counts from enrollment; after the last step
-- there is none, and the enrollment ends once its touch is done (specification, execution rules).
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
