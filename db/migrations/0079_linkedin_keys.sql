-- One LinkedIn profile has one key, however its address is written: `/in/jörg`, `/in/j%C3%B6rg`, `/in//jörg`, `/in/jörg/en`.

-- The text with each %XX replaced by what it means; unchanged unless all of them are UTF-8.
CREATE FUNCTION percent_decoded(value text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF position('%' IN value) = 0 OR value !~* ('^(?:[^%]|%(?:0[1-9a-f]|[1-7][0-9a-f])|%(?:c[2-9a-f]|d[0-9a-f])%[89ab][0-9a-f]'
      || '|%e0%[ab][0-9a-f]%[89ab][0-9a-f]|%e[1-9a-cef](?:%[89ab][0-9a-f]){2}|%ed%[89][0-9a-f]%[89ab][0-9a-f]'
      || '|%f0%[9ab][0-9a-f](?:%[89ab][0-9a-f]){2}|%f[1-3](?:%[89ab][0-9a-f]){3}|%f4%8[0-9a-f](?:%[89ab][0-9a-f]){2})*$') THEN
    RETURN value;
  END IF;
  RETURN (SELECT convert_from(string_agg(CASE WHEN t.part[1] LIKE '\%%' THEN decode(substr(t.part[1], 2), 'hex')
                                              ELSE convert_to(t.part[1], 'UTF8') END, '' ORDER BY t.place), 'UTF8')
          FROM regexp_matches(value, '%..|[^%]+', 'g') WITH ORDINALITY t (part, place));
END $$;

-- The form in which two addresses of a kind are equal (linkedinKey in src/core/gate/unreachable.ts). Null: a LinkedIn page that
-- belongs to no person.
CREATE OR REPLACE FUNCTION address_key(kind address_kind, value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE kind
    WHEN 'email' THEN lower(value)
    WHEN 'phone' THEN value
    ELSE substring(lower(normalize(regexp_replace(percent_decoded(rtrim(regexp_replace(substring(value FROM
      '(?i)^https?://(?:[a-z0-9_-]+[.])*linkedin[.](?:com|example)(?::[0-9]+)?(/+(?:in/+[^/?#]+|(?:pub|sales/lead|sales/people)/+[^?#]+))'),
      '/+', '/', 'g'), '/')), '\s+', '', 'g'))) FROM '^.*[^/]$')
  END;

-- Rows of every organization, so without row policies until the routines restore them.
ALTER TABLE lead_addresses NO FORCE ROW LEVEL SECURITY;
ALTER TABLE lead_merge_suggestions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE lead_addresses DISABLE TRIGGER USER;
DROP INDEX lead_addresses_linkedin_uniq;

-- The first primary address of a key stays. A merge is suggested to each lead that loses its own.
CREATE TEMPORARY TABLE same_profiles ON COMMIT DROP AS
SELECT org_id, id, lead_id, first_value(lead_id) OVER same AS first_lead_id, row_number() OVER same AS place
FROM lead_addresses WHERE kind = 'linkedin' AND until IS NULL AND address_key(kind, value) IS NOT NULL
WINDOW same AS (PARTITION BY org_id, address_key(kind, value) ORDER BY is_primary DESC, since, id);
INSERT INTO lead_merge_suggestions (org_id, lead_id, other_lead_id, reason)
SELECT DISTINCT org_id, least(lead_id, first_lead_id), greatest(lead_id, first_lead_id), 'same_profile'::merge_reason
FROM same_profiles WHERE lead_id <> first_lead_id
ON CONFLICT DO NOTHING;
DELETE FROM lead_addresses a USING same_profiles s WHERE s.place > 1 AND s.org_id = a.org_id AND s.id = a.id;
DELETE FROM lead_addresses WHERE kind = 'linkedin' AND address_key(kind, value) IS NULL;
UPDATE lead_addresses SET value = value WHERE kind = 'linkedin' AND value_key <> address_key(kind, value);

CREATE UNIQUE INDEX lead_addresses_linkedin_uniq ON lead_addresses (org_id, value_key) WHERE kind = 'linkedin' AND until IS NULL;
ALTER TABLE lead_addresses ENABLE TRIGGER USER;
