-- The one person who sends each manual send.

-- The user, if an active executive.
CREATE OR REPLACE FUNCTION active_executive(of_org uuid, of_user uuid) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT u.id FROM users u WHERE u.org_id = of_org AND u.id = of_user AND u.deactivated_at IS NULL AND u.roles @> '{exec}');
END $$;

-- The user of an organization in which one user works; else null.
CREATE OR REPLACE FUNCTION only_working_user(of_org uuid) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
  found CONSTANT uuid[] := ARRAY(SELECT u.id FROM users u WHERE u.org_id = of_org AND u.deactivated_at IS NULL
                                   AND u.roles && '{revops,slm,rep,exec,admin}' LIMIT 2);
BEGIN
  RETURN CASE WHEN cardinality(found) = 1 THEN found[1] END;
END $$;

-- The person for the next manual send of an enrollment; null if no user is named. In an executive's campaign, the executive: of
-- the earlier steps, else the one who requested or routed the lead, else the first. In another campaign, the person of the
-- earlier steps, else the lead's owner, else the owner of the lead's mailbox, else the only user who works here. A user who
-- left sends nothing.
CREATE OR REPLACE FUNCTION manual_sender(of_enrollment campaign_contacts, is_personal_step boolean) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
  org CONSTANT uuid := of_enrollment.org_id;
  campaign campaigns;
  earlier uuid;
  person uuid;
BEGIN
  SELECT * INTO campaign FROM campaigns c WHERE c.org_id = org AND c.id = of_enrollment.campaign_id;
  SELECT q.assigned_to_user_id INTO earlier FROM sales_send_queue q
  WHERE q.org_id = org AND q.enrollment_id = of_enrollment.id AND q.assigned_to_user_id IS NOT NULL
  ORDER BY q.step_number DESC LIMIT 1;
  IF campaign.approvers = 'executive' OR campaign.owner_role = 'roles.exec' OR (campaign.entry = 'executive' AND is_personal_step) THEN
    person := coalesce(
      active_executive(org, earlier),
      active_executive(org, (SELECT r.requested_by_user_id FROM sequence_requests r WHERE r.org_id = org AND r.id = of_enrollment.request_id)),
      (SELECT u.id FROM users u WHERE u.org_id = org AND u.deactivated_at IS NULL AND u.roles @> '{exec}' ORDER BY u.created_at, u.id LIMIT 1));
  END IF;
  RETURN coalesce(
    person,
    working_user(org, earlier),
    working_user(org, lead_owner(org, of_enrollment.lead_id)),
    working_user(org, (
      SELECT m.owner_user_id FROM lead_mailboxes b JOIN mailboxes m ON m.org_id = b.org_id AND m.id = b.mailbox_id
      WHERE b.org_id = org AND b.lead_id = of_enrollment.lead_id)),
    only_working_user(org));
END $$;

-- Manual sends that are due, of some people: those assigned to them, and unassigned ones to their leads, of which owners have few.
CREATE OR REPLACE FUNCTION manual_sends_of(of_org uuid, people uuid[], lead_ids uuid[])
RETURNS TABLE (id uuid, scheduled_at timestamptz, lead_id uuid, campaign_id uuid) LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT k.id, k.scheduled_at, k.lead_id, k.campaign_id FROM sales_send_queue k
  WHERE k.org_id = of_org AND k.assigned_to_user_id = ANY (people)
    AND k.requires_personal_send AND k.status IN ('drafted', 'approved') AND k.staged_draft_id IS NOT NULL
  UNION ALL
  SELECT k.id, k.scheduled_at, k.lead_id, k.campaign_id FROM sales_send_queue k
  WHERE k.org_id = of_org AND k.lead_id = ANY (lead_ids) AND k.assigned_to_user_id IS NULL
    AND k.requires_personal_send AND k.status IN ('drafted', 'approved') AND k.staged_draft_id IS NOT NULL;
END;

-- Refuses a user who does not work as the person of a manual send. The lock serializes this with the deactivation.
CREATE OR REPLACE FUNCTION require_sender() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM users u WHERE u.org_id = NEW.org_id AND u.id = NEW.assigned_to_user_id FOR SHARE;
  IF working_user(NEW.org_id, NEW.assigned_to_user_id) IS NULL THEN
    RAISE EXCEPTION 'only an active user who works can send this' USING ERRCODE = 'TL020', COLUMN = 'user_id',
      HINT = 'Assign it to a user who is active and not only an auditor.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sales_send_queue_assigned_at_birth
  BEFORE INSERT ON sales_send_queue FOR EACH ROW WHEN (NEW.assigned_to_user_id IS NOT NULL) EXECUTE FUNCTION require_sender();
CREATE OR REPLACE TRIGGER sales_send_queue_assigned_to_worker
  BEFORE UPDATE OF assigned_to_user_id ON sales_send_queue
  FOR EACH ROW WHEN (NEW.assigned_to_user_id IS NOT NULL AND OLD.assigned_to_user_id IS DISTINCT FROM NEW.assigned_to_user_id)
  EXECUTE FUNCTION require_sender();

-- Only a person assigns a manual send to another user, before it was sent.
CREATE OR REPLACE FUNCTION refuse_false_assignment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM require_acting_person(acting_user());
  IF OLD.status IN ('sent', 'canceled') THEN
    RAISE EXCEPTION 'a manual send that is % cannot be assigned', OLD.status USING ERRCODE = 'TL001';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sales_send_queue_assigned_by_person
  BEFORE UPDATE OF assigned_to_user_id ON sales_send_queue
  FOR EACH ROW WHEN (OLD.assigned_to_user_id IS DISTINCT FROM NEW.assigned_to_user_id)
  EXECUTE FUNCTION refuse_false_assignment();

-- Only the assigned person records a manual send as sent.
CREATE OR REPLACE FUNCTION refuse_other_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_user() IS DISTINCT FROM NEW.assigned_to_user_id THEN
    RAISE EXCEPTION 'only % sends this', (SELECT u.name FROM users u WHERE u.org_id = NEW.org_id AND u.id = NEW.assigned_to_user_id)
      USING ERRCODE = 'TL084', HINT = 'Assign it to yourself first: touchline personal assign ' || NEW.id || '.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sales_send_queue_sent_by_assigned
  BEFORE UPDATE OF status ON sales_send_queue
  FOR EACH ROW WHEN (NEW.status = 'sent' AND OLD.status <> 'sent' AND NEW.assigned_to_user_id IS NOT NULL)
  EXECUTE FUNCTION refuse_other_person();
