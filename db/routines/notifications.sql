-- Notifications that leave the browser: the preferences of each person, and the queue of deliveries. A delivery is recorded in
-- the transaction of its notification, hence SECURITY DEFINER.

-- The group of a notification's kind, for which people choose how it reaches them.
CREATE OR REPLACE FUNCTION notification_group(kind text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE
    WHEN kind IN ('reply', 'reply_waiting') THEN 'reply'
    WHEN kind = 'entry_requested' THEN 'meeting'
    WHEN kind IN ('entry_accepted', 'entry_declined') THEN 'request'
    WHEN kind IN ('meeting', 'assigned', 'manual_send') THEN kind
    WHEN kind = 'owner_changed' THEN 'assigned'
    WHEN kind LIKE 'play\_%' THEN 'play'
    WHEN kind = ANY (enum_range(NULL::suppressed_reason)::text[]) THEN 'request'
    ELSE 'warning' END;

-- How a group of notifications reaches a user by one medium: the user's choice, or the default.
CREATE OR REPLACE FUNCTION notification_delivery(org uuid, who uuid, kinds text, by_medium text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
  RETURN coalesce(
    (SELECT p.delivery FROM notification_preferences p
     WHERE p.org_id = org AND p.user_id = who AND p.kind_group = kinds AND p.medium = by_medium),
    CASE WHEN kinds IN ('reply', 'meeting', 'assigned') THEN 'at_once' WHEN by_medium = 'email' THEN 'digest' ELSE 'off' END);

-- The news of a digest: unread, of the groups that the user wants in it, and not sent at once.
CREATE OR REPLACE FUNCTION digest_news(org uuid, who uuid, since timestamptz, until timestamptz, at_most int)
RETURNS TABLE (id uuid, kind text, kind_group text) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT n.id, n.kind, notification_group(n.kind) FROM notifications n
  WHERE n.org_id = org AND n.to_user_id = who AND n.read_at IS NULL AND n.created_at > since AND n.created_at <= until
    AND notification_delivery(org, who, notification_group(n.kind), 'email') = 'digest'
    AND NOT EXISTS (SELECT FROM notification_deliveries d
                    WHERE d.org_id = org AND d.notification_id = n.id AND d.medium = 'email')
  ORDER BY n.created_at DESC, n.id DESC
  LIMIT at_most;
END;

-- Queues deliveries of new notifications that leave at once. A deactivated user gets none.
CREATE OR REPLACE FUNCTION queue_notification_deliveries() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  INSERT INTO notification_deliveries (org_id, id, user_id, medium, notification_id, created_at, next_at)
  SELECT n.org_id, audit_id(n.created_at), u.id, c.medium, n.id, n.created_at, n.created_at
  FROM new_rows n
  JOIN users u ON u.org_id = n.org_id AND u.id = n.to_user_id AND u.deactivated_at IS NULL
  CROSS JOIN (VALUES ('email'), ('webhook')) c (medium)
  WHERE n.org_id = acting_org() AND n.read_at IS NULL
    AND notification_delivery(n.org_id, u.id, notification_group(n.kind), c.medium) = 'at_once'
    AND (c.medium = 'email' OR EXISTS (SELECT FROM notification_webhooks w WHERE w.org_id = n.org_id AND w.user_id = u.id));
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER notifications_deliveries
  AFTER INSERT ON notifications REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION queue_notification_deliveries();

-- Only a trigger or the coordinator, for a digest, queues a delivery.
CREATE OR REPLACE FUNCTION refuse_delivery_by_others() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT is_written_by_trigger() AND (acting_kind() IS DISTINCT FROM 'coordinator' OR NEW.notification_id IS NOT NULL) THEN
    RAISE EXCEPTION 'only the coordinator queues digests, and a trigger all other deliveries' USING ERRCODE = 'TL004';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER notification_deliveries_queued
  BEFORE INSERT ON notification_deliveries FOR EACH ROW EXECUTE FUNCTION refuse_delivery_by_others();
CREATE OR REPLACE TRIGGER notification_deliveries_identity
  BEFORE UPDATE ON notification_deliveries
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.user_id, OLD.medium, OLD.notification_id, OLD.digest_on, OLD.digest_from, OLD.digest_until,
         OLD.created_at)
        IS DISTINCT FROM
        (NEW.org_id, NEW.id, NEW.user_id, NEW.medium, NEW.notification_id, NEW.digest_on, NEW.digest_from, NEW.digest_until,
         NEW.created_at)
        OR OLD.settled_at IS NOT NULL)
  EXECUTE FUNCTION refuse_identity_change();

-- People set their own preferences and webhook, never those of others.
CREATE OR REPLACE FUNCTION require_own_preference() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM require_acting_person(OLD.user_id);
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  PERFORM require_acting_person(NEW.user_id);
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER notification_preferences_own
  BEFORE INSERT OR UPDATE OR DELETE ON notification_preferences
  FOR EACH ROW EXECUTE FUNCTION require_own_preference();
CREATE OR REPLACE TRIGGER notification_webhooks_own
  BEFORE INSERT OR DELETE OR UPDATE OF org_id, user_id, form, host, url, set_at ON notification_webhooks
  FOR EACH ROW EXECUTE FUNCTION require_own_preference();
