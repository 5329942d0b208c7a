-- What waits or failed about one lead and is no touch's text: meetings, answers, enrollments. Few of all tasks, and asked for with
-- each explanation.
CREATE INDEX agent_tasks_of_lead ON agent_tasks (org_id, lead_id, id)
  WHERE queue_id IS NULL AND status IN ('open', 'claimed', 'failed');
-- Plays in the order in which people look through them.
CREATE INDEX sales_play_library_by_time ON sales_play_library (org_id, created_at DESC, play_id DESC)
  WHERE content_removed_at IS NULL;
