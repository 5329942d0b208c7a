-- Pending drafts of one user, for lists and counts.

-- The touches whose pending drafts await a decision of this user. Rules that name roles are read once per campaign. Rules that
-- name a person begin with the user's own leads and mailboxes, so that the drafts of others cost no call.
CREATE OR REPLACE FUNCTION decidable_items(of_org uuid, person uuid)
RETURNS TABLE (id uuid, scheduled_at timestamptz, lead_id uuid, campaign_id uuid) LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT k.id, k.scheduled_at, k.lead_id, k.campaign_id
  FROM sales_send_queue k
  WHERE k.org_id = of_org AND k.status = 'drafted' AND k.staged_draft_id IS NOT NULL
    AND (k.campaign_id IN (
           SELECT c.id FROM campaigns c
           WHERE c.org_id = of_org
             AND (c.approvers = 'anyone' AND (SELECT working_user(of_org, person)) IS NOT NULL
                  OR c.approvers = 'executive' AND (SELECT has_role(of_org, person, executive_roles(of_org)))))
         OR k.campaign_id IN (SELECT c.id FROM campaigns c WHERE c.org_id = of_org AND c.approvers IN ('owner', 'sender'))
            AND ((SELECT has_role(of_org, person, '{revops,admin}'))
                 OR k.lead_id IN (SELECT leads_of(of_org, ARRAY[person]))
                 OR coalesce(k.assigned_to_user_id = person, false)
                 OR (SELECT EXISTS (SELECT FROM mailboxes m WHERE m.org_id = of_org AND m.owner_user_id = person)))
            AND may_decide(k, person))
    AND (NOT k.requires_personal_send OR NOT decided_by_sending(k));
END;

-- The same, of these leads. Touches of other leads are among them if only this user decides, as the owner of the mailbox: the
-- drafts are stuck otherwise.
CREATE OR REPLACE FUNCTION decidable_items_of(of_org uuid, person uuid, of_leads uuid[])
RETURNS TABLE (id uuid, scheduled_at timestamptz, lead_id uuid, campaign_id uuid) LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT k.id, k.scheduled_at, k.lead_id, k.campaign_id FROM decidable_items(of_org, person) k WHERE k.lead_id = ANY (of_leads)
  UNION ALL
  SELECT k.id, k.scheduled_at, k.lead_id, k.campaign_id
  FROM mailboxes m
  JOIN lead_mailboxes b ON b.org_id = of_org AND b.mailbox_id = m.id
  JOIN sales_send_queue k ON k.org_id = of_org AND k.lead_id = b.lead_id AND k.status = 'drafted' AND k.staged_draft_id IS NOT NULL
  WHERE m.org_id = of_org AND m.owner_user_id = person AND NOT k.lead_id = ANY (of_leads) AND NOT k.requires_personal_send
    AND k.campaign_id IN (SELECT c.id FROM campaigns c WHERE c.org_id = of_org AND c.approvers = 'sender')
    AND (approvers_of(k)).by_user = person;
END;
