/* Gives two rows one lead where a further email address of one is the address of the other. A round reaches the neighbors of
   each row. */
/* @name linkImportRows */
WITH further AS MATERIALIZED (
  SELECT r.line, r.lead_id, lower(f.value) AS email_key
  FROM lead_import_rows r CROSS JOIN LATERAL jsonb_to_recordset(r.further_addresses) AS f (kind text, value text)
  WHERE r.org_id = :org_id! AND r.import_id = :import_id! AND f.kind = 'email'
), links AS MATERIALIZED (
  SELECT f.line, f.lead_id, o.line AS other_line, o.lead_id AS other_id
  FROM further f JOIN lead_import_rows o ON o.org_id = :org_id! AND o.import_id = :import_id! AND lower(o.email) = f.email_key
  WHERE o.lead_id <> f.lead_id
), first AS (
  SELECT n.line, (array_agg(n.lead_id ORDER BY n.lead_id))[1] AS lead_id
  FROM (SELECT line, other_id AS lead_id FROM links UNION ALL SELECT other_line, lead_id FROM links) n
  GROUP BY n.line
)
UPDATE lead_import_rows r SET lead_id = f.lead_id
FROM first f
WHERE r.org_id = :org_id! AND r.import_id = :import_id! AND r.line = f.line AND f.lead_id < r.lead_id
RETURNING r.line;

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
RETURNING lead_id;

/* Addresses of one chunk that another lead has suggest a merge; a number only with the same name. Each address is looked up
   with a LIMIT, so by its index, however many there are. */
/* @name suggestImportedMerges */
WITH given AS MATERIALIZED (
  SELECT r.lead_id, f.kind, address_key(f.kind, f.value) AS value_key
  FROM lead_import_rows r CROSS JOIN LATERAL jsonb_to_recordset(r.further_addresses) AS f (kind address_kind, value text)
  WHERE r.org_id = :org_id! AND r.import_id = :import_id! AND r.line > :after_line! AND r.line <= :to_line!
), held AS MATERIALIZED (
  SELECT g.lead_id, g.kind, CASE g.kind
    WHEN 'email' THEN (SELECT d.lead_id FROM lead_addresses d
      WHERE d.org_id = :org_id! AND d.kind = 'email' AND d.until IS NULL AND d.value_key = g.value_key LIMIT 1)
    WHEN 'linkedin' THEN (SELECT d.lead_id FROM lead_addresses d
      WHERE d.org_id = :org_id! AND d.kind = 'linkedin' AND d.until IS NULL AND d.value_key = g.value_key LIMIT 1)
    ELSE (SELECT d.lead_id FROM lead_addresses d
      WHERE d.org_id = :org_id! AND d.kind = 'phone' AND d.until IS NULL AND d.value_key = g.value_key LIMIT 1)
    END AS other_id
  FROM given g
)
INSERT INTO lead_merge_suggestions (org_id, lead_id, other_lead_id, reason, found_at)
SELECT DISTINCT ON (least(h.lead_id, h.other_id), greatest(h.lead_id, h.other_id))
       :org_id!, least(h.lead_id, h.other_id), greatest(h.lead_id, h.other_id),
       CASE h.kind WHEN 'email' THEN 'same_email' WHEN 'linkedin' THEN 'same_profile' ELSE 'same_phone_and_name' END::merge_reason, :now!
FROM held h
WHERE h.lead_id <> h.other_id AND (h.kind <> 'phone' OR
  (SELECT l.name_key FROM leads l WHERE l.org_id = :org_id! AND l.id = h.lead_id LIMIT 1)
    = (SELECT o.name_key FROM leads o WHERE o.org_id = :org_id! AND o.id = h.other_id LIMIT 1))
ON CONFLICT DO NOTHING
RETURNING id;
