-- Deleting personal data: what was written to the CRM, and the CRM's own records.

-- A write under way, or one whose answer was lost before the CRM's record is known, would leave a record that no erasure deletes.
CREATE OR REPLACE FUNCTION require_no_crm_write(org uuid, lead uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM crm_writes w JOIN leads l ON l.org_id = w.org_id AND l.id = w.lead_id
             WHERE w.org_id = org AND w.lead_id = lead AND w.settled_at IS NULL
               AND (w.claim_id IS NOT NULL OR w.is_uncertain AND l.crm_contact_id IS NULL)) THEN
    RAISE EXCEPTION 'a write about lead % to the CRM is under way', lead USING ERRCODE = 'TL014', HINT = 'Try again in a minute.';
  END IF;
END $$;

-- Cancels what is pending about a lead, and queues the deletion of each record that the CRM has. It is open until the CRM confirms
-- that the record is gone; until then, the ids of our notes stay. A task about a deal that was left open is still written: it names
-- no one.
CREATE OR REPLACE FUNCTION erase_from_crm_writes(org uuid, lead uuid, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  asks CONSTANT boolean := (SELECT c.asks_before_erasure FROM crm_connections c WHERE c.org_id = org);
BEGIN
  UPDATE crm_writes SET status = CASE WHEN settled_at IS NULL THEN 'canceled' ELSE status END, settled_at = coalesce(settled_at, at),
    record_id = CASE WHEN asks IS NOT NULL AND kind IN ('touch', 'reply') THEN record_id END,
    claim_id = NULL, last_message = NULL, skip_reason = CASE WHEN skip_reason IS NOT NULL THEN '(erased)' END
  WHERE org_id = org AND lead_id = lead AND (asks IS NULL OR settled_at IS NOT NULL OR part <> 'left_open');
  UPDATE crm_writes SET last_message = NULL WHERE org_id = org AND lead_id = lead AND last_message IS NOT NULL;
  IF asks IS NOT NULL THEN
    INSERT INTO crm_writes (org_id, id, lead_id, kind, subject_id, part, occurred_at, next_at, record_id, status, last_code)
    SELECT org, audit_id(at), lead, 'erasure', lead, row_number() OVER (ORDER BY i.since, i.contact_id)::text, at, at, i.contact_id,
      CASE WHEN asks THEN 'refused' ELSE 'pending' END::crm_write_status, CASE WHEN asks THEN 'asks_admin' END
    FROM contact_ids i WHERE i.org_id = org AND i.lead_id = lead AND i.until IS NULL;
  END IF;
  DELETE FROM crm_events e USING contact_ids i
  WHERE e.org_id = org AND e.object = 'person' AND e.record_id = i.contact_id AND i.org_id = org AND i.lead_id = lead;
  DELETE FROM crm_records WHERE org_id = org AND object = 'person' AND subject_id = lead;
  DELETE FROM contact_ids WHERE org_id = org AND lead_id = lead;
END $$;

-- The CRM confirmed that a record is gone, so nothing about it is needed any longer.
CREATE OR REPLACE FUNCTION forget_erased_records() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in(NEW.org_id);
  IF NOT EXISTS (SELECT FROM crm_writes w WHERE w.org_id = NEW.org_id AND w.lead_id = NEW.lead_id AND w.kind = 'erasure' AND w.settled_at IS NULL) THEN
    UPDATE crm_writes SET record_id = NULL WHERE org_id = NEW.org_id AND lead_id = NEW.lead_id AND record_id IS NOT NULL;
  END IF;
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER crm_writes_forgotten
  AFTER UPDATE OF settled_at ON crm_writes
  FOR EACH ROW WHEN (NEW.kind = 'erasure' AND NEW.settled_at IS NOT NULL AND OLD.settled_at IS NULL)
  EXECUTE FUNCTION forget_erased_records();
