-- Sequence definitions: campaigns and their steps (specification of campaigns, `campaigns` and
-- `campaign_sequences`), with what the unified runtime adds: sequence_type, side, send_rule, templates.

CREATE TYPE campaign_type AS ENUM ('event', 'membership', 'platform', 'onboarding');
CREATE TYPE campaign_status AS ENUM ('active', 'paused', 'archived');
CREATE TYPE sequence_type AS ENUM ('nurture', 'prospecting', 'closing', 'onboarding', 'transactional');
CREATE TYPE side AS ENUM ('marketing', 'sales', 'service', 'none');
CREATE TYPE send_rule AS ENUM ('approve_each', 'pre_approved', 'notify_rep');
CREATE TYPE channel AS ENUM ('email', 'linkedin');
CREATE TYPE content_type AS ENUM (
  'follow_up', 'proof', 'boss_arming', 'campaign_visibility',
  'personal_visibility', 'marketing_relief', 'close', 'exit'
);

CREATE TABLE campaigns (
  org_id        uuid NOT NULL REFERENCES organizations,
  id            uuid NOT NULL,
  slug          text NOT NULL CHECK (slug ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  name          text NOT NULL CHECK (name <> ''),
  client_id     text NOT NULL,
  type          campaign_type NOT NULL,
  owner_role    text NOT NULL,
  status        campaign_status NOT NULL DEFAULT 'active',
  -- {"converted": "<slug>" | null, "meeting": {"gate": "exec", "suggest": "<slug>" | null}, ...}
  on_exit       jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(on_exit) = 'object'),
  sequence_type sequence_type NOT NULL,
  side          side NOT NULL,
  send_rule     send_rule NOT NULL DEFAULT 'approve_each',
  play_id       uuid,
  originating_proposal_id uuid,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  CONSTRAINT campaigns_slug_uniq UNIQUE (org_id, slug),
  FOREIGN KEY (org_id, client_id) REFERENCES clients (org_id, client_id),
  FOREIGN KEY (org_id, owner_role) REFERENCES agents (org_id, id),
  -- Only the outreach generator and marketing nurture may send templates that were approved beforehand.
  CONSTRAINT campaigns_pre_approved_owner
    CHECK (send_rule <> 'pre_approved' OR owner_role IN ('AGT-301', 'AGT-304'))
);

CREATE TABLE campaign_sequences (
  org_id                 uuid NOT NULL,
  id                     uuid NOT NULL,
  campaign_id            uuid NOT NULL,
  step_number            int NOT NULL CHECK (step_number >= 1),
  -- Days of 24 hours from enrollment, not from the step before.
  delay_days             int NOT NULL CHECK (delay_days BETWEEN 0 AND 3650),
  channel                channel NOT NULL,
  content_type           content_type NOT NULL,
  template_instructions  text NOT NULL CHECK (template_instructions <> ''),
  -- Liquid. They make the draft when no model is connected.
  subject_template       text,
  body_template          text,
  requires_personal_send boolean NOT NULL DEFAULT false,
  -- What a person approves under send_rule pre_approved.
  template_hash          text NOT NULL GENERATED ALWAYS AS
    (content_sha256(ARRAY[subject_template, body_template])) STORED,
  created_at             timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  CONSTRAINT campaign_sequences_step_uniq UNIQUE (org_id, campaign_id, step_number),
  FOREIGN KEY (org_id, campaign_id) REFERENCES campaigns (org_id, id)
);

-- A person's approval of one step's template, by its hash: what send_rule pre_approved asks for.
CREATE TABLE template_approvals (
  org_id              uuid NOT NULL,
  id                  uuid NOT NULL,
  campaign_id         uuid NOT NULL,
  step_number         int NOT NULL,
  template_hash       text NOT NULL,
  approved_by_user_id uuid NOT NULL,
  approved_at         timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  CONSTRAINT template_approvals_uniq UNIQUE (org_id, campaign_id, step_number, template_hash),
  FOREIGN KEY (org_id, campaign_id) REFERENCES campaigns (org_id, id),
  FOREIGN KEY (org_id, approved_by_user_id) REFERENCES users (org_id, id)
);
