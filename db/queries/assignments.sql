/* Users of a list, by name. */
/* @name usersById */
SELECT id, name, deactivated_at IS NULL AS "is_active!" FROM users WHERE org_id = :org_id! AND id = ANY (:ids!::uuid[]) ORDER BY name, id;

/* Gives the leads to the users in turn, in the order of the list; without users, to none. Returns the changed leads. */
/* @name assignLeads */
UPDATE leads l SET
  owner_user_id = (:owner_user_ids!::uuid[])[1 + ((w.place - 1) % nullif(cardinality(:owner_user_ids!::uuid[]), 0))::int],
  updated_at = :now!
FROM unnest(:lead_ids!::uuid[]) WITH ORDINALITY w (lead_id, place)
WHERE l.org_id = :org_id! AND l.id = w.lead_id AND l.erased_at IS NULL
  AND l.owner_user_id IS DISTINCT FROM
      (:owner_user_ids!::uuid[])[1 + ((w.place - 1) % nullif(cardinality(:owner_user_ids!::uuid[]), 0))::int]
RETURNING l.id;

/* @name ownersOfLeads */
SELECT id, owner_user_id, erased_at IS NOT NULL AS "is_erased!" FROM leads WHERE org_id = :org_id! AND id = ANY (:lead_ids!::uuid[]);

/* The users who got leads, except the one who assigned them. */
/* @name notifyAssigned */
SELECT notify_assigned(:org_id!, :act_id!, :lead_ids!::uuid[], :now!, acting_user())::text AS done;
