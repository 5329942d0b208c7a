-- Two channels that people work, which reach a lead by its telephone number.
ALTER TYPE channel ADD VALUE 'call';
ALTER TYPE channel ADD VALUE 'sms';

-- E.164 (src/phone_number.ts).
ALTER TABLE leads
  ADD COLUMN phone text CONSTRAINT leads_phone CHECK (phone ~ '^[+][1-9][0-9]{6,14}$'),
  DROP CONSTRAINT leads_erased,
  ADD CONSTRAINT leads_erased CHECK (erased_at IS NULL OR (
    opt_out_flag AND email = 'erased-' || id || '@erased.invalid' AND intent_signals = '{}'
    AND num_nonnulls(first_name, last_name, title, linkedin_url, phone, country, time_zone, crm_contact_id, account_id,
                     owner_user_id) = 0));
ALTER TABLE lead_import_rows ADD COLUMN phone text;

-- How a touch ended that its person can see the end of, such as a call. db/routines/channels.sql replaces the function.
CREATE TYPE touch_result AS ENUM ('reached', 'no_answer', 'voicemail', 'wrong_number');
CREATE FUNCTION channel_results(channel) RETURNS touch_result[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN '{}'::touch_result[];
ALTER TABLE touches
  ADD COLUMN result touch_result,
  ADD CONSTRAINT touches_result CHECK (
    CASE WHEN outcome = 'marked_sent' AND channel_results(channel) <> '{}' THEN coalesce(result = ANY (channel_results(channel)), false)
         ELSE result IS NULL END);
