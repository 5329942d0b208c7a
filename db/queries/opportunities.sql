/* The lineage is that of the enrollment: the one named, or with `is_newest` the person's newest before the opening. Without an owner,
   the lead's owner owns it; without an account, its account. */
/* @name insertOpportunities */
INSERT INTO opportunities (org_id, id, lead_id, account_id, enrollment_id, campaign_id, play_id, originating_proposal_id, name, stage,
  amount_cents, currency, term_months, opened_at, closed_at, lost_reason, owner_user_id, source, crm_deal_id, created_by_user_id,
  created_at, updated_at)
SELECT l.org_id, g.id, l.id, coalesce(g.account_id, l.account_id), e.id, e.campaign_id, e.play_id, e.originating_proposal_id, g.name,
  g.stage, g.amount_cents, g.currency, g.term_months, g.opened_at, g.closed_at, g.lost_reason,
  coalesce(g.owner_user_id, lead_owner(l.org_id, l.id)), :source!, g.crm_deal_id, :created_by_user_id, :now!, :now!
FROM jsonb_to_recordset(:rows!) AS g(
  id uuid, lead_id uuid, account_id uuid, enrollment_id uuid, is_newest boolean, name text, stage opportunity_stage, amount_cents bigint,
  currency text, term_months int, opened_at timestamptz, closed_at timestamptz, lost_reason text, owner_user_id uuid, crm_deal_id text)
JOIN leads l ON l.org_id = :org_id! AND l.id = g.lead_id
LEFT JOIN LATERAL (
  (SELECT c.* FROM campaign_contacts c WHERE c.org_id = :org_id! AND c.id = g.enrollment_id)
  UNION ALL
  (SELECT c.* FROM campaign_contacts c
   WHERE g.is_newest AND c.org_id = :org_id! AND c.lead_id = ANY (ids_of_lead(l.org_id, l.id)) AND c.enrolled_at <= g.opened_at
   ORDER BY c.enrolled_at DESC, c.id DESC LIMIT 1)
) e ON true
RETURNING id;

/* @name patchOpportunities */
UPDATE opportunities o SET
  (account_id, name, stage, amount_cents, currency, term_months, opened_at, closed_at, lost_reason, owner_user_id, crm_deal_id, updated_at) = (
    SELECT p.account_id, p.name, p.stage, p.amount_cents, p.currency, p.term_months, p.opened_at, p.closed_at, p.lost_reason,
           p.owner_user_id, p.crm_deal_id, :now!::timestamptz
    FROM jsonb_populate_record(o, g.patch) p)
FROM jsonb_to_recordset(:rows!) AS g(id uuid, patch jsonb)
WHERE o.org_id = :org_id! AND o.id = g.id
RETURNING o.id;

/* Opportunities with these deals of the CRM, locked in the order of their ids. */
/* @name opportunitiesOfDeals */
SELECT o.* FROM opportunities o
WHERE o.org_id = :org_id! AND o.crm_deal_id = ANY (:crm_deal_ids!::text[])
ORDER BY o.id FOR NO KEY UPDATE;

/* @name lockOpportunity */
SELECT id FROM opportunities WHERE org_id = :org_id! AND id = :id! FOR NO KEY UPDATE;

/* @name getOpportunity @prepared */
SELECT o.*, l.email AS lead_email, l.first_name, l.last_name, a.name AS "account_name?", u.name AS "owner_name?", c.name AS "campaign_name?", c.slug AS "campaign_slug?"
FROM opportunities o
JOIN leads l ON l.org_id = o.org_id AND l.id = o.lead_id
LEFT JOIN accounts a ON a.org_id = o.org_id AND a.id = o.account_id
LEFT JOIN users u ON u.org_id = o.org_id AND u.id = o.owner_user_id
LEFT JOIN campaigns c ON c.org_id = o.org_id AND c.id = o.campaign_id
WHERE o.org_id = :org_id! AND o.id = :id!;

/* Newest first. `lead_ids`: the rows of one person. */
/* @name listOpportunities */
SELECT o.*, l.email AS lead_email, l.first_name, l.last_name, a.name AS "account_name?", u.name AS "owner_name?", c.name AS "campaign_name?", c.slug AS "campaign_slug?"
FROM opportunities o
JOIN leads l ON l.org_id = o.org_id AND l.id = o.lead_id
LEFT JOIN accounts a ON a.org_id = o.org_id AND a.id = o.account_id
LEFT JOIN users u ON u.org_id = o.org_id AND u.id = o.owner_user_id
LEFT JOIN campaigns c ON c.org_id = o.org_id AND c.id = o.campaign_id
WHERE o.org_id = :org_id! AND (:before_id::uuid IS NULL OR o.id < :before_id)
  AND (:lead_ids::uuid[] IS NULL OR o.lead_id = ANY (:lead_ids))
  AND (:account_id::uuid IS NULL OR o.account_id = :account_id)
  AND (:stage::opportunity_stage IS NULL OR o.stage = :stage)
  AND (:owner_user_ids::uuid[] IS NULL OR o.owner_user_id = ANY (:owner_user_ids))
ORDER BY o.id DESC
LIMIT :limit!;

/* @name movesOfOpportunity */
SELECT m.from_stage, m.to_stage, m.moved_at, m.moved_by_kind, m.moved_by_id, u.name AS "moved_by_name?"
FROM opportunity_moves m
LEFT JOIN users u ON u.org_id = m.org_id AND u.id::text = m.moved_by_id AND m.moved_by_kind = 'human'
WHERE m.org_id = :org_id! AND m.opportunity_id = :id!
ORDER BY m.number;

/* @name isEnrollmentOf */
SELECT e.id FROM campaign_contacts e
WHERE e.org_id = :org_id! AND e.id = :enrollment_id! AND e.lead_id = ANY (ids_of_lead(:org_id!, :lead_id!));
