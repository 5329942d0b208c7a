/* @name insertEnrollments */
INSERT INTO campaign_contacts
SELECT * FROM json_populate_recordset(NULL::campaign_contacts, :rows!);

/* Enrollments whose current step is due, with that step. Rows that another worker holds are skipped; rows that
   wait for a person are not in the index at all, so they starve nobody. */
/* @name claimDueEnrollments */
SELECT e.id, e.lead_id, e.campaign_id, e.client_id, e.contact_id, e.request_id, e.requested_by, e.current_step,
       e.next_send_at AS "next_send_at!", e.play_id, e.originating_proposal_id,
       c.sequence_type, c.side, c.owner_role, c.send_rule,
       s.step_number AS "step_number?", s.channel AS "channel?",
       s.requires_personal_send AS "requires_personal_send?"
FROM campaign_contacts e
JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id AND c.status = 'active'
LEFT JOIN campaign_sequences s
  ON s.org_id = e.org_id AND s.campaign_id = e.campaign_id AND s.step_number = e.current_step
WHERE e.org_id = :org_id! AND e.status = 'active' AND e.open_queue_id IS NULL AND e.next_send_at <= :now!
ORDER BY e.next_send_at, e.id
LIMIT :limit!
FOR UPDATE OF e SKIP LOCKED;

/* Losers of a conflict, and running sequences the gate stopped. */
/* @name pauseEnrollments */
UPDATE campaign_contacts e
SET status = 'paused', paused_at = u.paused_at, paused_reason = u.paused_reason, paused_until = u.paused_until,
    wake = u.wake
FROM json_populate_recordset(NULL::campaign_contacts, :rows!) u
WHERE e.org_id = u.org_id AND e.id = u.id AND e.status = 'active'
RETURNING e.id, e.lead_id, e.campaign_id, e.requested_by, e.current_step, e.play_id, e.originating_proposal_id;

/* Paused enrollments whose time has come: the gate is asked before they go on. */
/* @name claimResumableEnrollments */
SELECT e.id, e.lead_id, e.campaign_id, e.requested_by, e.current_step, e.paused_reason, e.play_id,
       e.originating_proposal_id, c.sequence_type, c.side
FROM campaign_contacts e
JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id AND c.status = 'active'
WHERE e.org_id = :org_id! AND e.status = 'paused' AND e.paused_until <= :now!
ORDER BY e.paused_until, e.id
LIMIT :limit!
FOR UPDATE OF e SKIP LOCKED;

/* @name resumeEnrollments */
UPDATE campaign_contacts
SET status = 'active', paused_at = NULL, paused_reason = NULL, paused_until = NULL, wake = NULL
WHERE org_id = :org_id! AND id = ANY (:ids!::uuid[]) AND status = 'paused'
RETURNING id;

/* @name repauseEnrollments */
UPDATE campaign_contacts e
SET paused_reason = u.paused_reason, paused_until = u.paused_until, wake = u.wake
FROM json_populate_recordset(NULL::campaign_contacts, :rows!) u
WHERE e.org_id = u.org_id AND e.id = u.id AND e.status = 'paused';

/* Enrollments whose last touch is done. */
/* @name claimFinishedEnrollments */
SELECT e.id, e.lead_id
FROM campaign_contacts e
WHERE e.org_id = :org_id! AND e.status = 'active' AND e.open_queue_id IS NULL AND e.next_send_at IS NULL
ORDER BY e.id
LIMIT :limit!
FOR UPDATE OF e SKIP LOCKED;

/* @name exitEnrollments */
UPDATE campaign_contacts e
SET status = :status!, exit_reason = :exit_reason!, exited_at = :now!, next_send_at = NULL,
    paused_at = NULL, paused_reason = NULL, paused_until = NULL, wake = NULL
FROM campaigns c
WHERE e.org_id = :org_id! AND e.id = ANY (:ids!::uuid[]) AND e.status IN ('active', 'paused')
  AND c.org_id = e.org_id AND c.id = e.campaign_id
RETURNING e.id, e.lead_id, e.campaign_id, e.current_step, e.goal, e.notes, e.play_id, e.originating_proposal_id,
          c.on_exit, c.owner_role, c.sequence_type, c.slug;

/* @name advanceEnrollments */
SELECT advance_enrollments(:org_id!, :ids!::uuid[])::text AS done;

/* A late send pushes the next step, so that two steps are never closer than designed. */
/* @name spaceNextStep */
UPDATE campaign_contacts e
SET next_send_at = greatest(e.next_send_at,
                            :sent_at!::timestamptz + (n.delay_days - s.delay_days) * interval '24 hours')
FROM campaign_sequences s, campaign_sequences n
WHERE e.org_id = :org_id! AND e.id = :id! AND e.next_send_at IS NOT NULL
  AND s.org_id = e.org_id AND s.campaign_id = e.campaign_id AND s.step_number = :sent_step!
  AND n.org_id = e.org_id AND n.campaign_id = e.campaign_id AND n.step_number = e.current_step;

/* @name getEnrollment */
SELECT e.*, c.slug AS campaign_slug FROM campaign_contacts e
JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
WHERE e.org_id = :org_id! AND e.id = :id!;

/* @name listEnrollments */
SELECT e.*, c.slug AS campaign_slug, c.name AS campaign_name, c.sequence_type, c.side,
       (SELECT count(*) FROM campaign_sequences s WHERE s.org_id = e.org_id AND s.campaign_id = e.campaign_id)
         AS "step_count!"
FROM campaign_contacts e JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
WHERE e.org_id = :org_id!
  AND (:lead_id::uuid IS NULL OR e.lead_id = :lead_id)
  AND (:campaign_id::uuid IS NULL OR e.campaign_id = :campaign_id)
  AND (:status::enrollment_status IS NULL OR e.status = :status)
  AND (:after_id::uuid IS NULL OR e.id > :after_id)
ORDER BY e.id
LIMIT :limit!;

/* @name listOpenEnrollmentsOfLeads */
SELECT id FROM campaign_contacts
WHERE org_id = :org_id! AND lead_id = ANY (:lead_ids!::uuid[]) AND status IN ('active', 'paused');

/* @name enrollmentTypes */
SELECT e.id, c.sequence_type FROM campaign_contacts e
JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
WHERE e.org_id = :org_id! AND e.id = ANY (:ids!::uuid[]);
