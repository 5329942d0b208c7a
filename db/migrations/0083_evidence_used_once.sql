-- A routing, an exit, or a merge lets a lead enter a restricted campaign once.
CREATE UNIQUE INDEX sequence_requests_routed_once ON sequence_requests (org_id, entry_task_id)
  WHERE status = 'allowed' AND entry_task_id IS NOT NULL;
CREATE UNIQUE INDEX sequence_requests_exited_once ON sequence_requests (org_id, exited_enrollment_id)
  WHERE status = 'allowed' AND entered_by IN ('exit', 'merge');
