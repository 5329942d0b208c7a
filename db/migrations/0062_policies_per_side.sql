-- Each version of a policy from now on says itself how many sequences of a side run at once. Versions that were written
-- before keep what they meant: any number.
ALTER TABLE policies ADD CONSTRAINT policies_name_sequences CHECK (
  coalesce(jsonb_typeof(document #> '{sequences_per_side,sales}') IN ('number', 'null'), false)
  AND coalesce(jsonb_typeof(document #> '{sequences_per_side,marketing}') IN ('number', 'null'), false)
) NOT VALID;
