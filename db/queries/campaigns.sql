/* @name getCampaign @prepared */
SELECT * FROM campaigns WHERE org_id = :org_id! AND slug = :slug!;

/* Counts open enrollments up to a limit. Beyond it, `countOpenEnrollments` runs from time to time. */
/* @name listCampaigns */
SELECT c.*,
       (SELECT count(*) FROM campaign_sequences s WHERE s.org_id = c.org_id AND s.campaign_id = c.id)
         AS "step_count!",
       (SELECT count(*) FROM (
          SELECT FROM campaign_contacts e
          WHERE e.org_id = c.org_id AND e.campaign_id = c.id AND e.status IN ('active', 'paused')
          LIMIT :count_limit!) counted) AS "open_enrollments!"
FROM campaigns c
WHERE c.org_id = :org_id! AND (:after_slug::text IS NULL OR c.slug > :after_slug)
ORDER BY c.slug
LIMIT :limit!;

/* @name countOpenEnrollments */
SELECT campaign_id, count(*) AS "open_enrollments!" FROM campaign_contacts
WHERE org_id = :org_id! AND status IN ('active', 'paused')
GROUP BY campaign_id;

/* @name listSteps @prepared */
SELECT s.*, EXISTS (
    SELECT 1 FROM template_approvals t
    WHERE t.org_id = s.org_id AND t.campaign_id = s.campaign_id AND t.step_number = s.step_number
      AND t.template_hash = s.template_hash) AS "template_approved!"
FROM campaign_sequences s
WHERE s.org_id = :org_id! AND s.campaign_id = :campaign_id!
ORDER BY s.step_number;

/* Without `entry`, `priority`, or `approvers`, an existing campaign keeps it. */
/* @name upsertCampaign */
INSERT INTO campaigns AS c (org_id, id, slug, name, client_id, type, owner_role, on_exit, sequence_type, side, send_rule,
                            entry, priority, approvers, created_at, updated_at)
VALUES (:org_id!, :id!, :slug!, :name!, :client_id!, :type!, :owner_role!, :on_exit!, :sequence_type!, :side!, :send_rule!,
        coalesce(:entry::campaign_entry, 'open'), coalesce(:priority::int, 0),
        coalesce(:approvers::campaign_approvers, 'anyone'), :now!, :now!)
ON CONFLICT ON CONSTRAINT campaigns_slug_uniq DO UPDATE SET
  name = excluded.name, client_id = excluded.client_id, type = excluded.type, owner_role = excluded.owner_role,
  on_exit = excluded.on_exit, sequence_type = excluded.sequence_type, side = excluded.side,
  send_rule = excluded.send_rule, entry = coalesce(:entry::campaign_entry, c.entry),
  priority = coalesce(:priority::int, c.priority), approvers = coalesce(:approvers::campaign_approvers, c.approvers),
  updated_at = excluded.updated_at
RETURNING id, (c.xmax = 0) AS "was_new!";

/* @name upsertSteps */
INSERT INTO campaign_sequences (org_id, id, campaign_id, step_number, delay_days, channel, content_type,
                                template_instructions, subject_template, body_template, requires_personal_send,
                                when_unreachable, created_at)
SELECT u.org_id, u.id, u.campaign_id, u.step_number, u.delay_days, u.channel, u.content_type,
       u.template_instructions, u.subject_template, u.body_template, u.requires_personal_send,
       coalesce(u.when_unreachable, 'skip'), u.created_at
FROM jsonb_populate_recordset(NULL::campaign_sequences, :rows!) u
ON CONFLICT ON CONSTRAINT campaign_sequences_step_uniq DO UPDATE SET
  delay_days = excluded.delay_days, channel = excluded.channel, content_type = excluded.content_type,
  template_instructions = excluded.template_instructions, subject_template = excluded.subject_template,
  body_template = excluded.body_template, requires_personal_send = excluded.requires_personal_send,
  when_unreachable = excluded.when_unreachable;

/* @name deleteStepsAfter */
DELETE FROM campaign_sequences
WHERE org_id = :org_id! AND campaign_id = :campaign_id! AND step_number > :last_step!;

/* @name setCampaignStatus */
UPDATE campaigns SET status = :status!, updated_at = :now! WHERE org_id = :org_id! AND slug = :slug! RETURNING id;

/* @name approveTemplate */
INSERT INTO template_approvals (org_id, id, campaign_id, step_number, template_hash, approved_by_user_id, approved_at)
VALUES (:org_id!, :id!, :campaign_id!, :step_number!, :template_hash!, :approved_by_user_id!, :now!)
ON CONFLICT DO NOTHING;

/* @name knownClientsAndAgents */
SELECT EXISTS (SELECT 1 FROM clients k WHERE k.org_id = :org_id! AND k.client_id = :client_id!) AS "client_known!",
       EXISTS (SELECT 1 FROM agents g WHERE g.org_id = :org_id! AND g.id = :agent_id!) AS "agent_known!";

/* The facts of campaigns that a request needs. `first_delay_days` is null without steps; `play_closed` says why the
   campaign's play takes no enrollments. */
/* @name campaignsForRequest @prepared */
SELECT c.id, c.slug, c.name, c.client_id, c.status, c.owner_role, c.sequence_type, c.side, c.priority, c.send_rule, c.entry, c.play_id,
       c.originating_proposal_id, s.delay_days AS "first_delay_days?",
       coalesce((
         SELECT jsonb_agg(jsonb_build_object('step_number', n.step_number, 'channel', n.channel,
                                             'when_unreachable', n.when_unreachable) ORDER BY n.step_number)
         FROM campaign_sequences n WHERE n.org_id = c.org_id AND n.campaign_id = c.id), '[]') AS "steps!",
       CASE WHEN p.play_id IS NOT NULL
         THEN play_closed(p, (:now!::timestamptz AT TIME ZONE o.time_zone)::date) END AS play_closed
FROM campaigns c
JOIN organizations o ON o.org_id = c.org_id
LEFT JOIN sales_play_library p ON p.org_id = c.org_id AND p.play_id = c.play_id
LEFT JOIN campaign_sequences s ON s.org_id = c.org_id AND s.campaign_id = c.id AND s.step_number = 1
WHERE c.org_id = :org_id! AND (c.id = ANY (:ids!::uuid[]) OR c.slug = ANY (:slugs!::text[]));

/* Serializes changes of definitions in an organization, because a loop of exit maps depends on all campaigns. */
/* @name lockDefinitions */
SELECT pg_advisory_xact_lock(hashtextextended('campaigns:' || (:org_id!::uuid)::text, 0))::text AS locked;

/* @name lockCampaign */
SELECT id FROM campaigns WHERE org_id = :org_id! AND slug = :slug! FOR NO KEY UPDATE;

/* @name listExitMaps */
SELECT slug, on_exit FROM campaigns WHERE org_id = :org_id! ORDER BY slug LIMIT :limit!;

/* @name knownClients */
SELECT client_id FROM clients WHERE org_id = :org_id! AND client_id = ANY (:client_ids!::text[]);

/* @name knownAgents */
SELECT id FROM agents WHERE org_id = :org_id! AND id = ANY (:ids!::text[]);

/* Locks campaigns that are about to be redefined, so no lead is enrolled in the meantime. */
/* @name lockCampaignsBySlug */
SELECT c.id, c.slug, c.sequence_type, c.side, EXISTS (
    SELECT 1 FROM campaign_contacts e
    WHERE e.org_id = c.org_id AND e.campaign_id = c.id AND e.status IN ('active', 'paused')) AS "in_use!"
FROM campaigns c
WHERE c.org_id = :org_id! AND c.slug = ANY (:slugs!::text[])
ORDER BY c.slug
FOR UPDATE OF c;

/* @name campaignOfItem */
SELECT slug FROM campaigns WHERE org_id = :org_id! AND id = :campaign_id!;
