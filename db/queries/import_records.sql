/* Rows of erased people are removed and reported, whichever of their addresses a row has. */
/* @name takeErasedImportRows */
WITH gone AS (
  DELETE FROM lead_import_rows d
  WHERE d.org_id = :org_id! AND d.import_id = :import_id! AND d.line IN (
    SELECT r.line FROM lead_import_rows r
    JOIN erased_addresses e ON e.org_id = :org_id! AND e.address_hmac = r.address_hmac
    WHERE r.org_id = :org_id! AND r.import_id = :import_id!
    UNION
    SELECT r.line FROM lead_import_rows r CROSS JOIN unnest(r.further_hmacs) AS h (address_hmac)
    JOIN erased_addresses e ON e.org_id = :org_id! AND e.address_hmac = h.address_hmac
    WHERE r.org_id = :org_id! AND r.import_id = :import_id!)
  RETURNING d.line
)
SELECT line AS "line!", count(*) OVER () AS "total!" FROM gone ORDER BY line LIMIT :limit!;

/* Rows whose lead has another CRM record are removed and reported: no file joins two records, or moves a lead to another one. */
/* @name takeOtherRecordRows */
WITH gone AS (
  DELETE FROM lead_import_rows d USING leads l
  WHERE d.org_id = :org_id! AND d.import_id = :import_id! AND d.crm_contact_id IS NOT NULL
    AND l.org_id = :org_id! AND l.id = d.lead_id AND l.crm_contact_id <> d.crm_contact_id
  RETURNING d.line, d.crm_contact_id, l.crm_contact_id AS record_of_lead
)
SELECT line AS "line!", crm_contact_id AS "crm_contact_id!", record_of_lead AS "record_of_lead!", count(*) OVER () AS "total!"
FROM gone ORDER BY line LIMIT :limit!;
