-- Phone numbers on the suppression list: a number is never called or texted, whichever lead has it. An opt-out may suppress it
-- beside another reason.
CREATE UNIQUE INDEX suppressions_phone_uniq ON suppressions (org_id, value)
  WHERE kind = 'phone' AND lifted_at IS NULL AND source <> 'opt_out';
CREATE INDEX suppressions_of_phone ON suppressions (org_id, value) WHERE kind = 'phone' AND lifted_at IS NULL;
ALTER TABLE suppressions ADD CONSTRAINT suppressions_phone CHECK (kind <> 'phone' OR value ~ '^[+][1-9][0-9]{6,14}$');

-- Opt-outs of today suppress the numbers of their leads.
ALTER TABLE leads NO FORCE ROW LEVEL SECURITY;
ALTER TABLE lead_addresses NO FORCE ROW LEVEL SECURITY;
ALTER TABLE suppressions NO FORCE ROW LEVEL SECURITY;
INSERT INTO suppressions (org_id, id, kind, value, reason, source, created_at, settled_at)
SELECT a.org_id, gen_random_uuid(), 'phone', a.value_key, CASE WHEN l.unsubscribe_flag THEN 'unsubscribed' ELSE 'opted out' END,
       'opt_out', now(), now()
FROM leads l JOIN lead_addresses a ON a.org_id = l.org_id AND a.lead_id = l.id AND a.kind = 'phone' AND a.until IS NULL
WHERE (l.unsubscribe_flag OR l.opt_out_flag) AND l.erased_at IS NULL;
