-- The right to decide about a text: of the person or the roles that its campaign names. A decision reads by key only.

-- The user, if active in a role that works; the same roles as WORKING in src/operations/permissions.ts.
CREATE OR REPLACE FUNCTION working_user(of_org uuid, of_user uuid) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT u.id FROM users u WHERE u.org_id = of_org AND u.id = of_user AND u.deactivated_at IS NULL
            AND u.roles && '{revops,slm,rep,exec,admin}');
END $$;

-- Whether the user is active in one of these roles.
CREATE OR REPLACE FUNCTION has_role(of_org uuid, of_user uuid, of_roles user_role[]) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM users u WHERE u.org_id = of_org AND u.id = of_user AND u.deactivated_at IS NULL AND u.roles && of_roles);
END $$;

-- Executives; RevOps and admins if the organization has none.
CREATE OR REPLACE FUNCTION executive_roles(of_org uuid) RETURNS user_role[] LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN CASE WHEN EXISTS (
    SELECT FROM users u WHERE u.org_id = of_org AND u.deactivated_at IS NULL AND u.roles @> '{exec}'
  ) THEN '{exec}' ELSE '{revops,admin}' END;
END $$;

-- The approvers of a touch's drafts now: one person, or everyone active in one of these roles. Where the campaign names a
-- person and none is there (no owner, a mailbox without an owner, a user who left), RevOps and admins decide, so that no draft
-- is stuck.
CREATE OR REPLACE FUNCTION approvers_of(item sales_send_queue, OUT by_user uuid, OUT by_roles user_role[]) LANGUAGE plpgsql STABLE AS $$
DECLARE
  rule campaign_approvers;
BEGIN
  SELECT c.approvers INTO rule FROM campaigns c WHERE c.org_id = item.org_id AND c.id = item.campaign_id;
  CASE rule
    WHEN 'anyone' THEN by_roles := '{revops,slm,rep,exec,admin}';
    WHEN 'executive' THEN by_roles := executive_roles(item.org_id);
    WHEN 'owner' THEN
      by_user := working_user(item.org_id, lead_owner(item.org_id, item.lead_id));
    WHEN 'sender' THEN
      -- A manual send leaves in the name of the person who sends it.
      by_user := working_user(item.org_id, CASE WHEN item.requires_personal_send THEN item.assigned_to_user_id ELSE (
        SELECT m.owner_user_id FROM mailboxes m
        WHERE m.org_id = item.org_id AND m.id = coalesce(item.mailbox_id, (
          SELECT b.mailbox_id FROM lead_mailboxes b WHERE b.org_id = item.org_id AND b.lead_id = item.lead_id))) END);
  END CASE;
  IF by_user IS NULL AND by_roles IS NULL THEN
    by_roles := '{revops,admin}';
  END IF;
END $$;

-- Whether the user may decide about the drafts of a touch now.
CREATE OR REPLACE FUNCTION may_decide(item sales_send_queue, decided_by uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  who record := approvers_of(item);
BEGIN
  RETURN coalesce(decided_by = who.by_user, false) OR has_role(item.org_id, decided_by, who.by_roles);
END $$;

-- A manual send whose sender may decide about it: marking it sent approves it, so it is pending for its sender only.
CREATE OR REPLACE FUNCTION decided_by_sending(item sales_send_queue) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN item.requires_personal_send AND (item.assigned_to_user_id IS NULL OR may_decide(item, item.assigned_to_user_id));
END $$;

-- Names of those who may decide, in order, at most this many.
CREATE OR REPLACE FUNCTION approver_names(of_org uuid, by_user uuid, by_roles user_role[], max_count int) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN ARRAY(SELECT u.name FROM users u
               WHERE u.org_id = of_org AND u.deactivated_at IS NULL AND (u.id = by_user OR u.roles && by_roles)
               ORDER BY u.name, u.id LIMIT max_count);
END $$;

-- Refuses a decision by a user who is not among these, and names up to three who are.
CREATE OR REPLACE FUNCTION require_approver(of_org uuid, decided_by uuid, by_user uuid, by_roles user_role[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  names text[];
BEGIN
  IF decided_by = by_user OR has_role(of_org, decided_by, by_roles) THEN
    RETURN;
  END IF;
  names := approver_names(of_org, by_user, by_roles, 4);
  RAISE EXCEPTION 'only % may approve or reject this',
    array_to_string(names[:3] || CASE WHEN cardinality(names) > 3 THEN '{others}'::text[] END, ' or ')
    USING ERRCODE = 'TL083', HINT = CASE WHEN has_role(of_org, decided_by, '{revops,admin}')
      THEN 'Ask them, or change who approves in the settings of the campaign.'
      ELSE 'Ask them, or ask RevOps to change who approves.' END;
END $$;

-- Refuses an approval or a rejection by a user who is not an approver of this touch.
CREATE OR REPLACE FUNCTION require_approver_of(item sales_send_queue, decided_by uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  who record := approvers_of(item);
BEGIN
  PERFORM require_approver(item.org_id, decided_by, who.by_user, who.by_roles);
END $$;
