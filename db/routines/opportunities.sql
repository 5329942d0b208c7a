-- Opportunities: whose they are, what led to them, and how their stages move.

-- Whether a time is ahead of the writer's. With a simulated clock, work without an origin has only the time of its row.
CREATE OR REPLACE FUNCTION is_ahead(at timestamptz, of_row timestamptz) RETURNS boolean LANGUAGE sql VOLATILE
  RETURN at > interval '1 hour' + CASE WHEN clock_is_simulated() AND acting_origin() IS NULL THEN of_row ELSE acting_time() END;

-- An opportunity has the lineage of the enrollment behind it, which is of the same person. A person records one in their own
-- name, never with a time to come.
CREATE OR REPLACE FUNCTION guard_new_opportunity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.created_by_user_id IS NOT NULL THEN
    PERFORM require_acting_person(NEW.created_by_user_id);
  ELSIF acting_kind() IS DISTINCT FROM 'coordinator' THEN
    RAISE EXCEPTION 'only the coordinator records opportunities of the CRM' USING ERRCODE = 'TL004';
  END IF;
  IF is_ahead(greatest(NEW.opened_at, NEW.closed_at), NEW.updated_at) THEN
    RAISE EXCEPTION 'opportunity % is dated ahead', NEW.id USING ERRCODE = 'TL031';
  END IF;
  IF NEW.enrollment_id IS NULL AND num_nonnulls(NEW.campaign_id, NEW.play_id, NEW.originating_proposal_id) > 0
     OR NEW.enrollment_id IS NOT NULL AND NOT EXISTS (
       SELECT FROM campaign_contacts e
       WHERE e.org_id = NEW.org_id AND e.id = NEW.enrollment_id AND e.lead_id = ANY (ids_of_lead(NEW.org_id, NEW.lead_id))
         AND (e.campaign_id, e.play_id, e.originating_proposal_id)
             IS NOT DISTINCT FROM (NEW.campaign_id, NEW.play_id, NEW.originating_proposal_id)) THEN
    RAISE EXCEPTION 'an opportunity must have the lead and the lineage of its enrollment' USING ERRCODE = 'TL012';
  END IF;
  IF EXISTS (SELECT FROM leads l WHERE l.org_id = NEW.org_id AND l.id = NEW.lead_id AND l.merged_into_id IS NOT NULL) THEN
    RAISE EXCEPTION 'lead % was merged into another', NEW.lead_id USING ERRCODE = 'TL001';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER opportunities_new
  BEFORE INSERT ON opportunities FOR EACH ROW EXECUTE FUNCTION guard_new_opportunity();

-- A stage that a person chose moves back only by a person: a late message of the CRM does not undo it. Closing is not dated ahead.
CREATE OR REPLACE FUNCTION guard_opportunity_stage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF is_ahead(NEW.closed_at, NEW.updated_at) THEN
    RAISE EXCEPTION 'opportunity % is dated ahead', NEW.id USING ERRCODE = 'TL031';
  END IF;
  IF acting_kind() = 'human' OR NEW.stage >= OLD.stage AND OLD.stage NOT IN ('won', 'lost') OR NEW.stage = OLD.stage THEN
    RETURN NEW;
  END IF;
  IF (SELECT m.moved_by_kind = 'human' FROM opportunity_moves m WHERE m.org_id = NEW.org_id AND m.opportunity_id = NEW.id
      ORDER BY m.number DESC LIMIT 1) THEN
    RAISE EXCEPTION 'a person moved opportunity % to %', NEW.id, OLD.stage USING ERRCODE = 'TL001';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER opportunities_stage
  BEFORE UPDATE OF stage, closed_at ON opportunities FOR EACH ROW EXECUTE FUNCTION guard_opportunity_stage();

-- Records the move of a stage, as the owner: no other role may.
CREATE OR REPLACE FUNCTION record_opportunity_move() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in(NEW.org_id);
  INSERT INTO opportunity_moves (org_id, opportunity_id, number, from_stage, to_stage, moved_at, moved_by_kind, moved_by_id)
  VALUES (NEW.org_id, NEW.id,
          (SELECT coalesce(max(m.number), 0) + 1 FROM opportunity_moves m WHERE m.org_id = NEW.org_id AND m.opportunity_id = NEW.id),
          CASE WHEN TG_OP = 'UPDATE' THEN OLD.stage END, NEW.stage,
          CASE WHEN clock_is_simulated() AND acting_origin() IS NULL THEN NEW.updated_at ELSE acting_time() END,
          (SELECT k FROM unnest(enum_range(NULL::actor_kind)) k WHERE k::text = acting_kind()), acting_id());
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER opportunities_opened
  AFTER INSERT ON opportunities FOR EACH ROW EXECUTE FUNCTION record_opportunity_move();
CREATE OR REPLACE TRIGGER opportunities_moved
  AFTER UPDATE OF stage ON opportunities FOR EACH ROW WHEN (OLD.stage <> NEW.stage) EXECUTE FUNCTION record_opportunity_move();

-- The CRM says which deal an opportunity is: another one's stage and amount would overwrite it.
CREATE OR REPLACE FUNCTION guard_opportunity_deal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() IS DISTINCT FROM 'coordinator' AND NOT is_erasing() THEN
    RAISE EXCEPTION 'only the coordinator links opportunity % to another deal of the CRM', OLD.id USING ERRCODE = 'TL004';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER opportunities_deal_link
  BEFORE UPDATE OF crm_deal_id ON opportunities
  FOR EACH ROW WHEN (OLD.crm_deal_id IS DISTINCT FROM NEW.crm_deal_id) EXECUTE FUNCTION guard_opportunity_deal();

CREATE OR REPLACE TRIGGER opportunities_kept
  BEFORE DELETE ON opportunities FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER opportunities_no_truncate
  BEFORE TRUNCATE ON opportunities FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER opportunity_moves_kept
  BEFORE UPDATE OR DELETE ON opportunity_moves FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER opportunity_moves_no_truncate
  BEFORE TRUNCATE ON opportunity_moves FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
