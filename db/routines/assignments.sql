-- Assigning leads: who may become an owner, and who is notified.

-- Refuses a deactivated user as a new owner. A merge keeps the other lead's owner, active or not.
CREATE OR REPLACE FUNCTION require_active_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM users u WHERE u.org_id = NEW.org_id AND u.id = NEW.owner_user_id AND u.deactivated_at IS NOT NULL)
     AND NOT is_merging() THEN
    RAISE EXCEPTION 'this user is deactivated and cannot own another lead' USING ERRCODE = 'TL020', COLUMN = 'owner_user_id',
      HINT = 'Choose an active user.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER leads_owner_active_at_birth
  BEFORE INSERT ON leads FOR EACH ROW WHEN (NEW.owner_user_id IS NOT NULL) EXECUTE FUNCTION require_active_owner();
CREATE OR REPLACE TRIGGER leads_owner_active
  BEFORE UPDATE OF owner_user_id ON leads
  FOR EACH ROW WHEN (NEW.owner_user_id IS NOT NULL AND NEW.owner_user_id IS DISTINCT FROM OLD.owner_user_id)
  EXECUTE FUNCTION require_active_owner();

-- A UUIDv7 (RFC 9562) of this time, as src/ids.ts makes them: lists of notifications go by id.
CREATE OR REPLACE FUNCTION id_at(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE
  RETURN (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || right(replace(gen_random_uuid()::text, '-', ''), 19))::uuid;

-- Notifies the owners of leads just assigned, once per act: a further part of the act raises the count. `but` is the user
-- who assigned them, if that was the user's own choice.
CREATE OR REPLACE FUNCTION notify_assigned(org uuid, act uuid, lead_ids uuid[], at timestamptz, but uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  given record;
BEGIN
  FOR given IN
    SELECT l.owner_user_id AS user_id, count(*)::int AS lead_count, (array_agg(l.id))[1] AS lead_id
    FROM leads l
    WHERE l.org_id = org AND l.id = ANY (lead_ids) AND l.owner_user_id IS NOT NULL AND l.owner_user_id IS DISTINCT FROM but
    GROUP BY l.owner_user_id ORDER BY l.owner_user_id
  LOOP
    -- Agents change no notification, not even by a statement that finds none.
    IF EXISTS (SELECT FROM notifications n WHERE n.org_id = org AND n.to_user_id = given.user_id AND n.act_id = act) THEN
      UPDATE notifications n SET lead_id = NULL, read_at = NULL, created_at = greatest(n.created_at, at),
        detail = jsonb_build_object('lead_count', (n.detail ->> 'lead_count')::int + given.lead_count)
      WHERE n.org_id = org AND n.to_user_id = given.user_id AND n.act_id = act;
    ELSE
      INSERT INTO notifications (org_id, id, to_user_id, kind, lead_id, detail, created_at, act_id)
      VALUES (org, id_at(at), given.user_id, 'assigned', CASE WHEN given.lead_count = 1 THEN given.lead_id END,
              jsonb_build_object('lead_count', given.lead_count), at, act);
    END IF;
  END LOOP;
END $$;
