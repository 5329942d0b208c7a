-- Assigning leads: who may become an owner, who is notified, and the rules for new leads.

-- Refuses a deactivated user as a new owner of a lead or an account. The lock serializes this with the deactivation. A merge keeps
-- the other lead's owner, active or not.
CREATE OR REPLACE FUNCTION require_active_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM users u WHERE u.org_id = NEW.org_id AND u.id = NEW.owner_user_id FOR SHARE;
  IF EXISTS (SELECT FROM users u WHERE u.org_id = NEW.org_id AND u.id = NEW.owner_user_id AND u.deactivated_at IS NOT NULL)
     AND NOT is_merging() THEN
    RAISE EXCEPTION 'this user is deactivated and cannot own leads or accounts' USING ERRCODE = 'TL020', COLUMN = 'owner_user_id',
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
-- After the row: before it, each change of an account would lock it against every lead that moves to it.
CREATE OR REPLACE TRIGGER accounts_owner_active_at_birth
  AFTER INSERT ON accounts FOR EACH ROW WHEN (NEW.owner_user_id IS NOT NULL) EXECUTE FUNCTION require_active_owner();
CREATE OR REPLACE TRIGGER accounts_owner_active
  AFTER UPDATE OF owner_user_id ON accounts
  FOR EACH ROW WHEN (NEW.owner_user_id IS NOT NULL AND NEW.owner_user_id IS DISTINCT FROM OLD.owner_user_id)
  EXECUTE FUNCTION require_active_owner();

-- A UUIDv7 (RFC 9562) of this time, as src/ids.ts makes them: lists of notifications go by id.
CREATE OR REPLACE FUNCTION id_at(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE
  RETURN (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || right(replace(gen_random_uuid()::text, '-', ''), 19))::uuid;

-- Whether a notification may have left: claimed for its email or webhook, or within a digest. Its count stays as it was read.
-- Locks its deliveries first, so that none is claimed between this answer and the commit.
CREATE OR REPLACE FUNCTION has_left(note notifications) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM notification_deliveries d WHERE d.org_id = note.org_id AND d.notification_id = note.id FOR UPDATE;
  RETURN EXISTS (SELECT FROM notification_deliveries d
                 WHERE d.org_id = note.org_id AND d.notification_id = note.id AND d.attempt_count > 0)
      OR EXISTS (SELECT FROM notification_deliveries d
                 WHERE d.org_id = note.org_id AND d.user_id = note.to_user_id AND d.digest_on IS NOT NULL
                   AND d.digest_from < note.created_at AND d.digest_until >= note.created_at);
END $$;

-- Notifies the owners of leads just assigned, once per act: a further part of the act raises the count, until the notification
-- has left. The next one waits a minute for further parts. `but` is the user who assigned them, if that was the user's own choice.
CREATE OR REPLACE FUNCTION notify_assigned(org uuid, act uuid, lead_ids uuid[], at timestamptz, but uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  given record;
  told notifications;
  note uuid;
BEGIN
  FOR given IN
    SELECT l.owner_user_id AS user_id, count(*)::int AS lead_count, (array_agg(l.id))[1] AS lead_id
    FROM leads l
    WHERE l.org_id = org AND l.id = ANY (lead_ids) AND l.owner_user_id IS NOT NULL AND l.owner_user_id IS DISTINCT FROM but
    GROUP BY l.owner_user_id ORDER BY l.owner_user_id
  LOOP
    -- Agents change no notification, not even by a statement that finds none.
    SELECT * INTO told FROM notifications n WHERE n.org_id = org AND n.to_user_id = given.user_id AND n.act_id = act;
    IF told.id IS NOT NULL AND NOT has_left(told) THEN
      UPDATE notifications n SET lead_id = NULL, read_at = NULL, created_at = greatest(n.created_at, at),
        detail = jsonb_build_object('lead_count', (n.detail ->> 'lead_count')::int + given.lead_count)
      WHERE n.org_id = org AND n.id = told.id;
      CONTINUE;
    END IF;
    IF told.id IS NOT NULL THEN
      UPDATE notifications n SET act_id = NULL WHERE n.org_id = org AND n.id = told.id;
    END IF;
    note := id_at(at);
    INSERT INTO notifications (org_id, id, to_user_id, kind, lead_id, detail, created_at, act_id)
    VALUES (org, note, given.user_id, 'assigned', CASE WHEN given.lead_count = 1 THEN given.lead_id END,
            jsonb_build_object('lead_count', given.lead_count), at, act);
    IF told.id IS NOT NULL THEN
      UPDATE notification_deliveries d SET next_at = at + interval '1 minute' WHERE d.org_id = org AND d.notification_id = note;
    END IF;
  END LOOP;
END $$;

-- Notifies an owner whose lead or account another user gave away or took over, once per transaction. The report of an import counts
-- such leads instead.
CREATE OR REPLACE FUNCTION notify_former_owner() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  at CONSTANT timestamptz := acting_time();
BEGIN
  IF acting_user() <> OLD.owner_user_id AND NOT import_is_merging() THEN
    INSERT INTO notifications AS n (org_id, id, to_user_id, kind, lead_id, detail, created_at, act_id)
    VALUES (NEW.org_id, id_at(at), OLD.owner_user_id, 'owner_changed', CASE TG_TABLE_NAME WHEN 'leads' THEN NEW.id END,
            '{"lead_count": 1}', at, md5(pg_current_xact_id()::text || transaction_timestamp())::uuid)
    ON CONFLICT (org_id, to_user_id, act_id) WHERE act_id IS NOT NULL
    DO UPDATE SET lead_id = NULL, detail = jsonb_build_object('lead_count', (n.detail ->> 'lead_count')::int + 1);
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_former_owner
  AFTER UPDATE OF owner_user_id ON leads
  FOR EACH ROW WHEN (OLD.owner_user_id <> coalesce(NEW.owner_user_id, NEW.id) AND NEW.merged_into_id IS NULL AND NEW.erased_at IS NULL)
  EXECUTE FUNCTION notify_former_owner();
CREATE OR REPLACE TRIGGER accounts_former_owner
  AFTER UPDATE OF owner_user_id ON accounts
  FOR EACH ROW WHEN (OLD.owner_user_id <> coalesce(NEW.owner_user_id, NEW.id)) EXECUTE FUNCTION notify_former_owner();

-- Only RevOps and admins change the rules, in their own name, and only active users take turns. Assigning by a rule changes
-- its count alone.
CREATE OR REPLACE FUNCTION guard_assignment_rule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM require_acting_role(coalesce(NEW.org_id, OLD.org_id), '{revops,admin}');
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  PERFORM require_acting_person(NEW.updated_by_user_id);
  IF EXISTS (
    SELECT FROM unnest(NEW.assignee_user_ids) a (id)
    WHERE NOT EXISTS (SELECT FROM users u WHERE u.org_id = NEW.org_id AND u.id = a.id
                      AND (u.deactivated_at IS NULL OR EXISTS (
                        SELECT FROM assignment_rules r
                        WHERE r.org_id = NEW.org_id AND r.id = NEW.id AND u.id = ANY (r.assignee_user_ids))))) THEN
    RAISE EXCEPTION 'a rule assigns leads to active users only' USING ERRCODE = 'TL020', COLUMN = 'assignee_user_ids';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER assignment_rules_guard
  BEFORE INSERT OR DELETE OR UPDATE OF org_id, id, position, icp_tiers, segments, countries, assignee_user_ids, updated_at, updated_by_user_id
  ON assignment_rules FOR EACH ROW EXECUTE FUNCTION guard_assignment_rule();

-- The next owner of each of these leads, unless a user owns the lead or its account: the first rule that fits and has an active
-- user. `taken` counts further turns of a rule, by its id, for a preview.
CREATE OR REPLACE FUNCTION assignment_turns(org uuid, lead_ids uuid[], taken jsonb DEFAULT '{}')
RETURNS TABLE (lead_id uuid, rule_id uuid, user_id uuid) LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH waiting AS MATERIALIZED (
    SELECT l.id, coalesce(l.icp_tier, a.icp_tier) AS icp_tier, lower(coalesce(l.segment, a.segment)) AS segment,
           lower(coalesce(l.country, a.country)) AS country
    FROM leads l LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
    WHERE l.org_id = org AND l.id = ANY (lead_ids) AND coalesce(l.owner_user_id, a.owner_user_id) IS NULL
      AND l.erased_at IS NULL AND l.merged_into_id IS NULL
  ), rules AS MATERIALIZED (
    SELECT r.id, r.position, r.icp_tiers, lower(r.segments::text)::text[] AS segments, lower(r.countries::text)::text[] AS countries,
           r.assigned_count + coalesce((taken ->> r.id::text)::bigint, 0) AS turn, u.ids
    FROM assignment_rules r CROSS JOIN LATERAL (
      SELECT array_agg(u.id ORDER BY t.place) AS ids
      FROM unnest(r.assignee_user_ids) WITH ORDINALITY t (id, place)
      JOIN users u ON u.org_id = org AND u.id = t.id AND u.deactivated_at IS NULL
    ) u
    WHERE r.org_id = org AND u.ids IS NOT NULL
  )
  SELECT w.id, f.id, f.ids[1 + ((f.turn + row_number() OVER (PARTITION BY f.id ORDER BY w.id) - 1) % cardinality(f.ids))::int]
  FROM waiting w CROSS JOIN LATERAL (
    SELECT r.id, r.turn, r.ids FROM rules r
    WHERE (r.icp_tiers = '{}' OR w.icp_tier = ANY (r.icp_tiers))
      AND (r.segments = '{}' OR w.segment = ANY (r.segments))
      AND (r.countries = '{}' OR w.country = ANY (r.countries))
    ORDER BY r.position LIMIT 1
  ) f;
END;

-- Assigns leads without an owner by the rules, and notifies the new owners. Locks the rules first, always in one order, so
-- transactions take turns; the turns are read in a statement of their own after that. Each change is audited as one of
-- apply_assignment_rules, except those of an import, of which the rule's line has the number.
CREATE OR REPLACE FUNCTION assign_by_rules(org uuid, act uuid, lead_ids uuid[], at timestamptz)
RETURNS TABLE (lead_id uuid, rule_id uuid, user_id uuid) LANGUAGE plpgsql AS $$
DECLARE
  origin CONSTANT text := coalesce(current_setting('touchline.origin', true), '');
  leads_given uuid[];
  rules_used uuid[];
  users_named uuid[];
BEGIN
  IF NOT EXISTS (SELECT FROM assignment_rules r WHERE r.org_id = org)
     OR NOT EXISTS (SELECT FROM leads l LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
                    WHERE l.org_id = org AND l.id = ANY (lead_ids) AND coalesce(l.owner_user_id, a.owner_user_id) IS NULL) THEN
    RETURN;
  END IF;
  PERFORM FROM assignment_rules r WHERE r.org_id = org ORDER BY r.position, r.id FOR NO KEY UPDATE;
  SELECT array_agg(t.lead_id), array_agg(t.rule_id), array_agg(t.user_id) INTO leads_given, rules_used, users_named
  FROM assignment_turns(org, lead_ids) t;
  IF leads_given IS NULL THEN
    RETURN;
  END IF;
  IF NOT import_is_merging() THEN
    PERFORM set_config('touchline.origin', (coalesce(acting_origin(), '{}') || '{"operation": "apply_assignment_rules"}')::text, true);
  END IF;
  UPDATE leads l SET owner_user_id = t.user_id, updated_at = greatest(l.updated_at, at)
  FROM unnest(leads_given, users_named) t (lead_id, user_id)
  WHERE l.org_id = org AND l.id = t.lead_id;
  UPDATE assignment_rules r SET assigned_count = r.assigned_count + t.lead_count
  FROM (SELECT u.id, count(*) AS lead_count FROM unnest(rules_used) u (id) GROUP BY u.id) t
  WHERE r.org_id = org AND r.id = t.id;
  PERFORM set_config('touchline.origin', origin, true);
  PERFORM notify_assigned(org, act, leads_given, at, NULL);
  RETURN QUERY SELECT t.* FROM unnest(leads_given, rules_used, users_named) t (lead_id, rule_id, user_id);
END $$;

-- Every new lead passes the rules, inserted by any statement. A merging import assigns at its end instead: others' new leads would
-- wait for the whole merge.
CREATE OR REPLACE FUNCTION assign_new_leads() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  of_org uuid;
  named text;
BEGIN
  FOR of_org IN SELECT DISTINCT n.org_id FROM new_leads n WHERE n.owner_user_id IS NULL LOOP
    named := act_in(of_org);
    IF NOT import_is_merging() THEN
      PERFORM FROM assign_by_rules(of_org, gen_random_uuid(), ARRAY (SELECT n.id FROM new_leads n WHERE n.org_id = of_org),
                                   (SELECT max(n.created_at) FROM new_leads n WHERE n.org_id = of_org));
    END IF;
    PERFORM set_config('touchline.org', named, true);
  END LOOP;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_assigned_at_birth
  AFTER INSERT ON leads REFERENCING NEW TABLE AS new_leads FOR EACH STATEMENT EXECUTE FUNCTION assign_new_leads();

-- Before the import ends, while its changes are still audited as one.
CREATE OR REPLACE FUNCTION assign_imported_leads() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM assign_by_rules(NEW.org_id, NEW.id, ARRAY (
    SELECT l.id FROM lead_import_rows r JOIN leads l ON l.org_id = NEW.org_id AND l.id = r.lead_id
    WHERE r.org_id = NEW.org_id AND r.import_id = NEW.id AND r.kept_line IS NULL AND l.owner_user_id IS NULL
      AND l.created_at >= NEW.created_at), NEW.finished_at);
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER lead_imports_assign
  BEFORE UPDATE OF status ON lead_imports
  FOR EACH ROW WHEN (OLD.status = 'merging' AND NEW.status = 'done') EXECUTE FUNCTION assign_imported_leads();
