-- Retention tiers of plays (specification of SalesPlayLibrary, retention): hot for 90 days after retirement, warm until
-- 18 months, cold until 7 years; then the words are removed.

-- The tier of a play at a time; null once its words must go. Months count in UTC for every reader.
CREATE OR REPLACE FUNCTION play_tier(retired_at timestamptz, at timestamptz) RETURNS retention_tier
LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN retired_at IS NULL OR at < retired_at + interval '2160 hours' THEN 'hot'::retention_tier
    WHEN at AT TIME ZONE 'UTC' < retired_at AT TIME ZONE 'UTC' + interval '18 months' THEN 'warm'
    WHEN at AT TIME ZONE 'UTC' < retired_at AT TIME ZONE 'UTC' + interval '7 years' THEN 'cold' END;

-- For readers of the database: operations, quarterly retrospectives, audits.
CREATE OR REPLACE VIEW sales_play_library_hot WITH (security_invoker = true) AS
  SELECT * FROM sales_play_library WHERE content_removed_at IS NULL AND play_tier(retired_at, now()) = 'hot';
CREATE OR REPLACE VIEW sales_play_library_warm WITH (security_invoker = true) AS
  SELECT * FROM sales_play_library WHERE content_removed_at IS NULL AND play_tier(retired_at, now()) = 'warm';
CREATE OR REPLACE VIEW sales_play_library_cold WITH (security_invoker = true) AS
  SELECT * FROM sales_play_library WHERE content_removed_at IS NULL AND play_tier(retired_at, now()) = 'cold';
GRANT SELECT ON sales_play_library_hot, sales_play_library_warm, sales_play_library_cold TO touchline_app;

-- The coordinator removes what no tier keeps any longer, completely and nothing else. CHECKs define what remains.
CREATE OR REPLACE FUNCTION guard_play_removal(old_play sales_play_library, new_play sales_play_library) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  words text[] := '{name,hypothesis,target_definition,suggested_cadence,success_criteria,drafted,edits_during_review,'
                  'retrospective_outcomes,content_removed_at}';
BEGIN
  IF acting_kind() IS DISTINCT FROM 'coordinator' THEN
    RAISE EXCEPTION 'only the coordinator may delete the texts of a play' USING ERRCODE = 'TL004';
  END IF;
  IF old_play.content_removed_at IS NOT NULL OR to_jsonb(old_play) - words <> to_jsonb(new_play) - words THEN
    RAISE EXCEPTION 'the remains of play % cannot change', old_play.play_id USING ERRCODE = 'TL012';
  END IF;
  PERFORM require_timely(new_play.content_removed_at, 'content_removed_at');
  IF old_play.state <> 'retired' OR play_tier(old_play.retired_at, new_play.content_removed_at) IS NOT NULL THEN
    RAISE EXCEPTION 'play % is kept for seven years after it was retired', old_play.play_id USING ERRCODE = 'TL003';
  END IF;
END $$;

-- A proposal stays as the brain wrote it while a play of it still has its words.
CREATE OR REPLACE FUNCTION guard_proposal_removal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  words text[] := '{summary,analysis,evidence,model,prompt_version,content_removed_at}';
BEGIN
  IF is_erasing() AND to_jsonb(OLD) - '{summary,analysis,evidence}'::text[] = to_jsonb(NEW) - '{summary,analysis,evidence}'::text[]
  THEN
    RETURN NEW;
  END IF;
  IF acting_kind() IS DISTINCT FROM 'coordinator' OR OLD.content_removed_at IS NOT NULL OR NEW.content_removed_at IS NULL
     OR to_jsonb(OLD) - words <> to_jsonb(NEW) - words
     OR NOT EXISTS (SELECT FROM sales_play_library p
                    WHERE p.org_id = OLD.org_id AND p.originating_proposal_id = OLD.proposal_id)
     OR EXISTS (SELECT FROM sales_play_library p
                WHERE p.org_id = OLD.org_id AND p.originating_proposal_id = OLD.proposal_id AND p.content_removed_at IS NULL) THEN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TL003';
  END IF;
  PERFORM require_timely(NEW.content_removed_at, 'content_removed_at');
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER brain_analysis_log_removal
  BEFORE UPDATE ON brain_analysis_log FOR EACH ROW EXECUTE FUNCTION guard_proposal_removal();
