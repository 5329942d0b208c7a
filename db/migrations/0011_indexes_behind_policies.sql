-- Row-level security lets only conditions into an index that the server knows to be leakproof. Comparing enums is not one,
-- so a status stands in the condition of an index, where it is proved instead of compared, and not in its columns.

DROP INDEX sales_send_queue_by_status;
CREATE INDEX sales_send_queue_pending ON sales_send_queue (org_id, scheduled_at, id) WHERE status = 'pending';
CREATE INDEX sales_send_queue_drafted ON sales_send_queue (org_id, scheduled_at, id) WHERE status = 'drafted';
CREATE INDEX sales_send_queue_approved ON sales_send_queue (org_id, scheduled_at, id) WHERE status = 'approved';
CREATE INDEX sales_send_queue_unknown ON sales_send_queue (org_id, scheduled_at, id) WHERE status = 'unknown';

DROP INDEX agent_tasks_open;
CREATE INDEX agent_tasks_open_steps ON agent_tasks (org_id, created_at, id)
  WHERE type = 'execute_sequence_step' AND status IN ('open', 'claimed');

-- Statistics of enums are as closed as their comparisons: of `outcome <> 'void'`, where everything was sent, the planner
-- would expect nothing. A boolean of its own it may look at.
ALTER TABLE touches ADD COLUMN counts boolean NOT NULL
  GENERATED ALWAYS AS (outcome <> 'void' AND sequence_type <> 'transactional') STORED;
COMMENT ON COLUMN touches.counts IS 'Whether the caps count it.';
DROP INDEX touches_counted;
CREATE INDEX touches_counted ON touches (org_id, lead_id, touched_at DESC) WHERE counts;
