/* The owners in a user's scope, the user or the user's team, and the rows of their leads. Null: no owner has a lead. */
/* @name ownedInScope @prepared */
SELECT s.owner_user_ids AS "owner_user_ids!", ARRAY(SELECT leads_of(:org_id!, s.owner_user_ids)) AS "lead_ids!"
FROM (
  SELECT CASE WHEN :is_team!::boolean THEN ARRAY(SELECT team_of(:org_id!, :user_id!)) ELSE ARRAY[:user_id!::uuid] END
    AS owner_user_ids
  OFFSET 0
) s;
