-- Who is acting, as the transaction says: src/db/pool.ts sets these with BEGIN, for that transaction only.
-- After a COMMIT an unset setting reads '' rather than NULL, hence nullif.

CREATE OR REPLACE FUNCTION acting_kind() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('touchline.actor_kind', true), '');

CREATE OR REPLACE FUNCTION acting_id() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('touchline.actor_id', true), '');

-- What src/db/pool.ts tells each transaction of an operation; null where nobody asked for anything, as in a worker. Whoever
-- writes sets it, so it decides as little as possible: what the audit says of surface, operation and request, and on whose
-- behalf the coordinator acts.
CREATE OR REPLACE FUNCTION acting_origin() RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('touchline.origin', true), '')::jsonb;

-- Whether the product's clock is another than the server's, as the owner of the tables says.
CREATE OR REPLACE FUNCTION clock_is_simulated() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  RETURN EXISTS (SELECT FROM simulated_clock);

-- The time that the database itself writes down: the server's, and only of a simulated clock what the writer says of it.
CREATE OR REPLACE FUNCTION acting_time() RETURNS timestamptz LANGUAGE sql VOLATILE
  RETURN CASE WHEN clock_is_simulated() THEN coalesce((acting_origin() ->> 'at')::timestamptz, clock_timestamp())
              ELSE clock_timestamp() END;

-- Only the coordinator may give a reason for not contacting someone (specification of AGT-302, schema writes).
CREATE OR REPLACE FUNCTION refuse_unless_coordinator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() IS DISTINCT FROM 'coordinator' THEN
    RAISE EXCEPTION 'only the coordinator writes a suppression reason (%)', TG_TABLE_NAME
      USING ERRCODE = 'TL004', HINT = 'Ask for the touch; the coordinator decides and gives the reason.';
  END IF;
  RETURN NEW;
END $$;

-- What triggers write as the owner is about the product's tables: one that somebody hung on a table of their own writes nothing.
CREATE OR REPLACE FUNCTION refuse_other_schema(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'tables of schema % have no part in what the product writes down', name USING ERRCODE = '42501';
END $$;

-- Whether erase_lead is at work (erasures.sql): only within it does the product act as the owner of the tables. It names the lead
-- whose erasure this transaction put down as begun, which is in the audit, and not yet as done. Whoever else has the owner's login
-- leaves the same mark.
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

-- Whether a trigger of the product writes this. Such a trigger is SECURITY DEFINER, so it writes as the owner of the tables, which the
-- application's role cannot: the depth alone would be said by a trigger that somebody hung on a table of their own. It keeps the
-- owner's own statements out.
CREATE OR REPLACE FUNCTION is_written_by_trigger() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN pg_trigger_depth() > 1
    AND current_user = (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = 'public.leads'::regclass);
END $$;

-- Names the org of the row for what such a trigger reads and writes, since row policies hold the owner too: an administrator may have
-- named none. Answers what was named, which the trigger sets again at its end.
CREATE OR REPLACE FUNCTION act_in(org uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  named CONSTANT text := coalesce(current_setting('touchline.org', true), '');
BEGIN
  PERFORM set_config('touchline.org', org::text, true);
  RETURN named;
END $$;

-- For tables whose rows are records of what was: no change, no removal.
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME NOT IN ('erasures_begun', 'lead_erasures') AND is_erasing() THEN
    RETURN NEW;
  ELSIF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'suppressions' AND is_erasing() THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TL003';
END $$;

-- BEFORE UPDATE OF status. TG_ARGV: one 'old>new,new' per old state.
CREATE OR REPLACE FUNCTION refuse_illegal_status_move() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  move text;
BEGIN
  IF NEW.status = OLD.status THEN
    RETURN NEW;
  END IF;
  FOREACH move IN ARRAY TG_ARGV LOOP
    IF split_part(move, '>', 1) = OLD.status::text
       AND NEW.status::text = ANY (string_to_array(split_part(move, '>', 2), ',')) THEN
      RETURN NEW;
    END IF;
  END LOOP;
  RAISE EXCEPTION '% % cannot go from % to %', TG_TABLE_NAME, OLD.id, OLD.status, NEW.status USING ERRCODE = 'TL001';
END $$;

-- BEFORE INSERT. TG_ARGV: the states a row may be born in.
CREATE OR REPLACE FUNCTION refuse_illegal_first_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status::text = ANY (TG_ARGV) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% cannot begin as %', TG_TABLE_NAME, NEW.status USING ERRCODE = 'TL001';
END $$;

-- The active user of the acting org who acts; null where nobody of the kind does, whatever the settings name.
CREATE OR REPLACE FUNCTION acting_user() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
  named CONSTANT text := acting_id();
BEGIN
  IF acting_kind() IS DISTINCT FROM 'human' OR named IS NULL OR named !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
    RETURN NULL;
  END IF;
  RETURN (SELECT u.id FROM users u WHERE u.org_id = acting_org() AND u.id = named::uuid AND u.deactivated_at IS NULL);
END $$;

-- Only a person decides, and only in their own name.
CREATE OR REPLACE FUNCTION require_acting_person(user_id uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF (acting_user() = user_id) IS NOT TRUE THEN
    RAISE EXCEPTION 'only a person decides, and only in their own name' USING ERRCODE = 'TL005';
  END IF;
END $$;
