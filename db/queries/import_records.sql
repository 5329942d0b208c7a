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
