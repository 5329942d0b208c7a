-- The origin of a touch, from the brain's proposal to the event: rows of a play's campaign carry the play and its
-- proposal, and no other rows do. Lineage is inherited, never retyped, so every row must match its campaign, which must
-- exist: the log has no foreign key to it, because that would lock the campaign's row on every event.

-- Refuses a play or proposal that is not that of the row's campaign.
CREATE OR REPLACE FUNCTION refuse_foreign_lineage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM new_rows n LEFT JOIN campaigns c ON c.org_id = n.org_id AND c.id = n.campaign_id
    WHERE (n.campaign_id, n.play_id, n.originating_proposal_id) IS DISTINCT FROM (c.id, c.play_id, c.originating_proposal_id)
  ) THEN
    RAISE EXCEPTION 'a row of % must have the lineage of its campaign', TG_TABLE_NAME USING ERRCODE = 'TL012';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER sequence_requests_lineage
  AFTER INSERT ON sequence_requests REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_foreign_lineage();
CREATE OR REPLACE TRIGGER campaign_contacts_lineage
  AFTER INSERT ON campaign_contacts REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_foreign_lineage();
CREATE OR REPLACE TRIGGER cadence_event_log_lineage
  AFTER INSERT ON cadence_event_log REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_foreign_lineage();

-- Other rows refer to the campaign; it is archived instead.
CREATE OR REPLACE TRIGGER campaigns_kept
  BEFORE DELETE ON campaigns FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER campaigns_no_truncate
  BEFORE TRUNCATE ON campaigns FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The coordinator compiles a play into a campaign once the play is active. The campaign runs what was approved: only its
-- status may change, and who approves.
CREATE OR REPLACE FUNCTION guard_play_campaign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (OLD.play_id, OLD.originating_proposal_id) IS DISTINCT FROM (NEW.play_id, NEW.originating_proposal_id) THEN
      RAISE EXCEPTION 'campaign % cannot move to another play', OLD.slug USING ERRCODE = 'TL012';
    END IF;
    RAISE EXCEPTION 'campaign % runs its play as approved and cannot change', OLD.slug
      USING ERRCODE = 'TL028', HINT = 'Pause it, or retire its play.';
  END IF;
  IF acting_kind() IS DISTINCT FROM 'coordinator' OR NOT EXISTS (
    SELECT FROM sales_play_library p WHERE p.org_id = NEW.org_id AND p.play_id = NEW.play_id AND p.state = 'active'
  ) THEN
    RAISE EXCEPTION 'only the coordinator creates the campaign of a play, once the play is active' USING ERRCODE = 'TL028';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER campaigns_of_play_insert
  BEFORE INSERT ON campaigns FOR EACH ROW WHEN (NEW.play_id IS NOT NULL) EXECUTE FUNCTION guard_play_campaign();
CREATE OR REPLACE TRIGGER campaigns_of_play_update
  BEFORE UPDATE ON campaigns FOR EACH ROW
  WHEN ((OLD.play_id IS NOT NULL OR NEW.play_id IS NOT NULL)
        AND (OLD.play_id, OLD.originating_proposal_id, OLD.slug, OLD.name, OLD.client_id, OLD.type, OLD.owner_role, OLD.on_exit,
             OLD.sequence_type, OLD.side, OLD.send_rule)
            IS DISTINCT FROM
            (NEW.play_id, NEW.originating_proposal_id, NEW.slug, NEW.name, NEW.client_id, NEW.type, NEW.owner_role, NEW.on_exit,
             NEW.sequence_type, NEW.side, NEW.send_rule))
  EXECUTE FUNCTION guard_play_campaign();

-- Refuses other steps in a play's campaign than the approved ones.
CREATE OR REPLACE FUNCTION guard_play_steps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  step campaign_sequences := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  IF (TG_OP <> 'INSERT' OR acting_kind() IS DISTINCT FROM 'coordinator') AND EXISTS (
    SELECT FROM campaigns c WHERE c.org_id = step.org_id AND c.id = step.campaign_id AND c.play_id IS NOT NULL
  ) THEN
    RAISE EXCEPTION 'the steps of a play''s campaign were approved and cannot change'
      USING ERRCODE = 'TL028', HINT = 'Retire the play, copy it, and edit the copy.';
  END IF;
  RETURN step;
END $$;
CREATE OR REPLACE TRIGGER campaign_sequences_of_play
  BEFORE INSERT OR UPDATE OR DELETE ON campaign_sequences FOR EACH ROW EXECUTE FUNCTION guard_play_steps();
