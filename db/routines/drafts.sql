-- The text of a version never changes: an edit makes a new version, and the approved text stays readable.
CREATE OR REPLACE FUNCTION refuse_draft_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND is_erasing() THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'draft % cannot be changed: write a new version', OLD.id USING ERRCODE = 'TL006';
END $$;
CREATE OR REPLACE TRIGGER staged_drafts_immutable
  BEFORE UPDATE OR DELETE ON staged_drafts
  FOR EACH ROW EXECUTE FUNCTION refuse_draft_change();

-- Whether two versions have the same words.
CREATE OR REPLACE FUNCTION has_same_words(org uuid, one uuid, other uuid) RETURNS boolean LANGUAGE sql STABLE
  RETURN EXISTS (SELECT FROM staged_drafts a JOIN staged_drafts b ON b.org_id = a.org_id AND b.id = other
                 WHERE a.org_id = org AND a.id = one AND (a.subject, a.body) IS NOT DISTINCT FROM (b.subject, b.body));

-- Unsent drafts follow their lead to its new address: as new versions with the same words, so that no approval covers an address
-- that the approver did not see. The approval of a template covers every address.
CREATE OR REPLACE FUNCTION readdress_drafts(lead leads, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  item sales_send_queue;
  next CONSTANT text := 'the address of the lead changed: approve the text for the new one';
  draft staged_drafts;
BEGIN
  FOR item IN
    SELECT q.* FROM sales_send_queue q
    JOIN staged_drafts d ON d.org_id = q.org_id AND d.id = q.staged_draft_id
    WHERE q.org_id = lead.org_id AND q.lead_id = lead.id AND q.status::text IN ('drafted', 'approved', 'held', 'failed')
      AND lower(d.to_id) <> lower(lead_address(lead, q.channel))
  LOOP
    INSERT INTO staged_drafts (org_id, id, queue_id, version, channel, to_id, subject, body, context, template_hash,
      written_by_agent_id, written_by_user_id, written_with, fallback_reason, created_at)
    SELECT d.org_id, audit_id(at), d.queue_id, d.version + 1, d.channel, lead_address(lead, d.channel), d.subject, d.body, d.context,
      d.template_hash, d.written_by_agent_id, d.written_by_user_id, d.written_with, d.fallback_reason, at
    FROM staged_drafts d WHERE d.org_id = item.org_id AND d.id = item.staged_draft_id
    RETURNING * INTO draft;
    IF item.status = 'approved' AND NOT is_approved(item.org_id, item.campaign_id, item.step_number, draft.id) THEN
      UPDATE sales_send_queue q SET staged_draft_id = draft.id, status = 'drafted', error = next
      WHERE q.org_id = item.org_id AND q.id = item.id;
    ELSE
      UPDATE sales_send_queue q SET staged_draft_id = draft.id WHERE q.org_id = item.org_id AND q.id = item.id;
    END IF;
    INSERT INTO cadence_event_log (org_id, id, timestamp, event_type, coordinator_action, resolution, actor_kind, actor_id, lead_id,
      account_id, campaign_id, enrollment_id, queue_id, step_number, channel, sequence_type, play_id, originating_proposal_id)
    SELECT item.org_id, audit_id(at), at, 'edited', 'edit', 'address_changed', coalesce(acting_kind(), 'system')::actor_kind,
      coalesce(acting_id(), 'system'), item.lead_id, lead.account_id, item.campaign_id, item.enrollment_id, item.id,
      item.step_number, item.channel, c.sequence_type, item.play_id, item.originating_proposal_id
    FROM campaigns c WHERE c.org_id = item.org_id AND c.id = item.campaign_id;
  END LOOP;
END $$;

-- An agent replaces only versions that agents wrote; only people change a person's version. Locks the item first, in its
-- own statement: a version that a person is writing holds the item's key, so one comes before the other.
CREATE OR REPLACE FUNCTION refuse_over_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM sales_send_queue q WHERE q.org_id = NEW.org_id AND q.id = NEW.queue_id FOR UPDATE;
  IF EXISTS (SELECT FROM staged_drafts d
             WHERE d.org_id = NEW.org_id AND d.queue_id = NEW.queue_id AND d.written_by_user_id IS NOT NULL) THEN
    RAISE EXCEPTION 'a person wrote the current draft of touch %: agents may not replace it', NEW.queue_id
      USING ERRCODE = 'TL060', HINT = 'Leave this touch to people.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER staged_drafts_not_over_person
  BEFORE INSERT ON staged_drafts
  FOR EACH ROW WHEN (NEW.written_by_agent_id IS NOT NULL AND NEW.version > 1)
  EXECUTE FUNCTION refuse_over_person();

-- The current draft is the newest version: no writer restores an earlier one.
CREATE OR REPLACE FUNCTION refuse_earlier_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT d.version FROM staged_drafts d WHERE d.org_id = OLD.org_id AND d.id = OLD.staged_draft_id)
     >= coalesce((SELECT d.version FROM staged_drafts d WHERE d.org_id = NEW.org_id AND d.id = NEW.staged_draft_id), 0) THEN
    RAISE EXCEPTION 'touch % has a newer draft: write a new version', OLD.id USING ERRCODE = 'TL006';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sales_send_queue_draft_forward
  BEFORE UPDATE OF staged_draft_id ON sales_send_queue
  FOR EACH ROW WHEN (OLD.staged_draft_id IS NOT NULL AND OLD.staged_draft_id IS DISTINCT FROM NEW.staged_draft_id)
  EXECUTE FUNCTION refuse_earlier_draft();

-- Only the coordinator can declare a text to be a plain rendering of a template, because it rendered the text. An
-- approved template replaces a person's approval, so no other writer may claim it, and the draft must belong to that
-- step.
CREATE OR REPLACE FUNCTION refuse_false_rendering() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF is_written_by_trigger() THEN
    RETURN NEW;
  ELSIF acting_kind() IS DISTINCT FROM 'coordinator' OR NEW.version <> 1 OR NOT EXISTS (
    SELECT 1 FROM sales_send_queue q
    JOIN campaign_sequences s
      ON s.org_id = q.org_id AND s.campaign_id = q.campaign_id AND s.step_number = q.step_number
    WHERE q.org_id = NEW.org_id AND q.id = NEW.queue_id AND s.template_hash = NEW.template_hash
  ) THEN
    RAISE EXCEPTION 'only the coordinator may mark a draft as the rendering of a template' USING ERRCODE = 'TL004';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER staged_drafts_rendering
  BEFORE INSERT ON staged_drafts
  FOR EACH ROW WHEN (NEW.template_hash IS NOT NULL)
  EXECUTE FUNCTION refuse_false_rendering();

-- Refuses an approval in another name, by a user who is not an approver, of another text, or by the author if the policy
-- requires a second person.
CREATE OR REPLACE FUNCTION refuse_false_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  draft staged_drafts;
  item sales_send_queue;
BEGIN
  PERFORM require_acting_person(NEW.approved_by_user_id);
  SELECT * INTO draft FROM staged_drafts WHERE org_id = NEW.org_id AND id = NEW.draft_id;
  -- By key, because no index finds an item by its current draft.
  SELECT * INTO item FROM sales_send_queue WHERE org_id = NEW.org_id AND id = draft.queue_id;
  PERFORM require_approver_of(item, NEW.approved_by_user_id);
  IF draft.content_hash <> NEW.content_hash OR item.staged_draft_id IS DISTINCT FROM NEW.draft_id THEN
    RAISE EXCEPTION 'draft % is not the text that was approved', NEW.draft_id
      USING ERRCODE = 'TL009', HINT = 'Read the current version and approve its content hash.';
  END IF;
  IF draft.written_by_user_id = NEW.approved_by_user_id AND (
    SELECT coalesce((document ->> 'four_eyes')::boolean, false) FROM policies
    WHERE org_id = NEW.org_id ORDER BY version DESC LIMIT 1
  ) THEN
    RAISE EXCEPTION 'the policy requires a second person: someone else must approve your draft' USING ERRCODE = 'TL010';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER draft_approvals_true
  BEFORE INSERT ON draft_approvals
  FOR EACH ROW EXECUTE FUNCTION refuse_false_approval();
CREATE OR REPLACE TRIGGER draft_approvals_append_only
  BEFORE DELETE ON draft_approvals
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A person may withdraw an approval once, in their own name, and only while no server has the message or may have it.
-- Locks the item before checking; a new attempt takes the same lock (refuse_unapproved_attempt), so one comes first and
-- the other sees it.
CREATE OR REPLACE FUNCTION refuse_false_withdrawal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  own text[] := '{withdrawn_at,withdrawn_by_user_id}';
  item sales_send_queue;
BEGIN
  IF OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL OR to_jsonb(OLD) - own <> to_jsonb(NEW) - own THEN
    RAISE EXCEPTION 'an approval cannot change: it can only be withdrawn, once' USING ERRCODE = 'TL003';
  END IF;
  PERFORM require_acting_person(NEW.withdrawn_by_user_id);
  SELECT q.* INTO item FROM sales_send_queue q
  JOIN staged_drafts d ON d.org_id = q.org_id AND d.queue_id = q.id
  WHERE d.org_id = OLD.org_id AND d.id = OLD.draft_id
  FOR UPDATE OF q;
  IF item.status IN ('sent', 'unknown') OR EXISTS (
    SELECT FROM send_attempts a
    WHERE a.org_id = item.org_id AND a.queue_id = item.id AND a.stage IN ('intent', 'data', 'accepted', 'unknown')
  ) THEN
    RAISE EXCEPTION 'the approval of draft % can no longer be withdrawn: its message is being sent or was sent', OLD.draft_id
      USING ERRCODE = 'TL051', HINT = 'Wait a moment; the draft will show the outcome.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER draft_approvals_withdrawal
  BEFORE UPDATE ON draft_approvals
  FOR EACH ROW EXECUTE FUNCTION refuse_false_withdrawal();

-- Returns an item to `drafted` in the statement that withdraws its approval.
CREATE OR REPLACE FUNCTION return_to_drafted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sales_send_queue q SET status = 'drafted', error = NULL
  FROM staged_drafts d
  WHERE d.org_id = NEW.org_id AND d.id = NEW.draft_id
    AND q.org_id = d.org_id AND q.id = d.queue_id AND q.staged_draft_id = d.id AND q.status = 'approved';
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER draft_approvals_withdrawn
  AFTER UPDATE ON draft_approvals
  FOR EACH ROW EXECUTE FUNCTION return_to_drafted();

-- Refuses an approval of a template in another name, of another text, or in an executive's place.
CREATE OR REPLACE FUNCTION refuse_false_template_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM require_acting_person(NEW.approved_by_user_id);
  IF EXISTS (SELECT FROM campaigns c WHERE c.org_id = NEW.org_id AND c.id = NEW.campaign_id AND c.approvers = 'executive') THEN
    PERFORM require_approver(NEW.org_id, NEW.approved_by_user_id, NULL, executive_roles(NEW.org_id));
  END IF;
  IF NOT EXISTS (
    SELECT 1 FROM campaign_sequences s
    WHERE s.org_id = NEW.org_id AND s.campaign_id = NEW.campaign_id AND s.step_number = NEW.step_number
      AND s.template_hash = NEW.template_hash
  ) THEN
    RAISE EXCEPTION 'the template of step % is not the approved one', NEW.step_number USING ERRCODE = 'TL009';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER template_approvals_true
  BEFORE INSERT ON template_approvals
  FOR EACH ROW EXECUTE FUNCTION refuse_false_template_approval();
CREATE OR REPLACE TRIGGER template_approvals_append_only
  BEFORE UPDATE OR DELETE ON template_approvals
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Requires the acting person for a rejection, with the same right as for an approval: only those who may send a text drop it.
CREATE OR REPLACE FUNCTION refuse_false_rejection() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  item sales_send_queue;
BEGIN
  PERFORM require_acting_person(NEW.rejected_by_user_id);
  SELECT q.* INTO item FROM staged_drafts d JOIN sales_send_queue q ON q.org_id = d.org_id AND q.id = d.queue_id
  WHERE d.org_id = NEW.org_id AND d.id = NEW.draft_id;
  PERFORM require_approver_of(item, NEW.rejected_by_user_id);
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER draft_rejections_true
  BEFORE INSERT ON draft_rejections
  FOR EACH ROW EXECUTE FUNCTION refuse_false_rejection();
CREATE OR REPLACE TRIGGER draft_rejections_append_only
  BEFORE UPDATE OR DELETE ON draft_rejections
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
