/* The owners in a user's scope, the user or the user's team, and the rows of their leads. */
/* @name ownedInScope @prepared */
SELECT s.owner_user_ids AS "owner_user_ids!", ARRAY(SELECT leads_of(:org_id!, s.owner_user_ids)) AS "lead_ids!"
FROM (
  SELECT CASE WHEN :is_team!::boolean THEN ARRAY(SELECT team_of(:org_id!, :user_id!)) ELSE ARRAY[:user_id!::uuid] END
    AS owner_user_ids
  OFFSET 0
) s;

/* Whether the user, or the user's team, owns a lead. */
/* @name ownsLeads @prepared */
SELECT EXISTS (
  SELECT FROM leads_of(:org_id!, CASE WHEN :is_team!::boolean THEN ARRAY(SELECT team_of(:org_id!, :user_id!)) ELSE ARRAY[:user_id!::uuid] END)
) AS "owns_leads!";
