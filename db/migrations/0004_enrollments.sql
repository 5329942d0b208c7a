-- Who is in which campaign: request -> enrollment.

CREATE TYPE enrollment_status AS ENUM ('active', 'paused', 'converted', 'rejected', 'timed_out');
CREATE TYPE request_status AS ENUM ('allowed', 'held', 'queued', 'blocked', 'refused', 'canceled');
CREATE TYPE suppressed_reason AS ENUM (
  'compliance_block', 'abm_active_suppression', 'touch_cap_exceeded',
  'conflict_resolved_queued', 'illegal_transition'
);
-- What ends a hold, a queue or a block.
CREATE TYPE wake_condition AS ENUM (
  'at_until', 'other_side_ends', 'abm_ends', 'policy_changes', 'lead_resumes', 'never'
);
CREATE TYPE goal AS ENUM ('awareness', 'pipeline', 'credibility', 'marketing_relief');

-- One request to activate a sequence, with its decision and the whole gate trace.
CREATE TABLE sequence_requests (
  org_id             uuid NOT NULL,
  id                 uuid NOT NULL,
  lead_id            uuid NOT NULL,
  campaign_id        uuid NOT NULL,
  requested_by       text NOT NULL,
  requested_by_user_id uuid,
  goal               goal,
  notes              text,
  -- The enrollment whose exit asked for this one, through its campaign's on_exit map.
  exited_enrollment_id uuid,
  status             request_status NOT NULL,
  reason             suppressed_reason,
  held_until         timestamptz,
  wake               wake_condition,
  trace              jsonb NOT NULL,
  policy_version     int NOT NULL,
  enrollment_id      uuid,
  play_id            uuid,
  originating_proposal_id uuid,
  created_at         timestamptz NOT NULL DEFAULT now(),
  decided_at         timestamptz NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id),
  FOREIGN KEY (org_id, campaign_id) REFERENCES campaigns (org_id, id),
  FOREIGN KEY (org_id, requested_by_user_id) REFERENCES users (org_id, id),
  FOREIGN KEY (org_id, policy_version) REFERENCES policies (org_id, version),
  CONSTRAINT sequence_requests_reason CHECK ((status IN ('allowed', 'canceled')) OR reason IS NOT NULL),
  CONSTRAINT sequence_requests_wait CHECK ((status IN ('held', 'queued')) = (wake IS NOT NULL)),
  CONSTRAINT sequence_requests_allowed CHECK ((status = 'allowed') = (enrollment_id IS NOT NULL))
);
CREATE INDEX sequence_requests_by_lead ON sequence_requests (org_id, lead_id, created_at);
-- The same question is not left waiting twice.
CREATE UNIQUE INDEX sequence_requests_waiting_uniq ON sequence_requests (org_id, lead_id, campaign_id)
  WHERE status IN ('held', 'queued');
CREATE INDEX sequence_requests_waiting ON sequence_requests (org_id, held_until)
  WHERE status IN ('held', 'queued');

-- One lead in one campaign, once.
CREATE TABLE campaign_contacts (
  org_id         uuid NOT NULL,
  id             uuid NOT NULL,
  -- The CRM's record id (Attio), else the lead's own id.
  contact_id     text NOT NULL,
  lead_id        uuid NOT NULL,
  campaign_id    uuid NOT NULL,
  client_id      text NOT NULL,
  request_id     uuid NOT NULL,
  requested_by   text NOT NULL,
  status         enrollment_status NOT NULL DEFAULT 'active',
  current_step   int NOT NULL DEFAULT 1 CHECK (current_step >= 1),
  -- When the step current_step is due. Null once every step was drafted.
  next_send_at   timestamptz,
  -- The queue item that this enrollment waits for; kept by a trigger of sales_send_queue.
  open_queue_id  uuid,
  enrolled_at    timestamptz NOT NULL DEFAULT now(),
  exited_at      timestamptz,
  exit_reason    text,
  goal           goal,
  notes          text,
  paused_at      timestamptz,
  paused_reason  text,
  paused_until   timestamptz,
  wake           wake_condition,
  play_id        uuid,
  originating_proposal_id uuid,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id),
  FOREIGN KEY (org_id, campaign_id) REFERENCES campaigns (org_id, id),
  FOREIGN KEY (org_id, client_id) REFERENCES clients (org_id, client_id),
  FOREIGN KEY (org_id, request_id) REFERENCES sequence_requests (org_id, id),
  CONSTRAINT campaign_contacts_exit CHECK (
    (status IN ('active', 'paused')) = (exited_at IS NULL) AND (exited_at IS NULL) = (exit_reason IS NULL)),
  CONSTRAINT campaign_contacts_ended CHECK (status IN ('active', 'paused') OR next_send_at IS NULL),
  CONSTRAINT campaign_contacts_pause CHECK (
    (status = 'paused') = (paused_at IS NOT NULL) AND (paused_at IS NULL) = (paused_reason IS NULL)
    AND (paused_at IS NULL) = (wake IS NULL))
) WITH (fillfactor = 70);
-- One active enrollment per lead and campaign. A paused one comes back, so it blocks a second one too; exited
-- ones are history and do not.
CREATE UNIQUE INDEX campaign_contacts_active_uniq ON campaign_contacts (org_id, lead_id, campaign_id)
  WHERE status IN ('active', 'paused');
CREATE INDEX campaign_contacts_by_lead ON campaign_contacts (org_id, lead_id, enrolled_at);
CREATE INDEX campaign_contacts_by_campaign ON campaign_contacts (org_id, campaign_id)
  WHERE status IN ('active', 'paused');
-- The hot path: what is due. Enrollments that wait for a person are not in it, so they starve nobody.
CREATE INDEX campaign_contacts_due ON campaign_contacts (org_id, next_send_at)
  WHERE status = 'active' AND open_queue_id IS NULL AND next_send_at IS NOT NULL;
CREATE INDEX campaign_contacts_finished ON campaign_contacts (org_id, id)
  WHERE status = 'active' AND open_queue_id IS NULL AND next_send_at IS NULL;
CREATE INDEX campaign_contacts_paused ON campaign_contacts (org_id, paused_until)
  WHERE status = 'paused';

ALTER TABLE sequence_requests ADD CONSTRAINT sequence_requests_enrollment
  FOREIGN KEY (org_id, enrollment_id) REFERENCES campaign_contacts (org_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE sequence_requests ADD CONSTRAINT sequence_requests_exited
  FOREIGN KEY (org_id, exited_enrollment_id) REFERENCES campaign_contacts (org_id, id);
