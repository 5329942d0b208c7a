-- The titles of the CRM's stages, for people; ids alone mean nothing to them.
-- Null: connected before titles were kept.
ALTER TABLE crm_connections ADD COLUMN stage_titles jsonb,
  ADD CONSTRAINT crm_connections_stage_titles CHECK (stage_titles ?& '{lead,in_progress,won,lost}'::text[] AND jsonb_typeof(stage_titles) = 'object');
