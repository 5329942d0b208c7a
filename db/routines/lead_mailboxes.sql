-- A lead hears from one mailbox, whatever happens to the others. Only a person changes it, with a reason, and never while
-- a message to the lead is in progress. The lead's lock serializes the change with new attempts.
CREATE OR REPLACE FUNCTION keep_lead_mailbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.lead_id <> NEW.lead_id OR OLD.org_id <> NEW.org_id THEN
    RAISE EXCEPTION 'a mailbox assignment cannot move to another lead' USING ERRCODE = 'TL012';
  END IF;
  IF acting_user() IS NULL OR NEW.reason IS NULL THEN
    RAISE EXCEPTION 'a lead keeps its mailbox: only a person changes it, with a reason' USING ERRCODE = 'TL037';
  END IF;
  PERFORM 1 FROM leads l WHERE l.org_id = NEW.org_id AND l.id = NEW.lead_id FOR NO KEY UPDATE;
  IF EXISTS (
    SELECT FROM sales_send_queue q
    JOIN send_attempts a ON a.org_id = q.org_id AND a.queue_id = q.id AND a.stage IN ('intent', 'data')
    WHERE q.org_id = NEW.org_id AND q.lead_id = NEW.lead_id
  ) THEN
    RAISE EXCEPTION 'a message to this lead is being sent: the mailbox cannot change now'
      USING ERRCODE = 'TL014', HINT = 'Try again in a few minutes.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER lead_mailboxes_kept
  BEFORE UPDATE ON lead_mailboxes FOR EACH ROW EXECUTE FUNCTION keep_lead_mailbox();
CREATE OR REPLACE TRIGGER lead_mailboxes_not_deleted
  BEFORE DELETE ON lead_mailboxes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER lead_mailboxes_no_truncate
  BEFORE TRUNCATE ON lead_mailboxes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Counts the leads of a mailbox.
CREATE OR REPLACE FUNCTION count_new_lead_mailboxes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO mailbox_loads AS m (org_id, mailbox_id, lead_count)
  SELECT org_id, mailbox_id, count(*) FROM new_rows GROUP BY org_id, mailbox_id ORDER BY org_id, mailbox_id
  ON CONFLICT (org_id, mailbox_id) DO UPDATE SET lead_count = m.lead_count + excluded.lead_count;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER lead_mailboxes_counted
  AFTER INSERT ON lead_mailboxes REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION count_new_lead_mailboxes();

-- Unsent touches move with the lead; sent ones keep their mailbox.
CREATE OR REPLACE FUNCTION move_lead_mailbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE mailbox_loads SET lead_count = lead_count - 1 WHERE org_id = OLD.org_id AND mailbox_id = OLD.mailbox_id;
  INSERT INTO mailbox_loads AS m (org_id, mailbox_id, lead_count) VALUES (NEW.org_id, NEW.mailbox_id, 1)
  ON CONFLICT (org_id, mailbox_id) DO UPDATE SET lead_count = m.lead_count + 1;
  UPDATE sales_send_queue SET mailbox_id = NEW.mailbox_id,
      deferred_policy_version = CASE WHEN deferred_policy_version IS NULL THEN NULL ELSE 0 END
  WHERE org_id = NEW.org_id AND lead_id = NEW.lead_id AND mailbox_id IS NOT NULL
    AND status::text IN ('pending', 'drafted', 'approved', 'held', 'failed');
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER lead_mailboxes_moved
  AFTER UPDATE OF mailbox_id ON lead_mailboxes
  FOR EACH ROW WHEN (OLD.mailbox_id <> NEW.mailbox_id) EXECUTE FUNCTION move_lead_mailbox();

-- Refuses a queue item from another mailbox than the lead's.
CREATE OR REPLACE FUNCTION refuse_other_mailbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM lead_mailboxes l
                 WHERE l.org_id = NEW.org_id AND l.lead_id = NEW.lead_id AND l.mailbox_id = NEW.mailbox_id) THEN
    RAISE EXCEPTION 'queue item % must be sent from the mailbox of its lead', NEW.id USING ERRCODE = 'TL037';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sales_send_queue_mailbox_insert
  BEFORE INSERT ON sales_send_queue
  FOR EACH ROW WHEN (NEW.mailbox_id IS NOT NULL) EXECUTE FUNCTION refuse_other_mailbox();
CREATE OR REPLACE TRIGGER sales_send_queue_mailbox_update
  BEFORE UPDATE OF mailbox_id ON sales_send_queue
  FOR EACH ROW WHEN (NEW.mailbox_id IS NOT NULL AND NEW.mailbox_id IS DISTINCT FROM OLD.mailbox_id)
  EXECUTE FUNCTION refuse_other_mailbox();

-- An attempt uses the lead's mailbox. The first attempt, by any writer, settles which mailbox that is.
CREATE OR REPLACE FUNCTION refuse_attempt_from_other_mailbox() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  lead uuid;
  chosen uuid;
BEGIN
  SELECT q.lead_id INTO lead FROM sales_send_queue q WHERE q.org_id = NEW.org_id AND q.id = NEW.queue_id;
  SELECT l.mailbox_id INTO chosen FROM lead_mailboxes l WHERE l.org_id = NEW.org_id AND l.lead_id = lead;
  IF chosen IS NULL AND lead IS NOT NULL THEN
    INSERT INTO lead_mailboxes (org_id, lead_id, mailbox_id, chosen_at)
    VALUES (NEW.org_id, lead, NEW.mailbox_id, NEW.started_at);
  ELSIF chosen <> NEW.mailbox_id THEN
    RAISE EXCEPTION 'no attempt for queue item %: its lead has another mailbox', NEW.queue_id
      USING ERRCODE = 'TL037';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER send_attempts_mailbox_of_lead
  BEFORE INSERT ON send_attempts
  FOR EACH ROW EXECUTE FUNCTION refuse_attempt_from_other_mailbox();

-- A bounce is recorded once.
CREATE OR REPLACE FUNCTION refuse_bounce_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the bounce of attempt % cannot change', OLD.id USING ERRCODE = 'TL003';
END $$;
CREATE OR REPLACE TRIGGER send_attempts_bounced_once
  BEFORE UPDATE OF bounced_at ON send_attempts
  FOR EACH ROW WHEN (OLD.bounced_at IS NOT NULL AND NEW.bounced_at IS DISTINCT FROM OLD.bounced_at)
  EXECUTE FUNCTION refuse_bounce_change();
