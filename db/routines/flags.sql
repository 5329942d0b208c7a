-- A flag's history is kept: acknowledgments, escalations, and resolutions are not undone, and a flag never reopens. A
-- cause that returns makes a new flag.
CREATE OR REPLACE FUNCTION keep_flag() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND is_erasing() THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'warning % keeps its history', OLD.id USING ERRCODE = 'TL001';
END $$;
CREATE OR REPLACE TRIGGER flags_keep
  BEFORE UPDATE ON flags
  FOR EACH ROW
  WHEN ((OLD.acknowledged_at IS NOT NULL AND (OLD.acknowledged_at, OLD.acknowledged_by_user_id)
          IS DISTINCT FROM (NEW.acknowledged_at, NEW.acknowledged_by_user_id))
        OR (OLD.escalated_at IS NOT NULL AND OLD.escalated_at IS DISTINCT FROM NEW.escalated_at)
        OR (OLD.resolved_at IS NOT NULL AND (OLD.resolved_at, OLD.resolution, OLD.resolved_by_user_id)
          IS DISTINCT FROM (NEW.resolved_at, NEW.resolution, NEW.resolved_by_user_id))
        OR (OLD.cause_gone_at IS NOT NULL AND OLD.cause_gone_at IS DISTINCT FROM NEW.cause_gone_at))
  EXECUTE FUNCTION keep_flag();

-- A person acknowledges or resolves in their own name.
CREATE OR REPLACE FUNCTION refuse_other_acknowledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM require_acting_person(NEW.acknowledged_by_user_id);
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER flags_acknowledged_by
  BEFORE UPDATE ON flags
  FOR EACH ROW
  WHEN (NEW.acknowledged_by_user_id IS NOT NULL
        AND NEW.acknowledged_by_user_id IS DISTINCT FROM OLD.acknowledged_by_user_id)
  EXECUTE FUNCTION refuse_other_acknowledger();

-- Requires the acting person to resolve a warning.
CREATE OR REPLACE FUNCTION refuse_other_resolver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM require_acting_person(NEW.resolved_by_user_id);
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER flags_resolved_by
  BEFORE UPDATE ON flags
  FOR EACH ROW
  WHEN (NEW.resolved_by_user_id IS NOT NULL AND NEW.resolved_by_user_id IS DISTINCT FROM OLD.resolved_by_user_id)
  EXECUTE FUNCTION refuse_other_resolver();

-- A new flag has no acknowledgment or resolution.
CREATE OR REPLACE FUNCTION refuse_answered_flag() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a warning begins open and unacknowledged' USING ERRCODE = 'TL001';
END $$;
CREATE OR REPLACE TRIGGER flags_first_state
  BEFORE INSERT ON flags
  FOR EACH ROW
  WHEN (NEW.acknowledged_at IS NOT NULL OR NEW.resolved_at IS NOT NULL OR NEW.escalated_at IS NOT NULL)
  EXECUTE FUNCTION refuse_answered_flag();
