-- An inbound message stays as it arrived. Only its handling changes, and a person's decision is final.

CREATE OR REPLACE TRIGGER inbound_messages_identity
  BEFORE UPDATE ON inbound_messages
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.source, OLD.mailbox_id, OLD.folder, OLD.uid_validity, OLD.uid, OLD.raw_hash, OLD.message_id,
         OLD.from_address, OLD.to_address, OLD.received_at, OLD.created_at, OLD.kind, OLD.fault, OLD.matched_by, OLD.lead_id,
         OLD.enrollment_id, OLD.queue_id, OLD.attempt_id, OLD.subject, OLD.text, OLD.bounce_status, OLD.bounce_cause,
         OLD.bounced_address, OLD.task_id, OLD.task_role, OLD.reason, OLD.answer_hash,
         OLD.suggested_name, OLD.suggested_email)
        IS DISTINCT FROM
        (NEW.org_id, NEW.id, NEW.source, NEW.mailbox_id, NEW.folder, NEW.uid_validity, NEW.uid, NEW.raw_hash, NEW.message_id,
         NEW.from_address, NEW.to_address, NEW.received_at, NEW.created_at, NEW.kind, NEW.fault, NEW.matched_by, NEW.lead_id,
         NEW.enrollment_id, NEW.queue_id, NEW.attempt_id, NEW.subject, NEW.text, NEW.bounce_status, NEW.bounce_cause,
         NEW.bounced_address, NEW.task_id, NEW.task_role, NEW.reason, NEW.answer_hash,
         NEW.suggested_name, NEW.suggested_email)
        AND NOT is_erasing())
  EXECUTE FUNCTION refuse_identity_change();

CREATE OR REPLACE TRIGGER inbound_messages_kept
  BEFORE DELETE ON inbound_messages FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER inbound_messages_no_truncate
  BEFORE TRUNCATE ON inbound_messages FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A message belongs to the lead of the touch that it answers, and of the attempt that it names.
CREATE OR REPLACE FUNCTION refuse_foreign_match() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM sales_send_queue q JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
  WHERE q.org_id = NEW.org_id AND q.id = NEW.queue_id AND coalesce(l.merged_into_id, l.id) = NEW.lead_id
    AND q.enrollment_id = NEW.enrollment_id;
  IF NOT FOUND OR NEW.attempt_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM send_attempts a WHERE a.org_id = NEW.org_id AND a.id = NEW.attempt_id AND a.queue_id = NEW.queue_id
  ) THEN
    RAISE EXCEPTION 'an inbound message must have the lead and the enrollment of the touch it answers'
      USING ERRCODE = 'TL012';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER inbound_messages_of_touch
  BEFORE INSERT ON inbound_messages
  FOR EACH ROW WHEN (NEW.queue_id IS NOT NULL) EXECUTE FUNCTION refuse_foreign_match();

-- No rule, model, or agent overrules a person's classification, and a person classifies in their own name. A person judges a
-- bounce only once, because its effects stay.
CREATE OR REPLACE FUNCTION guard_intent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.kind = 'bounce' THEN
    IF OLD.handled_at IS NOT NULL THEN
      RAISE EXCEPTION 'bounce % is already handled', OLD.id USING ERRCODE = 'TL044';
    END IF;
    PERFORM require_acting_person(NEW.handled_by_user_id);
  ELSIF NEW.intent_source = 'person' THEN
    PERFORM require_acting_person(NEW.handled_by_user_id);
  ELSIF OLD.intent_source = 'person' THEN
    RAISE EXCEPTION 'a person has already classified message %', OLD.id
      USING ERRCODE = 'TL044', HINT = 'A person can classify it again.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER inbound_messages_intent_said
  BEFORE UPDATE ON inbound_messages
  FOR EACH ROW
  WHEN ((OLD.intent, OLD.intent_source, OLD.handled_at, OLD.handled_by_user_id, OLD.return_date, OLD.note, OLD.bounce_severity)
        IS DISTINCT FROM (NEW.intent, NEW.intent_source, NEW.handled_at, NEW.handled_by_user_id, NEW.return_date, NEW.note,
                          NEW.bounce_severity)
        AND NOT is_erasing())
  EXECUTE FUNCTION guard_intent();
-- Refuses a message that arrives with an intent.
CREATE OR REPLACE FUNCTION refuse_said_beforehand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'message % has not been read yet', NEW.id USING ERRCODE = 'TL044';
END $$;
CREATE OR REPLACE TRIGGER inbound_messages_unread
  BEFORE INSERT ON inbound_messages
  FOR EACH ROW WHEN (NEW.intent_source IN ('agent', 'person') OR NEW.handled_by_agent IS NOT NULL)
  EXECUTE FUNCTION refuse_said_beforehand();

-- The mailbox of an address: a server delivers `ann+news@x` to `ann@x`. Only for the sender of an answer, never for identity.
CREATE OR REPLACE FUNCTION untagged(address text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN regexp_replace(lower(address), '^([^@+]+)[+][^@]*@', '\1@');

-- A message that names ours is pending unless it has an effect or a stated reason: one that no rule understands,
-- a bounce for an unknown cause, and a request to opt out from an address that is not the lead's.
CREATE OR REPLACE FUNCTION refuse_unread_as_handled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.kind = 'unsubscribe' AND EXISTS (
    SELECT FROM lead_addresses d
    WHERE d.org_id = NEW.org_id AND d.lead_id = NEW.lead_id AND d.kind = 'email' AND untagged(d.value_key) = untagged(NEW.from_address)
  ) OR EXISTS (
    SELECT FROM send_attempts a JOIN staged_drafts d ON d.org_id = a.org_id AND d.id = a.draft_id
    WHERE NEW.kind = 'unsubscribe' AND a.org_id = NEW.org_id AND a.id = NEW.attempt_id AND untagged(d.to_id) = untagged(NEW.from_address)
  ) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'message % needs a person', NEW.id USING ERRCODE = 'TL044';
END $$;
CREATE OR REPLACE TRIGGER inbound_messages_read_by_someone
  BEFORE INSERT ON inbound_messages
  FOR EACH ROW
  WHEN (NEW.handled_at IS NOT NULL AND NEW.queue_id IS NOT NULL
        AND NEW.reason IS DISTINCT FROM 'erased_lead'
        AND (NEW.kind = 'unsubscribe'
             OR NEW.bounce_cause = 'unknown'
             OR NEW.kind = 'other' AND coalesce(NEW.reason NOT IN ('receipt', 'delivery_report', 'feedback'), true)))
  EXECUTE FUNCTION refuse_unread_as_handled();

-- A person makes the suggested lead, once.
CREATE OR REPLACE FUNCTION guard_suggested_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' OR OLD.suggested_lead_id IS NOT NULL THEN
    RAISE EXCEPTION 'the lead that message % suggests cannot change', NEW.id USING ERRCODE = 'TL012';
  END IF;
  PERFORM require_acting_person(acting_user());
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER inbound_messages_suggested_new
  BEFORE INSERT ON inbound_messages
  FOR EACH ROW WHEN (NEW.suggested_lead_id IS NOT NULL) EXECUTE FUNCTION guard_suggested_lead();
CREATE OR REPLACE TRIGGER inbound_messages_suggested_by_person
  BEFORE UPDATE OF suggested_lead_id ON inbound_messages
  FOR EACH ROW
  WHEN (OLD.suggested_lead_id IS DISTINCT FROM NEW.suggested_lead_id AND NOT is_erasing())
  EXECUTE FUNCTION guard_suggested_lead();

-- A folder is read forward only; it restarts only if the server renumbered its messages.
CREATE OR REPLACE FUNCTION refuse_reading_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the mailbox has already been read past this position' USING ERRCODE = 'TL045';
END $$;
CREATE OR REPLACE TRIGGER mailbox_cursors_forward
  BEFORE UPDATE OF uid_validity, last_uid ON mailbox_cursors
  FOR EACH ROW
  WHEN (NEW.uid_validity IS NOT DISTINCT FROM OLD.uid_validity AND NEW.last_uid < OLD.last_uid
        OR OLD.uid_validity IS NOT NULL AND NEW.uid_validity IS NULL)
  EXECUTE FUNCTION refuse_reading_back();
