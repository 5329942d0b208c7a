-- Each version of a policy from now on says itself whether sending hours and holidays are enforced, so that a new default
-- never changes what an earlier version meant. Versions that were written before and leave it out keep what was shipped
-- then: not enforced.
ALTER TABLE policies ADD CONSTRAINT policies_name_sending_hours CHECK (
  jsonb_typeof(document #> '{business_hours,enforce}') IS NOT DISTINCT FROM 'boolean'
  AND jsonb_typeof(document #> '{holidays,enforce}') IS NOT DISTINCT FROM 'boolean'
) NOT VALID;
