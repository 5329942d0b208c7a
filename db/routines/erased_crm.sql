-- Cancels what is pending about a lead, and removes texts and the CRM's ids. The CRM's own record is another matter.
CREATE OR REPLACE FUNCTION erase_from_crm_writes(org uuid, lead uuid, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE crm_writes SET status = CASE WHEN settled_at IS NULL THEN 'canceled' ELSE status END, settled_at = coalesce(settled_at, at),
    claim_id = NULL, record_id = NULL, last_message = NULL, skip_reason = CASE WHEN skip_reason IS NOT NULL THEN '(erased)' END
  WHERE org_id = org AND lead_id = lead;
  DELETE FROM contact_ids WHERE org_id = org AND lead_id = lead;
END $$;
