/* Raises the flags whose cause has none yet, and returns them. Inactive users receive nothing: with `for_owner` the
   lead's owner is notified, and for_role applies only without an active owner. An unknown agent is left out, so a
   policy that names one does not stop the gate. Sorted, so two transactions that raise the same flags do not deadlock. */
/* @name insertFlags */
INSERT INTO flags (org_id, id, kind, subject, lead_id, queue_id, for_user_id, for_role, for_agent, detail, raised_at)
SELECT :org_id!::uuid, r.id, r.kind, r.subject, r.lead_id, r.queue_id, u.id,
       CASE WHEN r.for_owner AND u.id IS NOT NULL THEN NULL ELSE r.for_role END, a.id, r.detail, :now!::timestamptz
FROM jsonb_to_recordset(:rows!) AS r(
  id uuid, kind flag_kind, subject text, lead_id uuid, queue_id uuid, for_user_id uuid, for_owner boolean,
  for_role user_role, for_agent text, detail jsonb)
LEFT JOIN users u ON u.org_id = :org_id
  AND u.id = coalesce(r.for_user_id, CASE WHEN r.for_owner THEN lead_owner(:org_id, r.lead_id) END)
  AND u.deactivated_at IS NULL
LEFT JOIN agents a ON a.org_id = :org_id AND a.id = r.for_agent
ORDER BY r.kind, r.subject
ON CONFLICT (org_id, kind, subject) WHERE cause_gone_at IS NULL DO NOTHING
RETURNING id;

/* Recipients of these flags: the user, every active user with the role, or the agent; each once. */
/* @name listFlagRecipients */
SELECT f.id AS "flag_id!", f.kind AS "kind!", f.lead_id, f.detail AS "detail!", u.id AS to_user_id, NULL::text AS to_agent
FROM flags f
JOIN users u ON u.org_id = f.org_id AND u.deactivated_at IS NULL
  AND (u.id = f.for_user_id OR f.for_role = ANY (u.roles))
WHERE f.org_id = :org_id! AND f.id = ANY (:ids!::uuid[])
UNION ALL
SELECT f.id, f.kind, f.lead_id, f.detail, NULL::uuid, f.for_agent
FROM flags f
WHERE f.org_id = :org_id AND f.id = ANY (:ids::uuid[]) AND f.for_agent IS NOT NULL;

/* The cause of these flags has cleared: open flags end, and flags that a person ended no longer represent the cause. */
/* @name endFlags */
UPDATE flags
SET cause_gone_at = :now!, resolved_at = coalesce(resolved_at, :now), resolution = coalesce(resolution, :resolution!),
    resolved_by_user_id = CASE WHEN resolved_at IS NULL THEN :by_user_id::uuid ELSE resolved_by_user_id END
WHERE org_id = :org_id! AND kind = :kind! AND subject = ANY (:subjects!::text[]) AND cause_gone_at IS NULL
RETURNING id;

/* Subjects with a current flag of this kind. */
/* @name listStandingSubjects */
SELECT subject FROM flags
WHERE org_id = :org_id! AND kind = :kind! AND cause_gone_at IS NULL AND subject > :after!
ORDER BY subject
LIMIT :limit!;

/* Unanswered stalls raised up to an instant. */
/* @name listUnansweredStalls */
SELECT id, lead_id, detail, raised_at FROM flags
WHERE org_id = :org_id! AND kind = 'stall' AND resolved_at IS NULL AND acknowledged_at IS NULL
  AND escalated_at IS NULL AND raised_at <= :raised_until!
ORDER BY raised_at, id
LIMIT :limit!;

/* Escalates the stalls that are still unanswered, because a user may have answered in the meantime. */
/* @name escalateFlags */
UPDATE flags SET escalated_at = :now!
WHERE org_id = :org_id! AND id = ANY (:ids!::uuid[]) AND resolved_at IS NULL AND acknowledged_at IS NULL
  AND escalated_at IS NULL
RETURNING id, kind, lead_id, detail;

/* `mine`: addressed to me, to a role of mine, or notified to me. In scope: about these leads, or for these owners. */
/* @name listFlags */
SELECT f.*, l.email AS "lead_email?", u.name AS "for_user_name?"
FROM flags f
LEFT JOIN leads l ON l.org_id = f.org_id AND l.id = f.lead_id
LEFT JOIN users u ON u.org_id = f.org_id AND u.id = f.for_user_id
WHERE f.org_id = :org_id!
  AND (:open_only!::boolean IS FALSE OR f.resolved_at IS NULL)
  AND (:kind::flag_kind IS NULL OR f.kind = :kind)
  AND (:lead_ids::uuid[] IS NULL OR f.lead_id = ANY (:lead_ids))
  AND (:owned_lead_ids::uuid[] IS NULL
       OR f.lead_id = ANY (:owned_lead_ids) OR f.for_user_id = ANY (:owner_user_ids::uuid[]))
  AND (:mine!::boolean IS FALSE
       OR f.for_user_id = :user_id::uuid OR f.for_role = ANY (:roles!::user_role[]) OR f.for_agent = :agent_id::text
       OR EXISTS (SELECT FROM notifications n
                  WHERE n.org_id = f.org_id AND n.flag_id = f.id
                    AND (n.to_user_id = :user_id OR n.to_agent = :agent_id)))
  AND (:before_id::uuid IS NULL OR f.id < :before_id)
ORDER BY f.id DESC
LIMIT :limit!;

/* @name getFlag */
SELECT f.*, l.email AS "lead_email?", u.name AS "for_user_name?"
FROM flags f
LEFT JOIN leads l ON l.org_id = f.org_id AND l.id = f.lead_id
LEFT JOIN users u ON u.org_id = f.org_id AND u.id = f.for_user_id
WHERE f.org_id = :org_id! AND f.id = :id!;

/* @name acknowledgeFlag */
UPDATE flags SET acknowledged_at = :now!, acknowledged_by_user_id = :user_id!
WHERE org_id = :org_id! AND id = :id! AND resolved_at IS NULL AND acknowledged_at IS NULL
RETURNING id;

/* A person ends the flag. The flag then silently represents its cause until the cause clears. */
/* @name resolveFlag */
UPDATE flags SET resolved_at = :now!, resolved_by_user_id = :user_id!, resolution = :resolution!
WHERE org_id = :org_id! AND id = :id! AND resolved_at IS NULL
RETURNING id;
