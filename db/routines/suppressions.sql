-- The suppression list: who adds and lifts, and what a value covers.

-- `eu.acme.example`, `acme.example`, and `example`: a suppressed domain covers its subdomains.
CREATE OR REPLACE FUNCTION domain_with_parents(domain text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (SELECT array_agg(array_to_string(parts[n:], '.'))
          FROM (SELECT string_to_array(domain, '.') AS parts) p, generate_series(1, cardinality(parts)) n);

-- Whether an address is suppressed, itself or by its domain. Its values are variables: functions of a column in the comparison
-- would rule out the indexes under row-level security.
CREATE OR REPLACE FUNCTION is_suppressed(org uuid, address text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  address_key text := lower(address);
  domains text[] := domain_with_parents(split_part(address_key, '@', 2));
BEGIN
  RETURN EXISTS (
    SELECT FROM suppressions s
    WHERE s.org_id = org AND s.kind = 'address' AND s.lifted_at IS NULL AND s.value = address_key
  ) OR EXISTS (
    SELECT FROM suppressions s
    WHERE s.org_id = org AND s.kind = 'domain' AND s.lifted_at IS NULL AND s.value = ANY (domains)
  );
END $$;

-- A new suppression has no row to lock. Its value maps to one of 256 locks of the organization, so a long list takes no
-- more of them. A transaction that takes several takes them in the order of their places.
CREATE OR REPLACE FUNCTION suppression_place(org uuid, kind text, value text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN hashtext(org || ' ' || (abs(hashtext(kind || ' ' || value)::bigint) % 256));
-- Locks the values that would suppress an address, shared, until the end of the transaction. Adding takes the lock alone.
CREATE OR REPLACE FUNCTION hold_suppressions_of(org uuid, address text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('suppressions'), v.place)
  FROM (
    SELECT DISTINCT suppression_place(org, k.kind, k.value) AS place
    FROM (SELECT 'address' AS kind, lower(address) AS value
          UNION ALL SELECT 'domain', unnest(domain_with_parents(lower(split_part(address, '@', 2))))) k
    ORDER BY place
  ) v;
END $$;
-- Locks the value of a new suppression, so that no message to it is handed over at the same time.
CREATE OR REPLACE FUNCTION hold_new_suppression() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('suppressions'), suppression_place(NEW.org_id, NEW.kind::text, NEW.value));
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER suppressions_held
  -- The lead's lock suffices for an opt-out: each message asks for the flag under it.
  BEFORE INSERT ON suppressions FOR EACH ROW WHEN (NEW.source <> 'opt_out') EXECUTE FUNCTION hold_new_suppression();

-- A person adds and lifts in their own name; lifting needs RevOps or an admin. Without a person, only a passed end lifts.
CREATE OR REPLACE FUNCTION guard_suppression() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.added_by_user_id IS NOT NULL THEN
      PERFORM require_acting_person(NEW.added_by_user_id);
    END IF;
    IF NEW.lifted_at IS NOT NULL THEN
      RAISE EXCEPTION 'a new suppression cannot be lifted already' USING ERRCODE = 'TL001';
    END IF;
    RETURN NEW;
  END IF;
  IF is_erasing() OR OLD.source = 'opt_out' AND is_written_by_trigger() THEN
    RETURN NEW;
  END IF;
  IF OLD.lifted_at IS NOT NULL THEN
    RAISE EXCEPTION 'suppression % is already lifted', OLD.id USING ERRCODE = 'TL001';
  END IF;
  IF NEW.lifted_by_user_id IS NOT NULL THEN
    PERFORM require_acting_person(NEW.lifted_by_user_id);
    PERFORM require_acting_role(NEW.org_id, '{revops,admin}');
  ELSE
    PERFORM require_timely(NEW.lifted_at, 'the end of a suppression');
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER suppressions_added
  BEFORE INSERT ON suppressions FOR EACH ROW EXECUTE FUNCTION guard_suppression();
CREATE OR REPLACE TRIGGER suppressions_lifted
  BEFORE UPDATE OF lifted_at, lifted_by_user_id, lift_reason ON suppressions
  FOR EACH ROW EXECUTE FUNCTION guard_suppression();

-- An opt-out suppresses every email address of the person, so that no other lead gets one of them and is written to.
CREATE OR REPLACE FUNCTION suppress_opted_out(org uuid, lead_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO suppressions (org_id, id, kind, value, reason, source, created_at, settled_at)
  SELECT org, gen_random_uuid(), 'address', a.value_key, CASE WHEN l.unsubscribe_flag THEN 'unsubscribed' ELSE 'opted out' END,
         'opt_out', acting_time(), acting_time()
  FROM leads l
  JOIN lead_addresses a ON a.org_id = org AND a.lead_id = l.id AND a.kind = 'email' AND a.until IS NULL
  WHERE l.org_id = org AND l.id = ANY (lead_ids) AND (l.unsubscribe_flag OR l.opt_out_flag)
  ORDER BY a.value_key
  ON CONFLICT DO NOTHING;
END $$;

-- Suppresses the addresses of a lead that opts out, and lifts these suppressions with the opt-out. Others stay.
CREATE OR REPLACE FUNCTION follow_opt_out() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  ELSIF NEW.erased_at IS NOT NULL OR NEW.merged_into_id IS NOT NULL THEN
    RETURN NULL;
  END IF;
  named := act_in(NEW.org_id);
  IF NEW.unsubscribe_flag OR NEW.opt_out_flag THEN
    PERFORM suppress_opted_out(NEW.org_id, ARRAY[NEW.id]);
  ELSE
    UPDATE suppressions s SET lifted_at = greatest(acting_time(), s.created_at), lifted_by_user_id = acting_user(),
      lift_reason = 'the opt-out was lifted'
    FROM lead_addresses a
    WHERE a.org_id = NEW.org_id AND a.lead_id = NEW.id AND a.kind = 'email' AND s.org_id = NEW.org_id AND s.kind = 'address'
      AND s.lifted_at IS NULL AND s.value = a.value_key AND s.source = 'opt_out';
  END IF;
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_suppress_opted_out
  AFTER UPDATE OF unsubscribe_flag, opt_out_flag ON leads
  FOR EACH ROW WHEN ((OLD.unsubscribe_flag OR OLD.opt_out_flag) <> (NEW.unsubscribe_flag OR NEW.opt_out_flag))
  EXECUTE FUNCTION follow_opt_out();

-- Suppresses the new address of a lead that opted out.
CREATE OR REPLACE FUNCTION suppress_new_addresses() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
  org uuid;
  blocked uuid[];
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  SELECT n.org_id INTO org FROM new_addresses n LIMIT 1;
  IF org IS NULL THEN
    RETURN NULL;
  END IF;
  named := act_in(org);
  -- Planned each time: a plan from when the tables were small would read them whole for each address of a large file.
  EXECUTE 'SELECT array_agg(DISTINCT l.id) FROM new_addresses n
    JOIN leads l ON l.org_id = n.org_id AND l.id = n.lead_id AND (l.unsubscribe_flag OR l.opt_out_flag)' INTO blocked;
  IF blocked IS NOT NULL THEN
    PERFORM suppress_opted_out(org, blocked);
  END IF;
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER lead_addresses_suppress
  AFTER INSERT ON lead_addresses REFERENCING NEW TABLE AS new_addresses
  FOR EACH STATEMENT EXECUTE FUNCTION suppress_new_addresses();
