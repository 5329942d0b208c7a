/* @name getMailboxGrant */
SELECT * FROM mailbox_grants WHERE org_id = :org_id! AND mailbox_id = :mailbox_id!;

/* The public fields of mailbox grants, without secrets. */
/* @name shownMailboxGrants */
SELECT mailbox_id, provider, login_user, connected_at, connected_by, failed_at, failure FROM mailbox_grants
WHERE org_id = :org_id! AND mailbox_id = ANY (:mailbox_ids!::uuid[]);

/* Refuses a provider that does not own the mailbox's servers, before any request to the provider. */
/* @name requireMailHosts */
SELECT require_mail_hosts(:provider!::oauth_provider, :org_id!, :mailbox_id!)::text AS nothing;

/* Deletes the tokens of another client, provider, or user before new ones replace them. */
/* @name forgetOtherClient */
UPDATE mailbox_grants
SET refresh_token = NULL, connected_at = NULL, connected_by = NULL, access_token = NULL, access_expires_at = NULL,
    access_renew_at = NULL, renewing_until = NULL, failure = NULL, failed_at = NULL
WHERE org_id = :org_id! AND mailbox_id = :mailbox_id!
  AND (provider, token_url, oauth_client_id, login_user)
    IS DISTINCT FROM (:provider!::oauth_provider, :token_url!, :oauth_client_id!, :login_user!);

/* The pending connection of the mailbox and the user who was sent to consent. The newest one counts. */
/* @name saveMailboxGrant */
INSERT INTO mailbox_grants AS g
  (org_id, mailbox_id, provider, authorize_url, token_url, oauth_client_id, oauth_client_secret, scopes, login_user,
   state_sha256, code_verifier, asked_by, asked_until)
VALUES (:org_id!, :mailbox_id!, :provider!, :authorize_url, :token_url!, :oauth_client_id!, :oauth_client_secret,
        :scopes!, :login_user!, :state_sha256, :code_verifier, :asked_by, :asked_until)
ON CONFLICT (org_id, mailbox_id) DO UPDATE
SET provider = excluded.provider, authorize_url = excluded.authorize_url, token_url = excluded.token_url,
    oauth_client_id = excluded.oauth_client_id, oauth_client_secret = excluded.oauth_client_secret,
    scopes = excluded.scopes, login_user = excluded.login_user, state_sha256 = excluded.state_sha256,
    code_verifier = excluded.code_verifier, asked_by = excluded.asked_by, asked_until = excluded.asked_until,
    asked_taken_at = NULL;

/* The user who returns from the provider, once and in time; otherwise no row. */
/* @name takeMailboxGrant */
UPDATE mailbox_grants SET asked_taken_at = :now!
WHERE org_id = :org_id! AND state_sha256 = :state_sha256! AND asked_by = :user_id! AND asked_until > :now!
  AND asked_taken_at IS NULL
RETURNING *;

/* Marks the mailbox as connected, unless a newer connection was started since. */
/* @name connectMailboxGrant */
UPDATE mailbox_grants
SET refresh_token = :refresh_token!, connected_at = :now!, connected_by = :user_id!,
    access_token = :access_token!, access_expires_at = :access_expires_at!,
    access_renew_at = :access_renew_at!, renewing_until = NULL, failure = NULL, failed_at = NULL,
    state_sha256 = NULL, code_verifier = NULL, asked_by = NULL, asked_until = NULL, asked_taken_at = NULL
WHERE org_id = :org_id! AND mailbox_id = :mailbox_id! AND state_sha256 IS NOT DISTINCT FROM :state_sha256
RETURNING mailbox_id;

/* @name forgetMailboxTokens */
UPDATE mailbox_grants
SET refresh_token = NULL, connected_at = NULL, connected_by = NULL, access_token = NULL, access_expires_at = NULL,
    access_renew_at = NULL, renewing_until = NULL, failure = NULL, failed_at = NULL,
    state_sha256 = NULL, code_verifier = NULL, asked_by = NULL, asked_until = NULL, asked_taken_at = NULL
WHERE org_id = :org_id! AND mailbox_id = :mailbox_id!;

/* Mailboxes whose access token ends soon or is missing. Tokens are renewed without waiting for mail, so a revocation
   is known before a message is late; a mailbox that was never connected is tried only when it has mail. Paused
   mailboxes are skipped. */
/* @name mailboxesToRenew */
SELECT m.id FROM mailboxes m
LEFT JOIN mailbox_grants g ON g.org_id = m.org_id AND g.mailbox_id = m.id
WHERE m.org_id = :org_id! AND m.smtp_oauth AND m.retired_at IS NULL AND m.paused_at IS NULL
  AND (m.retry_at IS NULL OR m.retry_at <= :now!)
  AND (g.access_renew_at IS NULL OR g.access_renew_at <= :now!)
  AND (g.refresh_token IS NOT NULL OR EXISTS (
    SELECT FROM sales_send_queue q
    WHERE q.org_id = m.org_id AND q.mailbox_id = m.id AND q.status = 'approved' AND q.scheduled_at <= :now!
      AND NOT q.requires_personal_send))
ORDER BY m.id
LIMIT :limit!;

/* Claims the renewal if no other process holds it, and returns the current tokens. */
/* @name claimTokenRenewal */
UPDATE mailbox_grants SET renewing_until = :until!
WHERE org_id = :org_id! AND mailbox_id = :mailbox_id! AND refresh_token = :refresh_token!
  AND access_token IS NOT DISTINCT FROM :access_token AND (renewing_until IS NULL OR renewing_until <= :now!)
RETURNING mailbox_id;

/* Replaces only the refresh token from which the new one came; a token stored since stays. */
/* @name storeRenewedTokens */
UPDATE mailbox_grants
SET refresh_token = coalesce(:new_refresh_token, refresh_token), access_token = :access_token!,
    access_expires_at = :access_expires_at!, access_renew_at = :access_renew_at!, renewing_until = NULL, failure = NULL, failed_at = NULL
WHERE org_id = :org_id! AND mailbox_id = :mailbox_id! AND refresh_token = :refresh_token!
RETURNING mailbox_id;

/* @name noteFailedRenewal */
UPDATE mailbox_grants SET failure = :failure!, failed_at = :now!, renewing_until = NULL
WHERE org_id = :org_id! AND mailbox_id = :mailbox_id! AND refresh_token = :refresh_token!
RETURNING mailbox_id;
