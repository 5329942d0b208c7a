-- A paused mailbox sends nothing. The lock serializes the pause with attempts: an attempt either precedes the pause or
-- sees it. Checked again at the point of no return.
CREATE OR REPLACE FUNCTION refuse_paused_mailbox() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  why text;
BEGIN
  -- Lock first, read afterward: a statement's snapshot may be older than the lock that it waited for.
  PERFORM 1 FROM mailboxes m WHERE m.org_id = NEW.org_id AND m.id = NEW.mailbox_id FOR SHARE;
  IF EXISTS (SELECT FROM mailboxes m
             WHERE m.org_id = NEW.org_id AND m.id = NEW.mailbox_id AND m.retired_at IS NOT NULL) THEN
    RAISE EXCEPTION 'the mailbox is retired and cannot send'
      USING ERRCODE = 'TL038', HINT = 'A person can restore the mailbox, or assign the lead another one.';
  END IF;
  SELECT m.paused_reason INTO why FROM mailboxes m
  WHERE m.org_id = NEW.org_id AND m.id = NEW.mailbox_id AND m.paused_at IS NOT NULL;
  IF why IS NOT NULL THEN
    RAISE EXCEPTION 'the mailbox is paused: %', why
      USING ERRCODE = 'TL013', HINT = 'A person can resume it: touchline mailbox resume.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER send_attempts_mailbox_open
  BEFORE INSERT ON send_attempts
  FOR EACH ROW EXECUTE FUNCTION refuse_paused_mailbox();
CREATE OR REPLACE TRIGGER send_attempts_mailbox_open_data
  BEFORE UPDATE OF stage ON send_attempts
  FOR EACH ROW WHEN (OLD.stage = 'intent' AND NEW.stage = 'data')
  EXECUTE FUNCTION refuse_paused_mailbox();

-- The mailbox of an attempt and the address of a mailbox never change.
CREATE OR REPLACE TRIGGER send_attempts_mailbox_identity
  BEFORE UPDATE OF mailbox_id ON send_attempts
  FOR EACH ROW WHEN (OLD.mailbox_id <> NEW.mailbox_id) EXECUTE FUNCTION refuse_identity_change();
CREATE OR REPLACE TRIGGER mailboxes_identity
  BEFORE UPDATE ON mailboxes
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.address, OLD.created_at) IS DISTINCT FROM (NEW.org_id, NEW.id, NEW.address, NEW.created_at))
  EXECUTE FUNCTION refuse_identity_change();

-- A server that refused a mailbox would refuse it again, and each refusal costs reputation: only a person resumes it.
CREATE OR REPLACE FUNCTION require_person_to_resume() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_user() IS NULL THEN
    RAISE EXCEPTION 'only a person can resume a mailbox' USING ERRCODE = 'TL005';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER mailboxes_resumed
  BEFORE UPDATE OF paused_at ON mailboxes
  FOR EACH ROW WHEN (OLD.paused_at IS NOT NULL AND NEW.paused_at IS NULL)
  EXECUTE FUNCTION require_person_to_resume();

-- Only a person retires a mailbox or restores it.
CREATE OR REPLACE FUNCTION require_person_to_retire() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_user() IS NULL THEN
    RAISE EXCEPTION 'only a person can retire or restore a mailbox' USING ERRCODE = 'TL005';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER mailboxes_retired_by_person
  BEFORE UPDATE OF retired_at ON mailboxes
  FOR EACH ROW WHEN (OLD.retired_at IS DISTINCT FROM NEW.retired_at)
  EXECUTE FUNCTION require_person_to_retire();
CREATE OR REPLACE TRIGGER mailboxes_kept
  BEFORE DELETE ON mailboxes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER mailboxes_no_truncate
  BEFORE TRUNCATE ON mailboxes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Wakes deferred touches when a limit of their mailbox changes. A new limit: deferred messages are decided again.
CREATE OR REPLACE FUNCTION wake_items_of_mailbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sales_send_queue SET deferred_policy_version = 0
  WHERE org_id = NEW.org_id AND mailbox_id = NEW.id AND deferred_policy_version > 0;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER mailboxes_limits
  AFTER UPDATE ON mailboxes
  FOR EACH ROW
  WHEN ((OLD.time_zone, OLD.hourly_cap, OLD.daily_cap, OLD.gap_seconds, OLD.recipient_domain_daily_cap, OLD.warm_up_began_on)
        IS DISTINCT FROM
        (NEW.time_zone, NEW.hourly_cap, NEW.daily_cap, NEW.gap_seconds, NEW.recipient_domain_daily_cap, NEW.warm_up_began_on))
  EXECUTE FUNCTION wake_items_of_mailbox();

-- Pointing a mailbox at another server, or disabling TLS, must not reveal its password. The password is also sealed for
-- its server (src/coordinator/sending/mailbox_logins.ts): a restored one opens for no other.
CREATE OR REPLACE FUNCTION keep_password_from_other_servers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the password of mailbox % is only for its own server and user', OLD.address
    USING ERRCODE = 'TL052', COLUMN = TG_ARGV[0],
      HINT = 'Give the password again when host, port, user, or security changes.';
END $$;
CREATE OR REPLACE TRIGGER mailboxes_smtp_password
  BEFORE UPDATE OF smtp_host, smtp_port, smtp_security, smtp_user, smtp_password ON mailboxes
  FOR EACH ROW
  WHEN (OLD.smtp_password = NEW.smtp_password
        AND ((OLD.smtp_host, OLD.smtp_port, OLD.smtp_user) IS DISTINCT FROM (NEW.smtp_host, NEW.smtp_port, NEW.smtp_user)
             OR NEW.smtp_security = 'none' AND OLD.smtp_security <> 'none'))
  EXECUTE FUNCTION keep_password_from_other_servers('smtp.password');
CREATE OR REPLACE TRIGGER mailboxes_imap_password
  BEFORE UPDATE OF imap_host, imap_port, imap_security, imap_user, imap_password ON mailboxes
  FOR EACH ROW
  WHEN (OLD.imap_password = NEW.imap_password
        AND ((OLD.imap_host, OLD.imap_port, OLD.imap_user) IS DISTINCT FROM (NEW.imap_host, NEW.imap_port, NEW.imap_user)
             OR NEW.imap_security = 'none' AND OLD.imap_security <> 'none'))
  EXECUTE FUNCTION keep_password_from_other_servers('imap.password');
