/* Keeps imports of the organization from merging, because a merge could restore a person that it read earlier. */
/* @name holdImports */
SELECT pg_advisory_xact_lock(hashtext('lead_import'), hashtext(:org_id!::text))::text AS held;

/* Inbound mail is stored either before an erasure, which then finds it, or after it. */
/* @name holdInbound */
SELECT pg_advisory_xact_lock(hashtext('inbound'), hashtext(:org_id!::text))::text AS held;

/* @name waitForErasures */
SELECT pg_advisory_xact_lock_shared(hashtext('inbound'), hashtext(:org_id!::text))::text AS held;

/* Whether a lead was erased, and which of these addresses belonged to erased people. */
/* @name erasedAmong */
SELECT EXISTS (SELECT FROM leads l WHERE l.org_id = :org_id! AND l.id = :lead_id::uuid AND l.erased_at IS NOT NULL)
         AS "lead_is_erased!",
       ARRAY (SELECT encode(e.address_hmac, 'hex') FROM erased_addresses e
              WHERE e.org_id = :org_id! AND e.address_hmac = ANY (:address_hmacs!::bytea[])) AS "address_hmacs!";

/* The email addresses and numbers of a lead that no other lead has, every id that the CRM gave the lead, and the id and the domain of an
   account that is the person's own (src/coordinator/crm/erased_records.ts). */
/* @name ownAddressesOfLead */
SELECT DISTINCT d.value AS "value!" FROM lead_addresses d
WHERE d.org_id = :org_id! AND d.lead_id = :lead_id! AND d.kind IN ('email', 'phone')
  AND NOT outlasts_erasure(:org_id!, :lead_id!, d.value_key)
UNION
-- No address begins like this, so the CRM's record is recognized too.
SELECT 'crm:' || i.contact_id FROM contact_ids i WHERE i.org_id = :org_id! AND i.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!))
UNION
SELECT k.value FROM leads l
JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
CROSS JOIN LATERAL (VALUES ('crm company ' || a.crm_account_id), ('domain ' || a.domain)) k (value)
WHERE l.org_id = :org_id! AND l.id = :lead_id! AND k.value IS NOT NULL
  AND is_own_account(l.org_id, l, (SELECT m.pattern FROM mention_of(l) m));

/* @name eraseLead */
SELECT erase_lead(:lead_id!::uuid, :user_id!::uuid, :reason!, :address_hmacs!::bytea[], :now!)::text AS done;

/* `was_noticed`: notifications about the lead may have left with its name, since the organization allowed that at some time. */
/* @name getErasure */
SELECT e.erased_at, e.erased_by_user_id, e.reason, e.log_row_count, e.row_counts,
       (SELECT count(*)::int FROM crm_writes w WHERE w.org_id = e.org_id AND w.lead_id = e.id AND w.kind = 'erasure'
        AND w.settled_at IS NULL) AS "crm_records_left_count!",
       ARRAY (SELECT encode(x.address_hmac, 'hex') FROM erased_addresses x
              WHERE x.org_id = e.org_id AND x.lead_id = e.id) AS "address_hmacs!",
       EXISTS (SELECT FROM sales_send_queue q JOIN send_attempts a ON a.org_id = q.org_id AND a.queue_id = q.id AND a.caught
               WHERE q.org_id = e.org_id AND q.lead_id = e.id) AS "was_caught!",
       coalesce((e.row_counts ->> 'notifications')::int > 0, false)
         AND EXISTS (SELECT FROM audit_log a
                     WHERE a.org_id = e.org_id AND a.subject_table = 'organizations' AND a.subject_key = e.org_id::text
                       AND a.changes #>> '{notices_include_lead_text,new}' = 'true') AS "was_noticed!"
FROM lead_erasures e WHERE e.org_id = :org_id! AND e.id = :lead_id!;

/* All data about a lead: each kind separately, at most `limit` rows per kind, newest first. Omits generated keys and
   sealed secrets. */
/* @name exportLead */
SELECT k.kind AS "kind!", k.row AS "row!" FROM (
  (SELECT 1 AS place, 'enrollments' AS kind, to_jsonb(e) AS row, e.id FROM campaign_contacts e
   WHERE e.org_id = :org_id! AND e.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) ORDER BY e.id DESC LIMIT :limit!)
  UNION ALL (SELECT 2, 'requests', to_jsonb(r), r.id FROM sequence_requests r
   WHERE r.org_id = :org_id! AND r.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) ORDER BY r.id DESC LIMIT :limit!)
  UNION ALL (SELECT 3, 'queue', to_jsonb(q), q.id FROM sales_send_queue q
   WHERE q.org_id = :org_id! AND q.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) ORDER BY q.id DESC LIMIT :limit!)
  UNION ALL (SELECT 4, 'drafts', to_jsonb(d), d.id FROM sales_send_queue q
   JOIN staged_drafts d ON d.org_id = q.org_id AND d.queue_id = q.id
   WHERE q.org_id = :org_id! AND q.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) ORDER BY d.id DESC LIMIT :limit!)
  UNION ALL (SELECT 5, 'attempts', to_jsonb(a), a.id FROM sales_send_queue q
   JOIN send_attempts a ON a.org_id = q.org_id AND a.queue_id = q.id
   WHERE q.org_id = :org_id! AND q.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) ORDER BY a.id DESC LIMIT :limit!)
  UNION ALL (SELECT 6, 'touches', to_jsonb(t), t.id FROM sales_send_queue q
   JOIN touches t ON t.org_id = q.org_id AND t.queue_id = q.id
   WHERE q.org_id = :org_id! AND q.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) ORDER BY t.id DESC LIMIT :limit!)
  UNION ALL (SELECT 7, 'tasks', to_jsonb(t) - 'claim_id', t.id FROM agent_tasks t
   WHERE t.org_id = :org_id! AND t.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) ORDER BY t.id DESC LIMIT :limit!)
  UNION ALL (SELECT 8, 'flags', to_jsonb(f), f.id FROM flags f
   WHERE f.org_id = :org_id! AND f.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) ORDER BY f.id DESC LIMIT :limit!)
  UNION ALL (SELECT 9, 'notifications', to_jsonb(n), n.id FROM notifications n
   WHERE n.org_id = :org_id! AND n.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) ORDER BY n.id DESC LIMIT :limit!)
  UNION ALL (SELECT 10, 'events', to_jsonb(v), v.id FROM cadence_event_log v
   WHERE v.org_id = :org_id! AND v.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) ORDER BY v.timestamp DESC, v.id DESC LIMIT :limit!)
  UNION ALL (SELECT 11, 'audit', to_jsonb(a), a.id FROM audit_log a
   WHERE a.org_id = :org_id! AND a.subject_table = 'leads' AND a.subject_key = ANY (ids_of_lead(:org_id!, :lead_id!)::text[]) ORDER BY a.id DESC LIMIT :limit!)
  UNION ALL (SELECT 12, 'suppressions', to_jsonb(s), s.id FROM suppressions s JOIN leads l ON l.org_id = s.org_id AND l.id = :lead_id!
   WHERE s.org_id = :org_id! AND (s.kind = 'address' AND s.value = ANY (email_keys_of(l))
     OR s.kind = 'phone' AND s.value = ANY (numbers_of(l)) OR s.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!))) LIMIT :limit!)
  UNION ALL (SELECT 13, 'inbound', to_jsonb(i) - '{raw_hash,answer_hash}'::text[], i.id FROM inbound_messages i
   WHERE i.org_id = :org_id! AND i.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) ORDER BY i.id DESC LIMIT :limit!)
  UNION ALL (SELECT 14, 'signals', to_jsonb(s), s.id FROM lead_signals s
   WHERE s.org_id = :org_id! AND s.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) ORDER BY s.occurred_at DESC, s.id DESC LIMIT :limit!)
  UNION ALL (SELECT 15, 'approvals', to_jsonb(a), a.id FROM sales_send_queue q
   JOIN staged_drafts d ON d.org_id = q.org_id AND d.queue_id = q.id
   JOIN draft_approvals a ON a.org_id = d.org_id AND a.draft_id = d.id
   WHERE q.org_id = :org_id! AND q.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) ORDER BY a.id DESC LIMIT :limit!)
  UNION ALL (SELECT 16, 'rejections', to_jsonb(r), r.id FROM sales_send_queue q
   JOIN staged_drafts d ON d.org_id = q.org_id AND d.queue_id = q.id
   JOIN draft_rejections r ON r.org_id = d.org_id AND r.draft_id = d.id
   WHERE q.org_id = :org_id! AND q.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) ORDER BY r.id DESC LIMIT :limit!)
  UNION ALL (SELECT 17, 'mailboxes', to_jsonb(m), m.lead_id FROM lead_mailboxes m
   WHERE m.org_id = :org_id! AND m.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) LIMIT :limit!)
  UNION ALL (SELECT 18, 'addresses', to_jsonb(d) - 'value_key', d.id FROM lead_addresses d
   WHERE d.org_id = :org_id! AND d.lead_id = :lead_id! ORDER BY d.id DESC LIMIT :limit!)
  UNION ALL (SELECT 19, 'merges', to_jsonb(m) - 'transaction_id', m.id FROM lead_merges m
   WHERE m.org_id = :org_id! AND m.into_lead_id = :lead_id! ORDER BY m.id DESC LIMIT :limit!)
  UNION ALL (SELECT 21, 'opportunities', to_jsonb(o), o.id FROM opportunities o
   WHERE o.org_id = :org_id! AND o.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) ORDER BY o.id DESC LIMIT :limit!)
  UNION ALL (SELECT 22, 'service_records', to_jsonb(s), s.id FROM service_records s
   WHERE s.org_id = :org_id! AND s.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) ORDER BY s.id DESC LIMIT :limit!)
  UNION ALL (SELECT 20, 'merge_suggestions', to_jsonb(g), g.id FROM lead_merge_suggestions g
   WHERE g.org_id = :org_id! AND :lead_id! IN (g.lead_id, g.other_lead_id) ORDER BY g.id DESC LIMIT :limit!)
  UNION ALL (SELECT 22, 'crm_writes', to_jsonb(w) - '{claim_id,process_id}'::text[], w.id FROM crm_writes w
   WHERE w.org_id = :org_id! AND w.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) ORDER BY w.id DESC LIMIT :limit!)
  UNION ALL (SELECT 23, 'contact_ids', to_jsonb(i), i.lead_id FROM contact_ids i
   WHERE i.org_id = :org_id! AND i.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!)) LIMIT :limit!)
) k
ORDER BY k.place, k.id DESC;
