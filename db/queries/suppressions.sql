/* The newest suppressions, in force or lifted; `from_value` and `to_value` are the bounds of a searched beginning. */
/* @name listSuppressions */
SELECT s.*, s.lifted_at IS NOT NULL AS "is_lifted!", a.name AS added_by_name, l.name AS lifted_by_name
FROM suppressions s
LEFT JOIN users a ON a.org_id = s.org_id AND a.id = s.added_by_user_id
LEFT JOIN users l ON l.org_id = s.org_id AND l.id = s.lifted_by_user_id
WHERE s.org_id = :org_id! AND (:before_id::uuid IS NULL OR s.id < :before_id) AND (s.lifted_at IS NOT NULL) = :is_lifted!
  AND (:kind::suppression_kind IS NULL OR s.kind = :kind)
  AND (:source::suppression_source IS NULL OR s.source = :source)
ORDER BY s.id DESC
LIMIT :limit!;

/* The same for values that begin with a text, up to `most` of them. */
/* @name searchSuppressions */
WITH found AS MATERIALIZED (
  SELECT id FROM suppressions
  WHERE org_id = :org_id! AND value COLLATE "C" >= :from_value! AND value COLLATE "C" < :to_value!
  ORDER BY value COLLATE "C", id
  LIMIT :most!
)
SELECT s.*, s.lifted_at IS NOT NULL AS "is_lifted!", a.name AS added_by_name, l.name AS lifted_by_name
FROM found JOIN suppressions s ON s.org_id = :org_id! AND s.id = found.id
LEFT JOIN users a ON a.org_id = s.org_id AND a.id = s.added_by_user_id
LEFT JOIN users l ON l.org_id = s.org_id AND l.id = s.lifted_by_user_id
WHERE (:before_id::uuid IS NULL OR s.id < :before_id) AND (s.lifted_at IS NOT NULL) = :is_lifted!
  AND (:kind::suppression_kind IS NULL OR s.kind = :kind)
  AND (:source::suppression_source IS NULL OR s.source = :source)
ORDER BY s.id DESC
LIMIT :limit!;

/* @name getSuppression */
SELECT s.*, s.lifted_at IS NOT NULL AS "is_lifted!", a.name AS added_by_name, l.name AS lifted_by_name
FROM suppressions s
LEFT JOIN users a ON a.org_id = s.org_id AND a.id = s.added_by_user_id
LEFT JOIN users l ON l.org_id = s.org_id AND l.id = s.lifted_by_user_id
WHERE s.org_id = :org_id! AND s.id = :id!;

/* Takes the locks of all these values in order, before they are added in several statements: senders take them in this
   order, too. */
/* @name holdSuppressions */
SELECT pg_advisory_xact_lock(hashtext('suppressions'), p.place)::text AS held
FROM (SELECT DISTINCT suppression_place(:org_id!, g.kind, g.value) AS place
      FROM jsonb_to_recordset(:rows!) AS g(kind text, value text) ORDER BY place) p;

/* Adds what is not in force until then, in the order of the locks: `hold_new_suppression`. A later end, or none, is added beside
   an earlier one. A row that names `opt_out` as its source repeats an opt-out in force; another one is a suppression beside it.
   Returns the added values. */
/* @name addSuppressions */
INSERT INTO suppressions (org_id, id, kind, value, reason, source, until, added_by_user_id, created_at)
SELECT :org_id!, g.id, g.kind, g.value, g.reason, :source!, g.until, :user_id!, :now!
FROM jsonb_to_recordset(:rows!) AS g(id uuid, kind suppression_kind, value text, reason text, until timestamptz, from_source text)
WHERE NOT EXISTS (
  SELECT FROM suppressions s WHERE s.org_id = :org_id! AND s.value COLLATE "C" = g.value AND s.kind = g.kind AND s.lifted_at IS NULL
    AND CASE WHEN s.source = 'opt_out' THEN g.from_source = 'opt_out' ELSE s.until IS NULL OR s.until >= g.until END)
ORDER BY suppression_place(:org_id!, g.kind::text, g.value), g.value
ON CONFLICT DO NOTHING
RETURNING id, kind, value;

/* A no to a message suppresses the address or number that it went to, whichever lead has that now; never a mailbox of ours.
   `settle_suppressions` ends the open work of that lead. */
/* @name suppressRecipient */
INSERT INTO suppressions (org_id, id, kind, value, reason, source, lead_id, created_at)
SELECT :org_id!, :id!, CASE WHEN d.to_id LIKE '+%' THEN 'phone' ELSE 'address' END::suppression_kind, lower(d.to_id), :reason!, 'opt_out',
       :lead_id!, :now!
FROM sales_send_queue q JOIN staged_drafts d ON d.org_id = q.org_id AND d.id = q.staged_draft_id
WHERE q.org_id = :org_id! AND q.id = :queue_id! AND d.to_id ~ '^[^/]+@|^[+][0-9]+$'
  AND NOT EXISTS (SELECT FROM mailboxes m WHERE m.org_id = :org_id! AND lower(m.address) = lower(d.to_id))
  AND NOT EXISTS (SELECT FROM suppressions s WHERE s.org_id = :org_id! AND s.lead_id = :lead_id! AND s.value = lower(d.to_id)
                  AND s.lifted_at IS NULL AND s.source = 'opt_out')
ON CONFLICT DO NOTHING
RETURNING id;

/* Addresses and numbers of people who are opted out in the CRM and are no leads, in the order of the locks; never a mailbox of ours. */
/* @name suppressForCrm */
INSERT INTO suppressions (org_id, id, kind, value, reason, source, created_at)
SELECT :org_id!, g.id, g.kind, g.value, :reason!, 'crm', :now!
FROM jsonb_to_recordset(:rows!) AS g(id uuid, kind suppression_kind, value text)
WHERE NOT EXISTS (SELECT FROM mailboxes m WHERE m.org_id = :org_id! AND lower(m.address) = g.value)
  AND NOT EXISTS (SELECT FROM suppressions s WHERE s.org_id = :org_id! AND s.value COLLATE "C" = g.value AND s.kind = g.kind
                  AND s.lifted_at IS NULL AND s.source <> 'opt_out' AND s.until IS NULL)
ORDER BY suppression_place(:org_id!, g.kind::text, g.value), g.value
ON CONFLICT DO NOTHING
RETURNING id;

/* The suppression of a value that lasts longest; an opt-out only if there is no other. */
/* @name suppressionOfValue */
SELECT id FROM suppressions
WHERE org_id = :org_id! AND value COLLATE "C" = :value! AND kind = :kind!::suppression_kind AND lifted_at IS NULL
ORDER BY source = 'opt_out', until DESC NULLS FIRST, id LIMIT 1;

/* @name liftSuppression */
UPDATE suppressions SET lifted_at = :now!, lifted_by_user_id = :user_id!, lift_reason = :reason!
WHERE org_id = :org_id! AND id = :id! AND lifted_at IS NULL
RETURNING id;

/* The organization's own addresses and their domains, which a suppression would make useless. */
/* @name ownAddresses */
SELECT DISTINCT lower(address) AS "address!", lower(split_part(address, '@', 2)) AS "domain!"
FROM mailboxes WHERE org_id = :org_id! AND retired_at IS NULL;

/* How many leads each value covers, counted up to `most`. */
/* @name countSuppressed */
SELECT g.kind AS "kind!", g.value AS "value!",
  (SELECT count(*)::int FROM (
    SELECT FROM lead_addresses p
    WHERE p.org_id = :org_id! AND g.kind = 'address'::suppression_kind AND p.kind = 'email' AND p.until IS NULL AND p.value_key = g.value
    UNION ALL
    SELECT FROM lead_addresses p
    WHERE p.org_id = :org_id! AND g.kind = 'phone' AND p.kind = 'phone' AND p.until IS NULL AND p.value_key = g.value
    UNION ALL
    SELECT FROM leads l
    WHERE l.org_id = :org_id! AND g.kind = 'domain' AND l.email_domain COLLATE "C" = g.value
    UNION ALL
    SELECT FROM leads l
    WHERE l.org_id = :org_id! AND g.kind = 'domain' AND l.reversed_domain > g.subdomains_from AND l.reversed_domain < g.subdomains_to
    LIMIT :most!) n) AS "lead_count!"
FROM jsonb_to_recordset(:rows!) AS g(kind suppression_kind, value text, subdomains_from text, subdomains_to text);

/* Ends those whose time has come. */
/* @name liftEndedSuppressions */
UPDATE suppressions SET lifted_at = :now!
WHERE org_id = :org_id! AND id IN (
  SELECT id FROM suppressions WHERE org_id = :org_id! AND lifted_at IS NULL AND until <= :now!
  ORDER BY until LIMIT :limit! FOR UPDATE SKIP LOCKED)
RETURNING id;

/* @name claimUnsettledSuppressions */
SELECT id, kind, value FROM suppressions
WHERE org_id = :org_id! AND lifted_at IS NULL AND settled_at IS NULL AND id <> ALL (:set_aside!::uuid[])
ORDER BY id LIMIT :limit!
FOR NO KEY UPDATE SKIP LOCKED;

/* Leads with open work that one of these values covers. The bounds of subdomains are parameters: a function in the comparison
   would rule out the index under row-level security. */
/* @name openLeadsOfSuppressions */
WITH covered AS (
  SELECT l.id FROM unnest(:addresses!::text[]) a JOIN leads l ON l.org_id = :org_id! AND l.email_key COLLATE "C" = a
  UNION
  SELECT l.id FROM unnest(:domains!::text[]) d JOIN leads l ON l.org_id = :org_id! AND l.email_domain COLLATE "C" = d
  UNION
  SELECT l.id FROM unnest(:subdomains_from!::text[], :subdomains_to!::text[]) AS d(from_key, to_key)
  JOIN leads l ON l.org_id = :org_id! AND l.reversed_domain > d.from_key AND l.reversed_domain < d.to_key
)
SELECT c.id AS "lead_id!" FROM covered c
WHERE (SELECT true FROM campaign_contacts e
       WHERE e.org_id = :org_id! AND e.lead_id = c.id AND e.status IN ('active', 'paused') LIMIT 1)
   OR (SELECT true FROM sequence_requests r
       WHERE r.org_id = :org_id! AND r.lead_id = c.id AND r.status IN ('held', 'queued') LIMIT 1)
LIMIT :limit!;

/* @name noteSettledSuppressions */
UPDATE suppressions SET settled_at = :now! WHERE org_id = :org_id! AND id = ANY (:ids!::uuid[]);

/* The values that addSuppressions would not add. */
/* @name valuesInForce */
SELECT g.value AS "value!" FROM jsonb_to_recordset(:rows!) AS g(kind suppression_kind, value text, until timestamptz, from_source text)
WHERE EXISTS (
  SELECT FROM suppressions s WHERE s.org_id = :org_id! AND s.value COLLATE "C" = g.value AND s.kind = g.kind AND s.lifted_at IS NULL
    AND CASE WHEN s.source = 'opt_out' THEN g.from_source = 'opt_out' ELSE s.until IS NULL OR s.until >= g.until END);

/* The person behind an unsubscribe link, also after a merge, and the address to which the message went. */
/* @name unsubscribeSubject */
SELECT l.id AS lead_id, l.erased_at IS NOT NULL AS "is_erased!", o.name AS organization, d.to_id AS "email?",
       l.erased_at IS NOT NULL OR l.unsubscribe_flag AND (d.to_id IS NULL OR is_suppressed(:org_id!, d.to_id)) AS "is_unsubscribed!"
FROM leads m
JOIN leads l ON l.org_id = :org_id! AND l.id = coalesce(m.merged_into_id, m.id)
JOIN organizations o ON o.org_id = l.org_id
LEFT JOIN sales_send_queue q ON q.org_id = :org_id! AND q.id = :queue_id! AND q.lead_id = m.id
LEFT JOIN staged_drafts d ON d.org_id = :org_id! AND d.id = q.staged_draft_id AND d.to_id <> '(erased)'
WHERE m.org_id = :org_id! AND m.id = :lead_id!;
