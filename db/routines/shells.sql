-- An erased lead is a shell: rows about it keep numbers, times, ids, and fixed words, and no statement writes a word
-- about a person into them again. erased_mail.sql guards its inbound mail.

-- Refuses a change of an erased lead: no personal data returns to it.
CREATE OR REPLACE FUNCTION refuse_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'lead % was erased for good', NEW.id USING ERRCODE = 'TL040';
END $$;
-- Generated from the existing columns, so an undeclared column stays as it is too. A CHECK holds the erased values.
DO $$
DECLARE
  kept text[] := ARRAY (
    SELECT quote_ident(a.attname) FROM pg_attribute a
    WHERE a.attrelid = 'leads'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      AND NOT EXISTS (SELECT FROM declared_columns() c WHERE c.of_table = 'leads' AND c.of_column = a.attname AND c.moves)
    ORDER BY a.attnum);
  empty text;
  columns int2[];
BEGIN
  EXECUTE format('CREATE OR REPLACE TRIGGER leads_stay_erased BEFORE UPDATE ON leads FOR EACH ROW
                  WHEN (OLD.erased_at IS NOT NULL AND (OLD.%s) IS DISTINCT FROM (NEW.%s)) EXECUTE FUNCTION refuse_erased()',
                 array_to_string(kept, ', OLD.'), array_to_string(kept, ', NEW.'));
  SELECT string_agg(format(CASE c.erased WHEN 'NULL' THEN '%I IS NULL' ELSE '%I = %s' END, c.of_column, c.erased), ' AND '),
         array_agg(a.attnum)
  INTO empty, columns
  FROM declared_columns() c JOIN pg_attribute a ON a.attrelid = 'leads'::regclass AND a.attname = c.of_column
  WHERE c.of_table = 'leads' AND c.erased IS NOT NULL;
  IF NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = 'leads'::regclass AND k.conname = 'leads_erased'
                 AND columns <@ k.conkey) THEN
    ALTER TABLE leads DROP CONSTRAINT IF EXISTS leads_erased;
    EXECUTE format('ALTER TABLE leads ADD CONSTRAINT leads_erased CHECK (erased_at IS NULL OR %s)', empty);
  END IF;
END $$;

-- The lead of a row, directly or through its queue item or draft.
CREATE OR REPLACE FUNCTION shell_of(row_of jsonb) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
  org CONSTANT uuid := row_of ->> 'org_id';
  shell uuid;
BEGIN
  IF row_of ->> 'lead_id' IS NOT NULL THEN
    SELECT l.id INTO shell FROM leads l
    WHERE l.org_id = org AND l.id = (row_of ->> 'lead_id')::uuid AND l.erased_at IS NOT NULL;
  ELSIF row_of ->> 'queue_id' IS NOT NULL THEN
    SELECT l.id INTO shell FROM sales_send_queue q JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
    WHERE q.org_id = org AND q.id = (row_of ->> 'queue_id')::uuid AND l.erased_at IS NOT NULL;
  ELSIF row_of ->> 'draft_id' IS NOT NULL THEN
    SELECT l.id INTO shell FROM staged_drafts d JOIN sales_send_queue q ON q.org_id = d.org_id AND q.id = d.queue_id
    JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
    WHERE d.org_id = org AND d.id = (row_of ->> 'draft_id')::uuid AND l.erased_at IS NOT NULL;
  END IF;
  RETURN shell;
END $$;

-- Whether a document contains only ids, numbers, and the product's own words. A reason is one of the gates', not a
-- person's.
CREATE OR REPLACE FUNCTION has_only_codes(doc jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN doc - '{attempt_id,campaign_id,cause,certain,content_hash,enrollment_id,erased,inbound_id,intent,is_judged,mailbox_id,
                 matched_by,queue_id,reason,requested_by,result,sender,stage,status,unreachable_steps}'::text[]
         - ARRAY (SELECT key FROM jsonb_each(doc) WHERE value = 'null') = '{}'
         AND coalesce(doc ->> 'reason' = ANY (enum_range(NULL::suppressed_reason)::text[]), true)
         AND NOT EXISTS (SELECT FROM jsonb_path_query(doc, 'strict $.**') v
                         WHERE jsonb_typeof(v) = 'string' AND v #>> '{}' !~ '^[A-Za-z0-9_:.-]{1,64}$');

-- Refuses words about a person in a row of an erased lead.
CREATE OR REPLACE FUNCTION refuse_words_in_shell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  shell CONSTANT uuid := shell_of(to_jsonb(NEW));
BEGIN
  IF shell IS NULL OR is_erasing() THEN
    RETURN CASE WHEN TG_WHEN = 'BEFORE' THEN NEW END;
  END IF;
  RAISE EXCEPTION 'lead % was erased: % stores no text about them', shell, TG_TABLE_NAME
    USING ERRCODE = 'TL040', HINT = 'Nothing about a person is written to an erased lead. Add the person as a new lead.';
END $$;

-- For each column that may contain words: inserts that fill it and updates that change it. A row without words costs
-- nothing. New rows are checked after their foreign keys, so they wait for a running erasure.
DO $$
DECLARE
  place record;
BEGIN
  FOR place IN
    SELECT t, string_agg(format(has_words, c), ' OR ') AS has_words,
           string_agg(format('NEW.%1$I IS DISTINCT FROM OLD.%1$I AND ' || has_words, c), ' OR ') AS changes_words,
           string_agg(quote_ident(c), ', ') AS columns
    FROM (VALUES ('agent_tasks', 'payload,error,result'), ('campaign_contacts', 'notes,contact_id'), ('draft_rejections', 'reason'),
                 ('crm_writes', 'last_message'), ('flags', 'detail,resolution'), ('lead_mailboxes', 'reason'), ('notifications', 'detail'), ('opportunities', 'name,lost_reason'),
                 ('sales_send_queue', 'contact_id,error'), ('send_attempts', 'response,recipient_domain'),
                 ('sequence_requests', 'notes'), ('service_records', 'external_id,kind'), ('staged_drafts', 'body')) v (t, columns)
    CROSS JOIN unnest(string_to_array(v.columns, ',')) c
    CROSS JOIN LATERAL (SELECT CASE WHEN c = 'detail' THEN 'NOT has_only_codes(NEW.%1$I)'
                               ELSE 'NEW.%1$I IS NOT NULL AND NEW.%1$I::text NOT IN ('''', ''{}'', ''(erased)'')' END AS has_words) w
    GROUP BY t
  LOOP
    -- Enrollments, queue items, and tasks are checked per statement, below and beside the tables: by row it cost a tenth.
    IF place.t NOT IN ('agent_tasks', 'campaign_contacts', 'sales_send_queue') THEN
      EXECUTE format('CREATE OR REPLACE TRIGGER %I AFTER INSERT ON %I FOR EACH ROW WHEN (%s) EXECUTE FUNCTION refuse_words_in_shell()',
                     place.t || '_shell_insert', place.t, place.has_words);
    END IF;
    EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE UPDATE OF %s ON %I FOR EACH ROW WHEN (%s) EXECUTE FUNCTION refuse_words_in_shell()',
                   place.t || '_shell_update', place.columns, place.t, place.changes_words);
  END LOOP;
END $$;

-- A play requests every matching lead, shells included: the answer is no, and its notes are not kept.
CREATE OR REPLACE FUNCTION drop_notes_on_shell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF shell_of(to_jsonb(NEW)) IS NOT NULL THEN
    NEW.notes := NULL;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sequence_requests_shell_notes
  BEFORE INSERT ON sequence_requests FOR EACH ROW WHEN (NEW.notes IS NOT NULL) EXECUTE FUNCTION drop_notes_on_shell();

CREATE OR REPLACE TRIGGER sales_send_queue_not_of_erased
  AFTER INSERT ON sales_send_queue REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_enrolling_erased();

-- The log continues for a shell, with ids and the product's own words.
CREATE OR REPLACE FUNCTION refuse_events_with_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  erased uuid;
BEGIN
  SELECT l.id INTO erased FROM new_rows n
  JOIN leads l ON l.org_id = n.org_id AND l.id = n.lead_id AND l.erased_at IS NOT NULL
  WHERE n.detail IS NOT NULL AND NOT has_only_codes(n.detail) AND NOT is_erasing() LIMIT 1;
  IF erased IS NOT NULL THEN
    RAISE EXCEPTION 'lead % was erased: events store no text about them', erased USING ERRCODE = 'TL040';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER cadence_event_log_not_of_erased
  AFTER INSERT ON cadence_event_log REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_events_with_words();

-- The reason of a pause is the product's word for a reply or a send, or else a person's own words.
CREATE OR REPLACE TRIGGER leads_shell_pause
  BEFORE UPDATE OF cadence_pause_reason ON leads
  FOR EACH ROW
  WHEN (OLD.erased_at IS NOT NULL AND NEW.cadence_pause_reason IS DISTINCT FROM OLD.cadence_pause_reason
        AND NEW.cadence_pause_reason NOT IN ('(erased)', 'reply', 'send_unknown'))
  EXECUTE FUNCTION refuse_erased();
