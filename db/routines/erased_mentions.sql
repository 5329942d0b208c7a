-- Mentions of an erased person in rows of other leads (erasures.sql). A mention is the address, the profile URL, the
-- phone number with its country code, or the full name; a first or last name alone identifies no one. A name that another lead or a user
-- shares is not replaced anywhere, and neither is a number that another lead shares.

CREATE OR REPLACE FUNCTION pattern_of_words(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (SELECT string_agg(regexp_replace(w, '(\W)', '\\\1', 'g'), '\s+' ORDER BY n)
          FROM regexp_split_to_table(btrim(words), '\s+') WITH ORDINALITY s (w, n));

-- The lead's email addresses as they are compared, including those that ended.
CREATE OR REPLACE FUNCTION email_keys_of(known leads) RETURNS text[] LANGUAGE sql STABLE
  RETURN (SELECT array_agg(DISTINCT k) FROM (
            SELECT known.email_key AS k UNION SELECT a.value_key FROM lead_addresses a
            WHERE a.org_id = known.org_id AND a.lead_id = known.id AND a.kind = 'email') keys);

-- The lead's numbers. One that ended may be another person's by now.
CREATE OR REPLACE FUNCTION numbers_of(known leads) RETURNS text[] LANGUAGE sql STABLE
  RETURN (SELECT array_agg(a.value_key) FROM lead_addresses a
          WHERE a.org_id = known.org_id AND a.lead_id = known.id AND a.kind = 'phone' AND a.until IS NULL);

-- `pattern` finds each mention, and `sure` finds those that can only mean this person, as whole words in any case.
-- `needles` are for LIKE on the result of folded(): a text without any of them has no mention, and that alone settles a
-- million rows.
CREATE OR REPLACE FUNCTION mention_of(known leads, OUT pattern text, OUT sure text, OUT needles text[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
  profile CONSTANT text := nullif(rtrim(regexp_replace(lower(btrim(coalesce(known.linkedin_url, ''))), '^https?://(www[.])?', ''), '/'), '');
  first CONSTANT text := nullif(btrim(known.first_name), '');
  last CONSTANT text := nullif(btrim(known.last_name), '');
  digits CONSTANT text := ltrim(known.phone, '+');
  called text;
  is_shared_number boolean := false;
  named text;
  is_shared boolean := false;
  emails CONSTANT text[] := email_keys_of(known);
BEGIN
  sure := '(?<![a-z0-9._%+-])(' || (SELECT string_agg(pattern_of_words(e), '|') FROM unnest(emails) e)
          || ')(?![a-z0-9-]|[.][a-z0-9])';
  needles := emails;
  -- A site's address without a path is not a person's.
  IF position('/' IN profile) > 0 THEN
    sure := sure || '|(?<![a-z0-9.-])(https?://)?(www[.])?' || pattern_of_words(profile) || '(?![a-z0-9_-])';
    needles := needles || profile;
  END IF;
  IF digits IS NOT NULL THEN
    called := '(?<![0-9])([+]|00)?' || array_to_string(regexp_split_to_array(digits, ''), '[\s()/.-]*') || '(?![0-9])';
    -- However the digits are grouped, the last four stand together or in two pairs.
    needles := needles || right(digits, 4)
                       || ARRAY(SELECT left(right(digits, 4), 2) || s || right(digits, 2) FROM unnest('{" ",-,.,/}'::text[]) s);
    is_shared_number := EXISTS (SELECT FROM leads l WHERE l.org_id = known.org_id AND l.id <> known.id AND l.phone = known.phone);
  END IF;
  IF first IS NOT NULL AND last IS NOT NULL THEN
    named := format('(?<![[:alnum:]_])(%1$s\s+%2$s|%2$s,\s*%1$s)(?![[:alnum:]_])', pattern_of_words(first), pattern_of_words(last));
    -- Each row contains the first word of a name, however it breaks its lines.
    needles := needles || lower(split_part(regexp_replace(last, '\s+', ' ', 'g'), ' ', 1));
    is_shared := EXISTS (SELECT FROM leads l WHERE l.org_id = known.org_id AND l.id <> known.id AND l.name_key = known.name_key)
                 OR EXISTS (SELECT FROM users u WHERE u.org_id = known.org_id AND lower(btrim(u.name)) = known.name_key);
  END IF;
  pattern := concat_ws('|', sure, called, named);
  sure := concat_ws('|', sure, CASE WHEN NOT is_shared_number THEN called END, CASE WHEN NOT is_shared THEN named END);
  SELECT array_agg(DISTINCT '%' || regexp_replace(folded(v), '([\\%_])', '\\\1', 'g') || '%') INTO needles
  FROM unnest(needles) n CROSS JOIN LATERAL unnest(ARRAY[n, upper(n), initcap(n)]) v;
END $$;

-- Lowercases ASCII letters only: many times faster than by a language's rules. The needles contain other letters in both
-- cases.
CREATE OR REPLACE FUNCTION folded(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN lower(words COLLATE "C");

CREATE OR REPLACE FUNCTION without_mention(words text, pattern text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN regexp_replace(words, pattern, '(erased)', 'gi');

CREATE OR REPLACE FUNCTION without_mention(doc jsonb, pattern text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN CASE jsonb_typeof(doc)
    WHEN 'string' THEN to_jsonb(without_mention(doc #>> '{}', pattern))
    WHEN 'array' THEN (SELECT coalesce(jsonb_agg(without_mention(e.value, pattern) ORDER BY e.n), '[]')
                       FROM jsonb_array_elements(doc) WITH ORDINALITY e (value, n))
    WHEN 'object' THEN (SELECT coalesce(jsonb_object_agg(without_mention(e.key, pattern), without_mention(e.value, pattern)), '{}')
                        FROM jsonb_each(doc) e)
    ELSE doc END;
END $$;

-- Every text and document that people or agents write and that does not belong to the erased lead: `replaced` if it
-- cannot be edited or is about another lead, `reviewed` if people share it. test/columns/erasures.test.ts checks.
CREATE OR REPLACE FUNCTION mention_columns() RETURNS TABLE (of_table text, key text, columns text[], is_reviewed boolean)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT v.t, v.k, string_to_array(v.c, ','), v.r
  FROM (VALUES
    ('agent_tasks', 'id', 'payload,result,error', false),
    ('brain_analysis_log', 'proposal_id', 'summary,analysis,evidence', false),
    ('campaign_contacts', 'id', 'notes', false),
    ('draft_rejections', 'id', 'reason', false),
    ('crm_writes', 'id', 'skip_reason', false), ('flags', 'id', 'detail,resolution', false),
    ('inbound_messages', 'id', 'note', false),
    ('lead_mailboxes', 'lead_id', 'reason', false),
    ('lead_merges', 'id', 'lead_before,reason', false),
    ('lead_signals', 'id', 'detail', false),
    ('leads', 'id', 'cadence_pause_reason', false),
    ('mailboxes', 'id', 'paused_reason,retired_reason,unreachable_error', false),
    ('notifications', 'id', 'detail', false),
    ('opportunities', 'id', 'name,lost_reason', false),
    ('policies', 'version', 'document,note', false),
    ('sales_play_library', 'play_id', 'drafted,edits_during_review', false),
    ('sales_send_queue', 'id', 'error', false),
    ('send_attempts', 'id', 'response', false),
    ('sequence_requests', 'id', 'notes', false),
    ('suppressions', 'id', 'reason,lift_reason', false),
    ('accounts', 'id', 'name', true),
    ('campaign_sequences', 'id', 'template_instructions,subject_template,body_template', true),
    ('campaigns', 'id', 'name', true),
    ('clients', 'client_id', 'name,postal_address', true),
    ('sales_play_library', 'play_id', 'name,hypothesis,target_definition,suggested_cadence,success_criteria,retrospective_outcomes', true),
    ('territory_definitions', 'segment', 'name,description', true)
  ) v (t, k, c, r);
END;

-- Replaces definite mentions in rows of others. Returns the number of changed rows per table. One scan per table.
CREATE OR REPLACE FUNCTION erase_mentions(org uuid, sure text, needles text[]) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  place record;
  changed bigint;
  counts jsonb := '{}';
BEGIN
  FOR place IN
    SELECT p.of_table,
      string_agg(format('%1$I = left(without_mention(t.%1$I, $2), %2$s)', c, limit_of(p.of_table, c)), ', ')
        FILTER (WHERE NOT is_document(p.of_table, c)) AS texts,
      string_agg(format('%1$I = without_mention(t.%1$I, $2)', c), ', ') FILTER (WHERE is_document(p.of_table, c)) AS documents,
      string_agg(format('folded(t.%I::text) LIKE ANY ($3)', c), ' OR ') AS may_name,
      string_agg(format('without_mention(t.%1$I, $2) IS DISTINCT FROM t.%1$I', c), ' OR ') AS names
    FROM mention_columns() p CROSS JOIN unnest(p.columns) c WHERE NOT p.is_reviewed GROUP BY p.of_table ORDER BY p.of_table
  LOOP
    EXECUTE format('UPDATE %I t SET %s WHERE t.org_id = $1 AND (%s) AND (%s)', place.of_table,
                   concat_ws(', ', place.texts, place.documents), place.may_name, place.names)
      USING org, sure, needles;
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed > 0 THEN
      counts := counts || jsonb_build_object(place.of_table, changed);
    END IF;
  END LOOP;
  RETURN counts;
END $$;

CREATE OR REPLACE FUNCTION is_document(of_table text, of_column text) RETURNS boolean LANGUAGE sql STABLE
  RETURN (SELECT a.atttypid = 'jsonb'::regtype FROM pg_attribute a
          WHERE a.attrelid = ('public.' || of_table)::regclass AND a.attname = of_column);

-- The mark may be longer than a name, and some columns have a length limit.
CREATE OR REPLACE FUNCTION limit_of(of_table text, of_column text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE of_table || '.' || of_column WHEN 'lead_signals.detail' THEN 500 WHEN 'opportunities.name' THEN 300
              WHEN 'inbound_messages.note' THEN 2000 WHEN 'opportunities.lost_reason' THEN 2000 WHEN 'crm_writes.skip_reason' THEN 2000 ELSE 1000000000 END;

-- Lists shared texts that name the person, and unsent texts to other leads.
CREATE OR REPLACE FUNCTION list_mentions(org uuid, lead uuid, pattern text, needles text[], at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  place record;
BEGIN
  FOR place IN SELECT p.of_table, p.key, c AS of_column FROM mention_columns() p CROSS JOIN unnest(p.columns) c WHERE p.is_reviewed
  LOOP
    EXECUTE format('INSERT INTO erased_mentions (org_id, id, lead_id, subject_table, subject_key, field, found_at)
                    SELECT t.org_id, audit_id($5), $2, %2$L, t.%3$I, %1$L, $5 FROM %2$I t
                    WHERE t.org_id = $1 AND folded(t.%1$I::text) LIKE ANY ($4) AND without_mention(t.%1$I, $3) IS DISTINCT FROM t.%1$I',
                   place.of_column, place.of_table, place.key)
      USING org, lead, pattern, needles, at;
  END LOOP;
  INSERT INTO erased_mentions (org_id, id, lead_id, subject_table, subject_key, field, found_at)
  SELECT org, audit_id(at), lead, 'staged_drafts', d.id::text, f.field, at
  FROM sales_send_queue q
  JOIN staged_drafts d ON d.org_id = q.org_id AND d.id = q.staged_draft_id
  CROSS JOIN LATERAL (VALUES ('subject', d.subject), ('body', d.body)) f (field, words)
  WHERE q.org_id = org AND q.status IN ('drafted', 'approved', 'held') AND folded(f.words) LIKE ANY (needles) AND f.words ~* pattern;
END $$;

-- An account that belongs to this person alone: no other lead has it, and it is named after the person or its domain is
-- their name.
CREATE OR REPLACE FUNCTION is_own_account(org uuid, known leads, pattern text) RETURNS boolean LANGUAGE sql STABLE
  RETURN EXISTS (
    SELECT FROM accounts a
    WHERE a.org_id = org AND a.id = known.account_id
      AND NOT EXISTS (SELECT FROM leads l WHERE l.org_id = org AND l.account_id = a.id AND l.id <> known.id)
      AND (a.name ~* pattern
           OR length(regexp_replace(known.name_key, '[^[:alnum:]]', '', 'g')) > 4
              AND position(' ' IN known.name_key) > 0
              AND regexp_replace(split_part(a.domain, '.', 1), '[^[:alnum:]]', '', 'g')
                  = regexp_replace(known.name_key, '[^[:alnum:]]', '', 'g')));

-- Deletes the account after the lead has left it. If other rows refer to it, an account without words stays.
CREATE OR REPLACE FUNCTION erase_own_account(org uuid, account uuid, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM sales_play_library p WHERE p.org_id = org AND p.account_id = account)
     OR EXISTS (SELECT FROM opportunities o WHERE o.org_id = org AND o.account_id = account)
     OR EXISTS (SELECT FROM service_records s WHERE s.org_id = org AND s.account_id = account) THEN
    PERFORM erase_columns('accounts', org, account, at);
  ELSE
    DELETE FROM accounts WHERE org_id = org AND id = account;
  END IF;
END $$;

-- Deletes answers that contain the person, and keys that name them. idempotency_keys.sql handles those under way.
CREATE OR REPLACE FUNCTION erase_kept_answers(org uuid, lead uuid, pattern text, needles text[]) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  own_ids text;
  changed bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('idempotency_keys'), hashtext(org::text));
  SELECT string_agg(o.id::text, '|') INTO own_ids FROM (
    SELECT lead AS id
    UNION SELECT q.id FROM sales_send_queue q WHERE q.org_id = org AND q.lead_id = lead
    UNION SELECT d.id FROM sales_send_queue q JOIN staged_drafts d ON d.org_id = q.org_id AND d.queue_id = q.id
          WHERE q.org_id = org AND q.lead_id = lead
    UNION SELECT e.id FROM campaign_contacts e WHERE e.org_id = org AND e.lead_id = lead
    UNION SELECT i.id FROM inbound_messages i WHERE i.org_id = org AND i.lead_id = lead) o;
  UPDATE idempotency_keys k SET body = NULL, replayable = false
  WHERE k.org_id = org AND k.body IS NOT NULL
    AND (folded(k.body) LIKE ANY (needles) AND replace(k.body, '\n', ' ') ~* pattern OR folded(k.body) ~ own_ids);
  GET DIAGNOSTICS changed = ROW_COUNT;
  UPDATE idempotency_keys k SET key = 'erased-' || gen_random_uuid()
  WHERE k.org_id = org AND folded(k.key) LIKE ANY (needles) AND k.key ~* pattern;
  RETURN jsonb_build_object('idempotency_keys', changed);
END $$;

-- Only an erasure adds entries. A person with the role ends an entry in their own name, or an edit of its text ends it.
CREATE OR REPLACE FUNCTION guard_mention() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NOT is_erasing() OR NEW.ended_at IS NOT NULL THEN
      RAISE EXCEPTION 'only erase_lead lists mentions' USING ERRCODE = 'TL041';
    END IF;
    RETURN NEW;
  END IF;
  IF to_jsonb(OLD) - '{ended_at,reviewed_by_user_id}'::text[] <> to_jsonb(NEW) - '{ended_at,reviewed_by_user_id}'::text[] THEN
    RAISE EXCEPTION 'mention % cannot change its identity', OLD.id USING ERRCODE = 'TL012';
  ELSIF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL THEN
    RAISE EXCEPTION 'mention % has already ended', OLD.id USING ERRCODE = 'TL001';
  END IF;
  IF NEW.reviewed_by_user_id IS NOT NULL OR NOT is_written_by_trigger() THEN
    PERFORM require_acting_person(NEW.reviewed_by_user_id), require_acting_role(NEW.org_id, '{admin,revops}');
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER erased_mentions_guard
  BEFORE INSERT OR UPDATE ON erased_mentions FOR EACH ROW EXECUTE FUNCTION guard_mention();
CREATE OR REPLACE TRIGGER erased_mentions_kept
  BEFORE DELETE ON erased_mentions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER erased_mentions_no_truncate
  BEFORE TRUNCATE ON erased_mentions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER erased_mentions_audit AFTER UPDATE ON erased_mentions
  FOR EACH ROW EXECUTE FUNCTION audit_change();

-- An edit of the column ends its entry, and so does the end of the row. Runs as the owner, which distinguishes this from
-- a manual change. TG_ARGV: the key column.
CREATE OR REPLACE FUNCTION end_mentions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
  old_row CONSTANT jsonb := to_jsonb(OLD);
  new_row jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(NEW) ELSE '{}' END;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in(OLD.org_id);
  UPDATE erased_mentions e SET ended_at = greatest(acting_time(), e.found_at)
  WHERE e.org_id = OLD.org_id AND e.subject_table = TG_TABLE_NAME AND e.subject_key = old_row ->> TG_ARGV[0] AND e.ended_at IS NULL
    AND old_row -> e.field IS DISTINCT FROM new_row -> e.field;
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
-- The names sort after those of the audit triggers, which read the listed entries.
DO $$
DECLARE
  place record;
BEGIN
  FOR place IN SELECT DISTINCT of_table, key FROM mention_columns() WHERE is_reviewed LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER %I AFTER UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION end_mentions(%L)',
                   place.of_table || '_mentions', place.of_table, place.key);
  END LOOP;
END $$;

-- A new version of a text ends the entries of the previous version.
CREATE OR REPLACE FUNCTION end_mentions_of_item() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in(OLD.org_id);
  UPDATE erased_mentions e SET ended_at = greatest(acting_time(), e.found_at)
  WHERE e.org_id = OLD.org_id AND e.subject_table = 'staged_drafts' AND e.subject_key = OLD.staged_draft_id::text
    AND e.ended_at IS NULL AND NOT has_same_words(OLD.org_id, OLD.staged_draft_id, NEW.staged_draft_id);
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER sales_send_queue_mentions
  AFTER UPDATE OF staged_draft_id ON sales_send_queue
  FOR EACH ROW WHEN (OLD.staged_draft_id IS NOT NULL AND OLD.staged_draft_id IS DISTINCT FROM NEW.staged_draft_id)
  EXECUTE FUNCTION end_mentions_of_item();
