-- What a language model may write, and how much of it an organization pays for per day, for every writer.

-- Steps of plays, and of campaigns whose templates were approved instead of texts, use their templates.
CREATE OR REPLACE FUNCTION model_may_write(org uuid, touch uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM sales_send_queue q JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id
    WHERE q.org_id = org AND q.id = touch AND q.play_id IS NULL AND c.play_id IS NULL AND c.send_rule <> 'pre_approved');
END $$;

-- Refuses the claim that a model wrote, by anything but the coordinator or where a template has to be used.
CREATE OR REPLACE FUNCTION refuse_false_writer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF is_written_by_trigger() THEN
    RETURN NEW;
  ELSIF acting_kind() IS DISTINCT FROM 'coordinator' OR NEW.version <> 1 THEN
    RAISE EXCEPTION 'only the coordinator may mark a draft as written by the model or a template' USING ERRCODE = 'TL004';
  END IF;
  IF NEW.written_with = 'model' AND NOT model_may_write(NEW.org_id, NEW.queue_id) THEN
    RAISE EXCEPTION 'this step must use the text of its template' USING ERRCODE = 'TL049',
      HINT = 'A model writes no steps of plays, or of campaigns with approved templates.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER staged_drafts_written_with
  BEFORE INSERT ON staged_drafts
  FOR EACH ROW WHEN (NEW.written_with IS NOT NULL) EXECUTE FUNCTION refuse_false_writer();

-- Admits calls one at a time per organization while the day's budget lasts, so any number of workers stay below it. Locks
-- in its own statement and reads the sum afterward. Without a value in the organization's policy, the default is that of
-- policy/default.yaml.
CREATE OR REPLACE FUNCTION reserve_model_call() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  budget bigint;
  counted bigint;
BEGIN
  IF acting_kind() IS DISTINCT FROM 'coordinator' THEN
    RAISE EXCEPTION 'only the coordinator may call the model' USING ERRCODE = 'TL004';
  END IF;
  IF current_setting('transaction_isolation') = 'repeatable read' THEN
    RAISE EXCEPTION 'model calls can be reserved only in READ COMMITTED' USING ERRCODE = '25001';
  END IF;
  IF NEW.outcome <> 'reserved' THEN
    RAISE EXCEPTION 'a model call cannot begin as %', NEW.outcome USING ERRCODE = 'TL001';
  END IF;
  PERFORM require_timely(NEW.at, 'at');
  PERFORM pg_advisory_xact_lock(hashtextextended('model_calls:' || NEW.org_id::text, 0));
  SELECT (NEW.at AT TIME ZONE o.time_zone)::date INTO NEW.day FROM organizations o WHERE o.org_id = NEW.org_id;
  SELECT coalesce((p.document #>> '{drafting,model_tokens_per_day}')::bigint, 1000000) INTO budget
  FROM policies p WHERE p.org_id = NEW.org_id ORDER BY p.version DESC LIMIT 1;
  SELECT coalesce(sum(c.counted_tokens), 0) INTO counted
  FROM model_calls c WHERE c.org_id = NEW.org_id AND c.day = NEW.day;
  IF counted + NEW.reserved_tokens > coalesce(budget, 0) THEN
    RAISE EXCEPTION 'the model''s budget of % tokens a day cannot cover % more', coalesce(budget, 0), NEW.reserved_tokens
      USING ERRCODE = 'TL048', HINT = 'The policy sets it as drafting.model_tokens_per_day; templates write the other drafts.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER model_calls_reserve
  BEFORE INSERT ON model_calls
  FOR EACH ROW EXECUTE FUNCTION reserve_model_call();

-- Requires the coordinator to settle a call to the model, once. Settled once; nothing else changes.
CREATE OR REPLACE FUNCTION refuse_false_settlement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() IS DISTINCT FROM 'coordinator' THEN
    RAISE EXCEPTION 'only the coordinator may settle a model call' USING ERRCODE = 'TL004';
  END IF;
  IF OLD.outcome <> 'reserved' OR NEW.outcome = 'reserved'
     OR (OLD.org_id, OLD.id, OLD.purpose, OLD.model, OLD.queue_id, OLD.at, OLD.day, OLD.reserved_tokens)
        IS DISTINCT FROM
        (NEW.org_id, NEW.id, NEW.purpose, NEW.model, NEW.queue_id, NEW.at, NEW.day, NEW.reserved_tokens) THEN
    RAISE EXCEPTION 'model call % is settled and cannot change', OLD.id USING ERRCODE = 'TL003';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER model_calls_settle
  BEFORE UPDATE ON model_calls
  FOR EACH ROW EXECUTE FUNCTION refuse_false_settlement();
CREATE OR REPLACE TRIGGER model_calls_kept
  BEFORE DELETE ON model_calls FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER model_calls_no_truncate
  BEFORE TRUNCATE ON model_calls FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
