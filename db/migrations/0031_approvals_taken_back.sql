-- An approval can be taken back while its message has not begun to leave, and what was rejected is listed.

ALTER TYPE event_type ADD VALUE 'approval_withdrawn';

ALTER TABLE draft_approvals
  ADD COLUMN withdrawn_at timestamptz,
  ADD COLUMN withdrawn_by_user_id uuid,
  ADD FOREIGN KEY (org_id, withdrawn_by_user_id) REFERENCES users (org_id, id),
  ADD CONSTRAINT draft_approvals_withdrawn CHECK (num_nulls(withdrawn_at, withdrawn_by_user_id) IN (0, 2)),
  DROP CONSTRAINT draft_approvals_uniq;
-- Of a text's approvals at most one counts; those that were taken back stay as they were.
CREATE UNIQUE INDEX draft_approvals_uniq ON draft_approvals (org_id, draft_id) WHERE withdrawn_at IS NULL;

CREATE INDEX draft_rejections_by_time ON draft_rejections (org_id, rejected_at, id);
