-- Mailboxes that log in by OAuth 2.0 (RFC 6749): a grant for each, and which of its servers are entered by it.

CREATE TYPE oauth_provider AS ENUM ('google', 'microsoft', 'custom');

-- Over TLS, or to this machine itself.
CREATE FUNCTION is_oauth_url(text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN length($1) <= 2000 AND (
    $1 ~ '^https://[^/?#@\s]+([/?][^#\s]*)?$'
    OR $1 ~ '^http://(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?([/?][^#\s]*)?$');

ALTER TABLE mailboxes
  -- Entered by the mailbox's grant, and by no password. A token in the clear would be anybody's.
  ADD COLUMN smtp_oauth boolean NOT NULL DEFAULT false,
  ADD COLUMN imap_oauth boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT mailboxes_smtp_oauth CHECK (
    NOT smtp_oauth OR (smtp_host IS NOT NULL AND smtp_user IS NULL AND smtp_security <> 'none')),
  ADD CONSTRAINT mailboxes_imap_oauth CHECK (NOT imap_oauth OR (imap_host IS NOT NULL AND imap_security <> 'none')),
  DROP CONSTRAINT mailboxes_imap,
  ADD CONSTRAINT mailboxes_imap CHECK (
    num_nulls(imap_host, imap_port, imap_security) IN (0, 3)
    AND num_nulls(imap_user, imap_password) = CASE WHEN imap_host IS NULL OR imap_oauth THEN 2 ELSE 0 END);

-- Secrets are sealed, like the passwords of mailboxes.
CREATE TABLE mailbox_grants (
  org_id              uuid NOT NULL REFERENCES organizations,
  mailbox_id          uuid NOT NULL,
  provider            oauth_provider NOT NULL,
  -- Where a person consents; null where the refresh token was had elsewhere.
  authorize_url       text CHECK (is_oauth_url(authorize_url)),
  token_url           text NOT NULL CHECK (is_oauth_url(token_url)),
  oauth_client_id     text NOT NULL CHECK (length(oauth_client_id) BETWEEN 1 AND 500),
  -- Null: a public client.
  oauth_client_secret bytea CHECK (length(oauth_client_secret) BETWEEN 30 AND 20000),
  scopes              text[] NOT NULL,
  -- As whom the servers are entered.
  login_user          text NOT NULL CHECK (length(login_user) BETWEEN 1 AND 320),

  -- A person was sent to consent, and has so long to come back; taken: they have.
  state_sha256        bytea CHECK (length(state_sha256) = 32),
  code_verifier       bytea CHECK (length(code_verifier) BETWEEN 30 AND 1000),
  asked_by            uuid,
  asked_until         timestamptz,
  asked_taken_at      timestamptz,

  -- Null: not connected.
  refresh_token       bytea CHECK (length(refresh_token) BETWEEN 30 AND 20000),
  connected_at        timestamptz,
  connected_by        uuid,
  -- One for all processes.
  access_token        bytea CHECK (length(access_token) BETWEEN 30 AND 20000),
  access_expires_at   timestamptz,
  -- From when another one is had.
  access_renew_at     timestamptz,
  -- Until when somebody is having it renewed. Two at once would show one refresh token twice, for which providers that give
  -- a new one each time take back both (RFC 9700 section 4.14.2).
  renewing_until      timestamptz,
  -- Why the last renewal came to nothing; null: it did not.
  failure             text CHECK (failure ~ '^[a-z0-9_]{1,60}$'),
  failed_at           timestamptz,

  PRIMARY KEY (org_id, mailbox_id),
  CONSTRAINT mailbox_grants_mailbox FOREIGN KEY (org_id, mailbox_id) REFERENCES mailboxes (org_id, id),
  CONSTRAINT mailbox_grants_asked_by FOREIGN KEY (org_id, asked_by) REFERENCES users (org_id, id),
  CONSTRAINT mailbox_grants_connected_by FOREIGN KEY (org_id, connected_by) REFERENCES users (org_id, id),
  CONSTRAINT mailbox_grants_state UNIQUE (org_id, state_sha256),
  CONSTRAINT mailbox_grants_asked CHECK (
    num_nulls(state_sha256, code_verifier, asked_by, asked_until) IN (0, 4)
    AND (asked_taken_at IS NULL OR state_sha256 IS NOT NULL)),
  CONSTRAINT mailbox_grants_connected CHECK (num_nulls(refresh_token, connected_at, connected_by) IN (0, 3)),
  CONSTRAINT mailbox_grants_access CHECK (
    num_nulls(access_token, access_expires_at, access_renew_at) IN (0, 3) AND access_renew_at <= access_expires_at
    AND (refresh_token IS NOT NULL OR num_nonnulls(access_token, renewing_until, failure) = 0)),
  CONSTRAINT mailbox_grants_failure CHECK (num_nulls(failure, failed_at) IN (0, 2))
);
