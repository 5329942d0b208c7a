/* @name insertMailbox */
INSERT INTO mailboxes (org_id, id, address, display_name, created_at)
VALUES (:org_id!, :id!, :address!, :display_name!, :now!)
RETURNING id;

/* Replaces all settings of a mailbox that a person may set. */
/* @name setMailbox */
UPDATE mailboxes m
SET display_name = u.display_name, owner_user_id = u.owner_user_id, client_id = u.client_id, time_zone = u.time_zone,
    smtp_host = u.smtp_host, smtp_port = u.smtp_port, smtp_security = u.smtp_security, smtp_user = u.smtp_user,
    smtp_password = :smtp_password, smtp_oauth = u.smtp_oauth, imap_host = u.imap_host, imap_port = u.imap_port,
    imap_security = u.imap_security, imap_user = u.imap_user, imap_password = :imap_password, imap_oauth = u.imap_oauth,
    hourly_cap = u.hourly_cap, daily_cap = u.daily_cap,
    gap_seconds = u.gap_seconds, recipient_domain_daily_cap = u.recipient_domain_daily_cap,
    warm_up_began_on = u.warm_up_began_on
FROM jsonb_populate_record(NULL::mailboxes, :row!) u
WHERE m.org_id = :org_id! AND m.id = :id!;

/* @name retireMailbox */
UPDATE mailboxes SET retired_at = :now!, retired_reason = :reason!, retired_by_user_id = :user_id!
WHERE org_id = :org_id! AND id = :id! AND retired_at IS NULL;

/* @name reviveMailbox */
UPDATE mailboxes SET retired_at = NULL, retired_reason = NULL, retired_by_user_id = NULL
WHERE org_id = :org_id! AND id = :id! AND retired_at IS NOT NULL;

/* @name listMailboxes */
SELECT * FROM mailboxes
WHERE org_id = :org_id! AND (:after_id::uuid IS NULL OR id > :after_id)
ORDER BY id
LIMIT :limit!;

/* @name getMailbox @prepared */
SELECT * FROM mailboxes WHERE org_id = :org_id! AND id = :id!;

/* @name lockMailbox */
SELECT * FROM mailboxes WHERE org_id = :org_id! AND id = :id! FOR NO KEY UPDATE;

/* Mailboxes that may send and have messages, locked before anything is counted against them: each batch takes places
   that the next batch must see. A mailbox that another worker has locked is skipped, because a line of waiting workers
   helps no one. */
/* @name lockSendingMailboxes */
SELECT m.id FROM mailboxes m
WHERE m.org_id = :org_id! AND m.retired_at IS NULL AND m.paused_at IS NULL
  AND (m.retry_at IS NULL OR m.retry_at <= :now!)
  -- The first row in index order. For an EXISTS, the planner might read the whole table.
  AND ((SELECT q.scheduled_at FROM sales_send_queue q
        WHERE q.org_id = m.org_id AND q.mailbox_id = m.id AND q.status = 'approved'
          AND NOT q.requires_personal_send
        ORDER BY q.scheduled_at, q.id LIMIT 1) <= :now!
    OR (SELECT q.deferred_policy_version FROM sales_send_queue q
        WHERE q.org_id = m.org_id AND q.mailbox_id = m.id AND q.deferred_policy_version IS NOT NULL
        ORDER BY q.deferred_policy_version, q.id LIMIT 1) < :policy_version!)
ORDER BY m.id
LIMIT :limit!
FOR NO KEY UPDATE SKIP LOCKED;

/* @name usableMailboxes */
SELECT m.*, coalesce(m.time_zone, o.time_zone) AS "own_time_zone!", g.login_user AS "login_user?",
       g.access_token AS "access_token?", g.access_expires_at AS "access_expires_at?"
FROM mailboxes m
JOIN organizations o ON o.org_id = m.org_id
LEFT JOIN mailbox_grants g ON g.org_id = m.org_id AND g.mailbox_id = m.id
WHERE m.org_id = :org_id! AND m.id = ANY (:ids!::uuid[]) AND m.retired_at IS NULL AND m.paused_at IS NULL
  AND (m.retry_at IS NULL OR m.retry_at <= :now!)
ORDER BY m.id;

/* Mailboxes from which a lead's mailbox is chosen: active ones, oldest first, with their number of leads. */
/* @name mailboxesToChoose */
SELECT m.id, m.owner_user_id, m.client_id, m.paused_at IS NOT NULL AS "is_paused!",
       coalesce(l.lead_count, 0) AS "lead_count!", m.address, m.hourly_cap, m.daily_cap, m.gap_seconds,
       m.recipient_domain_daily_cap, m.warm_up_began_on, coalesce(m.time_zone, o.time_zone) AS "own_time_zone!"
FROM mailboxes m
JOIN organizations o ON o.org_id = m.org_id
LEFT JOIN mailbox_loads l ON l.org_id = m.org_id AND l.mailbox_id = m.id
WHERE m.org_id = :org_id! AND m.retired_at IS NULL
ORDER BY m.created_at, m.id
LIMIT :limit!;

/* Free places of mailboxes per day. Sent messages, messages in progress, and messages due by the end of the day count.
   Each count stops at the cap. */
/* @name placesOfToday */
SELECT d.mailbox_id AS "mailbox_id!", greatest(0, d.cap - a.count - w.count)::int AS "room!"
FROM jsonb_to_recordset(:days!) AS d(mailbox_id uuid, starts_at timestamptz, ends_at timestamptz, cap int)
CROSS JOIN LATERAL (
  SELECT count(*) FROM (
    SELECT FROM send_attempts s
    WHERE s.org_id = :org_id! AND s.mailbox_id = d.mailbox_id AND s.counted_at >= d.starts_at
    LIMIT d.cap) c) a
CROSS JOIN LATERAL (
  SELECT count(*) FROM (
    SELECT FROM sales_send_queue q
    WHERE q.org_id = :org_id AND q.mailbox_id = d.mailbox_id AND q.status = 'approved' AND q.scheduled_at < d.ends_at
      AND NOT q.requires_personal_send
      AND NOT EXISTS (
        SELECT FROM send_attempts o
        WHERE o.org_id = q.org_id AND o.queue_id = q.id AND o.stage IN ('intent', 'data'))
    LIMIT d.cap) c) w;

/* Approved touches that are due and have no mailbox yet. */
/* @name itemsWithoutMailbox */
SELECT q.id, q.lead_id, q.client_id, lead_owner(q.org_id, q.lead_id) AS "owner_user_id?",
       b.mailbox_id AS "mailbox_id?"
FROM sales_send_queue q
LEFT JOIN lead_mailboxes b ON b.org_id = q.org_id AND b.lead_id = q.lead_id
WHERE q.org_id = :org_id! AND q.mailbox_id IS NULL AND q.status = 'approved' AND q.scheduled_at <= :now!
  AND NOT q.requires_personal_send
ORDER BY q.scheduled_at, q.id
LIMIT :limit!
FOR UPDATE OF q SKIP LOCKED;

/* Touches whose drafts the owner of the mailbox approves, so their mailbox is chosen with the text. */
/* @name itemsOfSenders */
SELECT q.id, q.lead_id, q.client_id, lead_owner(q.org_id, q.lead_id) AS "owner_user_id?",
       b.mailbox_id AS "mailbox_id?"
FROM sales_send_queue q
LEFT JOIN lead_mailboxes b ON b.org_id = q.org_id AND b.lead_id = q.lead_id
WHERE q.org_id = :org_id! AND q.id = ANY (:ids!::uuid[]) AND q.mailbox_id IS NULL;

/* The first choice stays. */
/* @name insertLeadMailboxes */
INSERT INTO lead_mailboxes (org_id, lead_id, mailbox_id, chosen_at)
SELECT org_id, lead_id, mailbox_id, chosen_at FROM jsonb_populate_recordset(NULL::lead_mailboxes, :rows!)
ON CONFLICT (org_id, lead_id) DO NOTHING;

/* @name setItemMailboxes */
UPDATE sales_send_queue q SET mailbox_id = b.mailbox_id
FROM lead_mailboxes b
WHERE q.org_id = :org_id! AND q.id = ANY (:ids!::uuid[]) AND q.mailbox_id IS NULL
  AND b.org_id = q.org_id AND b.lead_id = q.lead_id;

/* @name leadMailbox */
SELECT b.*, m.address FROM lead_mailboxes b
JOIN mailboxes m ON m.org_id = b.org_id AND m.id = b.mailbox_id
WHERE b.org_id = :org_id! AND b.lead_id = :lead_id!;

/* Stores the first choice, or a person's change. */
/* @name setLeadMailbox */
INSERT INTO lead_mailboxes AS b (org_id, lead_id, mailbox_id, chosen_at, reason, changed_by_user_id)
VALUES (:org_id!, :lead_id!, :mailbox_id!, :now!, :reason!, :changed_by_user_id!)
ON CONFLICT (org_id, lead_id) DO UPDATE
SET mailbox_id = excluded.mailbox_id, reason = excluded.reason, changed_by_user_id = excluded.changed_by_user_id
WHERE b.mailbox_id <> excluded.mailbox_id;

/* Messages that count against a mailbox since a time, oldest first; attempts in progress come last, at infinity. */
/* @name countedAttempts */
SELECT counted_at AS "counted_at!", counted_at = 'infinity' AS "is_open!", recipient_domain FROM send_attempts
WHERE org_id = :org_id! AND mailbox_id = :mailbox_id! AND counted_at > :since!
ORDER BY counted_at
LIMIT :limit!;

/* Touches deferred by a mailbox limit under the current policy: their places are taken. */
/* @name plannedItems */
SELECT q.scheduled_at, l.email_domain AS recipient_domain FROM sales_send_queue q
JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
WHERE q.org_id = :org_id! AND q.mailbox_id = :mailbox_id! AND q.status = 'approved' AND q.scheduled_at > :now!
  AND NOT q.requires_personal_send
  AND q.deferred_policy_version = :policy_version! AND q.deferred_detail ? 'mailbox_id'
ORDER BY q.scheduled_at, q.id
LIMIT :limit!;

/* The last day: sent messages, bounces, and the time of the first bounce. */
/* @name bouncesOfMailbox */
SELECT (SELECT count(*) FROM send_attempts a
        WHERE a.org_id = :org_id! AND a.mailbox_id = :mailbox_id! AND a.counted_at > :since! AND a.counted_at <= :now!)::int
         AS "sent_count!",
       count(*)::int AS "bounced_count!", min(b.bounced_at) AS first_bounced_at
FROM send_attempts b
WHERE b.org_id = :org_id! AND b.mailbox_id = :mailbox_id! AND b.bounced_at > :since!;

/* The mailboxes of queue items, and the organization's first active mailbox for items without one. */
/* @name mailboxStates @prepared */
SELECT id, address, paused_at, paused_reason, paused_by, retry_at, retired_at FROM mailboxes
WHERE org_id = :org_id! AND (id = ANY (:ids!::uuid[])
  OR id = (SELECT id FROM mailboxes WHERE org_id = :org_id! AND retired_at IS NULL ORDER BY created_at, id LIMIT 1))
ORDER BY retired_at IS NOT NULL, created_at, id
LIMIT :limit!;

/* @name setMailboxDkim */
UPDATE mailboxes
SET dkim_domain = :dkim_domain, dkim_selector = :dkim_selector, dkim_private_key = :dkim_private_key,
    dkim_public_key = :dkim_public_key
WHERE org_id = :org_id! AND id = :id!;

/* @name pauseMailbox */
UPDATE mailboxes
SET paused_at = :now!, paused_reason = :reason!, paused_by = :paused_by!, paused_by_user_id = :paused_by_user_id
WHERE org_id = :org_id! AND id = :id! AND paused_at IS NULL
RETURNING id, address;

/* A mailbox that a person resumed is tried at once. */
/* @name resumeMailbox */
UPDATE mailboxes
SET paused_at = NULL, paused_reason = NULL, paused_by = NULL, paused_by_user_id = NULL,
    unreachable_count = 0, retry_at = NULL, unreachable_error = NULL
WHERE org_id = :org_id! AND id = :id!
RETURNING id;

/* Sets the next wait. Simultaneous failures count once: a failure during a wait changes nothing. A paused mailbox
   waits for a person, and the messages in progress when it was paused do not change that. */
/* @name backOffMailbox */
UPDATE mailboxes m
SET unreachable_count = m.unreachable_count + 1, unreachable_error = :error!,
    retry_at = :now!::timestamptz
      + (:waits_s!::int[])[least(m.unreachable_count + 1, cardinality(:waits_s!::int[]))] * interval '1 second'
WHERE m.org_id = :org_id! AND m.id = :id! AND m.paused_at IS NULL AND (m.retry_at IS NULL OR m.retry_at <= :now!)
RETURNING m.unreachable_count, m.retry_at AS "retry_at!", m.address;

/* @name reachMailbox */
UPDATE mailboxes SET unreachable_count = 0, retry_at = NULL, unreachable_error = NULL
WHERE org_id = :org_id! AND id = :id! AND unreachable_count > 0 AND paused_at IS NULL
RETURNING id;

/* An organization has few mailboxes. */
/* @name lockMailboxes */
SELECT id FROM mailboxes WHERE org_id = :org_id! ORDER BY id LIMIT :limit! FOR NO KEY UPDATE;

/* mailbox_health: mailboxes that their server refused, that were unreachable this often, or that cannot be read. */
/* @name unhealthyMailboxes */
SELECT m.id, m.address, m.paused_by, m.paused_reason, m.unreachable_count, m.unreachable_error,
       c.error AS "reading_error?"
FROM mailboxes m
LEFT JOIN mailbox_cursors c ON c.org_id = m.org_id AND c.mailbox_id = m.id AND c.folder = 'inbox'
WHERE m.org_id = :org_id!
  AND (m.paused_by = 'server' OR (m.paused_at IS NULL AND m.unreachable_count >= :unreachable_count!) OR c.error IS NOT NULL)
ORDER BY m.id
LIMIT :limit!;

/* Finds a mailbox by id or address. */
/* @name mailboxByKey */
SELECT id FROM mailboxes WHERE org_id = :org_id! AND (id::text = :key! OR lower(address) = :key!);

/* Mailboxes with an open flag for too many bounces. */
/* @name bounceFlags */
SELECT m.id FROM flags f
JOIN mailboxes m ON m.org_id = f.org_id AND m.id::text = f.subject
WHERE f.org_id = :org_id! AND f.kind = 'mailbox_health' AND f.resolved_at IS NULL AND f.detail ->> 'cause' = 'bounce_rate'
LIMIT :limit!;

/* @name mailboxWithZone */
SELECT m.*, coalesce(m.time_zone, o.time_zone) AS "own_time_zone!" FROM mailboxes m
JOIN organizations o ON o.org_id = m.org_id
WHERE m.org_id = :org_id! AND m.id = :id!;

/* Mailboxes from which replies are read: mailboxes with their own incoming server, including retired ones, because
   replies still arrive; and the mailbox of the process: the one that it signs in as, else the organization's first. */
/* @name mailboxesToRead */
SELECT m.org_id, m.id, m.imap_host, m.imap_port, m.imap_security, m.imap_user, m.imap_password,
       m.imap_oauth, g.connected_at AS "connected_at?",
       m.id = f.id AS "is_first!", lower(m.address) = lower(:shared_user::text) AS is_shared
FROM mailboxes m
LEFT JOIN mailbox_grants g ON g.org_id = m.org_id AND g.mailbox_id = m.id
CROSS JOIN LATERAL (SELECT x.id FROM mailboxes x WHERE x.org_id = m.org_id ORDER BY x.created_at, x.id LIMIT 1) f
WHERE m.org_id = :org_id! AND (m.imap_host IS NOT NULL OR m.id = f.id OR lower(m.address) = lower(:shared_user::text))
ORDER BY m.id
LIMIT :limit!;
