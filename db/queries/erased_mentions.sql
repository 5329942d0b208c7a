/* Shared texts that name an erased person, oldest first, with the label by which people recognize each text. For one
   lead or for all. */
/* @name listMentions */
SELECT e.id, e.lead_id, e.subject_table, e.subject_key, e.field, e.found_at,
       coalesce(c.slug, e.subject_key) AS "reference!", s.step_number AS "step_number?"
FROM erased_mentions e
LEFT JOIN campaign_sequences s ON s.org_id = e.org_id AND e.subject_table = 'campaign_sequences' AND s.id::text = e.subject_key
LEFT JOIN campaigns c ON c.org_id = e.org_id
  AND (c.id = s.campaign_id OR e.subject_table = 'campaigns' AND c.id::text = e.subject_key)
WHERE e.org_id = :org_id! AND e.ended_at IS NULL AND (:lead_id::uuid IS NULL OR e.lead_id = :lead_id)
  AND (:after_id::uuid IS NULL OR e.id > :after_id)
ORDER BY e.id LIMIT :limit!;

/* @name getMention */
SELECT id, lead_id, ended_at, reviewed_by_user_id FROM erased_mentions WHERE org_id = :org_id! AND id = :id!;

/* @name reviewMention */
UPDATE erased_mentions SET ended_at = :now!, reviewed_by_user_id = :user_id!
WHERE org_id = :org_id! AND id = :id! AND ended_at IS NULL
RETURNING id;
