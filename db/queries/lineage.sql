/* Each key with its kind and lineage: `keys[n]` is an id in `ids[n]`, or the CRM record of a lead. An id comes before a CRM
   record. The lead is the surviving one, and the account its own unless the row has another. */
/* @name lineageOf @prepared */
WITH given AS MATERIALIZED (
  SELECT k.key, k.id FROM unnest(:keys!::text[], :ids!::uuid[]) AS k (key, id)
), found AS MATERIALIZED (
  SELECT DISTINCT ON (u.key) u.*
  FROM (
    SELECT g.key, 1 AS place, 'lead' AS kind, l.id, l.id AS lead_id, NULL::uuid AS account_id, NULL::uuid AS enrollment_id,
           NULL::uuid AS opportunity_id, NULL::uuid AS campaign_id, NULL::uuid AS play_id, NULL::uuid AS originating_proposal_id
    FROM given g JOIN leads l ON l.org_id = :org_id! AND l.id = g.id
    UNION ALL
    SELECT g.key, 2, 'lead', l.id, l.id, NULL, NULL, NULL, NULL, NULL, NULL
    FROM given g, LATERAL (SELECT c.id FROM leads c WHERE c.org_id = :org_id! AND c.crm_contact_id = g.key LIMIT 1) l
    UNION ALL
    SELECT g.key, 1, 'account', a.id, NULL, a.id, NULL, NULL, NULL, NULL, NULL
    FROM given g JOIN accounts a ON a.org_id = :org_id! AND a.id = g.id
    UNION ALL
    SELECT g.key, 1, 'request', r.id, r.lead_id, NULL, r.enrollment_id, NULL, r.campaign_id, r.play_id, r.originating_proposal_id
    FROM given g JOIN sequence_requests r ON r.org_id = :org_id! AND r.id = g.id
    UNION ALL
    SELECT g.key, 1, 'enrollment', e.id, e.lead_id, NULL, e.id, NULL, e.campaign_id, e.play_id, e.originating_proposal_id
    FROM given g JOIN campaign_contacts e ON e.org_id = :org_id! AND e.id = g.id
    UNION ALL
    SELECT g.key, 1, 'queue_item', q.id, q.lead_id, NULL, q.enrollment_id, NULL, q.campaign_id, q.play_id, q.originating_proposal_id
    FROM given g JOIN sales_send_queue q ON q.org_id = :org_id! AND q.id = g.id
    UNION ALL
    SELECT g.key, 1, 'draft', d.id, q.lead_id, NULL, q.enrollment_id, NULL, q.campaign_id, q.play_id, q.originating_proposal_id
    FROM given g JOIN staged_drafts d ON d.org_id = :org_id! AND d.id = g.id
    JOIN sales_send_queue q ON q.org_id = :org_id! AND q.id = d.queue_id
    UNION ALL
    SELECT g.key, 1, 'touch', t.id, t.lead_id, NULL, t.enrollment_id, NULL, t.campaign_id, t.play_id, t.originating_proposal_id
    FROM given g JOIN touches t ON t.org_id = :org_id! AND t.id = g.id
    UNION ALL
    SELECT g.key, 1, 'opportunity', o.id, o.lead_id, o.account_id, o.enrollment_id, o.id, o.campaign_id, o.play_id, o.originating_proposal_id
    FROM given g JOIN opportunities o ON o.org_id = :org_id! AND o.id = g.id
    UNION ALL
    SELECT g.key, 1, 'inbound_message', i.id, coalesce(i.lead_id, e.lead_id), NULL, e.id, NULL, e.campaign_id, e.play_id, e.originating_proposal_id
    FROM given g JOIN inbound_messages i ON i.org_id = :org_id! AND i.id = g.id
    LEFT JOIN campaign_contacts e ON e.org_id = :org_id! AND e.id = i.enrollment_id
    UNION ALL
    SELECT g.key, 1, 'campaign', c.id, NULL, NULL, NULL, NULL, c.id, c.play_id, c.originating_proposal_id
    FROM given g JOIN campaigns c ON c.org_id = :org_id! AND c.id = g.id
    UNION ALL
    SELECT g.key, 1, 'play', p.play_id, NULL, p.account_id, NULL, NULL, c.id, p.play_id, p.originating_proposal_id
    FROM given g JOIN sales_play_library p ON p.org_id = :org_id! AND p.play_id = g.id
    LEFT JOIN campaigns c ON c.org_id = :org_id! AND c.play_id = p.play_id
    UNION ALL
    SELECT g.key, 1, 'proposal', b.proposal_id, NULL, NULL, NULL, NULL, NULL, NULL, b.proposal_id
    FROM given g JOIN brain_analysis_log b ON b.org_id = :org_id! AND b.proposal_id = g.id
  ) u
  ORDER BY u.key, u.place
)
SELECT f.key AS "key!", f.kind AS "kind!", f.id AS "id!", person.id AS "lead_id?", coalesce(f.account_id, person.account_id) AS "account_id?",
       f.enrollment_id AS "enrollment_id?", f.opportunity_id AS "opportunity_id?", f.campaign_id AS "campaign_id?",
       f.play_id AS "play_id?", f.originating_proposal_id AS "originating_proposal_id?",
       coalesce(person.erased_at IS NOT NULL, false) AS "is_erased!"
FROM found f
LEFT JOIN LATERAL (
  -- The limit keeps a few keys from a plan that reads all leads.
  SELECT l.id, l.account_id, l.erased_at
  FROM (SELECT coalesce(w.merged_into_id, w.id) AS id FROM leads w WHERE w.org_id = :org_id! AND w.id = f.lead_id LIMIT 1) s
  JOIN leads l ON l.org_id = :org_id! AND l.id = s.id
  LIMIT 1
) person ON true;
