-- Several mailboxes: each with its own server, its own limits, and its own leads.

ALTER TYPE deferred_reason ADD VALUE 'mailbox_hourly';
ALTER TYPE deferred_reason ADD VALUE 'mailbox_daily';
ALTER TYPE deferred_reason ADD VALUE 'mailbox_gap';
ALTER TYPE deferred_reason ADD VALUE 'mailbox_warm_up';
ALTER TYPE deferred_reason ADD VALUE 'recipient_domain_daily';
ALTER TYPE deferred_reason ADD VALUE 'bounce_rate';

-- tls: from the first byte. starttls: upgraded, or nothing is sent. none: for a relay on this machine or network.
CREATE TYPE mail_security AS ENUM ('tls', 'starttls', 'none');

ALTER TABLE mailboxes
  -- Whose leads it writes to first; then those of this client's campaigns.
  ADD COLUMN owner_user_id uuid,
  ADD COLUMN client_id text,
  -- No longer used, by a person's word. It stays, since messages and leads refer to it.
  ADD COLUMN retired_at timestamptz,
  ADD COLUMN retired_reason text CHECK (retired_reason <> ''),
  ADD COLUMN retired_by_user_id uuid,
  -- Its own server; without it, the process's SMTP_URL. Passwords are sealed like the DKIM key.
  ADD COLUMN smtp_host text CHECK (smtp_host ~ '^[A-Za-z0-9.:-]+$'),
  ADD COLUMN smtp_port int CHECK (smtp_port BETWEEN 1 AND 65535),
  ADD COLUMN smtp_security mail_security,
  ADD COLUMN smtp_user text CHECK (smtp_user <> ''),
  ADD COLUMN smtp_password bytea CHECK (length(smtp_password) > 29),
  ADD COLUMN imap_host text CHECK (imap_host ~ '^[A-Za-z0-9.:-]+$'),
  ADD COLUMN imap_port int CHECK (imap_port BETWEEN 1 AND 65535),
  ADD COLUMN imap_security mail_security,
  ADD COLUMN imap_user text CHECK (imap_user <> ''),
  ADD COLUMN imap_password bytea CHECK (length(imap_password) > 29),
  -- Its day, and its limits; null: the org's zone, the policy's limits.
  ADD COLUMN time_zone text,
  ADD COLUMN hourly_cap int CHECK (hourly_cap BETWEEN 1 AND 100000),
  ADD COLUMN daily_cap int CHECK (daily_cap BETWEEN 1 AND 100000),
  ADD COLUMN gap_seconds int CHECK (gap_seconds BETWEEN 0 AND 86400),
  ADD COLUMN recipient_domain_daily_cap int CHECK (recipient_domain_daily_cap BETWEEN 1 AND 100000),
  -- The first day of the warm-up, in its zone; null: it is warm.
  ADD COLUMN warm_up_began_on date,
  ADD FOREIGN KEY (org_id, owner_user_id) REFERENCES users (org_id, id),
  ADD FOREIGN KEY (org_id, client_id) REFERENCES clients (org_id, client_id),
  ADD FOREIGN KEY (org_id, retired_by_user_id) REFERENCES users (org_id, id),
  ADD CONSTRAINT mailboxes_retired CHECK (num_nulls(retired_at, retired_reason, retired_by_user_id) IN (0, 3)),
  ADD CONSTRAINT mailboxes_smtp CHECK (
    num_nulls(smtp_host, smtp_port, smtp_security) IN (0, 3) AND num_nulls(smtp_user, smtp_password) IN (0, 2)
    AND (smtp_user IS NULL OR smtp_host IS NOT NULL)),
  ADD CONSTRAINT mailboxes_imap CHECK (num_nulls(imap_host, imap_port, imap_security, imap_user, imap_password) IN (0, 5));

-- The mailbox that a lead hears from, chosen once.
CREATE TABLE lead_mailboxes (
  org_id            uuid NOT NULL REFERENCES organizations,
  lead_id           uuid NOT NULL,
  mailbox_id        uuid NOT NULL,
  chosen_at         timestamptz NOT NULL,
  -- Null while it is the one that was chosen first; else why a person changed it, and who.
  reason            text CHECK (reason <> ''),
  changed_by_user_id uuid,
  PRIMARY KEY (org_id, lead_id),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id),
  FOREIGN KEY (org_id, mailbox_id) REFERENCES mailboxes (org_id, id),
  FOREIGN KEY (org_id, changed_by_user_id) REFERENCES users (org_id, id),
  CONSTRAINT lead_mailboxes_changed CHECK ((reason IS NULL) = (changed_by_user_id IS NULL))
);
CREATE INDEX lead_mailboxes_by_mailbox ON lead_mailboxes (org_id, mailbox_id, lead_id);

-- How many leads each mailbox has, kept by a trigger: counting them for each choice would read them all.
CREATE TABLE mailbox_loads (
  org_id     uuid NOT NULL REFERENCES organizations,
  mailbox_id uuid NOT NULL,
  lead_count int NOT NULL CHECK (lead_count >= 0),
  PRIMARY KEY (org_id, mailbox_id),
  FOREIGN KEY (org_id, mailbox_id) REFERENCES mailboxes (org_id, id)
) WITH (fillfactor = 50);

ALTER TABLE sales_send_queue
  -- The lead's, from when it is to leave.
  ADD COLUMN mailbox_id uuid,
  -- What the deferral was counted from: the limit, how many there were, the name of the holiday.
  ADD COLUMN deferred_detail jsonb,
  ADD CONSTRAINT sales_send_queue_mailbox FOREIGN KEY (org_id, mailbox_id) REFERENCES mailboxes (org_id, id),
  ADD CONSTRAINT sales_send_queue_deferred_detail CHECK (deferred_detail IS NULL OR deferred_reason IS NOT NULL);
-- What is to leave from a mailbox, and what waits for its turn there: neither is in another mailbox's way.
CREATE INDEX sales_send_queue_by_mailbox ON sales_send_queue (org_id, mailbox_id, scheduled_at, id)
  WHERE status = 'approved' AND channel = 'email' AND NOT requires_personal_send;
DROP INDEX sales_send_queue_deferred_by_policy;
CREATE INDEX sales_send_queue_deferred_by_policy ON sales_send_queue (org_id, mailbox_id, deferred_policy_version, id)
  WHERE deferred_policy_version IS NOT NULL;

ALTER TABLE send_attempts
  ADD COLUMN recipient_domain text,
  -- The message came back. Written once, by what reads the mailbox.
  ADD COLUMN bounced_at timestamptz,
  -- When it counts against its mailbox: now, while it is under way; once it left or may have, from then. The later instant
  -- is the safe one.
  ADD COLUMN counted_at timestamptz GENERATED ALWAYS AS (
    CASE WHEN stage IN ('intent', 'data') THEN 'infinity'::timestamptz
         WHEN stage IN ('accepted', 'unknown') THEN finished_at END) STORED,
  ADD CONSTRAINT send_attempts_bounced CHECK (bounced_at IS NULL OR stage IN ('accepted', 'unknown'));
CREATE INDEX send_attempts_counted ON send_attempts (org_id, mailbox_id, counted_at) INCLUDE (recipient_domain)
  WHERE counted_at IS NOT NULL;
CREATE INDEX send_attempts_bounced_by_mailbox ON send_attempts (org_id, mailbox_id, bounced_at)
  WHERE bounced_at IS NOT NULL;

-- Who was written to already hears from the same mailbox again.
ALTER TABLE send_attempts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE sales_send_queue NO FORCE ROW LEVEL SECURITY;
INSERT INTO lead_mailboxes (org_id, lead_id, mailbox_id, chosen_at)
SELECT DISTINCT ON (q.org_id, q.lead_id) q.org_id, q.lead_id, a.mailbox_id, a.started_at
FROM send_attempts a
JOIN sales_send_queue q ON q.org_id = a.org_id AND q.id = a.queue_id
ORDER BY q.org_id, q.lead_id, a.started_at DESC;
INSERT INTO mailbox_loads (org_id, mailbox_id, lead_count)
SELECT org_id, mailbox_id, count(*) FROM lead_mailboxes GROUP BY org_id, mailbox_id;
ALTER TABLE send_attempts FORCE ROW LEVEL SECURITY;
ALTER TABLE sales_send_queue FORCE ROW LEVEL SECURITY;
