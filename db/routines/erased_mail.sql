-- Erasure of a person's words in inbound mail (erasures.sql), whichever lead the mail belongs to.

-- Whether a text contains an address as a whole, not as a part of a longer one. Both in lower case.
CREATE OR REPLACE FUNCTION names_address(words text, address text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN position(address IN words) > 0
    AND words ~ ('(?<![a-z0-9._%+-])' || regexp_replace(address, '(\W)', '\\\1', 'g') || '(?![a-z0-9-]|[.][a-z0-9])');

DROP FUNCTION IF EXISTS mail_of_erased(uuid, uuid, text);
DROP FUNCTION IF EXISTS erase_mail(uuid, uuid, text, uuid[]);
-- Messages of the lead, from or to the lead's addresses, about its failures, or that name it without being another person's
-- own words: reports, and messages of unknown authors.
CREATE OR REPLACE FUNCTION mail_of_erased(org uuid, lead uuid, addresses text[]) RETURNS uuid[] LANGUAGE sql STABLE
  RETURN (SELECT coalesce(array_agg(i.id), '{}') FROM inbound_messages i
          WHERE i.org_id = org AND (
            i.lead_id = lead OR ARRAY[lower(i.from_address), lower(i.to_address), lower(i.bounced_address)] && addresses
            OR (i.lead_id IS NULL OR i.kind_key IN ('bounce', 'delay', 'complaint', 'other'))
               AND EXISTS (SELECT FROM unnest(addresses) a WHERE names_address(lower(i.subject || ' ' || i.text), a))));

-- Deletes their words, addresses, and bytes, and notes on them that belong to another lead. Another lead's report about
-- that lead's own address stays.
CREATE OR REPLACE FUNCTION erase_mail(org uuid, lead uuid, addresses text[], mail uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM inbound_sources s WHERE s.org_id = org AND s.inbound_id = ANY (mail);
  UPDATE inbound_messages SET from_address = '(erased)', to_address = NULL, message_id = NULL, subject = '', text = '',
    bounced_address = CASE WHEN lead_id <> lead AND lower(bounced_address) <> ALL (addresses) THEN bounced_address END,
    fault = CASE WHEN fault IS NOT NULL THEN '(erased)' END, note = NULL,
    suggested_name = NULL, suggested_email = NULL, suggested_lead_id = NULL, answer_hash = NULL
  WHERE org_id = org AND id = ANY (mail);
  -- A suggestion by another lead.
  UPDATE inbound_messages SET suggested_name = NULL, suggested_email = NULL, suggested_lead_id = NULL
  WHERE org_id = org AND (suggested_email = ANY (addresses) OR suggested_lead_id = lead);
  UPDATE agent_tasks t SET error = NULL, result = t.result - 'note'
  FROM inbound_messages i
  WHERE i.org_id = org AND i.id = ANY (mail) AND i.lead_id <> lead AND t.org_id = org AND t.id = i.task_id
    AND (t.error IS NOT NULL OR t.result ? 'note');
END $$;

-- Nothing restores the person later: no words in a message about the shell, no note on one, no task for it.
CREATE OR REPLACE FUNCTION refuse_words_of_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM leads l WHERE l.org_id = NEW.org_id AND l.id = NEW.lead_id AND l.erased_at IS NOT NULL) THEN
    RAISE EXCEPTION 'lead % was erased: their messages are not stored', NEW.lead_id USING ERRCODE = 'TL040';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER inbound_messages_not_of_erased
  BEFORE INSERT ON inbound_messages
  FOR EACH ROW
  WHEN (NEW.lead_id IS NOT NULL
        AND (num_nonnulls(NEW.to_address, NEW.message_id, NEW.bounced_address, NEW.note, NEW.task_id, NEW.suggested_name,
                          NEW.suggested_email, NEW.answer_hash) > 0
             OR NEW.from_address <> '' OR NEW.subject <> '' OR NEW.text <> ''))
  EXECUTE FUNCTION refuse_words_of_erased();
CREATE OR REPLACE TRIGGER inbound_messages_no_note_of_erased
  BEFORE UPDATE OF note ON inbound_messages
  FOR EACH ROW WHEN (NEW.lead_id IS NOT NULL AND NEW.note IS NOT NULL)
  EXECUTE FUNCTION refuse_words_of_erased();

-- Refuses to store the source of a message about an erased lead.
CREATE OR REPLACE FUNCTION refuse_source_of_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM inbound_messages i JOIN leads l ON l.org_id = i.org_id AND l.id = i.lead_id AND l.erased_at IS NOT NULL
             WHERE i.org_id = NEW.org_id AND i.id = NEW.inbound_id) THEN
    RAISE EXCEPTION 'message % is about an erased lead', NEW.inbound_id USING ERRCODE = 'TL040';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER inbound_sources_not_of_erased
  BEFORE INSERT ON inbound_sources
  FOR EACH ROW EXECUTE FUNCTION refuse_source_of_erased();

-- Refuses tasks about an erased lead. Checked once per statement.
CREATE OR REPLACE FUNCTION refuse_work_for_erased() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  erased uuid;
BEGIN
  SELECT l.id INTO erased FROM new_rows n
  JOIN leads l ON l.org_id = n.org_id AND l.id = n.lead_id AND l.erased_at IS NOT NULL LIMIT 1;
  IF erased IS NOT NULL THEN
    RAISE EXCEPTION 'lead % was erased: new work for them is refused', erased USING ERRCODE = 'TL040';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER agent_tasks_not_of_erased
  AFTER INSERT ON agent_tasks REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_work_for_erased();
