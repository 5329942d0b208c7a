-- Another workspace of the CRM: the ids of the former one end before anything is read or written.

-- Keeps the first workspace. The coordinator replaces it once no id of the former one is left.
CREATE OR REPLACE FUNCTION keep_crm_workspace() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in(NEW.org_id);
  INSERT INTO crm_workspaces (org_id, crm, workspace_id, workspace_name)
  VALUES (NEW.org_id, NEW.crm, NEW.workspace_id, NEW.workspace_name)
  ON CONFLICT (org_id) DO UPDATE SET workspace_name = excluded.workspace_name
    WHERE (crm_workspaces.crm, crm_workspaces.workspace_id) = (excluded.crm, excluded.workspace_id);
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER crm_connections_workspace
  AFTER INSERT OR UPDATE ON crm_connections FOR EACH ROW EXECUTE FUNCTION keep_crm_workspace();

-- Whether leads, accounts, and opportunities may still have ids of a workspace that is not the connected one.
CREATE OR REPLACE FUNCTION has_former_crm_ids(org uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM crm_connections c JOIN crm_workspaces w ON w.org_id = c.org_id
                 WHERE c.org_id = org AND (c.crm, c.workspace_id) IS DISTINCT FROM (w.crm, w.workspace_id));
END $$;

-- Ends up to `most` ids of people. No other role may change one (tenants.sql).
CREATE OR REPLACE FUNCTION end_former_contact_ids(org uuid, most int) RETURNS int LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  ended int;
  named text;
BEGIN
  IF acting_kind() IS DISTINCT FROM 'coordinator' OR org IS DISTINCT FROM acting_org() THEN
    RAISE EXCEPTION 'only the coordinator ends ids of the CRM' USING ERRCODE = 'TL004';
  END IF;
  named := act_in(org);
  IF has_former_crm_ids(org) THEN
    UPDATE contact_ids i SET until = acting_time()
    WHERE i.org_id = org AND i.until IS NULL AND i.contact_id = ANY (ARRAY(
      SELECT k.contact_id FROM contact_ids k WHERE k.org_id = org AND k.until IS NULL LIMIT most));
  END IF;
  GET DIAGNOSTICS ended = ROW_COUNT;
  PERFORM set_config('touchline.org', named, true);
  RETURN ended;
END $$;

-- Refuses another workspace while an id of the former one is left.
CREATE OR REPLACE FUNCTION require_ended_crm_ids() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() IS DISTINCT FROM 'coordinator' THEN
    RAISE EXCEPTION 'only the coordinator replaces the workspace of the CRM' USING ERRCODE = 'TL004';
  END IF;
  IF EXISTS (SELECT FROM contact_ids i WHERE i.org_id = OLD.org_id AND i.until IS NULL)
      OR EXISTS (SELECT FROM leads l WHERE l.org_id = OLD.org_id AND l.crm_contact_id IS NOT NULL)
      OR EXISTS (SELECT FROM accounts a WHERE a.org_id = OLD.org_id AND a.crm_account_id IS NOT NULL)
      OR EXISTS (SELECT FROM opportunities o WHERE o.org_id = OLD.org_id AND o.crm_deal_id IS NOT NULL) THEN
    RAISE EXCEPTION 'ids of the former workspace are left' USING ERRCODE = 'TL001';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER crm_workspaces_replaced
  BEFORE UPDATE ON crm_workspaces
  FOR EACH ROW WHEN ((OLD.org_id, OLD.crm, OLD.workspace_id) IS DISTINCT FROM (NEW.org_id, NEW.crm, NEW.workspace_id))
  EXECUTE FUNCTION require_ended_crm_ids();
CREATE OR REPLACE TRIGGER crm_workspaces_kept
  BEFORE DELETE ON crm_workspaces FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER crm_workspaces_no_truncate
  BEFORE TRUNCATE ON crm_workspaces FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
