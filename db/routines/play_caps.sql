-- How many plays may be active at once, and who decides.

-- Every organization has its configuration row, under which its plays are activated one at a time.
CREATE OR REPLACE FUNCTION add_play_config() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO sales_play_library_config (org_id, auto_sunset) VALUES (NEW.org_id, false) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER organizations_play_config
  AFTER INSERT ON organizations FOR EACH ROW EXECUTE FUNCTION add_play_config();

-- Keeps the play configuration to RevOps, and the organization's own row in place.
CREATE OR REPLACE FUNCTION refuse_config_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.segment IS NULL THEN
      RAISE EXCEPTION 'the library config of the organization cannot be deleted' USING ERRCODE = 'TL003';
    END IF;
    PERFORM require_acting_role(OLD.org_id, '{revops}');
    RETURN OLD;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.config_key <> coalesce(NEW.segment, '') THEN
    RAISE EXCEPTION 'the library config of a segment cannot move to another segment' USING ERRCODE = 'TL012';
  END IF;
  IF NEW.segment IS NOT NULL
     OR TG_OP = 'UPDATE' AND (OLD.max_active_plays, OLD.auto_sunset) IS DISTINCT FROM (NEW.max_active_plays, NEW.auto_sunset) THEN
    PERFORM require_acting_role(NEW.org_id, '{revops}');
    PERFORM require_acting_person(NEW.updated_by_user_id);
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sales_play_library_config_guard
  BEFORE INSERT OR UPDATE OR DELETE ON sales_play_library_config FOR EACH ROW EXECUTE FUNCTION refuse_config_change();

-- Limits active plays to the configured number. Activations of an organization write the same row first, so none counts
-- while another is in progress; the count is a separate statement afterward. Under an older snapshot, the write fails
-- (40001) instead of miscounting.
CREATE OR REPLACE FUNCTION refuse_play_over_cap(p sales_play_library) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  default_cap int;
  cap int;
  active int;
BEGIN
  UPDATE sales_play_library_config SET activation_count = activation_count + 1
  WHERE org_id = p.org_id AND segment IS NULL
  RETURNING max_active_plays INTO default_cap;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the library has no config' USING ERRCODE = 'TL001';
  END IF;
  IF p.scope = 'account_specific' THEN
    IF EXISTS (SELECT FROM sales_play_library WHERE org_id = p.org_id AND account_id = p.account_id AND state = 'active') THEN
      RAISE EXCEPTION 'account % already has an active play', p.account_id
        USING ERRCODE = 'TL027', HINT = 'Retire it first, or let it complete.';
    END IF;
    RETURN;
  END IF;
  cap := coalesce((SELECT max_active_plays FROM sales_play_library_config WHERE org_id = p.org_id AND segment = p.segment),
                  default_cap);
  active := (SELECT count(*) FROM sales_play_library WHERE org_id = p.org_id AND segment = p.segment AND state = 'active');
  IF active >= cap THEN
    RAISE EXCEPTION 'segment % has % active plays, and its cap is %', p.segment, active, cap
      USING ERRCODE = 'TL026', HINT = 'Retire one of them first.';
  END IF;
END $$;

CREATE OR REPLACE TRIGGER sales_play_library_config_no_truncate
  BEFORE TRUNCATE ON sales_play_library_config FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
