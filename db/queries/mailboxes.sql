/* @name insertMailbox */
INSERT INTO mailboxes (org_id, id, address, display_name, created_at)
VALUES (:org_id!, :id!, :address!, :display_name!, :now!);

/* @name listMailboxes */
SELECT * FROM mailboxes
WHERE org_id = :org_id! AND (:after_id::uuid IS NULL OR id > :after_id)
ORDER BY id
LIMIT :limit!;

/* @name getMailbox @prepared */
SELECT * FROM mailboxes WHERE org_id = :org_id! AND id = :id!;

/* @name lockMailbox */
SELECT * FROM mailboxes WHERE org_id = :org_id! AND id = :id! FOR NO KEY UPDATE;

/* The mailbox that sends for the org, if it may: neither paused nor waiting for its server to come back. */
/* @name usableMailbox */
SELECT m.* FROM (SELECT * FROM mailboxes WHERE org_id = :org_id! ORDER BY created_at, id LIMIT 1) m
WHERE m.paused_at IS NULL AND (m.retry_at IS NULL OR m.retry_at <= :now!);

/* The mailbox that sends for the org, whether it may or not. */
/* @name sendingMailboxState */
SELECT id, address, paused_at, paused_reason, paused_by, retry_at FROM mailboxes
WHERE org_id = :org_id! ORDER BY created_at, id LIMIT 1;

/* @name setMailboxName */
UPDATE mailboxes SET display_name = :display_name! WHERE org_id = :org_id! AND id = :id!;

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

/* What a person found to be well again is tried at once. */
/* @name resumeMailbox */
UPDATE mailboxes
SET paused_at = NULL, paused_reason = NULL, paused_by = NULL, paused_by_user_id = NULL,
    unreachable_count = 0, retry_at = NULL, unreachable_error = NULL
WHERE org_id = :org_id! AND id = :id!
RETURNING id;

/* The next wait. Workers that fail at the same time are one failure: who comes while a wait runs changes nothing. A
   paused mailbox waits for a person, and what was under way when it was paused says nothing of that. */
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

/* An org has a few. */
/* @name lockMailboxes */
SELECT id FROM mailboxes WHERE org_id = :org_id! ORDER BY id LIMIT :limit! FOR NO KEY UPDATE;

/* mailbox_health: those that the server refused, that it could not be reached from so often, or that cannot be read. */
/* @name unhealthyMailboxes */
SELECT m.id, m.address, m.paused_by, m.paused_reason, m.unreachable_count, m.unreachable_error,
       c.error AS "reading_error?"
FROM mailboxes m
LEFT JOIN mailbox_cursors c ON c.org_id = m.org_id AND c.mailbox_id = m.id AND c.folder = 'inbox'
WHERE m.org_id = :org_id!
  AND (m.paused_by = 'server' OR (m.paused_at IS NULL AND m.unreachable_count >= :unreachable_count!) OR c.error IS NOT NULL)
ORDER BY m.id
LIMIT :limit!;

/* By its id or its address. */
/* @name mailboxByKey */
SELECT id FROM mailboxes WHERE org_id = :org_id! AND (id::text = :key! OR lower(address) = :key!);
