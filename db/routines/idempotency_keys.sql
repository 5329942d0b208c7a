-- An answer that was given is the answer until the key expires: nobody answers the same request in two ways.
CREATE OR REPLACE FUNCTION refuse_second_answer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND is_erasing() THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'this idempotency key was answered already' USING ERRCODE = 'TL003';
END $$;

CREATE OR REPLACE TRIGGER idempotency_keys_once
  BEFORE UPDATE ON idempotency_keys
  FOR EACH ROW WHEN (OLD.answered_at IS NOT NULL AND NEW.claimed_at < OLD.expires_at)
  EXECUTE FUNCTION refuse_second_answer();
