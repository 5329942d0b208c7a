-- Which times may be written, whoever writes: db/routines/bounded_times.sql bounds all of them, and holds those that a writer
-- says of a play to the server's clock. Here is what has to be known for it, and the order in which the life of a play goes.

-- A row where the product's clock is not the server's: data of a run at speed, a simulation, a test. Only the owner of the
-- tables writes it (src/runtime.ts, before anything else is written), so whoever works as the application is held to the
-- server's clock everywhere else.
CREATE TABLE simulated_clock (
  is_one boolean PRIMARY KEY DEFAULT true CHECK (is_one),
  since  timestamptz NOT NULL
);

-- Processes whose clocks are seconds apart may have written times in another order than they came.
ALTER TABLE sales_play_library NO FORCE ROW LEVEL SECURITY;
ALTER TABLE brain_analysis_log NO FORCE ROW LEVEL SECURITY;
ALTER TABLE sales_play_library DISABLE TRIGGER USER;
UPDATE sales_play_library SET
  picked_up_at = CASE WHEN picked_up_at IS NOT NULL THEN greatest(picked_up_at, created_at) END,
  slm_approved_at = CASE WHEN slm_approved_at IS NOT NULL THEN greatest(slm_approved_at, picked_up_at, created_at) END,
  revops_approved_at = CASE WHEN revops_approved_at IS NOT NULL THEN greatest(revops_approved_at, picked_up_at, created_at) END,
  activated_at = CASE WHEN activated_at IS NOT NULL
    THEN greatest(activated_at, slm_approved_at, revops_approved_at, picked_up_at, created_at) END,
  retired_at = CASE WHEN retired_at IS NOT NULL
    THEN greatest(retired_at, activated_at, slm_approved_at, revops_approved_at, picked_up_at, created_at) END
WHERE content_removed_at IS NULL AND (
  picked_up_at < created_at OR slm_approved_at < greatest(picked_up_at, created_at)
  OR revops_approved_at < greatest(picked_up_at, created_at)
  OR activated_at < greatest(slm_approved_at, revops_approved_at, picked_up_at, created_at)
  OR retired_at < greatest(activated_at, slm_approved_at, revops_approved_at, picked_up_at, created_at));
ALTER TABLE sales_play_library ENABLE TRIGGER USER;

ALTER TABLE sales_play_library
  ADD CONSTRAINT sales_play_library_timeline CHECK (
    picked_up_at >= created_at
    AND slm_approved_at >= picked_up_at AND revops_approved_at >= picked_up_at
    AND activated_at >= slm_approved_at AND activated_at >= revops_approved_at
    AND retired_at >= greatest(created_at, picked_up_at, slm_approved_at, revops_approved_at, activated_at)),
  -- As play_tier counts seven years, in UTC.
  ADD CONSTRAINT sales_play_library_kept_seven_years CHECK (
    content_removed_at AT TIME ZONE 'UTC' >= retired_at AT TIME ZONE 'UTC' + interval '7 years');
ALTER TABLE brain_analysis_log ADD CONSTRAINT brain_analysis_log_kept_seven_years CHECK (
  content_removed_at AT TIME ZONE 'UTC' >= created_at AT TIME ZONE 'UTC' + interval '7 years');

-- Those that are being merged: seen only within the transaction that does it (db/routines/imports.sql).
ALTER TABLE lead_imports NO FORCE ROW LEVEL SECURITY;
UPDATE lead_imports SET status = 'failed' WHERE status = 'merging';
CREATE INDEX lead_imports_merging ON lead_imports (org_id) WHERE status = 'merging';

-- A segment's label begins and ends with something to read: the characters stand here one by one, since what a class such as
-- [:space:] means depends on the collation. Labels that are there already are left alone.
ALTER TABLE territory_definitions
  DROP CONSTRAINT territory_definitions_segment_check,
  ADD CONSTRAINT territory_definitions_segment CHECK (
    segment ~ replace('^[^BLANK]([^\u0001-\u001f\u007f-\u009f]*[^BLANK])?$', 'BLANK',
      '\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f'
      '\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb')) NOT VALID;
