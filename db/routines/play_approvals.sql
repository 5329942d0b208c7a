-- Who approves a play, and how long an approval counts.

-- Whether an approval in this role still counts: its user is active and has the role.
CREATE OR REPLACE FUNCTION may_approve_plays(org uuid, approver uuid, approver_role user_role) RETURNS boolean
LANGUAGE sql STABLE RETURN EXISTS (
  SELECT FROM users u
  WHERE u.org_id = org AND u.id = approver AND u.deactivated_at IS NULL AND approver_role = ANY (u.roles));

-- Under review, each user approves in their own name, and withdraws only their own approval.
CREATE OR REPLACE FUNCTION guard_play_approvals(old_play sales_play_library, new_play sales_play_library) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM guard_play_approval(old_play, new_play, 'slm', old_play.slm_approver_user_id, new_play.slm_approver_user_id,
                              old_play.slm_approved_at IS DISTINCT FROM new_play.slm_approved_at);
  PERFORM guard_play_approval(old_play, new_play, 'revops', old_play.revops_approver_user_id, new_play.revops_approver_user_id,
                              old_play.revops_approved_at IS DISTINCT FROM new_play.revops_approved_at);
END $$;

CREATE OR REPLACE FUNCTION guard_play_approval(
  old_play sales_play_library, new_play sales_play_library, approver_role user_role,
  old_approver uuid, new_approver uuid, dated_anew boolean) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF old_approver IS NOT DISTINCT FROM new_approver THEN
    IF dated_anew THEN
      RAISE EXCEPTION 'the time of an approval of play % cannot change', old_play.play_id USING ERRCODE = 'TL024';
    END IF;
    RETURN;
  END IF;
  IF old_play.state <> 'under_review' OR new_play.state NOT IN ('under_review', 'active') THEN
    RAISE EXCEPTION 'play % can be approved only under review', old_play.play_id USING ERRCODE = 'TL024';
  END IF;
  IF old_approver IS NOT NULL AND NOT may_approve_plays(new_play.org_id, old_approver, approver_role) THEN
    -- The approval no longer counts, whoever removed it.
    IF new_approver IS NULL THEN
      RETURN;
    END IF;
  ELSIF old_approver IS NOT NULL AND new_approver IS NOT NULL THEN
    RAISE EXCEPTION 'someone else has already approved play % as %', old_play.play_id, approver_role USING ERRCODE = 'TL024';
  END IF;
  PERFORM require_acting_person(coalesce(new_approver, old_approver));
  -- Serialized with the loss of the role: earlier approvals lapse with it, later ones are refused.
  PERFORM FROM users u WHERE u.org_id = new_play.org_id AND u.id = new_approver FOR SHARE;
  PERFORM require_acting_role(new_play.org_id, ARRAY[approver_role]);
  IF new_play.slm_approver_user_id = new_play.revops_approver_user_id THEN
    RAISE EXCEPTION 'play % needs the approval of two people', old_play.play_id
      USING ERRCODE = 'TL025', HINT = 'Another person must approve in the other role.';
  END IF;
END $$;

-- Voids approvals of users who lost the role or were deactivated. The play then waits for another user, whom its page and
-- Today name.
CREATE OR REPLACE FUNCTION void_lapsed_approvals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  as_slm boolean := NOT may_approve_plays(NEW.org_id, NEW.id, 'slm');
  as_revops boolean := NOT may_approve_plays(NEW.org_id, NEW.id, 'revops');
BEGIN
  UPDATE sales_play_library SET slm_approver_user_id = NULL, slm_approved_at = NULL
  WHERE org_id = NEW.org_id AND state = 'under_review' AND slm_approver_user_id = NEW.id AND as_slm;
  UPDATE sales_play_library SET revops_approver_user_id = NULL, revops_approved_at = NULL
  WHERE org_id = NEW.org_id AND state = 'under_review' AND revops_approver_user_id = NEW.id AND as_revops;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER users_approvals_lapse
  AFTER UPDATE OF roles, deactivated_at ON users FOR EACH ROW EXECUTE FUNCTION void_lapsed_approvals();
