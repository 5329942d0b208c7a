-- Refuses a time zone that the server does not know. Days count in the organization's time zone if a lead and its account
-- have none, so an unknown time zone would stop every decision. Leads and accounts are checked at the door instead: the
-- server's list of time zones may be older than the product's, and one new time zone must not refuse a whole file.
CREATE OR REPLACE FUNCTION refuse_unknown_time_zone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM now() AT TIME ZONE NEW.time_zone;
  RETURN NEW;
EXCEPTION WHEN invalid_parameter_value THEN
  RAISE EXCEPTION 'there is no time zone %', NEW.time_zone
    USING ERRCODE = '22023', HINT = 'Use an IANA name such as Europe/Berlin.';
END $$;
CREATE OR REPLACE TRIGGER organizations_time_zone
  BEFORE INSERT OR UPDATE OF time_zone ON organizations
  FOR EACH ROW EXECUTE FUNCTION refuse_unknown_time_zone();

-- Wakes held and deferred touches when the organization's time zone changes. A new time zone of the organization applies to
-- all leads without their own: day-based waits are decided again.
CREATE OR REPLACE FUNCTION wake_on_organization_zone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sequence_requests SET held_until = created_at
  WHERE org_id = NEW.org_id AND status = 'held' AND reason = 'touch_cap_exceeded' AND held_until > created_at;
  UPDATE sales_send_queue SET held_policy_version = 0
  WHERE org_id = NEW.org_id AND status = 'held' AND held_reason = 'touch_cap_exceeded' AND held_policy_version > 0;
  UPDATE sales_send_queue SET deferred_policy_version = 0
  WHERE org_id = NEW.org_id AND deferred_policy_version > 0;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER organizations_wake_zone
  AFTER UPDATE OF time_zone ON organizations
  FOR EACH ROW WHEN (OLD.time_zone <> NEW.time_zone) EXECUTE FUNCTION wake_on_organization_zone();

-- Admins set the organization's details in their own name; the setup sets them first.
CREATE OR REPLACE FUNCTION require_admin_of_organization() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT acts_as_machine() AND NOT EXISTS (
    SELECT FROM users u
    WHERE u.org_id = NEW.org_id AND acting_kind() = 'human' AND u.id::text = acting_id()
      AND 'admin' = ANY (u.roles) AND u.deactivated_at IS NULL)
  THEN
    RAISE EXCEPTION 'only an admin may change the organization' USING ERRCODE = 'TL019', HINT = 'Ask an admin of the organization.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER organizations_changed_by_admin
  BEFORE UPDATE ON organizations
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION require_admin_of_organization();

-- Requires the acting person to say that name and postal address are the organization's own.
CREATE OR REPLACE FUNCTION require_own_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.own_by_user_id IS NOT NULL THEN
    PERFORM require_acting_person(NEW.own_by_user_id);
  ELSIF NEW.own_since IS NOT NULL AND NOT acts_as_machine() THEN
    RAISE EXCEPTION 'only a person can confirm the organization''s name and address' USING ERRCODE = 'TL005';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER organizations_own_insert
  BEFORE INSERT ON organizations FOR EACH ROW EXECUTE FUNCTION require_own_identity();
CREATE OR REPLACE TRIGGER organizations_own_update
  BEFORE UPDATE ON organizations
  FOR EACH ROW WHEN ((OLD.own_since, OLD.own_by_user_id) IS DISTINCT FROM (NEW.own_since, NEW.own_by_user_id))
  EXECUTE FUNCTION require_own_identity();

-- Whether the postal address is real, however a placeholder is spaced (src/core/organization.ts). The constraint
-- organizations_own_address compares the exact text.
CREATE OR REPLACE FUNCTION is_own_address(postal_address text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN btrim(regexp_replace(postal_address,
           '[\t-\r \u0085\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]+', ' ', 'g'))
         NOT IN ('100 Sample Street, Sampleton, NY 10001, USA', '(postal address not set)');

-- Refuses a placeholder as the organization's own postal address.
CREATE OR REPLACE FUNCTION refuse_placeholder_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the postal address is still a placeholder'
    USING ERRCODE = '23514', CONSTRAINT = 'organizations_own_address', COLUMN = 'postal_address';
END $$;
CREATE OR REPLACE TRIGGER organizations_placeholder_address
  BEFORE INSERT OR UPDATE ON organizations
  FOR EACH ROW WHEN (NEW.own_since IS NOT NULL AND NOT is_own_address(NEW.postal_address))
  EXECUTE FUNCTION refuse_placeholder_address();

-- Touches held for it are decided again at once.
CREATE OR REPLACE FUNCTION wake_on_own_organization() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sales_send_queue SET held_until = NEW.own_since
  WHERE org_id = NEW.org_id AND status = 'held' AND wake = 'organization_set' AND held_until IS NULL;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER organizations_wake_own
  AFTER UPDATE OF own_since ON organizations
  FOR EACH ROW WHEN (OLD.own_since IS NULL AND NEW.own_since IS NOT NULL) EXECUTE FUNCTION wake_on_own_organization();

-- No message goes to an outside server under a placeholder's name and address. The sending process reports that the
-- catcher takes the message; a mailbox with its own server is never caught.
CREATE OR REPLACE FUNCTION refuse_placeholder_sender() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM organizations o WHERE o.org_id = NEW.org_id AND o.own_since IS NULL)
     AND (NOT NEW.caught OR EXISTS (
       SELECT FROM mailboxes m WHERE m.org_id = NEW.org_id AND m.id = NEW.mailbox_id AND m.smtp_host IS NOT NULL)) THEN
    RAISE EXCEPTION 'the organization''s own name and postal address are not set'
      USING ERRCODE = 'TL071', HINT = 'An admin can set them: touchline organization set --name NAME --postal-address ADDRESS.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER send_attempts_sender_own
  BEFORE INSERT ON send_attempts FOR EACH ROW EXECUTE FUNCTION refuse_placeholder_sender();
CREATE OR REPLACE TRIGGER send_attempts_sender_own_data
  BEFORE UPDATE OF stage ON send_attempts
  FOR EACH ROW WHEN (OLD.stage = 'intent' AND NEW.stage = 'data')
  EXECUTE FUNCTION refuse_placeholder_sender();
