-- Warnings for one user, or for the users of a team.
CREATE INDEX flags_by_user ON flags (org_id, for_user_id, id) WHERE for_user_id IS NOT NULL;
