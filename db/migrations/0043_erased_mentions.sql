-- Texts that people share (plays, templates, segments, brands) are not about one person, so an erasure does not rewrite them. Where
-- one names the erased person, a person has to edit it: those places are listed here, without the name.
CREATE TABLE erased_mentions (
  org_id              uuid NOT NULL,
  id                  uuid NOT NULL,
  -- Who was erased.
  lead_id             uuid NOT NULL,
  -- As the audit names a row.
  subject_table       text NOT NULL CHECK (subject_table IN ('accounts', 'campaign_sequences', 'campaigns', 'clients',
                                                             'sales_play_library', 'staged_drafts', 'territory_definitions')),
  subject_key         text NOT NULL CHECK (subject_key <> ''),
  -- The column that names the person.
  field               text NOT NULL CHECK (field <> ''),
  found_at            timestamptz NOT NULL,
  ended_at            timestamptz,
  -- Null with ended_at: the text was edited, or its row removed.
  reviewed_by_user_id uuid,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id),
  FOREIGN KEY (org_id, reviewed_by_user_id) REFERENCES users (org_id, id),
  CONSTRAINT erased_mentions_once UNIQUE (org_id, lead_id, subject_table, subject_key, field),
  CONSTRAINT erased_mentions_reviewed CHECK (reviewed_by_user_id IS NULL OR ended_at IS NOT NULL)
);
CREATE INDEX erased_mentions_open ON erased_mentions (org_id, subject_table, subject_key) WHERE ended_at IS NULL;
CREATE INDEX erased_mentions_listed ON erased_mentions (org_id, id) WHERE ended_at IS NULL;

-- From how many rows something was taken out, by table: other leads' rows included. Null: the erasure is older than this column.
ALTER TABLE lead_erasures ADD COLUMN row_counts jsonb CHECK (jsonb_typeof(row_counts) = 'object');
-- Asked for by each answer that is kept for a repeated request.
CREATE INDEX lead_erasures_by_time ON lead_erasures (org_id, erased_at);
