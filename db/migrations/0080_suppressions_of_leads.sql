-- An opt-out suppresses addresses for its lead: lifting it leaves the suppressions by other leads' opt-outs in force.
ALTER TABLE suppressions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE leads NO FORCE ROW LEVEL SECURITY;
ALTER TABLE lead_addresses NO FORCE ROW LEVEL SECURITY;
-- The lead that opted out. Null: another source, or the lead was erased since.
ALTER TABLE suppressions ADD COLUMN lead_id uuid;

ALTER TABLE suppressions DISABLE TRIGGER USER;
UPDATE suppressions s SET lead_id = (
  SELECT l.id FROM lead_addresses a JOIN leads l ON l.org_id = a.org_id AND l.id = a.lead_id
  WHERE a.org_id = s.org_id AND a.value_key = s.value AND a.kind IN ('email', 'phone') AND (l.unsubscribe_flag OR l.opt_out_flag)
  ORDER BY a.until DESC NULLS FIRST, l.id LIMIT 1)
WHERE s.source = 'opt_out' AND s.lifted_at IS NULL;
ALTER TABLE suppressions ENABLE TRIGGER USER;
ALTER TABLE suppressions
  ADD FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id),
  ADD CONSTRAINT suppressions_lead CHECK (lead_id IS NULL OR source = 'opt_out');

DROP INDEX suppressions_opt_out_uniq;
CREATE UNIQUE INDEX suppressions_opt_out_uniq ON suppressions (org_id, lead_id, value) WHERE lifted_at IS NULL AND source = 'opt_out';

-- Addresses that a second lead opted out for, and ended ones that no lead has now.
INSERT INTO suppressions (org_id, id, kind, value, reason, source, lead_id, created_at, settled_at)
SELECT a.org_id, gen_random_uuid(), CASE a.kind WHEN 'email' THEN 'address' ELSE 'phone' END::suppression_kind, a.value_key,
       CASE WHEN l.unsubscribe_flag THEN 'unsubscribed' ELSE 'opted out' END, 'opt_out', l.id, now(), now()
FROM leads l JOIN lead_addresses a ON a.org_id = l.org_id AND a.lead_id = l.id AND a.kind IN ('email', 'phone')
WHERE (l.unsubscribe_flag OR l.opt_out_flag) AND l.erased_at IS NULL
  AND (a.until IS NULL OR NOT EXISTS (SELECT FROM lead_addresses o
    WHERE o.org_id = a.org_id AND o.kind = a.kind AND o.value_key = a.value_key AND o.until IS NULL))
ON CONFLICT DO NOTHING;
