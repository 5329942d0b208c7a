-- The suppression list: who adds and lifts, and what a value covers.

-- `eu.acme.example`, `acme.example`, and `example`: a suppressed domain covers its subdomains.
CREATE OR REPLACE FUNCTION domain_with_parents(domain text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (SELECT array_agg(array_to_string(parts[n:], '.'))
          FROM (SELECT string_to_array(domain, '.') AS parts) p, generate_series(1, cardinality(parts)) n);

-- An email address and the one without its tag: `a+news@b.example` reaches the mailbox `a@b.example`.
CREATE OR REPLACE FUNCTION address_with_mailbox(address text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN address LIKE '_%+%@%' THEN ARRAY[address, regexp_replace(address, '^([^@]+?)[+][^@]*@', '\1@')] ELSE ARRAY[address] END;

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
    FROM (SELECT CASE WHEN position('@' IN address) = 0 THEN 'phone' ELSE 'address' END AS kind,
                 unnest(address_with_mailbox(lower(address))) AS value
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
  -- The lead's lock suffices for its own addresses: each message asks for the flag under it. Another lead may have the address
  -- of an unsettled opt-out.
  BEFORE INSERT ON suppressions FOR EACH ROW WHEN (NEW.source <> 'opt_out' OR NEW.settled_at IS NULL)
  EXECUTE FUNCTION hold_new_suppression();

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
    IF NEW.settled_at IS NOT NULL AND NEW.added_by_user_id IS NOT NULL THEN
      RAISE EXCEPTION 'the coordinator settles the work of a suppression' USING ERRCODE = 'TL004';
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

-- Only the coordinator says that the open work of a suppression ended.
CREATE OR REPLACE FUNCTION refuse_settling_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() = 'human' THEN
    RAISE EXCEPTION 'the coordinator settles the work of a suppression' USING ERRCODE = 'TL004';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER suppressions_settled
  BEFORE UPDATE OF settled_at ON suppressions FOR EACH ROW WHEN (OLD.settled_at IS DISTINCT FROM NEW.settled_at)
  EXECUTE FUNCTION refuse_settling_by_hand();

-- An opt-out suppresses every email address and number of the person, so that no other lead gets one of them and is contacted:
-- an ended one too, unless another lead has it now.
CREATE OR REPLACE FUNCTION suppress_opted_out(org uuid, lead_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO suppressions (org_id, id, kind, value, reason, source, lead_id, created_at, settled_at)
  SELECT org, id_at(acting_time()), CASE a.kind WHEN 'email' THEN 'address' ELSE 'phone' END::suppression_kind, a.value_key, CASE WHEN l.unsubscribe_flag THEN 'unsubscribed' ELSE 'opted out' END,
         'opt_out', l.id, acting_time(), acting_time()
  FROM leads l
  JOIN lead_addresses a ON a.org_id = org AND a.lead_id = l.id AND a.kind IN ('email', 'phone')
  WHERE l.org_id = org AND l.id = ANY (lead_ids) AND (l.unsubscribe_flag OR l.opt_out_flag)
    AND (a.until IS NULL OR NOT is_of_other_lead(org, l.id, a.value_key))
  ORDER BY a.value_key
  ON CONFLICT DO NOTHING;
END $$;

-- Whether another lead has this email address or number now. Each kind has an index of its own.
CREATE OR REPLACE FUNCTION is_of_other_lead(org uuid, lead uuid, address text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM lead_addresses a WHERE a.org_id = org AND a.kind = 'email' AND a.until IS NULL AND a.value_key = address
                 AND a.lead_id <> lead)
      OR EXISTS (SELECT FROM lead_addresses a WHERE a.org_id = org AND a.kind = 'phone' AND a.until IS NULL AND a.value_key = address
                 AND a.lead_id <> lead);
END $$;

-- Whether an email address or number of a lead is another lead's too, if only in the field: it stays known, and suppressed.
CREATE OR REPLACE FUNCTION outlasts_erasure(org uuid, lead uuid, address text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN is_of_other_lead(org, lead, address)
      OR left(address, 1) = '+' AND EXISTS (SELECT FROM leads l WHERE l.org_id = org AND l.phone = address AND l.id <> lead);
END $$;

-- Suppresses the addresses of a lead that opts out, and lifts its suppressions with the opt-out. Others stay, also by another
-- lead's opt-out.
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
    WHERE s.org_id = NEW.org_id AND s.lifted_at IS NULL AND s.source = 'opt_out'
      AND s.lead_id = ANY (ids_of_lead(NEW.org_id, NEW.id));
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

-- A step that waits for a number continues through the gates once the number is no longer suppressed.
CREATE OR REPLACE FUNCTION wake_on_lifted_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM wake_waiting(NEW.org_id, 'address_known', array_agg(a.lead_id), NEW.lifted_at) FROM lead_addresses a
  WHERE a.org_id = NEW.org_id AND a.kind = 'phone' AND a.until IS NULL AND a.value_key = NEW.value;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER suppressions_wake
  AFTER UPDATE OF lifted_at ON suppressions FOR EACH ROW WHEN (NEW.kind = 'phone' AND OLD.lifted_at IS NULL AND NEW.lifted_at IS NOT NULL)
  EXECUTE FUNCTION wake_on_lifted_number();

-- A person's touch to a suppressed address or number is recorded only as outside the gate, which the log states first. Locks as
-- the check before DATA does: an opt-out or suppression committed by then is seen.
CREATE OR REPLACE FUNCTION refuse_suppressed_touch() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  reached text;
BEGIN
  SELECT d.to_id INTO reached FROM sales_send_queue q
  JOIN staged_drafts d ON d.org_id = q.org_id AND d.queue_id = q.id AND d.id = q.staged_draft_id
  WHERE q.org_id = NEW.org_id AND q.id = NEW.queue_id;
  PERFORM FROM leads l WHERE l.org_id = NEW.org_id AND l.id = NEW.lead_id FOR NO KEY UPDATE;
  PERFORM hold_suppressions_of(NEW.org_id, reached);
  IF is_suppressed(NEW.org_id, reached) AND NOT EXISTS (
    SELECT FROM cadence_event_log v
    WHERE v.org_id = NEW.org_id AND v.queue_id = NEW.queue_id AND v.event_type::text = 'marked_sent' AND v.resolution = 'outside_gate'
  ) THEN
    RAISE EXCEPTION 'the address or number of queue item % is suppressed', NEW.queue_id
      USING ERRCODE = 'TL016', HINT = 'Lift the suppression first.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER touches_not_suppressed
  BEFORE INSERT ON touches FOR EACH ROW WHEN (NEW.outcome = 'marked_sent') EXECUTE FUNCTION refuse_suppressed_touch();
