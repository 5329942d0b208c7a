-- The connection to a CRM.

-- An admin connects and disconnects, in their own name.
CREATE OR REPLACE FUNCTION guard_crm_connection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'DELETE' THEN
    PERFORM require_acting_person(NEW.connected_by_user_id);
  END IF;
  PERFORM require_acting_role(coalesce(NEW.org_id, OLD.org_id), '{admin}');
  RETURN coalesce(NEW, OLD);
END $$;
CREATE OR REPLACE TRIGGER crm_connections_guard
  BEFORE INSERT OR UPDATE OR DELETE ON crm_connections FOR EACH ROW EXECUTE FUNCTION guard_crm_connection();

-- A key and a client secret go only to the server, and belong to the app, for which they were entered.
CREATE OR REPLACE FUNCTION refuse_key_elsewhere() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the secret was entered for another server' USING ERRCODE = 'TL052', COLUMN = TG_ARGV[0],
    HINT = 'Enter the secrets of this CRM.';
END $$;
CREATE OR REPLACE TRIGGER crm_connections_key
  BEFORE UPDATE ON crm_connections FOR EACH ROW
  WHEN (NEW.api_key = OLD.api_key
        AND (OLD.org_id, OLD.crm, OLD.base_url, OLD.workspace_id, OLD.app_id)
            IS DISTINCT FROM (NEW.org_id, NEW.crm, NEW.base_url, NEW.workspace_id, NEW.app_id))
  EXECUTE FUNCTION refuse_key_elsewhere('api_key');
CREATE OR REPLACE TRIGGER crm_connections_secret
  BEFORE UPDATE ON crm_connections FOR EACH ROW
  WHEN (NEW.client_secret = OLD.client_secret
        AND (OLD.org_id, OLD.crm, OLD.base_url, OLD.workspace_id, OLD.app_id)
            IS DISTINCT FROM (NEW.org_id, NEW.crm, NEW.base_url, NEW.workspace_id, NEW.app_id))
  EXECUTE FUNCTION refuse_key_elsewhere('client_secret');
CREATE OR REPLACE TRIGGER crm_connections_no_truncate
  BEFORE TRUNCATE ON crm_connections FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
