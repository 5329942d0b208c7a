-- The coordinator ends enrollments at once, so a task type that leaves an exit to an agent has no use. No version created
-- such a task; the product keeps every task, so a database with one written by hand is refused, unchanged.
ALTER TABLE agent_tasks NO FORCE ROW LEVEL SECURITY;
DO $$
BEGIN
  IF EXISTS (SELECT FROM agent_tasks WHERE type = 'exit_contact') THEN
    RAISE EXCEPTION 'tasks of the type exit_contact: %', (SELECT count(*) FROM agent_tasks WHERE type = 'exit_contact')
      USING HINT = 'End their enrollments with the version before, then delete these tasks as the owner of the tables.';
  END IF;
END $$;
ALTER TABLE agent_tasks FORCE ROW LEVEL SECURITY;

-- Whatever compares the type is made again: here, and the triggers with the routines.
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN SELECT tgname FROM pg_trigger
    WHERE tgrelid = 'agent_tasks'::regclass AND NOT tgisinternal AND pg_get_triggerdef(oid) ~ '\.type\M' LOOP
    EXECUTE format('DROP TRIGGER %I ON agent_tasks', name);
  END LOOP;
END $$;
DROP INDEX agent_tasks_entry_uniq, agent_tasks_routed, agent_tasks_routed_once;
ALTER TABLE agent_tasks DROP CONSTRAINT agent_tasks_decided, DROP COLUMN claim_key;
DROP FUNCTION task_type_text(task_type);

ALTER TYPE task_type RENAME TO task_type_with_exits;
CREATE TYPE task_type AS ENUM (
  'meeting_booked', 'entry_requested', 'enroll_contact', 'execute_sequence_step', 'process_reply'
);
ALTER TABLE agent_tasks ALTER COLUMN type TYPE task_type USING type::text::task_type;
DROP TYPE task_type_with_exits;

CREATE FUNCTION task_type_text(task_type) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE $1 WHEN 'meeting_booked' THEN 'meeting_booked' WHEN 'entry_requested' THEN 'entry_requested'
                 WHEN 'enroll_contact' THEN 'enroll_contact' WHEN 'execute_sequence_step' THEN 'execute_sequence_step'
                 WHEN 'process_reply' THEN 'process_reply' END;
ALTER TABLE agent_tasks
  ADD COLUMN claim_key text NOT NULL GENERATED ALWAYS AS (role || ' ' || task_type_text(type)) STORED,
  ADD CONSTRAINT agent_tasks_decided CHECK (
    (decided_by_user_id IS NOT NULL) = (type IN ('meeting_booked', 'entry_requested') AND status = 'done'));
CREATE INDEX agent_tasks_free ON agent_tasks (org_id, claim_key, available_at, id) WHERE status IN ('open', 'claimed');
CREATE INDEX agent_tasks_routed ON agent_tasks (org_id, finished_at DESC, id DESC)
  WHERE type IN ('meeting_booked', 'entry_requested') AND status = 'done';
CREATE UNIQUE INDEX agent_tasks_entry_uniq ON agent_tasks (org_id, lead_id, (payload ->> 'suggested_campaign'))
  WHERE type = 'entry_requested' AND status IN ('open', 'claimed');
CREATE UNIQUE INDEX agent_tasks_routed_once ON agent_tasks (org_id, (payload ->> 'from_task_id'), (payload ->> 'campaign'))
  WHERE type = 'enroll_contact' AND payload ->> 'from_task_id' IS NOT NULL;
