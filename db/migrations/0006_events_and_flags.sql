-- What happened and, above all, what did not: the append-only log, and what people and agents were told.

CREATE TYPE event_type AS ENUM (
  'requested', 'enrolled', 'dispatched', 'drafted', 'edited', 'approved', 'draft_rejected', 'sent', 'marked_sent',
  'held', 'suppressed', 'released', 'deferred', 'paused', 'resumed', 'exited', 'canceled', 'failed', 'unknown',
  'retried', 'opted_out', 'opt_out_lifted', 'template_approved'
);
CREATE TYPE compliance_status AS ENUM ('clear', 'unsubscribed', 'opted_out', 'suppressed_address');
CREATE TYPE actor_kind AS ENUM ('human', 'agent', 'coordinator', 'system');
CREATE TYPE gate_moment AS ENUM ('requested', 'dispatched', 'sent');
CREATE TYPE flag_kind AS ENUM (
  'cap_warning', 'concurrency', 'stall', 'backlog', 'routing_error', 'active_play_drift', 'send_unknown',
  'mailbox_health'
);

CREATE TABLE cadence_event_log (
  org_id                  uuid NOT NULL,
  id                      uuid NOT NULL,
  timestamp               timestamptz NOT NULL,
  event_type              event_type NOT NULL,
  -- What the coordinator did: activate, hold, queue, block, refuse, draft, send, ...
  coordinator_action      text NOT NULL,
  -- The exact case in one stable word, such as window_full or t2_sales_fresher.
  resolution              text,
  touch_cap_at_event      int,
  compliance_status       compliance_status,
  suppressed_reason       suppressed_reason,
  moment                  gate_moment,
  until                   timestamptz,
  actor_kind              actor_kind NOT NULL,
  actor_id                text NOT NULL,
  lead_id                 uuid NOT NULL,
  account_id              uuid,
  campaign_id             uuid,
  request_id              uuid,
  enrollment_id           uuid,
  queue_id                uuid,
  step_number             int,
  channel                 channel,
  sequence_type           sequence_type,
  policy_version          int,
  play_id                 uuid,
  originating_proposal_id uuid,
  -- The gate's trace, or what a person changed or said.
  trace                   jsonb,
  detail                  jsonb,
  PRIMARY KEY (org_id, timestamp, id),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id)
) PARTITION BY RANGE (timestamp);
CREATE INDEX cadence_event_log_by_lead ON cadence_event_log (org_id, lead_id, timestamp DESC);
CREATE INDEX cadence_event_log_suppressions ON cadence_event_log (org_id, suppressed_reason, timestamp DESC)
  WHERE suppressed_reason IS NOT NULL;
CREATE INDEX cadence_event_log_by_play ON cadence_event_log (org_id, play_id, timestamp DESC)
  WHERE play_id IS NOT NULL;

-- A proactive warning, open until someone acts or its cause is gone.
CREATE TABLE flags (
  org_id      uuid NOT NULL REFERENCES organizations,
  id          uuid NOT NULL,
  kind        flag_kind NOT NULL,
  lead_id     uuid,
  queue_id    uuid,
  for_agent   text,
  for_user_id uuid,
  detail      jsonb NOT NULL DEFAULT '{}',
  raised_at   timestamptz NOT NULL,
  resolved_at timestamptz,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id),
  FOREIGN KEY (org_id, queue_id) REFERENCES sales_send_queue (org_id, id),
  FOREIGN KEY (org_id, for_agent) REFERENCES agents (org_id, id),
  FOREIGN KEY (org_id, for_user_id) REFERENCES users (org_id, id)
);
-- Each is raised once while it is open.
CREATE UNIQUE INDEX flags_open_uniq ON flags (org_id, kind, lead_id) WHERE resolved_at IS NULL;

CREATE TABLE notifications (
  org_id      uuid NOT NULL REFERENCES organizations,
  id          uuid NOT NULL,
  to_agent    text,
  to_user_id  uuid,
  kind        text NOT NULL,
  lead_id     uuid,
  detail      jsonb NOT NULL DEFAULT '{}',
  created_at  timestamptz NOT NULL,
  read_at     timestamptz,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, to_agent) REFERENCES agents (org_id, id),
  FOREIGN KEY (org_id, to_user_id) REFERENCES users (org_id, id),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id),
  CONSTRAINT notifications_one_recipient CHECK (num_nonnulls(to_agent, to_user_id) = 1)
);
CREATE INDEX notifications_unread ON notifications (org_id, created_at) WHERE read_at IS NULL;
