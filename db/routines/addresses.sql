-- Whether a LinkedIn touch can reach the lead at this address (isLinkedinProfile in src/core/gate/unreachable.ts).
CREATE OR REPLACE FUNCTION is_linkedin_profile(address text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN address ~* '^https?://([a-z0-9_-]+[.])*linkedin[.](com|example)(:[0-9]+)?([/?#].*)?$';

-- Whether another lead, who opted out, has this profile: one person, whose leads are not merged yet. By index at any size: the
-- gates ask for each lead, and a plan from when the table was small would read it whole.
CREATE OR REPLACE FUNCTION is_profile_of_opted_out(org uuid, lead uuid, address text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
SET enable_seqscan = off AS $$
DECLARE
  profile CONSTANT text := address_key('linkedin', address);
  holder uuid;
BEGIN
  SELECT a.lead_id INTO holder FROM lead_addresses a
  WHERE a.org_id = org AND a.kind = 'linkedin' AND a.until IS NULL AND a.value_key = profile;
  IF holder IS NULL OR holder = lead THEN
    RETURN false;
  END IF;
  RETURN (SELECT o.unsubscribe_flag OR o.opt_out_flag FROM leads o WHERE o.org_id = org AND o.id = holder);
END $$;

-- Whether an email address is suppressed, itself, without its tag, or by its domain, or a phone number. Its values are variables: functions of a
-- column in the comparison would rule out the indexes under row-level security.
CREATE OR REPLACE FUNCTION is_suppressed(org uuid, address text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  address_key text := lower(address);
  reached text[];
  domains text[];
BEGIN
  IF position('@' IN address) = 0 THEN
    RETURN EXISTS (
      SELECT FROM suppressions s
      WHERE s.org_id = org AND s.kind = 'phone' AND s.lifted_at IS NULL AND s.value = address_key
    );
  END IF;
  reached := address_with_mailbox(address_key);
  domains := domain_with_parents(split_part(address_key, '@', 2));
  RETURN EXISTS (
    SELECT FROM suppressions s
    WHERE s.org_id = org AND s.kind = 'address' AND s.lifted_at IS NULL AND s.value = ANY (reached)
  ) OR EXISTS (
    SELECT FROM suppressions s
    WHERE s.org_id = org AND s.kind = 'domain' AND s.lifted_at IS NULL AND s.value = ANY (domains)
  );
END $$;

-- An enrollment that waits for an address continues through the gates once its lead has one. Another number may replace a
-- suppressed one.
CREATE OR REPLACE FUNCTION wake_on_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM wake_waiting(NEW.org_id, 'address_known', ARRAY[NEW.id], NEW.updated_at);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_wake_address
  AFTER UPDATE OF email, linkedin_url, phone ON leads
  FOR EACH ROW WHEN ((coalesce(OLD.email, '') = '' AND coalesce(NEW.email, '') <> '')
                     OR (is_linkedin_profile(OLD.linkedin_url) IS NOT TRUE AND is_linkedin_profile(NEW.linkedin_url))
                     OR (OLD.phone IS DISTINCT FROM NEW.phone AND NEW.phone IS NOT NULL))
  EXECUTE FUNCTION wake_on_address();
