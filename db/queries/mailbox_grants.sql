/* @name getMailboxGrant */
SELECT * FROM mailbox_grants WHERE org_id = :org_id! AND mailbox_id = :mailbox_id!;

/* What is shown of the grants of mailboxes: nothing that opens anything. */
/* @name shownMailboxGrants */
SELECT mailbox_id, provider, login_user, connected_at, connected_by, failed_at, failure FROM mailbox_grants
WHERE org_id = :org_id! AND mailbox_id = ANY (:mailbox_ids!::uuid[]);

/* Refuses a provider to which the servers of the mailbox do not belong, before anything is asked of it. */
/* @name requireMailHosts */
SELECT require_mail_hosts(:provider!::oauth_provider, :org_id!, :mailbox_id!)::text AS nothing;

/* What another client, provider or user got is forgotten before theirs takes its place. */
/* @name forgetOtherClient */
UPDATE mailbox_grants
SET refresh_token = NULL, connected_at = NULL, connected_by = NULL, access_token = NULL, access_expires_at = NULL,
    access_renew_at = NULL, renewing_until = NULL, failure = NULL, failed_at = NULL
WHERE org_id = :org_id! AND mailbox_id = :mailbox_id!
  AND (provider, token_url, oauth_client_id, login_user)
    IS DISTINCT FROM (:provider!::oauth_provider, :token_url!, :oauth_client_id!, :login_user!);

/* How the mailbox is to be connected, and who was sent to consent: the newest is the one that counts. */
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

/* Who comes back from the provider, once and in time; for anybody else there is nothing. */
/* @name takeMailboxGrant */
UPDATE mailbox_grants SET asked_taken_at = :now!
WHERE org_id = :org_id! AND state_sha256 = :state_sha256! AND asked_by = :user_id! AND asked_until > :now!
  AND asked_taken_at IS NULL
RETURNING *;

/* Connected, unless something else was asked for meanwhile. */
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

/* Mailboxes that send by a token that ends soon, or have none: renewed whether or not there is mail, so that what a provider
   has taken back is known before a message is late; one that was never connected only where there is. Not while the mailbox
   stands still. */
/* @name mailboxesToRenew */
SELECT m.id FROM mailboxes m
LEFT JOIN mailbox_grants g ON g.org_id = m.org_id AND g.mailbox_id = m.id
WHERE m.org_id = :org_id! AND m.smtp_oauth AND m.retired_at IS NULL AND m.paused_at IS NULL
  AND (m.retry_at IS NULL OR m.retry_at <= :now!)
  AND (g.access_renew_at IS NULL OR g.access_renew_at <= :now!)
  AND (g.refresh_token IS NOT NULL OR EXISTS (
    SELECT FROM sales_send_queue q
    WHERE q.org_id = m.org_id AND q.mailbox_id = m.id AND q.status = 'approved' AND q.scheduled_at <= :now!
      AND q.channel = 'email' AND NOT q.requires_personal_send))
ORDER BY m.id
LIMIT :limit!;

/* The turn to renew, for whoever finds it free, and the tokens as they were. */
/* @name claimTokenRenewal */
UPDATE mailbox_grants SET renewing_until = :until!
WHERE org_id = :org_id! AND mailbox_id = :mailbox_id! AND refresh_token = :refresh_token!
  AND access_token IS NOT DISTINCT FROM :access_token AND (renewing_until IS NULL OR renewing_until <= :now!)
RETURNING mailbox_id;

/* Only in the place of the refresh token that it was had for: what a person, or somebody else, put there meanwhile stays. */
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
