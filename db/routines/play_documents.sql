-- The documents of a play: the first fault as one sentence that begins with its location, or null.
-- src/operations/plays/documents.ts reports every fault at once; these functions hold every writer to the same rules.

-- The fault of a text. Length counts code points in both places.
CREATE OR REPLACE FUNCTION text_fault(place text, value text, longest int) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN NOT (has_words(value) AND length(value) <= longest)
    THEN place || ': expected a text of 1 to ' || longest || ' characters' END;

CREATE OR REPLACE FUNCTION is_text(value jsonb, longest int) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN coalesce(jsonb_typeof(value) = 'string' AND text_fault('', value #>> '{}', longest) IS NULL, false);

-- A list of different short words: {"titles": ["CFO", ...]}. Null if valid.
CREATE OR REPLACE FUNCTION word_list_fault(place text, list jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN list IS NULL THEN NULL
    WHEN jsonb_typeof(list) <> 'array' THEN place || ': expected a list'
    WHEN jsonb_array_length(list) > 200 THEN place || ': at most 200 entries'
    WHEN EXISTS (SELECT FROM jsonb_array_elements(list) e WHERE NOT is_text(e, 200))
      THEN place || ': expected texts of 1 to 200 characters'
    -- They become one pattern, and the time to compile one grows faster than its length.
    WHEN (SELECT sum(length(e #>> '{}')) FROM jsonb_array_elements(list) e) > 4000
      THEN place || ': at most 4000 characters together'
    WHEN (SELECT count(DISTINCT e) FROM jsonb_array_elements(list) e) < jsonb_array_length(list)
      THEN place || ': an entry is given twice'
  END;

CREATE OR REPLACE FUNCTION unknown_key_fault(place text, doc jsonb, known text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (SELECT place || '.' || key || ': unknown key; the keys are ' || array_to_string(known, ', ')
          FROM jsonb_object_keys(doc) AS key WHERE key <> ALL (known) LIMIT 1);

-- {"icp_tiers": [...], "segments": [...], "verticals": [...], "lifecycle_stages": [...], "titles": [...],
-- "intent_signals": {"any": [...], "all": [...]}}; a missing or empty list restricts nothing.
CREATE OR REPLACE FUNCTION play_target_fault(doc jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  place CONSTANT text := 'target_definition';
  fault text;
BEGIN
  IF jsonb_typeof(doc) IS DISTINCT FROM 'object' THEN
    RETURN place || ': expected an object';
  END IF;
  fault := coalesce(
    unknown_key_fault(place, doc, '{icp_tiers,segments,verticals,lifecycle_stages,titles,intent_signals}'),
    word_list_fault(place || '.icp_tiers', doc -> 'icp_tiers'),
    word_list_fault(place || '.segments', doc -> 'segments'),
    word_list_fault(place || '.verticals', doc -> 'verticals'),
    word_list_fault(place || '.lifecycle_stages', doc -> 'lifecycle_stages'),
    word_list_fault(place || '.titles', doc -> 'titles'));
  IF fault IS NOT NULL THEN
    RETURN fault;
  END IF;
  IF NOT coalesce(doc -> 'icp_tiers', '[]') <@ '["T1", "T2", "T3"]' THEN
    RETURN place || '.icp_tiers: expected T1, T2 or T3';
  END IF;
  IF NOT doc ? 'intent_signals' THEN
    RETURN NULL;
  END IF;
  IF jsonb_typeof(doc -> 'intent_signals') <> 'object' THEN
    RETURN place || '.intent_signals: expected an object with any and all';
  END IF;
  RETURN coalesce(
    unknown_key_fault(place || '.intent_signals', doc -> 'intent_signals', '{any,all}'),
    word_list_fault(place || '.intent_signals.any', doc #> '{intent_signals,any}'),
    word_list_fault(place || '.intent_signals.all', doc #> '{intent_signals,all}'));
END $$;

CREATE OR REPLACE FUNCTION is_whole_number(value jsonb, lowest int, highest int) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN jsonb_typeof(value) = 'number'
    THEN (value #>> '{}')::numeric = trunc((value #>> '{}')::numeric)
         AND (value #>> '{}')::numeric BETWEEN lowest AND highest
    ELSE false END;

CREATE OR REPLACE FUNCTION play_step_fault(place text, step jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF jsonb_typeof(step) <> 'object' THEN
    RETURN place || ': expected an object';
  END IF;
  RETURN coalesce(
    unknown_key_fault(place, step,
      '{delay_days,channel,content_type,template_instructions,requires_personal_send,when_unreachable,template}'),
    CASE WHEN NOT coalesce(is_whole_number(step -> 'delay_days', 0, 3650), false)
      THEN place || '.delay_days: expected whole days from 0 to 3650' END,
    CASE WHEN NOT coalesce(step ->> 'channel' = ANY (enum_range(NULL::channel)::text[]), false)
      THEN place || '.channel: expected ' || array_to_string(enum_range(NULL::channel)::text[], ' or ') END,
    CASE WHEN NOT coalesce(step ->> 'content_type' = ANY (enum_range(NULL::content_type)::text[]), false)
      THEN place || '.content_type: expected one of ' || array_to_string(enum_range(NULL::content_type)::text[], ', ') END,
    CASE WHEN NOT is_text(step -> 'template_instructions', 5000)
      THEN place || '.template_instructions: expected a text of 1 to 5000 characters' END,
    CASE WHEN step ? 'requires_personal_send' AND jsonb_typeof(step -> 'requires_personal_send') <> 'boolean'
      THEN place || '.requires_personal_send: expected true or false' END,
    CASE WHEN step ? 'when_unreachable'
              AND NOT coalesce(step ->> 'when_unreachable' = ANY (enum_range(NULL::when_unreachable)::text[]), false)
      THEN place || '.when_unreachable: expected ' || array_to_string(enum_range(NULL::when_unreachable)::text[], ', ') END,
    CASE WHEN step ? 'template' THEN play_template_fault(place || '.template', step -> 'template', step ->> 'channel') END);
END $$;

CREATE OR REPLACE FUNCTION play_template_fault(place text, template jsonb, channel text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN jsonb_typeof(template) <> 'object' THEN place || ': expected an object with subject and body'
    ELSE coalesce(
      unknown_key_fault(place, template, '{subject,body}'),
      CASE WHEN NOT is_text(template -> 'body', 20000) THEN place || '.body: expected a text of 1 to 20000 characters'
           WHEN channel_has_subject(channel::channel) AND NOT coalesce(
                  jsonb_typeof(template -> 'subject') = 'string' AND is_header_text(template ->> 'subject', 2000), false)
             THEN place || '.subject: expected one line of visible text of 1 to 2000 characters'
           WHEN NOT channel_has_subject(channel::channel) AND template ? 'subject'
             THEN place || '.subject: ' || channel_noun(channel::channel) || ' has no subject' END)
  END;

-- {"steps": [...]} or {"campaign_template": "<slug>"}; with touch_count and channel_mix, which count the steps.
CREATE OR REPLACE FUNCTION play_cadence_fault(doc jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  place CONSTANT text := 'suggested_cadence';
  fault text;
  steps jsonb;
BEGIN
  IF jsonb_typeof(doc) IS DISTINCT FROM 'object' THEN
    RETURN place || ': expected an object';
  END IF;
  fault := unknown_key_fault(place, doc, '{steps,campaign_template,touch_count,channel_mix}');
  IF fault IS NOT NULL THEN
    RETURN fault;
  END IF;
  IF (doc ? 'steps') = (doc ? 'campaign_template') THEN
    RETURN place || ': expected either steps or campaign_template';
  END IF;
  IF doc ? 'touch_count' AND NOT is_whole_number(doc -> 'touch_count', 1, 100) THEN
    RETURN place || '.touch_count: expected a whole number from 1 to 100';
  END IF;
  IF doc ? 'channel_mix' AND (jsonb_typeof(doc -> 'channel_mix') <> 'object' OR EXISTS (
       SELECT FROM jsonb_each(CASE jsonb_typeof(doc -> 'channel_mix') WHEN 'object' THEN doc -> 'channel_mix' ELSE '{}' END) m
       WHERE m.key <> ALL (enum_range(NULL::channel)::text[]) OR NOT is_whole_number(m.value, 0, 100))) THEN
    RETURN place || '.channel_mix: expected a number of touches for each channel';
  END IF;
  IF doc ? 'campaign_template' THEN
    RETURN CASE WHEN jsonb_typeof(doc -> 'campaign_template') <> 'string'
                     OR doc ->> 'campaign_template' !~ '^[a-z0-9][a-z0-9_-]{0,62}$'
      THEN place || '.campaign_template: expected the slug of a campaign' END;
  END IF;
  steps := doc -> 'steps';
  IF jsonb_typeof(steps) <> 'array' OR jsonb_array_length(steps) NOT BETWEEN 1 AND 100 THEN
    RETURN place || '.steps: expected a list of 1 to 100 steps';
  END IF;
  SELECT play_step_fault(place || '.steps[' || n - 1 || ']', step) INTO fault
  FROM jsonb_array_elements(steps) WITH ORDINALITY s (step, n)
  WHERE play_step_fault('', step) IS NOT NULL ORDER BY n LIMIT 1;
  IF fault IS NOT NULL THEN
    RETURN fault;
  END IF;
  SELECT place || '.steps[' || n - 1 || '].delay_days: is earlier than that of the step before' INTO fault
  FROM (SELECT n, (step ->> 'delay_days')::numeric AS days, lag((step ->> 'delay_days')::numeric) OVER (ORDER BY n) AS before
        FROM jsonb_array_elements(steps) WITH ORDINALITY s (step, n)) d
  WHERE days < before ORDER BY n LIMIT 1;
  RETURN coalesce(fault, play_count_fault(doc, steps));
END $$;

-- touch_count and channel_mix, if given, match the steps.
CREATE OR REPLACE FUNCTION play_count_fault(doc jsonb, steps jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN doc ? 'touch_count' AND (doc ->> 'touch_count')::numeric <> jsonb_array_length(steps)
      THEN 'suggested_cadence.touch_count: there are ' || jsonb_array_length(steps) || ' steps'
    WHEN doc ? 'channel_mix' AND EXISTS (
        SELECT FROM unnest(enum_range(NULL::channel)::text[]) c
        WHERE coalesce((doc #>> ARRAY['channel_mix', c])::numeric, 0)
              <> (SELECT count(*) FROM jsonb_array_elements(steps) s WHERE s ->> 'channel' = c))
      THEN 'suggested_cadence.channel_mix: does not agree with the steps'
  END;

-- {"meeting_rate": 0.08, "opp_create_rate": 0.03, "acv": 24000}; at least one.
CREATE OR REPLACE FUNCTION play_criteria_fault(doc jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  place CONSTANT text := 'success_criteria';
  known CONSTANT text[] := '{meeting_rate,opp_create_rate,acv}';
BEGIN
  IF jsonb_typeof(doc) IS DISTINCT FROM 'object' THEN
    RETURN place || ': expected an object';
  END IF;
  IF doc = '{}' THEN
    RETURN place || ': expected at least one of ' || array_to_string(known, ', ');
  END IF;
  RETURN coalesce(
    unknown_key_fault(place, doc, known),
    (SELECT place || '.' || key || ': expected a number' FROM jsonb_each(doc) WHERE jsonb_typeof(value) <> 'number' LIMIT 1),
    (SELECT place || '.' || key || ': expected a share from 0.000001 to 1' FROM jsonb_each(doc)
     WHERE key <> 'acv' AND (value #>> '{}')::numeric NOT BETWEEN 0.000001 AND 1 LIMIT 1),
    CASE WHEN (doc ->> 'acv')::numeric NOT BETWEEN 0.000001 AND 1e12 THEN place || '.acv: expected 0.000001 to 1e12' END);
END $$;

-- {"quarter": "2026-Q4", "meeting_rate": 0.08, "opp_create_rate": 0.03, "acv": 24000, "notes": "..."}; at least the
-- quarter.
CREATE OR REPLACE FUNCTION play_outcomes_fault(doc jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  place CONSTANT text := 'retrospective_outcomes';
BEGIN
  IF doc IS NULL THEN
    RETURN NULL;
  END IF;
  IF jsonb_typeof(doc) <> 'object' THEN
    RETURN place || ': expected an object';
  END IF;
  RETURN coalesce(
    unknown_key_fault(place, doc, '{quarter,meeting_rate,opp_create_rate,acv,notes}'),
    CASE WHEN NOT coalesce(jsonb_typeof(doc -> 'quarter') = 'string' AND doc ->> 'quarter' ~ '^[0-9]{4}-Q[1-4]$', false)
      THEN place || '.quarter: expected a quarter such as 2026-Q4' END,
    (SELECT place || '.' || key || ': expected a number' FROM jsonb_each(doc)
     WHERE key IN ('meeting_rate', 'opp_create_rate', 'acv') AND jsonb_typeof(value) <> 'number' LIMIT 1),
    (SELECT place || '.' || key || ': expected a share from 0 to 1' FROM unnest('{meeting_rate,opp_create_rate}'::text[]) key
     WHERE (doc ->> key)::numeric NOT BETWEEN 0 AND 1 LIMIT 1),
    CASE WHEN (doc ->> 'acv')::numeric NOT BETWEEN 0 AND 1e12 THEN place || '.acv: expected 0 to 1e12' END,
    CASE WHEN doc ? 'notes' AND NOT is_text(doc -> 'notes', 5000)
      THEN place || '.notes: expected a text of 1 to 5000 characters' END);
END $$;

-- Raises the fault like a constraint of the column with which it begins.
CREATE OR REPLACE FUNCTION refuse_document_fault(fault text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  named text := split_part(split_part(fault, ':', 1), '.', 1);
BEGIN
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION '%', fault USING ERRCODE = '23514', TABLE = 'sales_play_library', COLUMN = named,
      CONSTRAINT = 'sales_play_library_' || named;
  END IF;
END $$;

-- A JSON Patch (RFC 6902) from the old value to the new one. Lists are compared position by position.
CREATE OR REPLACE FUNCTION json_patch(path text, old_value jsonb, new_value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  patch jsonb := '[]';
  key text;
  old_length int;
  new_length int;
BEGIN
  IF old_value IS NOT DISTINCT FROM new_value THEN
    RETURN patch;
  END IF;
  IF jsonb_typeof(old_value) = 'object' AND jsonb_typeof(new_value) = 'object' THEN
    FOR key IN SELECT k FROM jsonb_object_keys(old_value || new_value) k ORDER BY k COLLATE "C" LOOP
      patch := patch || json_patch(path || '/' || replace(replace(key, '~', '~0'), '/', '~1'),
                                   old_value -> key, new_value -> key);
    END LOOP;
    RETURN patch;
  END IF;
  IF jsonb_typeof(old_value) = 'array' AND jsonb_typeof(new_value) = 'array' THEN
    old_length := jsonb_array_length(old_value);
    new_length := jsonb_array_length(new_value);
    FOR place IN 0 .. least(old_length, new_length) - 1 LOOP
      patch := patch || json_patch(path || '/' || place, old_value -> place, new_value -> place);
    END LOOP;
    FOR place IN new_length .. old_length - 1 LOOP
      patch := patch || jsonb_build_array(jsonb_build_object('op', 'remove', 'path', path || '/' || new_length));
    END LOOP;
    FOR place IN old_length .. new_length - 1 LOOP
      patch := patch || jsonb_build_array(jsonb_build_object('op', 'add', 'path', path || '/-', 'value', new_value -> place));
    END LOOP;
    RETURN patch;
  END IF;
  RETURN jsonb_build_array(CASE
    WHEN old_value IS NULL THEN jsonb_build_object('op', 'add', 'path', path, 'value', new_value)
    WHEN new_value IS NULL THEN jsonb_build_object('op', 'remove', 'path', path)
    ELSE jsonb_build_object('op', 'replace', 'path', path, 'value', new_value) END);
END $$;
