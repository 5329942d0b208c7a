-- Whose name and postal address stand under every message, and since when they are somebody's own.
ALTER TYPE suppressed_reason ADD VALUE 'organization_not_set';
ALTER TYPE wake_condition ADD VALUE 'organization_set';

ALTER TABLE organizations
  -- As the law knows it, where that is not its name; shown under messages.
  ADD COLUMN legal_name text CHECK (legal_name <> ''),
  -- Null: name and postal address are placeholders, and nothing leaves to a real mail server. By whom is null for the set-up.
  ADD COLUMN own_since timestamptz,
  ADD COLUMN own_by_user_id uuid,
  ADD CONSTRAINT organizations_own_by FOREIGN KEY (org_id, own_by_user_id) REFERENCES users (org_id, id),
  ADD CONSTRAINT organizations_own_by_whom CHECK (own_by_user_id IS NULL OR own_since IS NOT NULL);

-- What was given before now is somebody's own, unless it is the sample's.
ALTER TABLE organizations DISABLE TRIGGER USER;
ALTER TABLE organizations NO FORCE ROW LEVEL SECURITY;
UPDATE organizations SET own_since = created_at
WHERE postal_address <> '100 Sample Street, Sampleton, NY 10001, USA';
ALTER TABLE organizations ENABLE TRIGGER USER;

ALTER TABLE organizations ADD CONSTRAINT organizations_own_address CHECK (
  own_since IS NULL
  OR postal_address NOT IN ('100 Sample Street, Sampleton, NY 10001, USA', '(postal address not set)'));

-- Whether the embedded catcher takes the message: then nobody but this machine sees it.
ALTER TABLE send_attempts ADD COLUMN caught boolean NOT NULL DEFAULT false;
