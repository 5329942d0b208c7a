-- When a conflict with the other side first made a request or an enrollment wait for fixed hours: it waits them once.
ALTER TABLE sequence_requests
  ADD COLUMN conflict_since timestamptz,
  -- How often the gates answered; null: once. An answer without news changes this row and writes no event.
  ADD COLUMN answer_count int DEFAULT 1 CHECK (answer_count > 0);
ALTER TABLE campaign_contacts ADD COLUMN conflict_since timestamptz;
