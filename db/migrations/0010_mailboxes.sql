-- A sending identity: the address that mail is from, the key that signs it, and whether it may send at all. The first
-- one of an org is made with the org and uses the process's SMTP connection; every attempt names the one it used.

CREATE TYPE mailbox_paused_by AS ENUM ('server', 'person');

CREATE TABLE mailboxes (
  org_id            uuid NOT NULL REFERENCES organizations,
  id                uuid NOT NULL,
  -- Never changed: Message-IDs and replies are tied to it.
  address           text NOT NULL CHECK (address ~ '^[^@\s]+@[^@\s]+$'),
  display_name      text NOT NULL CHECK (display_name <> '' AND display_name !~ '[\r\n]'),
  -- While set, nothing is sent from it. `server`: it was refused (5.7.x, the login), so a person has to look.
  paused_at         timestamptz,
  paused_reason     text CHECK (paused_reason <> ''),
  paused_by         mailbox_paused_by,
  paused_by_user_id uuid,
  -- The server could not be reached this many times in a row; the next try is at retry_at.
  unreachable_count int NOT NULL DEFAULT 0 CHECK (unreachable_count >= 0),
  retry_at          timestamptz,
  unreachable_error text,
  -- DKIM (RFC 6376). The private key is sealed with the process's secret, see src/coordinator/sealed_secret.ts.
  dkim_domain       text CHECK (dkim_domain ~ '^[a-z0-9-]+(\.[a-z0-9-]+)+$'),
  dkim_selector     text CHECK (dkim_selector ~ '^[a-z0-9-]+(\.[a-z0-9-]+)*$'),
  dkim_private_key  bytea CHECK (length(dkim_private_key) > 29),
  -- As it is published: base64 of the SubjectPublicKeyInfo.
  dkim_public_key   text CHECK (dkim_public_key ~ '^[A-Za-z0-9+/]+=*$'),
  created_at        timestamptz NOT NULL,
  PRIMARY KEY (org_id, id),
  CONSTRAINT mailboxes_address_uniq UNIQUE (org_id, address),
  FOREIGN KEY (org_id, paused_by_user_id) REFERENCES users (org_id, id),
  CONSTRAINT mailboxes_paused CHECK (num_nulls(paused_at, paused_reason, paused_by) IN (0, 3)),
  CONSTRAINT mailboxes_paused_person CHECK ((paused_by IS NOT DISTINCT FROM 'person') = (paused_by_user_id IS NOT NULL)),
  CONSTRAINT mailboxes_unreachable CHECK (
    (unreachable_count > 0) = (retry_at IS NOT NULL) AND (unreachable_count > 0) = (unreachable_error IS NOT NULL)),
  CONSTRAINT mailboxes_dkim CHECK (num_nulls(dkim_domain, dkim_selector, dkim_private_key, dkim_public_key) IN (0, 4)),
  -- A signature speaks for the From address only if its domain is that address's domain or a parent of it (DMARC,
  -- RFC 7489 section 3.1.1).
  CONSTRAINT mailboxes_dkim_aligned CHECK (
    dkim_domain IS NULL
    OR right('.' || lower(split_part(address, '@', 2)), length(dkim_domain) + 1) = '.' || dkim_domain)
);

INSERT INTO mailboxes (org_id, id, address, display_name, created_at)
SELECT org_id, gen_random_uuid(), sender_address, regexp_replace(sender_name, '[\r\n]+', ' ', 'g'), created_at
FROM organizations;

ALTER TABLE send_attempts ADD COLUMN mailbox_id uuid;
UPDATE send_attempts a SET mailbox_id = m.id FROM mailboxes m WHERE m.org_id = a.org_id;
ALTER TABLE send_attempts
  ALTER COLUMN mailbox_id SET NOT NULL,
  ADD CONSTRAINT send_attempts_mailbox FOREIGN KEY (org_id, mailbox_id) REFERENCES mailboxes (org_id, id);
CREATE INDEX send_attempts_by_mailbox ON send_attempts (org_id, mailbox_id, started_at);
-- The sweep looks for open attempts whose lease ran out.
CREATE INDEX send_attempts_open_leases ON send_attempts (org_id, lease_until) WHERE stage IN ('intent', 'data');
