/* Addresses of one chunk that its leads do not have yet. */
/* @name insertImportedAddresses */
WITH rows AS MATERIALIZED (
  SELECT r.line, r.lead_id, r.email, r.further_addresses FROM lead_import_rows r
  WHERE r.org_id = :org_id! AND r.import_id = :import_id! AND r.line > :after_line! AND r.line <= :to_line!
)
INSERT INTO lead_addresses (org_id, lead_id, kind, value, source, since)
SELECT :org_id!, g.lead_id, g.kind, g.value, 'file', :now!
FROM (
  SELECT r.line, r.lead_id, 'email'::address_kind AS kind, r.email AS value
  FROM rows r JOIN leads l ON l.org_id = :org_id! AND l.id = r.lead_id
  WHERE lower(r.email) <> l.email_key
  UNION ALL
  SELECT r.line, r.lead_id, f.kind, f.value
  FROM rows r CROSS JOIN LATERAL jsonb_to_recordset(r.further_addresses) AS f (kind address_kind, value text)
) g
ORDER BY g.line
ON CONFLICT DO NOTHING
RETURNING id;

/* Addresses of one chunk that another lead has suggest a merge; a number only with the same name. */
/* @name suggestImportedMerges */
WITH given AS MATERIALIZED (
  SELECT r.lead_id, f.kind, address_key(f.kind, f.value) AS value_key
  FROM lead_import_rows r CROSS JOIN LATERAL jsonb_to_recordset(r.further_addresses) AS f (kind address_kind, value text)
  WHERE r.org_id = :org_id! AND r.import_id = :import_id! AND r.line > :after_line! AND r.line <= :to_line!
), held AS (
  SELECT g.lead_id, d.lead_id AS other_id, 'same_email'::merge_reason AS reason FROM given g
  JOIN lead_addresses d ON d.org_id = :org_id! AND d.kind = 'email' AND d.until IS NULL AND d.value_key = g.value_key
  WHERE g.kind = 'email'
  UNION ALL
  SELECT g.lead_id, d.lead_id, 'same_profile' FROM given g
  JOIN lead_addresses d ON d.org_id = :org_id! AND d.kind = 'linkedin' AND d.until IS NULL AND d.value_key = g.value_key
  WHERE g.kind = 'linkedin'
  UNION ALL
  SELECT g.lead_id, d.lead_id, 'same_phone_and_name' FROM given g
  JOIN lead_addresses d ON d.org_id = :org_id! AND d.kind = 'phone' AND d.until IS NULL AND d.value_key = g.value_key
  JOIN leads l ON l.org_id = :org_id! AND l.id = g.lead_id
  JOIN leads o ON o.org_id = :org_id! AND o.id = d.lead_id AND o.name_key = l.name_key
  WHERE g.kind = 'phone'
)
INSERT INTO lead_merge_suggestions (org_id, lead_id, other_lead_id, reason, found_at)
SELECT DISTINCT ON (least(h.lead_id, h.other_id), greatest(h.lead_id, h.other_id))
       :org_id!, least(h.lead_id, h.other_id), greatest(h.lead_id, h.other_id), h.reason, :now!
FROM held h WHERE h.lead_id <> h.other_id
ON CONFLICT DO NOTHING
RETURNING id;
