-- Deals with their persons, amounts, stages, and the enrollments behind them.
CREATE TYPE opportunity_stage AS ENUM ('lead', 'in_progress', 'won', 'lost');
CREATE TYPE opportunity_source AS ENUM ('person', 'file', 'crm');
CREATE TYPE acv_basis AS ENUM ('term', 'amount');
CREATE TABLE opportunities (
  org_id uuid NOT NULL REFERENCES organizations (org_id),
  id uuid NOT NULL,
  lead_id uuid NOT NULL,
  account_id uuid,
  -- The enrollment behind it, with its lineage; none if no sequence led to it.
  enrollment_id uuid,
  campaign_id uuid,
  play_id uuid,
  originating_proposal_id uuid,
  name text NOT NULL,
  stage opportunity_stage NOT NULL DEFAULT 'lead',
  amount_cents bigint,
  currency text,
  term_months int,
  acv_cents bigint GENERATED ALWAYS AS (
    CASE WHEN term_months IS NULL THEN amount_cents ELSE round(amount_cents * 12::numeric / term_months)::bigint END) STORED,
  acv_basis acv_basis GENERATED ALWAYS AS (
    CASE WHEN amount_cents IS NULL THEN NULL WHEN term_months IS NULL THEN 'amount'::acv_basis ELSE 'term'::acv_basis END) STORED,
  opened_at timestamptz NOT NULL,
  closed_at timestamptz,
  lost_reason text,
  owner_user_id uuid,
  source opportunity_source NOT NULL,
  crm_deal_id text,
  created_by_user_id uuid,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id),
  FOREIGN KEY (org_id, account_id) REFERENCES accounts (org_id, id),
  FOREIGN KEY (org_id, enrollment_id) REFERENCES campaign_contacts (org_id, id),
  FOREIGN KEY (org_id, owner_user_id) REFERENCES users (org_id, id),
  FOREIGN KEY (org_id, created_by_user_id) REFERENCES users (org_id, id),
  CONSTRAINT opportunities_name CHECK (name <> '' AND length(name) <= 300),
  CONSTRAINT opportunities_amount CHECK ((amount_cents IS NULL) = (currency IS NULL) AND amount_cents BETWEEN 0 AND 9007199254740991
                                         AND (term_months IS NULL OR amount_cents IS NOT NULL)),
  CONSTRAINT opportunities_currency CHECK (currency ~ '^[A-Z]{3}$'),
  CONSTRAINT opportunities_term CHECK (term_months BETWEEN 1 AND 120),
  CONSTRAINT opportunities_closed CHECK ((stage IN ('won', 'lost')) = (closed_at IS NOT NULL) AND closed_at >= opened_at),
  CONSTRAINT opportunities_lost_reason CHECK (lost_reason IS NULL
                                              OR stage = 'lost' AND lost_reason <> '' AND length(lost_reason) <= 2000),
  CONSTRAINT opportunities_created_by CHECK ((source <> 'crm') = (created_by_user_id IS NOT NULL)),
  CONSTRAINT opportunities_crm_deal CHECK (crm_deal_id <> '' AND length(crm_deal_id) <= 200)
);
CREATE UNIQUE INDEX opportunities_crm_deal_uniq ON opportunities (org_id, crm_deal_id) WHERE crm_deal_id IS NOT NULL;
CREATE INDEX opportunities_of_lead ON opportunities (org_id, lead_id, id);
CREATE INDEX opportunities_of_account ON opportunities (org_id, account_id, id) WHERE account_id IS NOT NULL;
CREATE INDEX opportunities_of_enrollment ON opportunities (org_id, enrollment_id) WHERE enrollment_id IS NOT NULL;
CREATE INDEX opportunities_by_stage ON opportunities (org_id, stage, id);

-- Each move between stages, the opening included. Written by a trigger.
CREATE TABLE opportunity_moves (
  org_id uuid NOT NULL REFERENCES organizations (org_id),
  opportunity_id uuid NOT NULL,
  -- From 1, in the order of the moves.
  number int NOT NULL,
  from_stage opportunity_stage,
  to_stage opportunity_stage NOT NULL,
  moved_at timestamptz NOT NULL,
  moved_by_kind actor_kind NOT NULL,
  moved_by_id text,
  PRIMARY KEY (org_id, opportunity_id, number),
  FOREIGN KEY (org_id, opportunity_id) REFERENCES opportunities (org_id, id),
  CONSTRAINT opportunity_moves_elsewhere CHECK (from_stage IS DISTINCT FROM to_stage)
);
