-- Further addresses of a row: [{"kind": ..., "value": ...}], and the keyed hashes of its email addresses.
ALTER TABLE lead_import_rows ADD COLUMN further_addresses jsonb, ADD COLUMN further_hmacs bytea[];
-- A row of a file names one lead by its email address, and an address of another.
ALTER TYPE merge_reason ADD VALUE 'same_email' BEFORE 'same_profile';
