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

/* @name lockAccounts */
SELECT id FROM accounts WHERE org_id = :org_id! AND id = ANY (:account_ids!::uuid[]) ORDER BY id FOR NO KEY UPDATE;

/* The same for accounts. */
/* @name assignAccounts */
UPDATE accounts a SET
  owner_user_id = (:owner_user_ids!::uuid[])[1 + ((w.place - 1) % nullif(cardinality(:owner_user_ids!::uuid[]), 0))::int],
  updated_at = :now!
FROM unnest(:account_ids!::uuid[]) WITH ORDINALITY w (account_id, place)
WHERE a.org_id = :org_id! AND a.id = w.account_id
  AND a.owner_user_id IS DISTINCT FROM
      (:owner_user_ids!::uuid[])[1 + ((w.place - 1) % nullif(cardinality(:owner_user_ids!::uuid[]), 0))::int]
RETURNING a.id;

/* @name ownersOfLeads */
SELECT id, owner_user_id, erased_at IS NOT NULL AS "is_erased!" FROM leads WHERE org_id = :org_id! AND id = ANY (:lead_ids!::uuid[]);

/* The users who got leads, except the one who assigned them. */
/* @name notifyAssigned */
SELECT notify_assigned(:org_id!, :act_id!, :lead_ids!::uuid[], :now!, acting_user())::text AS done;

/* The rules in their order, with their users. */
/* @name assignmentRules */
SELECT r.id, r.icp_tiers::text[] AS "icp_tiers!", r.segments, r.countries, r.assignee_user_ids,
       (SELECT jsonb_agg(jsonb_build_object('id', u.id, 'name', u.name, 'is_active', u.deactivated_at IS NULL) ORDER BY t.place)
        FROM unnest(r.assignee_user_ids) WITH ORDINALITY t (id, place)
        JOIN users u ON u.org_id = r.org_id AND u.id = t.id) AS "assignees!"
FROM assignment_rules r WHERE r.org_id = :org_id! ORDER BY r.position LIMIT :limit!;

/* The order of locks of assign_by_rules. */
/* @name lockAssignmentRules */
SELECT id FROM assignment_rules WHERE org_id = :org_id! ORDER BY position, id FOR UPDATE;

/* @name deleteAssignmentRules */
DELETE FROM assignment_rules WHERE org_id = :org_id! AND id <> ALL (:kept_ids!::uuid[]);

/* A rule that stays keeps its turn. */
/* @name putAssignmentRules */
INSERT INTO assignment_rules AS r (org_id, id, position, icp_tiers, segments, countries, assignee_user_ids, updated_at, updated_by_user_id)
SELECT :org_id!, p.id, p.position, p.icp_tiers, p.segments, p.countries, p.assignee_user_ids, :now!, :user_id!
FROM jsonb_populate_recordset(NULL::assignment_rules, :rows!) p
ON CONFLICT (org_id, id) DO UPDATE SET position = excluded.position, icp_tiers = excluded.icp_tiers, segments = excluded.segments,
  countries = excluded.countries, assignee_user_ids = excluded.assignee_user_ids, updated_at = excluded.updated_at,
  updated_by_user_id = excluded.updated_by_user_id
WHERE (r.position, r.icp_tiers, r.segments, r.countries, r.assignee_user_ids)
      IS DISTINCT FROM (excluded.position, excluded.icp_tiers, excluded.segments, excluded.countries, excluded.assignee_user_ids);

/* Leads without an own owner, in order of id; `is_owned`: through the account. */
/* @name leadsWithoutOwner */
SELECT l.id, a.owner_user_id IS NOT NULL AS "is_owned!"
FROM (SELECT o.id, o.account_id FROM leads o
      WHERE o.org_id = :org_id! AND o.owner_user_id IS NULL AND o.erased_at IS NULL AND o.merged_into_id IS NULL AND o.id > :after_id!
      ORDER BY o.id LIMIT :limit!) l
LEFT JOIN accounts a ON a.org_id = :org_id! AND a.id = l.account_id
ORDER BY l.id;

/* @name assignByRules */
SELECT rule_id AS "rule_id!", user_id AS "user_id!", count(*)::int AS "lead_count!"
FROM assign_by_rules(:org_id!, :act_id!, :lead_ids!::uuid[], :now!) GROUP BY 1, 2 ORDER BY 1, 2;

/* The same without a change. `taken`: turns of each rule that earlier previews used. */
/* @name previewAssignment */
SELECT rule_id AS "rule_id!", user_id AS "user_id!", count(*)::int AS "lead_count!"
FROM assignment_turns(:org_id!, :lead_ids!::uuid[], :taken!::jsonb) GROUP BY 1, 2 ORDER BY 1, 2;

/* @name countWithoutOwner */
SELECT count(*)::int AS "total!" FROM leads
WHERE org_id = :org_id! AND owner_user_id IS NULL AND erased_at IS NULL AND merged_into_id IS NULL;
