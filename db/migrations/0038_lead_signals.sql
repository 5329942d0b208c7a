-- A sign of interest that sales or marketing saw of a lead: a fact with its source, appended and never changed. The newest one
-- of each side decides the conflict matrix; leads.sales_signal_at and leads.marketing_signal_at are derived from these rows
-- (db/routines/lead_signals.sql).
CREATE TABLE lead_signals (
  org_id           uuid NOT NULL REFERENCES organizations,
  id               uuid NOT NULL,
  lead_id          uuid NOT NULL,
  side             side NOT NULL CHECK (side IN ('sales', 'marketing')),
  -- Where it was seen, in one stable word: demo_request, webinar, import.
  source           text NOT NULL CHECK (source ~ '^[a-z][a-z0-9_]{0,63}$'),
  detail           text CHECK (detail <> '' AND length(detail) <= 500),
  occurred_at      timestamptz NOT NULL,
  recorded_at      timestamptz NOT NULL,
  recorded_by_kind actor_kind NOT NULL,
  recorded_by_id   text NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id),
  CONSTRAINT lead_signals_past CHECK (occurred_at <= recorded_at)
);
CREATE INDEX lead_signals_of_lead ON lead_signals (org_id, lead_id, occurred_at DESC, id DESC);

-- Whose signals an agent of kind role reports; null: nobody's. Agents of kind system report those of both sides.
ALTER TABLE agents ADD COLUMN side side CHECK (side IN ('sales', 'marketing'));

ALTER TABLE organizations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE agents NO FORCE ROW LEVEL SECURITY;
ALTER TABLE leads NO FORCE ROW LEVEL SECURITY;
ALTER TABLE cadence_event_log NO FORCE ROW LEVEL SECURITY;
UPDATE agents SET side = 'sales' WHERE id IN ('roles.bdr', 'roles.sales', 'agents.traci', 'agents.brooke');

-- What the columns held becomes a fact. A date in the future is none: it is not taken over, and the audit says that it went.
-- Where the clock was simulated, now is as late as the log.
WITH org_now AS MATERIALIZED (
  SELECT o.org_id, greatest(now(), CASE WHEN EXISTS (SELECT FROM simulated_clock) THEN (
    SELECT max(v.timestamp) FROM cadence_event_log v WHERE v.org_id = o.org_id) END) AS at
  FROM organizations o
)
INSERT INTO lead_signals (org_id, id, lead_id, side, source, occurred_at, recorded_at, recorded_by_kind, recorded_by_id)
SELECT l.org_id, gen_random_uuid(), l.id, s.side, 'before_signals', s.at, n.at, 'system', 'migrate'
FROM leads l
JOIN org_now n USING (org_id)
CROSS JOIN LATERAL (VALUES ('sales'::side, l.sales_signal_at), ('marketing'::side, l.marketing_signal_at)) s (side, at)
WHERE s.at <= n.at;

UPDATE leads l SET
  sales_signal_at = (SELECT max(s.occurred_at) FROM lead_signals s
                     WHERE s.org_id = l.org_id AND s.lead_id = l.id AND s.side = 'sales'),
  marketing_signal_at = (SELECT max(s.occurred_at) FROM lead_signals s
                         WHERE s.org_id = l.org_id AND s.lead_id = l.id AND s.side = 'marketing')
WHERE l.erased_at IS NULL AND greatest(l.sales_signal_at, l.marketing_signal_at) > now();

ALTER TABLE cadence_event_log FORCE ROW LEVEL SECURITY;
ALTER TABLE leads FORCE ROW LEVEL SECURITY;
ALTER TABLE agents FORCE ROW LEVEL SECURITY;
ALTER TABLE organizations FORCE ROW LEVEL SECURITY;
