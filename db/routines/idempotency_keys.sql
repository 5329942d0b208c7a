-- A stored answer stays until the key expires: no request gets two different answers.
CREATE OR REPLACE FUNCTION refuse_second_answer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND is_erasing() THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'this idempotency key already has an answer' USING ERRCODE = 'TL003';
END $$;

CREATE OR REPLACE TRIGGER idempotency_keys_once
  BEFORE UPDATE ON idempotency_keys
  FOR EACH ROW WHEN (OLD.answered_at IS NOT NULL AND NEW.claimed_at < OLD.expires_at)
  EXECUTE FUNCTION refuse_second_answer();

-- A request that ran during an erasure may have read deleted data: the fact that it was answered is kept, the answer is
-- not. Waits for a running erasure, and treats requests as concurrent for two minutes after its start, longer than an
-- erasure may take. The erasure's own answer names no one.
CREATE OR REPLACE FUNCTION keep_no_answer_of_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('idempotency_keys'), hashtext(NEW.org_id::text));
  IF EXISTS (SELECT FROM lead_erasures e WHERE e.org_id = NEW.org_id AND e.erased_at > NEW.claimed_at - interval '2 minutes') THEN
    NEW.body := NULL;
    NEW.replayable := false;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER idempotency_keys_not_of_erased
  BEFORE INSERT OR UPDATE OF body ON idempotency_keys
  FOR EACH ROW WHEN (NEW.body IS NOT NULL AND NEW.operation <> 'erase_lead') EXECUTE FUNCTION keep_no_answer_of_erased();
