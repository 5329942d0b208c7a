-- Notifications leave the browser: by email at once or in a digest, and by each person's own webhook.

-- False: notices that leave carry no name, address, or text of a lead.
ALTER TABLE organizations ADD COLUMN notices_include_lead_text boolean NOT NULL DEFAULT false;

-- A person's choices. Without a row, the default applies (db/routines/notifications.sql).
CREATE TABLE notification_preferences (
  org_id     uuid NOT NULL,
  user_id    uuid NOT NULL,
  kind_group text NOT NULL CHECK (kind_group IN ('reply', 'meeting', 'assigned', 'manual_send', 'warning', 'play', 'request')),
  medium    text NOT NULL CHECK (medium IN ('email', 'webhook')),
  delivery   text NOT NULL CHECK (delivery IN ('off', 'at_once', 'digest')),
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, user_id, kind_group, medium),
  FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
  CONSTRAINT notification_preferences_digest CHECK (medium = 'email' OR delivery <> 'digest')
);

-- A person's own Slack or Teams webhook. Its URL is as good as a password.
CREATE TABLE notification_webhooks (
  org_id        uuid NOT NULL,
  user_id       uuid NOT NULL,
  form          text NOT NULL CHECK (form IN ('slack', 'teams')),
  host          text NOT NULL CHECK (host <> '' AND length(host) <= 255),
  -- Sealed with TOUCHLINE_SECRET (src/coordinator/sending/sealed_secret.ts).
  url           bytea NOT NULL CHECK (length(url) > 29),
  set_at        timestamptz NOT NULL,
  -- Every delivery failed since then.
  failing_since timestamptz,
  -- A status, or a stable word.
  last_error    text CHECK (length(last_error) <= 100),
  PRIMARY KEY (org_id, user_id),
  FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id)
);

-- One notification at once, or one digest of a day. Ids only: the words are read at delivery.
CREATE TABLE notification_deliveries (
  org_id          uuid NOT NULL,
  id              uuid NOT NULL,
  user_id         uuid NOT NULL,
  medium         text NOT NULL CHECK (medium IN ('email', 'webhook')),
  notification_id uuid,
  -- The local day of the digest, and the notifications that it covers: later than `digest_from`, up to `digest_until`.
  digest_on       date,
  digest_from     timestamptz,
  digest_until    timestamptz,
  created_at      timestamptz NOT NULL,
  status          text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed', 'skipped', 'unknown')),
  -- Counts each claim, so it is the fence: an earlier claimant settles nothing.
  attempt_count   int NOT NULL DEFAULT 0 CHECK (attempt_count >= 0),
  -- The next attempt; during one, when it counts as lost.
  next_at         timestamptz NOT NULL,
  process_id      uuid,
  -- When the current attempt began DATA. If it is lost after that, its delivery is unknown and never repeated.
  data_at         timestamptz,
  last_status     int,
  last_error      text CHECK (length(last_error) <= 100),
  settled_at      timestamptz,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
  FOREIGN KEY (org_id, notification_id) REFERENCES notifications (org_id, id),
  CONSTRAINT notification_deliveries_about CHECK (
    num_nonnulls(notification_id, digest_on) = 1 AND num_nulls(digest_on, digest_from, digest_until) IN (0, 3)
    AND digest_from < digest_until AND (digest_on IS NULL OR medium = 'email')),
  CONSTRAINT notification_deliveries_settled CHECK ((status = 'pending') = (settled_at IS NULL)),
  CONSTRAINT notification_deliveries_data CHECK (data_at IS NULL OR medium = 'email')
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE UNIQUE INDEX notification_deliveries_once ON notification_deliveries (org_id, notification_id, medium)
  WHERE notification_id IS NOT NULL;
CREATE UNIQUE INDEX notification_deliveries_digest_uniq ON notification_deliveries (org_id, user_id, digest_on)
  WHERE digest_on IS NOT NULL;
CREATE INDEX notification_deliveries_due ON notification_deliveries (org_id, next_at, id) WHERE settled_at IS NULL;
CREATE INDEX notification_deliveries_due_of_user ON notification_deliveries (org_id, user_id, medium, next_at, id)
  WHERE settled_at IS NULL;
CREATE INDEX notification_deliveries_of_user ON notification_deliveries (org_id, user_id, id);
CREATE INDEX notification_deliveries_by_time ON notification_deliveries (org_id, created_at);
CREATE INDEX notification_deliveries_by_process ON notification_deliveries (org_id, process_id)
  WHERE settled_at IS NULL AND process_id IS NOT NULL;
