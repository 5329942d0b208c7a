-- Whether the process that holds a lease is alive. A process locks its id in its own session (src/db/process_lock.ts);
-- the server releases the lock when that session ends, for any cause.
CREATE OR REPLACE FUNCTION process_lock(process uuid) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT hashtextextended('touchline process ' || process, 0) $$;

-- False while a session holds the lock. A result of true lasts until the transaction ends, because the process cannot
-- take the lock back in the meantime. Shared, so several callers may check at once.
CREATE OR REPLACE FUNCTION process_is_gone(process uuid) RETURNS boolean LANGUAGE plpgsql STRICT AS $$
BEGIN
  RETURN pg_try_advisory_xact_lock_shared(process_lock(process));
END $$;

-- A new claim clears the previous claim's process: an agent that takes over a task is not a process of the product.
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
