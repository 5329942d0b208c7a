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
  BEFORE INSERT ON suppressions FOR EACH ROW EXECUTE FUNCTION hold_new_suppression();

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
  IF is_erasing() THEN
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
