-- Meetings that were routed, in the order in which people look back at them. A few of all tasks: the others stay out of it.
CREATE INDEX agent_tasks_routed ON agent_tasks (org_id, finished_at DESC, id DESC)
  WHERE type = 'meeting_booked' AND status = 'done';
