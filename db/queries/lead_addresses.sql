/* The addresses of leads: in force first, the primary one before the others. */
/* @name addressesOfLeads @prepared */
SELECT d.id, d.lead_id, d.kind, d.value, d.is_primary, d.verified_at, d.source, d.since, d.until,
       d.verified_at IS NOT NULL AS "is_verified!", d.until IS NOT NULL AS "is_ended!",
       d.until IS NULL AND d.kind <> 'linkedin' AND is_suppressed(d.org_id, d.value_key) AS "is_suppressed!"
FROM lead_addresses d
WHERE d.org_id = :org_id! AND d.lead_id = ANY (:lead_ids!::uuid[])
ORDER BY d.lead_id, d.until IS NOT NULL, d.kind::text, NOT d.is_primary, d.since, d.id;

/* @name getAddress @prepared */
SELECT d.id, d.lead_id, d.kind, d.value, d.is_primary, d.verified_at, d.until
FROM lead_addresses d WHERE d.org_id = :org_id! AND d.id = :id!;

/* The lead that has an address in force. */
/* @name leadOfAddress @prepared */
SELECT d.lead_id FROM lead_addresses d
WHERE :kind!::text = 'email' AND d.org_id = :org_id! AND d.kind = 'email' AND d.until IS NULL
  AND d.value_key = address_key('email', :value!)
UNION ALL
SELECT d.lead_id FROM lead_addresses d
WHERE :kind!::text = 'linkedin' AND d.org_id = :org_id! AND d.kind = 'linkedin' AND d.until IS NULL
  AND d.value_key = address_key('linkedin', :value!)
UNION ALL
SELECT d.lead_id FROM lead_addresses d
WHERE :kind!::text = 'phone' AND d.org_id = :org_id! AND d.kind = 'phone' AND d.until IS NULL
  AND d.value_key = address_key('phone', :value!);

/* @name insertAddress */
INSERT INTO lead_addresses (org_id, id, lead_id, kind, value, verified_at, source, since)
VALUES (:org_id!, :id!, :lead_id!, :kind!, :value!, :verified_at, acting_address_source(), :now!)
ON CONFLICT DO NOTHING
RETURNING id;

/* Triggers record what was primary before. */
/* @name setPrimaryAddress */
UPDATE leads SET email = CASE :kind!::address_kind WHEN 'email' THEN :value! ELSE email END,
  linkedin_url = CASE :kind!::address_kind WHEN 'linkedin' THEN :value! ELSE linkedin_url END,
  phone = CASE :kind!::address_kind WHEN 'phone' THEN :value! ELSE phone END, updated_at = :now!
WHERE org_id = :org_id! AND id = :lead_id!
RETURNING id;

/* @name changeAddress */
UPDATE lead_addresses SET verified_at = :verified_at, until = :until
WHERE org_id = :org_id! AND lead_id = :lead_id! AND id = :id!
RETURNING id;
