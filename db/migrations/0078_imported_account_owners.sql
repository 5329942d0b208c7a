-- The owner of the account, for each row of an import.
ALTER TABLE lead_import_rows ADD COLUMN account_owner_user_id uuid;
