-- A version's text never changes: an edit is a new version, and what was approved stays readable.
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

-- Whether a text is a plain rendering of a template only the coordinator knows: it rendered it. An approved
-- template stands for a person's yes, so nobody else may claim it; and the draft must be of that very step.
CREATE OR REPLACE FUNCTION refuse_false_rendering() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() IS DISTINCT FROM 'coordinator' OR NEW.version <> 1 OR NOT EXISTS (
    SELECT 1 FROM sales_send_queue q
    JOIN campaign_sequences s
      ON s.org_id = q.org_id AND s.campaign_id = q.campaign_id AND s.step_number = q.step_number
    WHERE q.org_id = NEW.org_id AND q.id = NEW.queue_id AND s.template_hash = NEW.template_hash
  ) THEN
    RAISE EXCEPTION 'only the coordinator says that a text is the rendering of a template' USING ERRCODE = 'TL004';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER staged_drafts_rendering
  BEFORE INSERT ON staged_drafts
  FOR EACH ROW WHEN (NEW.template_hash IS NOT NULL)
  EXECUTE FUNCTION refuse_false_rendering();

CREATE OR REPLACE FUNCTION refuse_false_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  draft staged_drafts;
BEGIN
  PERFORM require_acting_person(NEW.approved_by_user_id);
  SELECT * INTO draft FROM staged_drafts WHERE org_id = NEW.org_id AND id = NEW.draft_id;
  IF draft.content_hash <> NEW.content_hash OR NOT EXISTS (
    SELECT 1 FROM sales_send_queue q WHERE q.org_id = NEW.org_id AND q.staged_draft_id = NEW.draft_id
  ) THEN
    RAISE EXCEPTION 'draft % is not the text that was approved', NEW.draft_id
      USING ERRCODE = 'TL009', HINT = 'Read the current version and approve its content hash.';
  END IF;
  IF draft.written_by_user_id = NEW.approved_by_user_id AND (
    SELECT coalesce((document ->> 'four_eyes')::boolean, false) FROM policies
    WHERE org_id = NEW.org_id ORDER BY version DESC LIMIT 1
  ) THEN
    RAISE EXCEPTION 'the policy asks for four eyes: another person must approve what you wrote' USING ERRCODE = 'TL010';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER draft_approvals_true
  BEFORE INSERT ON draft_approvals
  FOR EACH ROW EXECUTE FUNCTION refuse_false_approval();
CREATE OR REPLACE TRIGGER draft_approvals_append_only
  BEFORE UPDATE OR DELETE ON draft_approvals
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE FUNCTION refuse_false_template_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM require_acting_person(NEW.approved_by_user_id);
  IF NOT EXISTS (
    SELECT 1 FROM campaign_sequences s
    WHERE s.org_id = NEW.org_id AND s.campaign_id = NEW.campaign_id AND s.step_number = NEW.step_number
      AND s.template_hash = NEW.template_hash
  ) THEN
    RAISE EXCEPTION 'the template of step % is not the one that was approved', NEW.step_number USING ERRCODE = 'TL009';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER template_approvals_true
  BEFORE INSERT ON template_approvals
  FOR EACH ROW EXECUTE FUNCTION refuse_false_template_approval();
CREATE OR REPLACE TRIGGER template_approvals_append_only
  BEFORE UPDATE OR DELETE ON template_approvals
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE FUNCTION refuse_inhuman_rejection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM require_acting_person(NEW.rejected_by_user_id);
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER draft_rejections_true
  BEFORE INSERT ON draft_rejections
  FOR EACH ROW EXECUTE FUNCTION refuse_inhuman_rejection();
CREATE OR REPLACE TRIGGER draft_rejections_append_only
  BEFORE UPDATE OR DELETE ON draft_rejections
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
