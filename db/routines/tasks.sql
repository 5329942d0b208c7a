-- Guards on claiming and completing tasks, for every writer: the product, an agent's own SQL, or a bug.

-- The product creates tasks, or the person who routes a hand-off: an agent creates none for others or for itself.
CREATE OR REPLACE FUNCTION refuse_task_of_agent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'agents may not create tasks' USING ERRCODE = 'TL005';
END $$;
CREATE OR REPLACE TRIGGER agent_tasks_not_by_agents
  BEFORE INSERT ON agent_tasks
  FOR EACH ROW WHEN (acting_kind() = 'agent') EXECUTE FUNCTION refuse_task_of_agent();

CREATE OR REPLACE TRIGGER agent_tasks_first_status
  BEFORE INSERT ON agent_tasks
  FOR EACH ROW EXECUTE FUNCTION refuse_illegal_first_status('open', 'done', 'failed', 'canceled');
CREATE OR REPLACE TRIGGER agent_tasks_status_move
  BEFORE UPDATE OF status ON agent_tasks
  FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION refuse_illegal_status_move(
    'open>claimed,done,failed,canceled', 'claimed>open,done,failed,canceled', 'failed>open');

CREATE OR REPLACE TRIGGER agent_tasks_identity
  BEFORE UPDATE ON agent_tasks
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.type, OLD.role, OLD.lead_id, OLD.enrollment_id, OLD.queue_id, OLD.payload, OLD.created_at)
        IS DISTINCT FROM
        (NEW.org_id, NEW.id, NEW.type, NEW.role, NEW.lead_id, NEW.enrollment_id, NEW.queue_id, NEW.payload, NEW.created_at))
  EXECUTE FUNCTION refuse_identity_change();

-- A done or canceled task stays so. A person may reopen a failed one.
CREATE OR REPLACE FUNCTION refuse_ended_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND is_erasing() THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'task % is already %', OLD.id, OLD.status USING ERRCODE = 'TL001';
END $$;
CREATE OR REPLACE TRIGGER agent_tasks_stay_ended
  BEFORE UPDATE ON agent_tasks
  FOR EACH ROW
  WHEN (OLD.status IN ('done', 'canceled')
        OR (OLD.status = 'failed' AND NOT (NEW.status = 'open' AND acting_user() IS NOT NULL)))
  EXECUTE FUNCTION refuse_ended_task();

-- A role agent works its own role; a system agent works what it is asked to; an executive works what needs a person.
CREATE OR REPLACE FUNCTION refuse_other_role(org uuid, task_role text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() = 'agent' AND NOT EXISTS (
    SELECT FROM agents a
    WHERE a.org_id = org AND a.id = acting_id() AND (a.id = task_role AND a.kind = 'role' OR a.kind = 'system')
  ) OR acting_kind() = 'human' AND task_role <> 'roles.exec' THEN
    RAISE EXCEPTION 'you may not claim tasks of %', task_role
      USING ERRCODE = 'TL034', HINT = 'Role agents claim tasks of their own role; executives claim tasks of roles.exec.';
  END IF;
  IF acting_kind() = 'human' THEN
    PERFORM require_acting_role(org, '{exec,admin}');
  END IF;
END $$;

-- A claim takes an open task, in the claimant's own name, with a new fence; it counts as an attempt.
CREATE OR REPLACE FUNCTION refuse_wrong_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.claim_id = OLD.claim_id AND is_erasing() THEN
    RETURN NEW;
  END IF;
  IF acting_kind() = 'agent' AND NEW.type IN ('meeting_booked', 'entry_requested') THEN
    RAISE EXCEPTION 'only a person may route a hand-off' USING ERRCODE = 'TL005';
  END IF;
  PERFORM refuse_other_role(NEW.org_id, NEW.role);
  IF acting_kind() IN ('agent', 'human') AND NEW.claimed_by IS DISTINCT FROM acting_id() THEN
    RAISE EXCEPTION 'tasks are claimed only in one''s own name' USING ERRCODE = 'TL034';
  END IF;
  IF NEW.claim_id IS NOT DISTINCT FROM OLD.claim_id OR NEW.claimed_at < OLD.available_at
     OR NEW.attempt_count <> OLD.attempt_count + 1 THEN
    RAISE EXCEPTION 'task % is not open', NEW.id
      USING ERRCODE = 'TL035', HINT = 'Claim tasks; the response lists the tasks that you hold.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER agent_tasks_claim
  BEFORE UPDATE ON agent_tasks
  FOR EACH ROW WHEN (NEW.status = 'claimed') EXECUTE FUNCTION refuse_wrong_claim();

-- Whether a lease is over, by the clock that granted it: the writer's time, within an hour of the server's.
CREATE OR REPLACE FUNCTION lease_is_over(lease_until timestamptz, said timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM require_timely(said, 'the end of a claim');
  RETURN lease_until <= said;
END $$;

-- Only the holder of a task's running claim completes or returns it. A booked meeting is decided instead, and people may
-- cancel work. A return records no time: it is that of the operation, or the server's.
CREATE OR REPLACE FUNCTION refuse_without_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'claimed' OR OLD.claimed_by IS DISTINCT FROM acting_id() OR lease_is_over(OLD.lease_until,
     coalesce(NEW.finished_at, (acting_origin() ->> 'at')::timestamptz, clock_timestamp())) THEN
    RAISE EXCEPTION 'you do not hold the claim of task %', OLD.id
      USING ERRCODE = 'TL035', HINT = 'Claim it again; someone else may have done the work since.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER agent_tasks_ended_by
  BEFORE UPDATE OF status ON agent_tasks
  FOR EACH ROW
  WHEN (OLD.status IN ('open', 'claimed') AND NEW.status <> 'claimed'
        AND (acting_kind() = 'agent' OR acting_kind() = 'human' AND NEW.status <> 'canceled')
        AND NOT (NEW.type IN ('meeting_booked', 'entry_requested') AND NEW.status = 'done'))
  EXECUTE FUNCTION refuse_without_claim();

-- The executive's decision: a person routes a lead after its meeting, in their own name.
CREATE OR REPLACE FUNCTION refuse_inhuman_routing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM require_acting_person(NEW.decided_by_user_id);
  PERFORM require_acting_role(NEW.org_id, '{exec,admin}');
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER agent_tasks_decided_insert
  BEFORE INSERT ON agent_tasks
  FOR EACH ROW WHEN (NEW.type IN ('meeting_booked', 'entry_requested') AND NEW.status = 'done') EXECUTE FUNCTION refuse_inhuman_routing();
CREATE OR REPLACE TRIGGER agent_tasks_decided_update
  BEFORE UPDATE OF status ON agent_tasks
  FOR EACH ROW WHEN (NEW.type IN ('meeting_booked', 'entry_requested') AND NEW.status = 'done') EXECUTE FUNCTION refuse_inhuman_routing();

CREATE OR REPLACE TRIGGER agent_tasks_audit AFTER UPDATE OF status ON agent_tasks
  FOR EACH ROW WHEN (OLD.status <> NEW.status AND acting_kind() = 'human')
  EXECUTE FUNCTION audit_change('result', 'claim_id,available_at,claim_key,lease_until,process_id');

-- An admin decides whether the product or an outside agent works a role.
CREATE OR REPLACE TRIGGER agents_worked_by
  BEFORE UPDATE OF worked_by ON agents
  FOR EACH ROW WHEN (OLD.worked_by <> NEW.worked_by) EXECUTE FUNCTION require_acting_admin();

-- An agent drafts for the touch whose task it has claimed, in its own name; and again while no person has decided.
CREATE OR REPLACE FUNCTION refuse_unclaimed_draft() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  touch record;
BEGIN
  IF NEW.written_by_agent_id IS DISTINCT FROM acting_id() THEN
    RAISE EXCEPTION 'an agent may write only in its own name' USING ERRCODE = 'TL034';
  END IF;
  IF NEW.version = 1 THEN
    IF NOT EXISTS (
      SELECT FROM agent_tasks t
      WHERE t.org_id = NEW.org_id AND t.queue_id = NEW.queue_id AND t.type = 'execute_sequence_step'
        AND t.status = 'claimed' AND t.claimed_by = acting_id() AND NOT lease_is_over(t.lease_until, NEW.created_at)
    ) THEN
      RAISE EXCEPTION 'you do not hold the task of this touch'
        USING ERRCODE = 'TL035', HINT = 'Claim it with claim_tasks first.';
    END IF;
    RETURN NEW;
  END IF;
  SELECT q.status, c.owner_role INTO touch
  FROM sales_send_queue q JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id
  WHERE q.org_id = NEW.org_id AND q.id = NEW.queue_id;
  PERFORM refuse_other_role(NEW.org_id, touch.owner_role);
  IF touch.status <> 'drafted' THEN
    RAISE EXCEPTION 'a touch that is % accepts no draft from an agent', touch.status USING ERRCODE = 'TL001';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER staged_drafts_by_agent
  BEFORE INSERT ON staged_drafts
  FOR EACH ROW WHEN (acting_kind() = 'agent') EXECUTE FUNCTION refuse_unclaimed_draft();

-- Automatic hand-offs never lead back to where a lead came from, or the lead would be contacted forever. Checked when
-- everything is written, because new campaigns refer to one another; and one at a time per organization, by the lock that
-- src/operations also takes, so two halves of a loop cannot both pass. A person's hand-off ends the path: that person
-- sees where the lead came from.
CREATE OR REPLACE FUNCTION refuse_exit_loop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') = 'repeatable read' THEN
    RAISE EXCEPTION 'exit maps can be changed only in READ COMMITTED' USING ERRCODE = '25001';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('campaigns:' || NEW.org_id::text, 0));
  IF EXISTS (
    WITH RECURSIVE way(slug) AS (
      SELECT t.value #>> '{}' FROM campaigns c CROSS JOIN LATERAL jsonb_each(c.on_exit) t
      WHERE c.org_id = NEW.org_id AND c.id = NEW.id AND jsonb_typeof(t.value) = 'string'
      UNION
      SELECT t.value #>> '{}' FROM way w
      JOIN campaigns c ON c.org_id = NEW.org_id AND c.slug = w.slug
      CROSS JOIN LATERAL jsonb_each(c.on_exit) t
      WHERE jsonb_typeof(t.value) = 'string'
    )
    SELECT FROM way w JOIN campaigns c ON c.org_id = NEW.org_id AND c.slug = w.slug WHERE c.id = NEW.id
  ) THEN
    RAISE EXCEPTION 'the exits of campaign % lead back to it', NEW.slug
      USING ERRCODE = 'TL036', HINT = 'Have a person route one of the hand-offs: { gate: exec, suggest: <slug or null> }.';
  END IF;
  RETURN NULL;
END $$;
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'campaigns'::regclass AND tgname = 'campaigns_no_exit_loop') THEN
    CREATE CONSTRAINT TRIGGER campaigns_no_exit_loop
      AFTER INSERT OR UPDATE OF on_exit, slug ON campaigns DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION refuse_exit_loop();
  END IF;
END $$;
