-- Owners of leads, and teams. Both are read when asked: nothing is copied.

-- The own owner of a lead, else its account's; its account's too while the own one is deactivated and the other is not.
CREATE OR REPLACE FUNCTION owner_among(org uuid, own uuid, of_account uuid) RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  IF own IS NOT NULL AND of_account <> own
     AND EXISTS (SELECT FROM users u WHERE u.org_id = org AND u.id = own AND u.deactivated_at IS NOT NULL)
     AND EXISTS (SELECT FROM users u WHERE u.org_id = org AND u.id = of_account AND u.deactivated_at IS NULL) THEN
    RETURN of_account;
  END IF;
  RETURN coalesce(own, of_account);
END $$;

-- A lead's owner: its own, else its account's, and its account's while its own is deactivated. Null: no user owns the lead. The row
-- of a merged lead has the owner of the lead that it became.
CREATE OR REPLACE FUNCTION lead_owner(org uuid, lead uuid) RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  found record;
BEGIN
  -- By key, one row at a time: a join would scan leads wherever its plan is older than the rows.
  SELECT l.merged_into_id, l.owner_user_id, l.account_id INTO found FROM leads l WHERE l.org_id = org AND l.id = lead;
  IF found.merged_into_id IS NOT NULL THEN
    SELECT l.merged_into_id, l.owner_user_id, l.account_id INTO found FROM leads l WHERE l.org_id = org AND l.id = found.merged_into_id;
  END IF;
  RETURN owner_among(org, found.owner_user_id,
                     (SELECT a.owner_user_id FROM accounts a WHERE a.org_id = org AND a.id = found.account_id));
END $$;

-- The leads of these owners, with the rows of leads merged into them: lead_owner for sets, beginning with the owners.
CREATE OR REPLACE FUNCTION leads_of(org uuid, owners uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH owned AS (
    SELECT l.id FROM leads l
    WHERE l.org_id = org AND l.owner_user_id = ANY (owners) AND l.merged_into_id IS NULL
      AND (l.owner_user_id NOT IN (SELECT u.id FROM users u WHERE u.org_id = org AND u.deactivated_at IS NOT NULL)
           OR lead_owner(org, l.id) = l.owner_user_id)
    UNION ALL
    SELECT l.id FROM accounts a
    JOIN leads l ON l.org_id = a.org_id AND l.account_id = a.id AND l.merged_into_id IS NULL
     AND (l.owner_user_id IS NULL
          OR l.owner_user_id <> a.owner_user_id AND owner_among(org, l.owner_user_id, a.owner_user_id) = a.owner_user_id)
    WHERE a.org_id = org AND a.owner_user_id = ANY (owners)
  )
  SELECT o.id FROM owned o
  UNION ALL
  SELECT m.id FROM owned o JOIN leads m ON m.org_id = org AND m.merged_into_id = o.id;
END;

-- The team of a user: everyone below the user, and the user; or, for a user who leads no one, the people of the user's
-- manager. Deactivated users stay in their team, because their leads do.
CREATE OR REPLACE FUNCTION team_of(org uuid, person uuid) RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH RECURSIVE below (id) AS (
    SELECT u.id FROM users u WHERE u.org_id = org AND u.manager_user_id = person
    UNION
    SELECT u.id FROM below b JOIN users u ON u.org_id = org AND u.manager_user_id = b.id
  )
  SELECT person
  UNION
  SELECT b.id FROM below b
  UNION
  SELECT u.id FROM users me JOIN users u ON u.org_id = me.org_id AND u.manager_user_id = me.manager_user_id
  WHERE me.org_id = org AND me.id = person AND NOT EXISTS (SELECT FROM below);
END;

-- A manager is active when chosen, and no user is their own manager, however many levels up. The lock serializes changes
-- that would close a cycle together; a snapshot older than the lock would miss the other change, so each statement needs a
-- new one.
CREATE OR REPLACE FUNCTION keep_managers_above() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') = 'repeatable read' THEN
    RAISE EXCEPTION 'a manager can be changed only in READ COMMITTED' USING ERRCODE = '25001';
  END IF;
  PERFORM 1 FROM organizations o WHERE o.org_id = NEW.org_id FOR NO KEY UPDATE;
  IF EXISTS (SELECT FROM users m WHERE m.org_id = NEW.org_id AND m.id = NEW.manager_user_id AND m.deactivated_at IS NOT NULL) THEN
    RAISE EXCEPTION 'this manager is deactivated' USING ERRCODE = 'TL020', COLUMN = 'manager_user_id',
      HINT = 'Choose an active user as the manager.';
  END IF;
  IF EXISTS (
    WITH RECURSIVE above (id) AS (
      SELECT NEW.manager_user_id
      UNION
      SELECT u.manager_user_id FROM above a JOIN users u ON u.org_id = NEW.org_id AND u.id = a.id
    )
    SELECT FROM above WHERE id = NEW.id)
  THEN
    RAISE EXCEPTION 'the manager reports to this user' USING ERRCODE = 'TL082', COLUMN = 'manager_user_id',
      HINT = 'Choose someone who does not report to this user, or change that person’s manager first.';
  END IF;
  RETURN NULL;
END $$;
-- Serializes a deactivation with choices of the user as a manager, by the same lock.
CREATE OR REPLACE FUNCTION lock_managers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM organizations o WHERE o.org_id = NEW.org_id FOR NO KEY UPDATE;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER users_deactivated_as_managers
  AFTER UPDATE OF deactivated_at ON users
  FOR EACH ROW WHEN (OLD.deactivated_at IS NULL AND NEW.deactivated_at IS NOT NULL)
  EXECUTE FUNCTION lock_managers();
CREATE OR REPLACE TRIGGER users_managers_above_at_birth
  AFTER INSERT ON users FOR EACH ROW WHEN (NEW.manager_user_id IS NOT NULL) EXECUTE FUNCTION keep_managers_above();
CREATE OR REPLACE TRIGGER users_managers_above
  AFTER UPDATE OF manager_user_id ON users
  FOR EACH ROW WHEN (NEW.manager_user_id IS NOT NULL AND NEW.manager_user_id IS DISTINCT FROM OLD.manager_user_id)
  EXECUTE FUNCTION keep_managers_above();
