-- The sales play library (specification of SalesPlayLibrary): brains draft plays, people shape them and let few of them run.
-- Who may write what, and when, db/routines/plays.sql keeps; the shapes of the documents, db/routines/play_documents.sql.

CREATE TYPE play_state AS ENUM ('draft', 'under_review', 'active', 'retired');
CREATE TYPE play_scope AS ENUM ('segment', 'account_specific');
CREATE TYPE retire_reason AS ENUM (
  'completed', 'replaced', 'poor_performance', 'rejected_at_review', 'rejected_at_draft', 'auto_sunset'
);
ALTER TYPE campaign_type ADD VALUE 'play';

-- The taxonomy of segments that plays refer to.
CREATE TABLE territory_definitions (
  org_id      uuid NOT NULL REFERENCES organizations,
  segment     varchar(64) NOT NULL CHECK (segment ~ '^[^[:space:][:cntrl:]]([^[:cntrl:]]*[^[:space:][:cntrl:]])?$'),
  name        text NOT NULL CHECK (name <> ''),
  description text,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  PRIMARY KEY (org_id, segment)
);

-- How many plays may be active at once. The row without a segment is the org's own, which every org has: it is also the
-- lock under which plays are activated. The others say otherwise for one segment.
CREATE TABLE sales_play_library_config (
  org_id             uuid NOT NULL REFERENCES organizations,
  segment            varchar(64),
  config_key         text NOT NULL GENERATED ALWAYS AS (coalesce(segment, '')) STORED,
  max_active_plays   int NOT NULL DEFAULT 5 CONSTRAINT sales_play_library_config_cap CHECK (max_active_plays BETWEEN 3 AND 8),
  -- Only the org's own row: whether active plays are retired once their period is over.
  auto_sunset        boolean CHECK ((segment IS NULL) = (auto_sunset IS NOT NULL)),
  -- How often a play was activated in the org. Each activation writes it, so that two of them never run side by side.
  activation_count   bigint NOT NULL DEFAULT 0,
  updated_at         timestamptz,
  updated_by_user_id uuid,
  PRIMARY KEY (org_id, config_key),
  FOREIGN KEY (org_id, segment) REFERENCES territory_definitions (org_id, segment),
  FOREIGN KEY (org_id, updated_by_user_id) REFERENCES users (org_id, id)
);

-- What a brain thought and on what grounds, as it said it: the anchor of lineage.
CREATE TABLE brain_analysis_log (
  org_id         uuid NOT NULL,
  proposal_id    uuid NOT NULL,
  agent_id       text NOT NULL,
  summary        text NOT NULL CHECK (summary <> ''),
  analysis       text NOT NULL CHECK (analysis <> ''),
  -- What the brain looked at: figures, sources, the plays it learnt from.
  evidence       jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(evidence) = 'object'),
  model          text,
  prompt_version text,
  created_at     timestamptz NOT NULL,
  PRIMARY KEY (org_id, proposal_id),
  -- For the key of a play: a play is written by the brain whose proposal it comes from.
  CONSTRAINT brain_analysis_log_by_agent UNIQUE (org_id, proposal_id, agent_id),
  FOREIGN KEY (org_id, agent_id) REFERENCES agents (org_id, id)
);
CREATE INDEX brain_analysis_log_of_agent ON brain_analysis_log (org_id, agent_id, created_at DESC);

CREATE TABLE sales_play_library (
  org_id                  uuid NOT NULL,
  play_id                 uuid NOT NULL,
  state                   play_state NOT NULL DEFAULT 'draft',
  scope                   play_scope NOT NULL,
  segment                 varchar(64),
  account_id              uuid,
  name                    varchar(128) NOT NULL CHECK (name ~ '[^[:space:]]'),
  hypothesis              text NOT NULL CHECK (hypothesis ~ '[^[:space:]]'),
  target_definition       jsonb NOT NULL,
  suggested_cadence       jsonb NOT NULL,
  success_criteria        jsonb NOT NULL,
  originating_proposal_id uuid NOT NULL,
  writer_agent_id         varchar(16) NOT NULL,
  created_at              timestamptz NOT NULL DEFAULT now(),
  picked_up_by_user_id    uuid,
  picked_up_at            timestamptz,
  -- [{at, user_id, patch: RFC 6902}]; written by a trigger.
  edits_during_review     jsonb,
  slm_approver_user_id    uuid,
  revops_approver_user_id uuid,
  activated_at            timestamptz,
  active_period_start     date,
  active_period_end       date,
  retired_at              timestamptz,
  retired_by_user_id      uuid,
  retire_reason           retire_reason,
  retrospective_outcomes  jsonb,

  -- Beyond the specification.
  -- What was drafted, before anyone edited it; written by a trigger.
  drafted                 jsonb NOT NULL,
  -- The play that a person copied to launch it once more.
  copied_from_play_id     uuid,
  -- The brand that its messages come from; by its activation at the latest.
  client_id               text,
  slm_approved_at         timestamptz,
  revops_approved_at      timestamptz,

  PRIMARY KEY (org_id, play_id),
  CONSTRAINT sales_play_library_lineage UNIQUE (org_id, play_id, originating_proposal_id),
  FOREIGN KEY (org_id, segment) REFERENCES territory_definitions (org_id, segment),
  FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id),
  CONSTRAINT sales_play_library_proposal FOREIGN KEY (org_id, originating_proposal_id, writer_agent_id)
    REFERENCES brain_analysis_log (org_id, proposal_id, agent_id),
  FOREIGN KEY (org_id, picked_up_by_user_id) REFERENCES users (org_id, id),
  FOREIGN KEY (org_id, slm_approver_user_id) REFERENCES users (org_id, id),
  FOREIGN KEY (org_id, revops_approver_user_id) REFERENCES users (org_id, id),
  FOREIGN KEY (org_id, retired_by_user_id) REFERENCES users (org_id, id),
  FOREIGN KEY (org_id, copied_from_play_id) REFERENCES sales_play_library (org_id, play_id),
  FOREIGN KEY (org_id, client_id) REFERENCES clients (org_id, client_id),

  CONSTRAINT sales_play_library_scope CHECK (
    (scope = 'segment' AND segment IS NOT NULL AND account_id IS NULL)
    OR (scope = 'account_specific' AND account_id IS NOT NULL AND segment IS NULL)),
  CONSTRAINT sales_play_library_writer CHECK (writer_agent_id IN ('AGT-901', 'AGT-902')),
  CONSTRAINT sales_play_library_active CHECK (
    state <> 'active' OR (slm_approver_user_id IS NOT NULL AND revops_approver_user_id IS NOT NULL
                          AND activated_at IS NOT NULL AND active_period_start IS NOT NULL AND client_id IS NOT NULL)),
  CONSTRAINT sales_play_library_activated CHECK (state IN ('active', 'retired') OR activated_at IS NULL),
  CONSTRAINT sales_play_library_two_people CHECK (slm_approver_user_id <> revops_approver_user_id),
  CONSTRAINT sales_play_library_approved_at CHECK (
    (slm_approver_user_id IS NULL) = (slm_approved_at IS NULL)
    AND (revops_approver_user_id IS NULL) = (revops_approved_at IS NULL)),
  CONSTRAINT sales_play_library_picked_up CHECK (
    (picked_up_by_user_id IS NULL) = (picked_up_at IS NULL)
    AND CASE state WHEN 'draft' THEN picked_up_at IS NULL WHEN 'retired' THEN true ELSE picked_up_at IS NOT NULL END),
  CONSTRAINT sales_play_library_untouched_draft CHECK (
    state <> 'draft' OR num_nonnulls(edits_during_review, slm_approver_user_id, revops_approver_user_id,
                                     retrospective_outcomes) = 0),
  CONSTRAINT sales_play_library_retired CHECK (
    CASE WHEN state = 'retired'
      THEN retired_at IS NOT NULL AND retire_reason IS NOT NULL
           AND (retired_by_user_id IS NOT NULL OR retire_reason = 'auto_sunset')
      ELSE num_nonnulls(retired_at, retired_by_user_id, retire_reason) = 0 END),
  -- The reason says where the play came from.
  CONSTRAINT sales_play_library_retire_reason CHECK (
    CASE WHEN retire_reason IS NULL THEN true
         WHEN activated_at IS NOT NULL THEN retire_reason NOT IN ('rejected_at_review', 'rejected_at_draft')
         WHEN picked_up_at IS NOT NULL THEN retire_reason = 'rejected_at_review'
         ELSE retire_reason = 'rejected_at_draft' END),
  CONSTRAINT sales_play_library_period CHECK (active_period_end >= active_period_start),
  CONSTRAINT sales_play_library_edits CHECK (jsonb_typeof(edits_during_review) = 'array'),
  CONSTRAINT sales_play_library_outcomes CHECK (jsonb_typeof(retrospective_outcomes) = 'object')
);
CREATE INDEX sales_play_library_active_by_segment ON sales_play_library (org_id, segment) WHERE state = 'active';
-- One active play for an account, whoever writes and however many at once.
CREATE UNIQUE INDEX sales_play_library_active_by_account ON sales_play_library (org_id, account_id)
  WHERE state = 'active' AND account_id IS NOT NULL;
-- The state stands in the condition and not in the columns, since comparing enums is not leakproof (0011).
CREATE INDEX sales_play_library_drafts ON sales_play_library (org_id, created_at DESC, play_id DESC) WHERE state = 'draft';
CREATE INDEX sales_play_library_reviews ON sales_play_library (org_id, created_at DESC, play_id DESC)
  WHERE state = 'under_review';
CREATE INDEX sales_play_library_by_proposal ON sales_play_library (org_id, originating_proposal_id);
CREATE INDEX sales_play_library_by_writer ON sales_play_library (org_id, writer_agent_id, created_at DESC, play_id DESC);
CREATE INDEX sales_play_library_retired_at ON sales_play_library (org_id, retired_at) WHERE state = 'retired';

-- A play runs as one campaign. Its lineage is the play's, and what it sends a person approves each time.
ALTER TABLE campaigns
  ADD CONSTRAINT campaigns_play FOREIGN KEY (org_id, play_id, originating_proposal_id)
    REFERENCES sales_play_library (org_id, play_id, originating_proposal_id),
  ADD CONSTRAINT campaigns_lineage CHECK ((play_id IS NULL) = (originating_proposal_id IS NULL)),
  ADD CONSTRAINT campaigns_play_rule CHECK (play_id IS NULL OR send_rule = 'approve_each');
CREATE UNIQUE INDEX campaigns_play_uniq ON campaigns (org_id, play_id) WHERE play_id IS NOT NULL;

-- How far the search for leads of a play has come. A pass goes through the leads by id; those that changed since it began
-- are looked at again.
CREATE TABLE play_runs (
  org_id           uuid NOT NULL,
  play_id          uuid NOT NULL,
  campaign_id      uuid NOT NULL,
  -- The last lead that was looked at in this pass; null at its beginning.
  after_lead_id    uuid,
  pass_started_at  timestamptz NOT NULL,
  pass_finished_at timestamptz,
  -- Leads and accounts that changed from here on are looked at again.
  changes_since    timestamptz NOT NULL,
  requested_count  bigint NOT NULL DEFAULT 0,
  updated_at       timestamptz NOT NULL,
  PRIMARY KEY (org_id, play_id),
  FOREIGN KEY (org_id, play_id) REFERENCES sales_play_library (org_id, play_id),
  FOREIGN KEY (org_id, campaign_id) REFERENCES campaigns (org_id, id)
);

-- What a lead has shown interest by: short words such as pricing_page or demo_request.
ALTER TABLE leads ADD COLUMN intent_signals text[] NOT NULL DEFAULT '{}'
  CONSTRAINT leads_intent_signals CHECK (cardinality(intent_signals) <= 100 AND array_position(intent_signals, NULL) IS NULL);
ALTER TABLE lead_import_rows ADD COLUMN intent_signals text[];
CREATE INDEX leads_changed ON leads (org_id, updated_at);
CREATE INDEX accounts_changed ON accounts (org_id, updated_at);
CREATE INDEX campaign_contacts_of_play ON campaign_contacts (org_id, play_id) WHERE play_id IS NOT NULL;
CREATE INDEX touches_of_play ON touches (org_id, play_id) WHERE play_id IS NOT NULL;
CREATE INDEX sequence_requests_of_campaign ON sequence_requests (org_id, campaign_id, lead_id, decided_at);

-- What happened outside of every campaign belongs to no play (db/routines/lineage.sql keeps the rest).
ALTER TABLE cadence_event_log ADD CONSTRAINT cadence_event_log_lineage CHECK (campaign_id IS NOT NULL OR play_id IS NULL);

ALTER TABLE organizations NO FORCE ROW LEVEL SECURITY;
INSERT INTO sales_play_library_config (org_id, auto_sunset) SELECT org_id, false FROM organizations;
