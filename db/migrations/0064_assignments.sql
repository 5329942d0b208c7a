-- What one act assigned is one notification per recipient, however many leads and transactions it took.
ALTER TABLE notifications ADD COLUMN act_id uuid;
CREATE UNIQUE INDEX notifications_act_uniq ON notifications (org_id, to_user_id, act_id) WHERE act_id IS NOT NULL;
-- Leads whose owner the file set.
ALTER TABLE lead_imports ADD COLUMN assigned_count int NOT NULL DEFAULT 0 CHECK (assigned_count >= 0);
