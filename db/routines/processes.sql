-- Whether the process that holds a lease still lives. A process takes the lock of its id in a session of its own
-- (src/db/process_lock.ts); the server frees it when that session ends, however the process did.
CREATE OR REPLACE FUNCTION process_lock(process uuid) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT hashtextextended('touchline process ' || process, 0) $$;

-- False while a session holds the lock. True is kept until the transaction ends: meanwhile the process cannot take the lock
-- back. Shared, so that several may ask at once.
CREATE OR REPLACE FUNCTION process_is_gone(process uuid) RETURNS boolean LANGUAGE plpgsql STRICT AS $$
BEGIN
  RETURN pg_try_advisory_xact_lock_shared(process_lock(process));
END $$;

-- A claim never has the process of the one before it: an agent that takes a task over is no process of the product.
CREATE OR REPLACE FUNCTION forget_process_of_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.process_id := NULL;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER agent_tasks_process_of_claim
  BEFORE UPDATE ON agent_tasks
  FOR EACH ROW
  WHEN (OLD.process_id IS NOT NULL AND NEW.claim_id IS DISTINCT FROM OLD.claim_id
        AND NEW.process_id IS NOT DISTINCT FROM OLD.process_id)
  EXECUTE FUNCTION forget_process_of_claim();
