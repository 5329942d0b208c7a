-- The acting kind and id of the transaction. src/db/pool.ts sets both with BEGIN, for that transaction only. After a
-- COMMIT, an unset setting reads '' instead of NULL, hence nullif.

CREATE OR REPLACE FUNCTION acting_kind() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('touchline.actor_kind', true), '');

CREATE OR REPLACE FUNCTION acting_id() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('touchline.actor_id', true), '');

-- The origin that src/db/pool.ts gives each transaction of an operation; null for work without a request, as in a worker.
-- Any writer can set it, so it decides as little as possible: the surface, operation, and request in the audit, and the
-- actor on whose behalf the coordinator acts.
CREATE OR REPLACE FUNCTION acting_origin() RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('touchline.origin', true), '')::jsonb;

-- Whether the owner of the tables has declared that the product's clock differs from the server's.
CREATE OR REPLACE FUNCTION clock_is_simulated() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  RETURN EXISTS (SELECT FROM simulated_clock);

-- The time that the database records: the server's own; with a simulated clock, the writer's.
CREATE OR REPLACE FUNCTION acting_time() RETURNS timestamptz LANGUAGE sql VOLATILE
  RETURN CASE WHEN clock_is_simulated() THEN coalesce((acting_origin() ->> 'at')::timestamptz, clock_timestamp())
              ELSE clock_timestamp() END;

-- Only the coordinator may give a reason for not contacting a lead (specification of AGT-302, schema writes).
CREATE OR REPLACE FUNCTION refuse_unless_coordinator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() IS DISTINCT FROM 'coordinator' THEN
    RAISE EXCEPTION 'only the coordinator writes a suppression reason (%)', TG_TABLE_NAME
      USING ERRCODE = 'TL004', HINT = 'Request the touch; the coordinator decides and writes the reason.';
  END IF;
  RETURN NEW;
END $$;

-- Triggers that write as the owner apply to the product's tables only: on any other table they write nothing.
CREATE OR REPLACE FUNCTION refuse_other_schema(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the product does not write for tables of schema %', name USING ERRCODE = '42501';
END $$;

-- Whether erase_lead is running (erasures.sql): only within it does the product act as the owner of the tables. It names
-- the lead whose erasure this transaction recorded as begun, in the audit, and not yet as done. Any other holder of the
-- owner's login leaves the same mark.
CREATE OR REPLACE FUNCTION is_erasing() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  lead CONSTANT text := nullif(current_setting('touchline.erasing', true), '');
BEGIN
  IF lead IS NULL
     OR current_user <> (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = 'public.leads'::regclass) THEN
    RETURN false;
  END IF;
  RETURN EXISTS (SELECT FROM erasures_begun b
                 WHERE b.org_id = acting_org() AND b.id = lead::uuid
                   AND b.transaction_id = pg_current_xact_id_if_assigned()::text::bigint)
    AND NOT EXISTS (SELECT FROM lead_erasures e WHERE e.org_id = acting_org() AND e.id = lead::uuid);
END $$;

-- Whether merge_leads is writing, as the owner, in a transaction that recorded the merge.
CREATE OR REPLACE FUNCTION is_merging() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  merge CONSTANT text := nullif(current_setting('touchline.merging', true), '');
BEGIN
  IF merge IS NULL
     OR current_user <> (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = 'public.leads'::regclass) THEN
    RETURN false;
  END IF;
  RETURN EXISTS (SELECT FROM lead_merges m
                 WHERE m.org_id = acting_org() AND m.id = merge::uuid
                   AND m.transaction_id = pg_current_xact_id_if_assigned()::text::bigint);
END $$;

-- Whether a trigger of the product is writing. Such a trigger is SECURITY DEFINER, so it writes as the owner of the
-- tables, which the application's role cannot. Trigger depth alone proves nothing, because any writer can add a trigger
-- to a table of its own. The check also excludes direct statements of the owner.
CREATE OR REPLACE FUNCTION is_written_by_trigger() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN pg_trigger_depth() > 1
    AND current_user = (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = 'public.leads'::regclass);
END $$;

-- Names the organization of the row for a trigger's reads and writes, because row policies also bind the owner and an
-- administrator may have named none. Returns the previous name, which the trigger restores at its end.
CREATE OR REPLACE FUNCTION act_in(org uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  named CONSTANT text := coalesce(current_setting('touchline.org', true), '');
BEGIN
  PERFORM set_config('touchline.org', org::text, true);
  RETURN named;
END $$;

-- Refuses to change or delete a row that is kept. For tables whose rows record history: no update, no delete.
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME NOT IN ('erasures_begun', 'lead_erasures') AND is_erasing() THEN
    RETURN NEW;
  ELSIF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'suppressions' AND is_erasing() THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TL003';
END $$;

-- Legal moves are the arguments of triggers, one 'old>new,new' per old state; docs/state_machines.md is drawn from them.
CREATE OR REPLACE FUNCTION is_legal_move(moves text[], old_state text, new_state text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  move text;
BEGIN
  FOREACH move IN ARRAY moves LOOP
    IF split_part(move, '>', 1) = old_state THEN
      RETURN new_state = ANY (string_to_array(split_part(move, '>', 2), ','));
    END IF;
  END LOOP;
  RETURN false;
END $$;

-- Refuses a status that the old one may not become. TG_ARGV: the legal moves.
CREATE OR REPLACE FUNCTION refuse_illegal_status_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status = OLD.status OR is_legal_move(TG_ARGV, OLD.status::text, NEW.status::text) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% % cannot go from % to %', TG_TABLE_NAME, OLD.id, OLD.status, NEW.status USING ERRCODE = 'TL001';
END $$;

-- Refuses a row that begins in another state than these. TG_ARGV: the first states.
CREATE OR REPLACE FUNCTION refuse_illegal_first_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status::text = ANY (TG_ARGV) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% cannot begin as %', TG_TABLE_NAME, NEW.status USING ERRCODE = 'TL001';
END $$;

-- The acting user, if that user exists and is active in the acting organization; otherwise null, whatever the settings
-- name.
CREATE OR REPLACE FUNCTION acting_user() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
  named CONSTANT text := acting_id();
BEGIN
  IF acting_kind() IS DISTINCT FROM 'human' OR named IS NULL OR named !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
    RETURN NULL;
  END IF;
  RETURN (SELECT u.id FROM users u WHERE u.org_id = acting_org() AND u.id = named::uuid AND u.deactivated_at IS NULL);
END $$;

-- Only a person may decide, and only in their own name.
CREATE OR REPLACE FUNCTION require_acting_person(user_id uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF (acting_user() = user_id) IS NOT TRUE THEN
    RAISE EXCEPTION 'only a person may decide, and only in their own name' USING ERRCODE = 'TL005';
  END IF;
END $$;
