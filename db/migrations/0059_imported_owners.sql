-- The owner that a row of a file names.
ALTER TABLE lead_import_rows ADD COLUMN owner_user_id uuid;
