-- Whether a LinkedIn touch can reach the lead at this address (isLinkedinProfile in src/core/gate/unreachable.ts).
CREATE OR REPLACE FUNCTION is_linkedin_profile(address text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN address ~* '^https?://([a-z0-9_-]+[.])*linkedin[.](com|example)(:[0-9]+)?([/?#].*)?$';

-- An enrollment that waits for an address continues through the gates once its lead has one.
CREATE OR REPLACE FUNCTION wake_on_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM wake_waiting(NEW.org_id, 'address_known', ARRAY[NEW.id], NEW.updated_at);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_wake_address
  AFTER UPDATE OF email, linkedin_url, phone ON leads
  FOR EACH ROW WHEN ((coalesce(OLD.email, '') = '' AND coalesce(NEW.email, '') <> '')
                     OR (is_linkedin_profile(OLD.linkedin_url) IS NOT TRUE AND is_linkedin_profile(NEW.linkedin_url))
                     OR (OLD.phone IS NULL AND NEW.phone IS NOT NULL))
  EXECUTE FUNCTION wake_on_address();
