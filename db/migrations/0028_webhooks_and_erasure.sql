-- Who outside is told of what happens, and what is still to be told. A delivery is written in the transaction of what it tells
-- of (db/routines/receivers.sql), so none is lost and none is of something that was rolled back.

CREATE TABLE webhooks (
  org_id             uuid NOT NULL REFERENCES organizations (org_id),
  id                 uuid NOT NULL,
  url                text NOT NULL CHECK (url ~ '^https?://[!-~]+$' AND length(url) <= 2000),
  events             text[] NOT NULL,
  -- Only the tasks of this agent.
  agent_id           text,
  -- Sealed with TOUCHLINE_SECRET (src/coordinator/sealed_secret.ts).
  secret             bytea NOT NULL CHECK (length(secret) > 29),
  created_by_user_id uuid NOT NULL,
  created_at         timestamptz NOT NULL,
  -- Since when every try failed.
  failing_since      timestamptz,
  disabled_at        timestamptz,
  disabled_reason    text CHECK (disabled_reason IN ('gone', 'failing', 'secret_lost')),
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, agent_id) REFERENCES agents (org_id, id),
  FOREIGN KEY (org_id, created_by_user_id) REFERENCES users (org_id, id),
  CONSTRAINT webhooks_events CHECK (
    cardinality(events) > 0 AND array_position(events, NULL) IS NULL
    AND events <@ '{task.created,task.dead_end,flag.raised,draft.waiting,touch.sent,touch.failed,touch.unknown,
      enrollment.started,enrollment.exited,request.suppressed,lead.opted_out,play.proposed,play.activated,play.retired}'::text[]),
  CONSTRAINT webhooks_agent CHECK (agent_id IS NULL OR events <@ '{task.created,task.dead_end}'::text[]),
  CONSTRAINT webhooks_disabled CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL))
);

CREATE TABLE webhook_deliveries (
  org_id        uuid NOT NULL,
  -- The webhook-id that the receiver sees, the same at every try.
  id            uuid NOT NULL,
  webhook_id    uuid NOT NULL,
  event         text NOT NULL,
  -- Ids, of what kind it is in one word, and the topic of a task's agent.
  data          jsonb NOT NULL CHECK (jsonb_typeof(data) = 'object'),
  occurred_at   timestamptz NOT NULL,
  status        text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed')),
  -- Counts each claim, so it is the fence as well: who was claimed from in the meantime settles nothing.
  attempt_count int NOT NULL DEFAULT 0 CHECK (attempt_count >= 0),
  -- The next try; while one is under way, when it counts as lost.
  next_at       timestamptz NOT NULL,
  last_status   int,
  last_error    text,
  settled_at    timestamptz,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, webhook_id) REFERENCES webhooks (org_id, id) ON DELETE CASCADE,
  CONSTRAINT webhook_deliveries_settled CHECK ((status = 'pending') = (settled_at IS NULL))
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX webhook_deliveries_of_webhook ON webhook_deliveries (org_id, webhook_id, id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (org_id, webhook_id, next_at, id) WHERE settled_at IS NULL;
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (org_id, occurred_at);

-- Who asked to be forgotten. The lead stays as a shell that nothing can be sent to: db/routines/erasures.sql.
ALTER TABLE leads ADD COLUMN erased_at timestamptz,
  ADD CONSTRAINT leads_erased CHECK (erased_at IS NULL OR (
    opt_out_flag AND email = 'erased-' || id || '@erased.invalid' AND intent_signals = '{}'
    AND num_nonnulls(first_name, last_name, title, linkedin_url, country, time_zone, crm_contact_id, account_id, owner_user_id) = 0));

CREATE TABLE lead_erasures (
  org_id            uuid NOT NULL,
  -- The lead.
  id                uuid NOT NULL,
  erased_at         timestamptz NOT NULL,
  erased_by_user_id uuid NOT NULL,
  reason            text NOT NULL CHECK (reason <> ''),
  -- Over what was taken out of the logs: the audit's line of this row holds it, and that line hangs in the chain.
  log_row_count     int NOT NULL,
  log_digest        text NOT NULL CHECK (log_digest ~ '^[0-9a-f]{64}$'),
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, id) REFERENCES leads (org_id, id),
  FOREIGN KEY (org_id, erased_by_user_id) REFERENCES users (org_id, id)
);

-- The rows of the logs that had something taken out: what they hashed to as they were written, and as they are.
CREATE TABLE log_erasures (
  org_id   uuid NOT NULL,
  kind     text NOT NULL CHECK (kind IN ('events', 'audit')),
  row_id   uuid NOT NULL,
  lead_id  uuid NOT NULL,
  was_hash bytea NOT NULL CHECK (length(was_hash) = 32),
  hash     bytea NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (org_id, kind, row_id),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id)
);
CREATE INDEX log_erasures_of_lead ON log_erasures (org_id, lead_id);

-- Whom an import must not bring back: HMAC-SHA256 of the address, by a key that is not in the database.
CREATE TABLE erased_addresses (
  org_id       uuid NOT NULL,
  address_hmac bytea NOT NULL CHECK (length(address_hmac) = 32),
  lead_id      uuid NOT NULL,
  PRIMARY KEY (org_id, address_hmac),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id)
);

ALTER TABLE lead_import_rows ADD COLUMN address_hmac bytea;

-- What waits for a person who sends it from an account of their own.
CREATE INDEX sales_send_queue_personal ON sales_send_queue (org_id, scheduled_at, id)
  WHERE requires_personal_send AND status IN ('drafted', 'approved');
