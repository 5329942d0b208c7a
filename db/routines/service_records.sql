-- Rows that other services hand in: in whose name, about what, and kept as they are.

-- Agents hand in rows, and RevOps and admins, each in their own name and of now: the writer chooses neither. A row is not
-- dated ahead.
CREATE OR REPLACE FUNCTION stamp_service_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() = 'human' THEN
    PERFORM require_acting_role(NEW.org_id, '{revops,admin}');
  ELSIF acting_kind() IS DISTINCT FROM 'agent' THEN
    RAISE EXCEPTION 'only agents and people hand in rows of services' USING ERRCODE = 'TL032';
  END IF;
  NEW.recorded_by_agent_id := CASE WHEN acting_kind() = 'agent' THEN acting_id() END;
  NEW.recorded_by_user_id := acting_user();
  NEW.created_at := acting_time();
  IF NEW.occurred_at > NEW.created_at + interval '1 hour' THEN
    RAISE EXCEPTION 'row % of % is dated ahead', NEW.external_id, NEW.service USING ERRCODE = 'TL031';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER service_records_stamp
  BEFORE INSERT ON service_records FOR EACH ROW EXECUTE FUNCTION stamp_service_record();

-- A row has exactly the lineage of its opportunity, else of its enrollment, and is about the same person, also after a merge.
-- An account beside a lead is that of the opportunity, else the lead's. Plays and proposals alone: foreign keys and checks.
CREATE OR REPLACE FUNCTION refuse_foreign_service_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrong text;
BEGIN
  SELECT n.external_id INTO wrong
  FROM new_rows n
  JOIN leads l ON l.org_id = n.org_id AND l.id = n.lead_id
  JOIN leads person ON person.org_id = n.org_id AND person.id = coalesce(l.merged_into_id, l.id)
  LEFT JOIN opportunities o ON o.org_id = n.org_id AND o.id = n.opportunity_id
  LEFT JOIN campaign_contacts e ON e.org_id = n.org_id AND e.id = n.enrollment_id
  WHERE n.opportunity_id IS NOT NULL
        AND ((n.enrollment_id, n.campaign_id, n.play_id, n.originating_proposal_id)
             IS DISTINCT FROM (o.enrollment_id, o.campaign_id, o.play_id, o.originating_proposal_id)
             OR (o.lead_id = ANY (ids_of_lead(n.org_id, person.id))) IS NOT TRUE)
     OR n.enrollment_id IS NOT NULL
        AND ((n.campaign_id, n.play_id, n.originating_proposal_id)
             IS DISTINCT FROM (e.campaign_id, e.play_id, e.originating_proposal_id)
             OR (e.lead_id = ANY (ids_of_lead(n.org_id, person.id))) IS NOT TRUE)
     OR n.account_id <> coalesce(o.account_id, person.account_id)
     OR n.account_id IS NOT NULL AND coalesce(o.account_id, person.account_id) IS NULL
  LIMIT 1;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'row % must have the person, account, and lineage of its opportunity or enrollment', wrong
      USING ERRCODE = 'TL012';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER service_records_lineage
  AFTER INSERT ON service_records REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_foreign_service_record();

CREATE OR REPLACE TRIGGER service_records_kept
  BEFORE UPDATE OR DELETE ON service_records FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER service_records_no_truncate
  BEFORE TRUNCATE ON service_records FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- The words of a service are not in the audit, so an erasure need not look for them there.
CREATE OR REPLACE TRIGGER service_records_audit AFTER INSERT ON service_records
  FOR EACH ROW WHEN (acts_by_hand()) EXECUTE FUNCTION audit_change('external_id,kind,content_hash', '');
