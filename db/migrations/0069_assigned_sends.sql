-- The one person who sends a manual send. Null: nobody is named, RevOps is warned, and any user who works may send it.
ALTER TABLE sales_send_queue
  ADD COLUMN assigned_to_user_id uuid,
  ADD CONSTRAINT sales_send_queue_assigned_to FOREIGN KEY (org_id, assigned_to_user_id) REFERENCES users (org_id, id),
  ADD CONSTRAINT sales_send_queue_assigned CHECK (assigned_to_user_id IS NULL OR requires_personal_send);
-- One person's manual sends, longest overdue first.
CREATE INDEX sales_send_queue_of_person ON sales_send_queue (org_id, assigned_to_user_id, scheduled_at, id)
  WHERE requires_personal_send AND status IN ('drafted', 'approved') AND assigned_to_user_id IS NOT NULL;
