-- The state machine of plays, and who may write what in which state (specification of SalesPlayLibrary), for every
-- writer: the application, psql, or a bug.
--
-- - draft: a brain inserts it, or a person copies a play; no edits
-- - under_review: RevOps and sales leaders edit and approve it, each in their own role and name
-- - active: no edits; approved by two people in two roles; as many as the configuration allows
-- - retired: permanent; only results may still be recorded

-- Requires the acting user to have one of these roles now.
CREATE OR REPLACE FUNCTION require_acting_role(org uuid, needed user_role[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() IS DISTINCT FROM 'human' THEN
    RAISE EXCEPTION 'only a person may do this, and only in their own name' USING ERRCODE = 'TL005';
  END IF;
  IF NOT EXISTS (
    SELECT FROM users u WHERE u.org_id = org AND u.id::text = acting_id() AND u.deactivated_at IS NULL AND u.roles && needed
  ) THEN
    RAISE EXCEPTION 'this requires the role %', array_to_string(needed, ' or ') USING ERRCODE = 'TL022';
  END IF;
END $$;

-- The content to which the patches of edits_during_review apply.
CREATE OR REPLACE FUNCTION play_content(p sales_play_library) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
  RETURN jsonb_strip_nulls(jsonb_build_object('active_period_start', p.active_period_start, 'active_period_end',
           p.active_period_end, 'client_id', p.client_id))
         || jsonb_build_object('name', p.name, 'hypothesis', p.hypothesis, 'target_definition', p.target_definition,
           'suggested_cadence', p.suggested_cadence, 'success_criteria', p.success_criteria);

-- The hash of what an approval covers: the text that the approvers read.
CREATE OR REPLACE FUNCTION play_content_hash(p sales_play_library) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN encode(sha256(convert_to(play_content(p)::text, 'UTF8')), 'hex');

CREATE OR REPLACE FUNCTION refuse_play_fault(p sales_play_library) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refuse_document_fault(coalesce(
    text_fault('name', p.name, 128), text_fault('hypothesis', p.hypothesis, 5000), play_target_fault(p.target_definition),
    play_cadence_fault(p.suggested_cadence), play_criteria_fault(p.success_criteria),
    CASE WHEN p.scope = 'segment' AND coalesce(p.target_definition -> 'segments', '[]') <> '[]'
              AND NOT p.target_definition -> 'segments' ? p.segment::text
      THEN 'target_definition.segments: the play is for the segment ' || p.segment END));
END $$;

-- Refuses a play that does not begin as a draft: by its brain, or as a person's copy of a retired play.
CREATE OR REPLACE FUNCTION guard_new_play() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  source sales_play_library;
BEGIN
  IF NEW.state::text <> TG_ARGV[0] THEN
    RAISE EXCEPTION 'a play begins as a %', TG_ARGV[0] USING ERRCODE = 'TL001';
  END IF;
  IF NEW.copied_from_play_id IS NULL THEN
    IF acting_kind() IS DISTINCT FROM 'agent' OR acting_id() IS DISTINCT FROM NEW.writer_agent_id::text THEN
      RAISE EXCEPTION 'only a brain may draft a play, and only in its own name'
        USING ERRCODE = 'TL023', HINT = 'A person can launch a play again by copying it.';
    END IF;
  ELSE
    PERFORM require_acting_role(NEW.org_id, '{revops,slm}');
    SELECT * INTO source FROM sales_play_library WHERE org_id = NEW.org_id AND play_id = NEW.copied_from_play_id;
    IF source.state IS DISTINCT FROM 'retired' THEN
      RAISE EXCEPTION 'only a retired play can be copied' USING ERRCODE = 'TL023';
    END IF;
    IF (NEW.scope, NEW.segment, NEW.account_id, NEW.originating_proposal_id, NEW.writer_agent_id)
         IS DISTINCT FROM
         (source.scope, source.segment, source.account_id, source.originating_proposal_id, source.writer_agent_id)
       OR play_content(NEW) <> play_content(source) - '{active_period_start,active_period_end}'::text[] THEN
      RAISE EXCEPTION 'a copy must begin with the content of its original' USING ERRCODE = 'TL023';
    END IF;
  END IF;
  PERFORM refuse_play_fault(NEW);
  PERFORM require_timely(NEW.created_at, 'created_at');
  -- A single brand is the default.
  NEW.client_id := coalesce(NEW.client_id,
    (SELECT min(client_id) FROM clients WHERE org_id = NEW.org_id HAVING count(*) = 1));
  NEW.drafted := play_content(NEW);
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sales_play_library_new
  BEFORE INSERT ON sales_play_library FOR EACH ROW EXECUTE FUNCTION guard_new_play('draft');

-- Checks each change of a play: its move, edit, approval, and outcome. One step per question; each refuses or passes the
-- row.
CREATE OR REPLACE FUNCTION guard_play() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- An erasure changes what people cannot edit; texts that people wrote are listed for them (erased_mentions.sql).
  IF is_erasing() AND to_jsonb(OLD) - '{drafted,edits_during_review}'::text[] = to_jsonb(NEW) - '{drafted,edits_during_review}'::text[]
  THEN
    RETURN NEW;
  END IF;
  IF (OLD.content_removed_at, NEW.content_removed_at) IS DISTINCT FROM (NULL, NULL) THEN
    PERFORM guard_play_removal(OLD, NEW);
    RETURN NEW;
  END IF;
  IF (OLD.org_id, OLD.play_id, OLD.scope, OLD.segment, OLD.account_id, OLD.originating_proposal_id, OLD.writer_agent_id,
      OLD.created_at, OLD.drafted, OLD.copied_from_play_id)
     IS DISTINCT FROM
     (NEW.org_id, NEW.play_id, NEW.scope, NEW.segment, NEW.account_id, NEW.originating_proposal_id, NEW.writer_agent_id,
      NEW.created_at, NEW.drafted, NEW.copied_from_play_id) THEN
    RAISE EXCEPTION 'play % cannot change its identity', OLD.play_id
      USING ERRCODE = 'TL012', HINT = 'Scope, segment, account, and lineage stay as drafted.';
  END IF;
  IF OLD.edits_during_review IS DISTINCT FROM NEW.edits_during_review THEN
    RAISE EXCEPTION 'the log of edits is written automatically' USING ERRCODE = 'TL003';
  END IF;
  PERFORM require_timely_moves(OLD, NEW);
  IF OLD.state <> NEW.state THEN
    IF NOT is_legal_move(TG_ARGV, OLD.state::text, NEW.state::text) THEN
      RAISE EXCEPTION 'play % cannot go from % to %', OLD.play_id, OLD.state, NEW.state
        USING ERRCODE = 'TL001', HINT = 'To launch a retired play again, copy it.';
    END IF;
    PERFORM guard_play_move(OLD, NEW);
  ELSIF (OLD.picked_up_by_user_id, OLD.picked_up_at, OLD.activated_at, OLD.retired_at, OLD.retired_by_user_id, OLD.retire_reason)
        IS DISTINCT FROM
        (NEW.picked_up_by_user_id, NEW.picked_up_at, NEW.activated_at, NEW.retired_at, NEW.retired_by_user_id,
         NEW.retire_reason) THEN
    RAISE EXCEPTION 'the actor and time of a move of play % are written only with the move', OLD.play_id USING ERRCODE = 'TL024';
  END IF;
  IF OLD.retrospective_outcomes IS DISTINCT FROM NEW.retrospective_outcomes THEN
    PERFORM guard_play_outcomes(OLD, NEW);
  END IF;
  IF play_content(OLD) <> play_content(NEW) THEN
    PERFORM guard_play_edit(OLD, NEW);
    NEW.edits_during_review := coalesce(OLD.edits_during_review, '[]') || jsonb_build_array(jsonb_build_object(
      'at', acting_time(), 'user_id', acting_id(), 'patch', json_patch('', play_content(OLD), play_content(NEW))));
    -- The approvers approved a different text.
    NEW.slm_approver_user_id := NULL;
    NEW.slm_approved_at := NULL;
    NEW.revops_approver_user_id := NULL;
    NEW.revops_approved_at := NULL;
  ELSE
    PERFORM guard_play_approvals(OLD, NEW);
  END IF;
  IF OLD.state = 'under_review' AND NEW.state = 'active' THEN
    PERFORM refuse_play_in_past(NEW);
    -- Without a start, the period begins on the day of approval.
    NEW.active_period_start := coalesce(NEW.active_period_start, org_day(NEW.org_id, NEW.activated_at));
    PERFORM refuse_play_over_cap(NEW);
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sales_play_library_guard
  BEFORE UPDATE ON sales_play_library FOR EACH ROW EXECUTE FUNCTION guard_play(
    'draft>under_review,retired', 'under_review>active,retired', 'active>retired');

-- The day of a time in the organization's time zone.
CREATE OR REPLACE FUNCTION org_day(org uuid, at timestamptz) RETURNS date LANGUAGE sql STABLE
  RETURN (SELECT (at AT TIME ZONE o.time_zone)::date FROM organizations o WHERE o.org_id = org);

CREATE OR REPLACE FUNCTION refuse_play_in_past(p sales_play_library) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF p.active_period_end < org_day(p.org_id, p.activated_at) THEN
    RAISE EXCEPTION 'play % would never run: its period is over', p.play_id
      USING ERRCODE = 'TL030', COLUMN = 'active_period_end', TABLE = 'sales_play_library', HINT = 'Edit the period; then both people approve the play again.';
  END IF;
END $$;

-- Forward only, with the acting user recorded in their own name.
CREATE OR REPLACE FUNCTION guard_play_move(old_play sales_play_library, new_play sales_play_library) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  move text := old_play.state || '>' || new_play.state;
BEGIN
  CASE move
    WHEN 'draft>under_review' THEN
      PERFORM require_acting_role(new_play.org_id, '{revops,slm}');
      PERFORM require_acting_person(new_play.picked_up_by_user_id);
    WHEN 'under_review>active' THEN
      -- The second approver approves and activates in one step; the first one waits.
      PERFORM require_acting_role(new_play.org_id, '{revops,slm}');
      IF acting_id() NOT IN (new_play.slm_approver_user_id::text, new_play.revops_approver_user_id::text) THEN
        RAISE EXCEPTION 'only one of the two people who approved play % can activate it', old_play.play_id USING ERRCODE = 'TL005';
      END IF;
      IF EXISTS (
        SELECT FROM (VALUES (new_play.slm_approver_user_id, 'slm'::user_role),
                            (new_play.revops_approver_user_id, 'revops')) a (user_id, approver_role)
        WHERE a.user_id IS NOT NULL AND NOT may_approve_plays(new_play.org_id, a.user_id, a.approver_role)
      ) THEN
        RAISE EXCEPTION 'an approver of play % no longer has the role', old_play.play_id
          USING ERRCODE = 'TL022', HINT = 'Someone with the role must approve instead.';
      END IF;
    WHEN 'draft>retired', 'under_review>retired' THEN
      PERFORM require_acting_role(new_play.org_id, '{revops}');
      PERFORM require_acting_person(new_play.retired_by_user_id);
    WHEN 'active>retired' THEN
      PERFORM guard_play_retirement(old_play, new_play);
  END CASE;
  IF move <> 'draft>under_review' AND (old_play.picked_up_by_user_id, old_play.picked_up_at)
       IS DISTINCT FROM (new_play.picked_up_by_user_id, new_play.picked_up_at)
     OR move <> 'under_review>active' AND old_play.activated_at IS DISTINCT FROM new_play.activated_at THEN
    RAISE EXCEPTION 'the actor and time of a move of play % are written only with the move', old_play.play_id USING ERRCODE = 'TL024';
  END IF;
END $$;

-- By RevOps, or automatically if configured and the period is over. A day ends in the organization's time zone.
CREATE OR REPLACE FUNCTION guard_play_retirement(old_play sales_play_library, new_play sales_play_library) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF new_play.retire_reason <> 'auto_sunset' THEN
    PERFORM require_acting_role(new_play.org_id, '{revops}');
    PERFORM require_acting_person(new_play.retired_by_user_id);
    RETURN;
  END IF;
  IF acting_kind() IS DISTINCT FROM 'coordinator' OR new_play.retired_by_user_id IS NOT NULL THEN
    RAISE EXCEPTION 'only the coordinator can retire a play because its period is over' USING ERRCODE = 'TL004';
  END IF;
  IF NOT EXISTS (
    SELECT FROM sales_play_library_config c
    WHERE c.org_id = new_play.org_id AND c.segment IS NULL AND c.auto_sunset
      AND old_play.active_period_end < org_day(new_play.org_id, new_play.retired_at)
  ) THEN
    RAISE EXCEPTION 'play % may not be retired automatically', old_play.play_id USING ERRCODE = 'TL001';
  END IF;
END $$;

-- Results that people record for a play that ran.
CREATE OR REPLACE FUNCTION guard_play_outcomes(old_play sales_play_library, new_play sales_play_library) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM require_acting_role(new_play.org_id, '{revops}');
  IF new_play.activated_at IS NULL THEN
    RAISE EXCEPTION 'play % never ran: it has no outcomes', old_play.play_id USING ERRCODE = 'TL024';
  END IF;
  PERFORM refuse_document_fault(play_outcomes_fault(new_play.retrospective_outcomes));
END $$;

CREATE OR REPLACE FUNCTION guard_play_edit(old_play sales_play_library, new_play sales_play_library) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF old_play.state <> 'under_review' OR new_play.state <> 'under_review' THEN
    RAISE EXCEPTION 'play % is %: it can be edited only under review', old_play.play_id, new_play.state
      USING ERRCODE = 'TL024', HINT = CASE old_play.state
        WHEN 'draft' THEN 'Pick it up first.' ELSE 'Retire it, copy it, and edit the copy.' END;
  END IF;
  PERFORM require_acting_role(new_play.org_id, '{revops,slm}');
  IF (old_play.slm_approver_user_id, old_play.revops_approver_user_id)
     IS DISTINCT FROM (new_play.slm_approver_user_id, new_play.revops_approver_user_id) THEN
    RAISE EXCEPTION 'an edit and an approval must be separate' USING ERRCODE = 'TL024';
  END IF;
  PERFORM refuse_play_fault(new_play);
END $$;

CREATE OR REPLACE TRIGGER sales_play_library_kept
  BEFORE DELETE ON sales_play_library FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER sales_play_library_no_truncate
  BEFORE TRUNCATE ON sales_play_library FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- A proposal stays as the brain wrote it.
CREATE OR REPLACE FUNCTION guard_new_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() IS DISTINCT FROM 'agent' OR acting_id() IS DISTINCT FROM NEW.agent_id OR NOT EXISTS (
    SELECT FROM agents a WHERE a.org_id = NEW.org_id AND a.id = NEW.agent_id AND a.kind = 'brain'
  ) THEN
    RAISE EXCEPTION 'only a brain may write its analysis, and only in its own name' USING ERRCODE = 'TL023';
  END IF;
  PERFORM require_timely(NEW.created_at, 'created_at');
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER brain_analysis_log_new
  BEFORE INSERT ON brain_analysis_log FOR EACH ROW EXECUTE FUNCTION guard_new_proposal();
-- An update may only remove what is no longer kept (db/routines/play_retention.sql).
CREATE OR REPLACE TRIGGER brain_analysis_log_append_only
  BEFORE DELETE ON brain_analysis_log FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER brain_analysis_log_no_truncate
  BEFORE TRUNCATE ON brain_analysis_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
