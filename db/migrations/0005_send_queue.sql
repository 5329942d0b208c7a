-- A touch on its way out: queue item -> draft -> approval -> attempt -> touch; and the work for role agents.

CREATE TYPE queue_status AS ENUM (
  'pending', 'drafted', 'approved', 'sent', 'failed', 'held', 'unknown', 'canceled'
);
CREATE TYPE touch_outcome AS ENUM ('reserved', 'sent', 'unknown', 'marked_sent', 'void');
CREATE TYPE attempt_stage AS ENUM ('intent', 'data', 'accepted', 'rejected', 'deferred', 'unknown', 'abandoned');
CREATE TYPE task_type AS ENUM (
  'meeting_booked', 'enroll_contact', 'execute_sequence_step', 'process_reply', 'exit_contact'
);
CREATE TYPE task_status AS ENUM ('open', 'claimed', 'done', 'failed', 'canceled');

-- An enum's text form, as an immutable function: a generated column may use nothing less.
CREATE FUNCTION channel_text(channel) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE $1 WHEN 'email' THEN 'email' WHEN 'linkedin' THEN 'linkedin' END;

-- One touch on its way out.
CREATE TABLE sales_send_queue (
  org_id          uuid NOT NULL,
  id              uuid NOT NULL,
  client_id       text NOT NULL,
  contact_id      text NOT NULL,
  lead_id         uuid NOT NULL,
  campaign_id     uuid NOT NULL,
  enrollment_id   uuid NOT NULL,
  step_number     int NOT NULL,
  channel         channel NOT NULL,
  -- Sent by a person from their own account, then marked sent: closing steps, LinkedIn, notify_rep.
  requires_personal_send boolean NOT NULL DEFAULT false,
  staged_draft_id uuid,
  scheduled_at    timestamptz NOT NULL,
  sent_at         timestamptz,
  status          queue_status NOT NULL DEFAULT 'pending',
  held_until      timestamptz,
  held_reason     suppressed_reason,
  wake            wake_condition,
  attempt_count   int NOT NULL DEFAULT 0,
  error           text,
  play_id         uuid,
  originating_proposal_id uuid,
  created_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  -- Each step of an enrollment is decided once.
  CONSTRAINT sales_send_queue_step_uniq UNIQUE (org_id, enrollment_id, step_number),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id),
  FOREIGN KEY (org_id, campaign_id) REFERENCES campaigns (org_id, id),
  FOREIGN KEY (org_id, enrollment_id) REFERENCES campaign_contacts (org_id, id),
  FOREIGN KEY (org_id, client_id) REFERENCES clients (org_id, client_id),
  CONSTRAINT sales_send_queue_sent CHECK ((status = 'sent') = (sent_at IS NOT NULL)),
  CONSTRAINT sales_send_queue_held CHECK (
    (status = 'held') = (held_reason IS NOT NULL) AND (status = 'held') = (wake IS NOT NULL)),
  CONSTRAINT sales_send_queue_has_draft CHECK (
    status IN ('pending', 'held', 'canceled', 'failed') OR staged_draft_id IS NOT NULL)
) WITH (fillfactor = 70);
-- An enrollment has one touch on its way at a time: a step waits until the one before it is done.
CREATE UNIQUE INDEX sales_send_queue_open_uniq ON sales_send_queue (org_id, enrollment_id)
  WHERE status IN ('pending', 'drafted', 'approved', 'held', 'unknown');
CREATE INDEX sales_send_queue_by_lead ON sales_send_queue (org_id, lead_id, created_at);
CREATE INDEX sales_send_queue_by_status ON sales_send_queue (org_id, status, scheduled_at)
  WHERE status IN ('pending', 'drafted', 'approved', 'held', 'unknown', 'failed');
CREATE INDEX sales_send_queue_sent ON sales_send_queue (org_id, sent_at, id) WHERE status = 'sent';
CREATE INDEX sales_send_queue_releasable ON sales_send_queue (org_id, held_until) WHERE status = 'held';

-- One version of a touch's text. Never changed: an edit is a new version.
CREATE TABLE staged_drafts (
  org_id              uuid NOT NULL,
  id                  uuid NOT NULL,
  queue_id            uuid NOT NULL,
  version             int NOT NULL CHECK (version >= 1),
  channel             channel NOT NULL,
  -- E-mail address or LinkedIn URN.
  to_id               text NOT NULL CHECK (to_id <> '' AND to_id !~ '[\r\n]'),
  subject             text CHECK (subject !~ '[\r\n]'),
  body                text NOT NULL CHECK (body <> ''),
  context             jsonb NOT NULL CHECK (jsonb_typeof(context) = 'object'),
  -- Set when the text is a template's rendering with the lead's own fields and nothing else.
  template_hash       text,
  content_hash        text NOT NULL GENERATED ALWAYS AS
    (content_sha256(ARRAY[channel_text(channel), to_id, subject, body])) STORED,
  written_by_agent_id text,
  written_by_user_id  uuid,
  created_at          timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  CONSTRAINT staged_drafts_version_uniq UNIQUE (org_id, queue_id, version),
  CONSTRAINT staged_drafts_of_item UNIQUE (org_id, queue_id, id),
  CONSTRAINT staged_drafts_one_writer CHECK (num_nonnulls(written_by_agent_id, written_by_user_id) = 1),
  CONSTRAINT staged_drafts_subject CHECK (channel <> 'email' OR subject IS NOT NULL),
  CONSTRAINT staged_drafts_template CHECK (template_hash IS NULL OR written_by_agent_id IS NOT NULL),
  FOREIGN KEY (org_id, queue_id) REFERENCES sales_send_queue (org_id, id),
  FOREIGN KEY (org_id, written_by_agent_id) REFERENCES agents (org_id, id),
  FOREIGN KEY (org_id, written_by_user_id) REFERENCES users (org_id, id)
);
ALTER TABLE sales_send_queue ADD CONSTRAINT sales_send_queue_draft
  FOREIGN KEY (org_id, id, staged_draft_id) REFERENCES staged_drafts (org_id, queue_id, id);

-- A person's yes to one exact text. Without it nothing is sent.
CREATE TABLE draft_approvals (
  org_id              uuid NOT NULL,
  id                  uuid NOT NULL,
  draft_id            uuid NOT NULL,
  content_hash        text NOT NULL,
  approved_by_user_id uuid NOT NULL,
  approved_at         timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  CONSTRAINT draft_approvals_uniq UNIQUE (org_id, draft_id),
  FOREIGN KEY (org_id, draft_id) REFERENCES staged_drafts (org_id, id),
  FOREIGN KEY (org_id, approved_by_user_id) REFERENCES users (org_id, id)
);

CREATE TABLE draft_rejections (
  org_id              uuid NOT NULL,
  id                  uuid NOT NULL,
  draft_id            uuid NOT NULL,
  reason              text NOT NULL CHECK (reason <> ''),
  rejected_by_user_id uuid NOT NULL,
  rejected_at         timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  CONSTRAINT draft_rejections_uniq UNIQUE (org_id, draft_id),
  FOREIGN KEY (org_id, draft_id) REFERENCES staged_drafts (org_id, id),
  FOREIGN KEY (org_id, rejected_by_user_id) REFERENCES users (org_id, id)
);

-- One row per try to hand a message to a mail server.
CREATE TABLE send_attempts (
  org_id       uuid NOT NULL,
  id           uuid NOT NULL,
  queue_id     uuid NOT NULL,
  draft_id     uuid NOT NULL,
  content_hash text NOT NULL,
  message_id   text NOT NULL,
  stage        attempt_stage NOT NULL,
  lease_until  timestamptz NOT NULL,
  started_at   timestamptz NOT NULL,
  finished_at  timestamptz,
  smtp_code    int,
  response     text,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, queue_id) REFERENCES sales_send_queue (org_id, id),
  FOREIGN KEY (org_id, queue_id, draft_id) REFERENCES staged_drafts (org_id, queue_id, id),
  CONSTRAINT send_attempts_finished CHECK ((stage IN ('intent', 'data')) = (finished_at IS NULL))
);
CREATE UNIQUE INDEX send_attempts_open_uniq ON send_attempts (org_id, queue_id)
  WHERE stage IN ('intent', 'data');
-- Once a server has had the data, or may have had it, the item is never handed over again.
CREATE UNIQUE INDEX send_attempts_once_uniq ON send_attempts (org_id, queue_id)
  WHERE stage IN ('data', 'accepted', 'unknown');
CREATE INDEX send_attempts_by_queue ON send_attempts (org_id, queue_id, started_at);
CREATE INDEX send_attempts_message_id ON send_attempts (org_id, message_id);

-- The ledger the caps are counted from: one row per touch that counts, written before it leaves.
CREATE TABLE touches (
  org_id        uuid NOT NULL,
  id            uuid NOT NULL,
  lead_id       uuid NOT NULL,
  enrollment_id uuid NOT NULL,
  queue_id      uuid NOT NULL,
  campaign_id   uuid NOT NULL,
  channel       channel NOT NULL,
  sequence_type sequence_type NOT NULL,
  -- When it was reserved; once its outcome is known, when that was. The later instant is the safe one: the
  -- message cannot have arrived after it.
  touched_at    timestamptz NOT NULL,
  local_day     date NOT NULL,
  time_zone     text NOT NULL,
  outcome       touch_outcome NOT NULL,
  settled_at    timestamptz,
  play_id       uuid,
  originating_proposal_id uuid,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id),
  FOREIGN KEY (org_id, enrollment_id) REFERENCES campaign_contacts (org_id, id),
  FOREIGN KEY (org_id, queue_id) REFERENCES sales_send_queue (org_id, id),
  FOREIGN KEY (org_id, campaign_id) REFERENCES campaigns (org_id, id),
  CONSTRAINT touches_settled CHECK ((outcome = 'reserved') = (settled_at IS NULL))
);
CREATE UNIQUE INDEX touches_queue_uniq ON touches (org_id, queue_id) WHERE outcome <> 'void';
CREATE INDEX touches_counted ON touches (org_id, lead_id, touched_at DESC)
  WHERE outcome <> 'void' AND sequence_type <> 'transactional';

-- Work for a role agent.
CREATE TABLE agent_tasks (
  org_id        uuid NOT NULL,
  id            uuid NOT NULL,
  type          task_type NOT NULL,
  role          text NOT NULL,
  status        task_status NOT NULL DEFAULT 'open',
  lead_id       uuid NOT NULL,
  enrollment_id uuid,
  queue_id      uuid,
  payload       jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(payload) = 'object'),
  attempt_count int NOT NULL DEFAULT 0,
  claimed_by    text,
  lease_until   timestamptz,
  error         text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  finished_at   timestamptz,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, role) REFERENCES agents (org_id, id),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id),
  FOREIGN KEY (org_id, enrollment_id) REFERENCES campaign_contacts (org_id, id),
  FOREIGN KEY (org_id, queue_id) REFERENCES sales_send_queue (org_id, id),
  CONSTRAINT agent_tasks_claim CHECK ((status = 'claimed') = (lease_until IS NOT NULL)),
  CONSTRAINT agent_tasks_finished CHECK ((status IN ('done', 'failed', 'canceled')) = (finished_at IS NOT NULL))
);
CREATE UNIQUE INDEX agent_tasks_open_uniq ON agent_tasks (org_id, queue_id, type)
  WHERE status IN ('open', 'claimed');
CREATE INDEX agent_tasks_open ON agent_tasks (org_id, type, created_at, id) WHERE status IN ('open', 'claimed');
