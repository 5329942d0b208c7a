-- Which process holds a lease, so that it ends with the process and not only with its time. Null: nobody can tell whether that
-- process lives, so the time alone counts. A process that lives holds an advisory lock (db/routines/processes.sql).
ALTER TABLE send_attempts
  ADD COLUMN process_id uuid,
  -- Since when the lock of its process was seen to be free.
  ADD COLUMN orphaned_at timestamptz,
  ADD CONSTRAINT send_attempts_orphaned CHECK (orphaned_at IS NULL OR process_id IS NOT NULL);
CREATE INDEX send_attempts_by_process ON send_attempts (org_id, process_id)
  WHERE stage IN ('intent', 'data') AND process_id IS NOT NULL;
CREATE INDEX send_attempts_orphaned ON send_attempts (org_id, orphaned_at)
  WHERE stage IN ('intent', 'data') AND orphaned_at IS NOT NULL;

ALTER TABLE agent_tasks
  ADD COLUMN process_id uuid,
  ADD CONSTRAINT agent_tasks_process CHECK (process_id IS NULL OR status = 'claimed');
CREATE INDEX agent_tasks_by_process ON agent_tasks (org_id, process_id) WHERE process_id IS NOT NULL;

ALTER TABLE webhook_deliveries ADD COLUMN process_id uuid;
CREATE INDEX webhook_deliveries_by_process ON webhook_deliveries (org_id, process_id)
  WHERE settled_at IS NULL AND process_id IS NOT NULL;

ALTER TABLE mailbox_cursors
  ADD COLUMN process_id uuid,
  ADD CONSTRAINT mailbox_cursors_process CHECK (process_id IS NULL OR reader_id IS NOT NULL);
