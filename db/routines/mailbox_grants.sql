-- Which servers receive a mailbox's tokens, and in whose name it is connected. principals.sql requires an admin.

-- The mail servers that a provider documents. Null for the organization's own provider, whose servers only the connecting
-- person knows.
-- google: developers.google.com/workspace/gmail/imap/imap-smtp
-- microsoft: support.microsoft.com, "POP, IMAP, and SMTP settings for Outlook.com", and learn.microsoft.com, "How to set
-- up a multifunction device or application to send email using Microsoft 365" (SMTP AUTH client submission)
CREATE OR REPLACE FUNCTION mail_hosts_of(oauth_provider) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE $1
    WHEN 'google' THEN '{smtp.gmail.com,imap.gmail.com}'::text[]
    WHEN 'microsoft' THEN '{smtp.office365.com,outlook.office365.com,smtp-mail.outlook.com}'::text[]
  END;

CREATE OR REPLACE FUNCTION require_mail_hosts(given oauth_provider, org uuid, mailbox uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  known text[] := mail_hosts_of(given);
  wrong text;
BEGIN
  SELECT CASE WHEN m.smtp_oauth AND lower(m.smtp_host) <> ALL (known) THEN 'smtp.host'
              WHEN m.imap_oauth AND lower(m.imap_host) <> ALL (known) THEN 'imap.host' END
    INTO wrong
  FROM mailboxes m WHERE m.org_id = org AND m.id = mailbox;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'tokens of % may go only to its own mail servers', given
      USING ERRCODE = 'TL050', COLUMN = wrong, HINT = 'Its servers are ' || array_to_string(known, ', ') || '.';
  END IF;
END $$;

-- Refuses a grant for a mailbox whose servers belong to another provider.
CREATE OR REPLACE FUNCTION require_mail_hosts_of_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Waits for a server change in progress, and then sees it.
  PERFORM 1 FROM mailboxes m WHERE m.org_id = NEW.org_id AND m.id = NEW.mailbox_id FOR SHARE;
  PERFORM require_mail_hosts(NEW.provider, NEW.org_id, NEW.mailbox_id);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER mailbox_grants_hosts
  AFTER INSERT OR UPDATE OF provider ON mailbox_grants
  FOR EACH ROW EXECUTE FUNCTION require_mail_hosts_of_grant();

-- Pointing a mailbox at another server must not reveal its tokens. Any server of google and microsoft may receive theirs,
-- because its certificate proves the owner. Tokens of another provider belong to the servers set when a person connected
-- the mailbox; for other servers, a person must connect it again in their own name.
CREATE OR REPLACE FUNCTION keep_tokens_from_other_servers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  given oauth_provider;
BEGIN
  -- Locked first: a connection in progress either is visible or is refused by the new server.
  PERFORM 1 FROM mailbox_grants g WHERE g.org_id = NEW.org_id AND g.mailbox_id = NEW.id FOR UPDATE;
  SELECT g.provider INTO given FROM mailbox_grants g WHERE g.org_id = NEW.org_id AND g.mailbox_id = NEW.id;
  IF given IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM require_mail_hosts(given, NEW.org_id, NEW.id);
  UPDATE mailbox_grants
  SET refresh_token = NULL, connected_at = NULL, connected_by = NULL, access_token = NULL, access_expires_at = NULL,
      access_renew_at = NULL, renewing_until = NULL, failure = NULL, failed_at = NULL,
      state_sha256 = NULL, code_verifier = NULL, asked_by = NULL, asked_until = NULL, asked_taken_at = NULL
  WHERE org_id = NEW.org_id AND mailbox_id = NEW.id AND mail_hosts_of(provider) IS NULL
    AND num_nonnulls(refresh_token, state_sha256) > 0;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER mailboxes_tokens
  AFTER UPDATE ON mailboxes
  FOR EACH ROW
  WHEN (NEW.smtp_oauth AND (OLD.smtp_oauth, OLD.smtp_host, OLD.smtp_port, OLD.smtp_security)
          IS DISTINCT FROM (NEW.smtp_oauth, NEW.smtp_host, NEW.smtp_port, NEW.smtp_security)
        OR NEW.imap_oauth AND (OLD.imap_oauth, OLD.imap_host, OLD.imap_port, OLD.imap_security)
          IS DISTINCT FROM (NEW.imap_oauth, NEW.imap_host, NEW.imap_port, NEW.imap_security))
  EXECUTE FUNCTION keep_tokens_from_other_servers();

-- One client obtained a token from one provider for one mailbox: no other client, provider, or mailbox receives it.
CREATE OR REPLACE FUNCTION refuse_tokens_of_others() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the tokens of mailbox % cannot move to another provider, client, or user', OLD.mailbox_id
    USING ERRCODE = 'TL012', HINT = 'Connect the mailbox again.';
END $$;
CREATE OR REPLACE TRIGGER mailbox_grants_identity
  BEFORE UPDATE ON mailbox_grants
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.mailbox_id) IS DISTINCT FROM (NEW.org_id, NEW.mailbox_id)
        OR (OLD.provider, OLD.token_url, OLD.oauth_client_id, OLD.login_user)
             IS DISTINCT FROM (NEW.provider, NEW.token_url, NEW.oauth_client_id, NEW.login_user)
           AND (OLD.refresh_token = NEW.refresh_token OR OLD.access_token = NEW.access_token))
  EXECUTE FUNCTION refuse_tokens_of_others();

-- The acting person connects a mailbox, and only that person returns from the provider.
CREATE OR REPLACE FUNCTION require_connecting_person() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was mailbox_grants;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    was := OLD;
  END IF;
  IF NEW.connected_at IS NOT NULL AND (was.connected_at, was.connected_by) IS DISTINCT FROM (NEW.connected_at, NEW.connected_by) THEN
    PERFORM require_acting_person(NEW.connected_by);
  END IF;
  IF NEW.state_sha256 IS NOT NULL
     AND (was.state_sha256, was.asked_by, was.asked_taken_at) IS DISTINCT FROM (NEW.state_sha256, NEW.asked_by, NEW.asked_taken_at)
  THEN
    PERFORM require_acting_person(NEW.asked_by);
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER mailbox_grants_person
  BEFORE INSERT OR UPDATE ON mailbox_grants
  FOR EACH ROW EXECUTE FUNCTION require_connecting_person();
