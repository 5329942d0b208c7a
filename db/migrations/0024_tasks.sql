-- Tasks are claimed under a lease, by whoever works their role: the product itself, or an agent outside of it.

ALTER TYPE flag_kind ADD VALUE 'task_unclaimed';
ALTER TYPE flag_kind ADD VALUE 'task_dead_end';

-- What the index of free tasks is led by: an enum's text form, since comparing enums is not leakproof.
CREATE FUNCTION task_type_text(task_type) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE $1 WHEN 'meeting_booked' THEN 'meeting_booked' WHEN 'enroll_contact' THEN 'enroll_contact'
                 WHEN 'execute_sequence_step' THEN 'execute_sequence_step' WHEN 'process_reply' THEN 'process_reply'
                 WHEN 'exit_contact' THEN 'exit_contact' END;

-- Nothing claimed with a lease before: what is claimed has no fence that it could be ended by.
ALTER TABLE agent_tasks NO FORCE ROW LEVEL SECURITY;
UPDATE agent_tasks SET status = 'open', lease_until = NULL WHERE status = 'claimed';
ALTER TABLE agent_tasks FORCE ROW LEVEL SECURITY;

ALTER TABLE agent_tasks
  -- The fence: new with every claim, and whoever ends the task has to know it.
  ADD COLUMN claim_id uuid,
  ADD COLUMN claimed_at timestamptz,
  -- When a task that failed may be taken again.
  ADD COLUMN retry_at timestamptz,
  ADD COLUMN result jsonb CHECK (jsonb_typeof(result) = 'object'),
  -- Who routed a booked meeting, or declined it.
  ADD COLUMN decided_by_user_id uuid,
  -- From when on it may be taken: made, put off, or left behind by whoever had it.
  ADD COLUMN available_at timestamptz NOT NULL GENERATED ALWAYS AS
    (CASE WHEN status = 'claimed' THEN lease_until ELSE coalesce(retry_at, created_at) END) STORED,
  ADD COLUMN claim_key text NOT NULL GENERATED ALWAYS AS (role || ' ' || task_type_text(type)) STORED,
  ADD CONSTRAINT agent_tasks_decided_by FOREIGN KEY (org_id, decided_by_user_id) REFERENCES users (org_id, id),
  ADD CONSTRAINT agent_tasks_fence CHECK (
    (status = 'claimed') = (claim_id IS NOT NULL)
    AND (status <> 'claimed' OR (claimed_by IS NOT NULL AND claimed_at IS NOT NULL))),
  -- Shorter would be over before an agent has read the task; longer would keep the task of one that died.
  ADD CONSTRAINT agent_tasks_lease CHECK (
    status <> 'claimed' OR lease_until BETWEEN claimed_at + interval '10 seconds' AND claimed_at + interval '1 hour'),
  ADD CONSTRAINT agent_tasks_attempts CHECK (status <> 'claimed' OR attempt_count BETWEEN 1 AND 5),
  ADD CONSTRAINT agent_tasks_ended CHECK (result IS NULL OR status = 'done'),
  ADD CONSTRAINT agent_tasks_decided CHECK (
    (decided_by_user_id IS NOT NULL) = (type = 'meeting_booked' AND status = 'done'));

-- What is free for a role, the longest waiting first.
DROP INDEX agent_tasks_open_steps;
CREATE INDEX agent_tasks_free ON agent_tasks (org_id, claim_key, available_at, id) WHERE status IN ('open', 'claimed');
CREATE INDEX agent_tasks_exhausted ON agent_tasks (org_id, lease_until, id)
  WHERE status = 'claimed' AND attempt_count >= 5;

-- Who does the work of a role.
CREATE TYPE task_worker AS ENUM ('built_in', 'outside');
ALTER TABLE agents ADD COLUMN worked_by task_worker NOT NULL DEFAULT 'built_in';

-- Only roles.sales has a topic that there is; the others are to be created. Tara and Brooke have one each of their own.
ALTER TABLE organizations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE agents NO FORCE ROW LEVEL SECURITY;
UPDATE agents SET topic = NULL WHERE topic = id;
INSERT INTO agents (org_id, id, kind, display_name)
SELECT o.org_id, a.id, 'role', a.display_name
FROM organizations o CROSS JOIN (VALUES ('agents.brooke', 'Brooke'), ('agents.traci', 'Tara')) AS a(id, display_name)
ON CONFLICT DO NOTHING;
ALTER TABLE agents FORCE ROW LEVEL SECURITY;
ALTER TABLE organizations FORCE ROW LEVEL SECURITY;
